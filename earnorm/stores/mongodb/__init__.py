"""The MongoDB store, over PyMongo's asynchronous client."""

from earnorm.stores.mongodb.opening import open_mongodb
from earnorm.stores.mongodb.store import MongoStore

__all__ = ["MongoStore", "open_mongodb"]
