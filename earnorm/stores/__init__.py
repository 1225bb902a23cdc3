"""Where documents are kept: the protocol, and the embedded store."""

from earnorm.stores.opening import open_store
from earnorm.stores.protocol import Store
from earnorm.stores.sqlite import SqliteStore

__all__ = ["SqliteStore", "Store", "open_store"]
