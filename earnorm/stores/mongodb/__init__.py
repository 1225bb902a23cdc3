"""The MongoDB store, over PyMongo's asynchronous client."""

from earnorm.stores.mongodb.url import open_mongodb

__all__ = ["open_mongodb"]
