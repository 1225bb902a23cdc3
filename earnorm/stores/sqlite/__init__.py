"""The embedded store: BSON documents in one SQLite file, with MongoDB's rules."""

from earnorm.stores.sqlite.store import SqliteStore
from earnorm.stores.sqlite.url import open_sqlite

__all__ = ["SqliteStore", "open_sqlite"]
