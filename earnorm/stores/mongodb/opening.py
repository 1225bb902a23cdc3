"""From a URL of MongoDB to a store that is connected."""

from typing import Final

import pymongo
from pymongo import AsyncMongoClient
from pymongo.driver_info import DriverInfo
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError

from earnorm.errors import NotAuthorizedError, StoreConnectionError, StoreURLError
from earnorm.stores.mongodb.link import Client, Link
from earnorm.stores.mongodb.store import MongoStore
from earnorm.stores.mongodb.topology import Topology, say_hello
from earnorm.stores.mongodb.url import MongoURL, refuse_warnings

__all__ = ["open_mongodb"]


async def open_mongodb(url: str) -> MongoStore:
    """The store in the database that the URL names, once its server answered.

    The URL is MongoDB's connection string, with the options of PyMongo. Raises `StoreURLError` for one that
    cannot be understood, `StoreConnectionError` when no server answers within
    `serverSelectionTimeoutMS` (5 seconds unless the URL says otherwise), and `NotAuthorizedError`.
    """
    read = MongoURL.read(url)
    client = _client(read)
    try:
        topology = await _reached(client, read)
    except BaseException:
        await client.close()
        raise
    return MongoStore(Link(client, read.database, read.name), topology)


_SECONDS: Final = 5.0
"""How long opening waits for a server; an operation later waits for PyMongo's 30 seconds."""


def _client(read: MongoURL) -> Client:
    try:
        with refuse_warnings(read.name):
            return AsyncMongoClient(read.url, driver=DriverInfo("EarnORM"))
    except StoreURLError as error:
        if read.is_srv and "dnspython" in str(error):
            raise _without_dns(read) from None
        raise


async def _reached(client: Client, read: MongoURL) -> Topology:
    seconds = read.options.get("serverselectiontimeoutms", _SECONDS)
    try:
        with pymongo.timeout(seconds or None):
            return Topology(hello=await say_hello(client))
    except OperationFailure as error:
        reason = str((error.details or {}).get("errmsg") or error)
        if error.code in _REFUSED:
            raise NotAuthorizedError(read.name, reason, code=error.code) from error
        raise _unreachable(read, reason, code=error.code) from error
    except ConfigurationError as error:
        if read.is_srv and "dnspython" in str(error):
            raise _without_dns(read) from None
        raise _unreachable(read, str(error)) from error
    except PyMongoError as error:
        waited = f"{_brief(error)} (waited for {seconds:g} seconds)"
        raise _unreachable(read, waited) from error


_REFUSED: Final = frozenset({13, 18})  # Unauthorized, AuthenticationFailed


def _brief(error: PyMongoError) -> str:
    """The reasons of each host, without PyMongo's picture of the topology."""
    return str(error).partition(", Timeout: ")[0]


def _unreachable(read: MongoURL, fault: str, *, code: int | None = None) -> StoreConnectionError:
    remedy = (
        "Nothing was done. Check that the server runs, the hosts and the port in the URL, the firewall, and "
        "tls=true for a server that asks for it; replicaSet=NAME has to be the name of the server's set."
    )
    return StoreConnectionError(read.name, fault, remedy=remedy, code=code)


def _without_dns(read: MongoURL) -> StoreURLError:
    return StoreURLError(
        read.name,
        "mongodb+srv:// is looked up in the DNS, and dnspython is not installed",
        remedy="Install it with: pip install dnspython",
    )
