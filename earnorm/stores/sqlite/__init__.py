"""The embedded store: BSON documents in one SQLite file, with MongoDB's rules."""

from earnorm.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
