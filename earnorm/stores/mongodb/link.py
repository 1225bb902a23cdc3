"""The way to one database of one server: its client, its collections, and who is using it now."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import InvalidName

from earnorm.errors import StoreClosedError, WrongEventLoopError
from earnorm.stores.documents import bad_value
from earnorm.stores.documents.bson_rules import CODEC_OPTIONS, NAIVE_CODEC_OPTIONS
from earnorm.stores.mongodb.concerns import concerns_of
from earnorm.typing import NAIVE_DATES, OperationOptions

__all__ = ["Client", "Collection", "Ending", "Link"]

Client: TypeAlias = AsyncMongoClient[dict[str, Any]]
Collection: TypeAlias = AsyncCollection[dict[str, Any]]
Ending: TypeAlias = Callable[[], Awaitable[None]]


class Link:
    """A client and one of its databases, for the event loop that is running."""

    def __init__(self, client: Client, database: str, name: str) -> None:
        self.client = client
        self.name = name
        self.database = client.get_database(database, codec_options=CODEC_OPTIONS)
        self._collections: dict[Any, Collection] = {}
        self._naive: dict[Any, Collection] = {}
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._disconnected = False
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._endings: set[Ending] = set()

    def collection(self, name: str, options: OperationOptions | None = None) -> Collection:
        """The collection, with the concerns of the options.

        Raises PyMongo's `OperationFailure` (73) for a name that MongoDB does not allow.
        """
        known = self._collections.get(name) if options is None else None
        return known if known is not None else self._made(name, options)

    def naive_collection(self, name: str, options: OperationOptions | None) -> Collection:
        """The same, whose dates come naive, in UTC."""
        if options is not NAIVE_DATES:
            return self._made(name, options).with_options(codec_options=NAIVE_CODEC_OPTIONS)
        known = self._naive.get(name)
        if known is None:
            known = self._made(name, None).with_options(codec_options=NAIVE_CODEC_OPTIONS)
            if len(self._naive) >= _MOST_COLLECTIONS:
                self._naive.clear()
            self._naive[name] = known
        return known

    def source(
        self, name: str | None, options: OperationOptions | None
    ) -> "Collection | AsyncDatabase[dict[str, Any]]":
        """The collection, or without a name the database, with the concerns of the options."""
        if name is not None:
            return self.collection(name, options)
        concerns = concerns_of(options) if options is not None else {}
        return self.database.with_options(**concerns) if concerns else self.database

    def begin(self) -> None:
        """Says that an operation begins; `end` has to follow.

        Raises `StoreClosedError` and `WrongEventLoopError`.
        """
        self.check()
        self._running += 1
        self._idle.clear()

    def end(self) -> None:
        """Says that an operation ended, in whatever way."""
        self._running -= 1
        if not self._running:
            self._idle.set()

    def check(self) -> None:
        """Raises `StoreClosedError` and `WrongEventLoopError`."""
        if self._closed:
            raise StoreClosedError(self.name)
        if asyncio.get_running_loop() is not self._loop:
            raise WrongEventLoopError(self.name)

    def attend(self, ending: Ending) -> None:
        """Has this called before the client is closed, unless it is dismissed."""
        self._endings.add(ending)

    def dismiss(self, ending: Ending) -> None:
        """Has it not called any longer."""
        self._endings.discard(ending)

    async def aclose(self) -> None:
        """Lets no operation begin, waits for those under way, and closes the client; twice is no error."""
        if asyncio.get_running_loop() is not self._loop:
            raise WrongEventLoopError(self.name)
        self._closed = True
        await self._idle.wait()
        while self._endings:
            await self._endings.pop()()
        if not self._disconnected:
            # once only: a cursor that was left meanwhile would be closed on a client that is no more
            self._disconnected = True
            await self.client.close()

    def _made(self, name: str, options: OperationOptions | None) -> Collection:
        concerns = concerns_of(options) if options is not None else {}
        try:
            plain = self._collections.get(name)
            if plain is None:
                name.encode()
                plain = self.database[name]
                if len(self._collections) >= _MOST_COLLECTIONS:
                    self._collections.clear()
                self._collections[name] = plain
        except (InvalidName, UnicodeEncodeError, TypeError, AttributeError) as error:
            raise bad_value(f"{name!r} cannot name a collection: {error}.", _INVALID) from error
        return plain.with_options(**concerns) if concerns else plain


_INVALID = 73
_MOST_COLLECTIONS = 1_000
