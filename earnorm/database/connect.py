"""Opens a database and binds it to a registry."""

import os
from collections.abc import Generator
from types import TracebackType
from typing import Any

from earnorm.database.database import Database
from earnorm.database.indexes import IndexMode, check_index_mode
from earnorm.database.recording import HistoryMode, check_history_mode, usual_history_mode
from earnorm.errors import AlreadyConnectedError
from earnorm.model_registry import ModelRegistry
from earnorm.model_registry import registry as default_registry
from earnorm.stores import open_store

__all__ = ["DATABASE_URL", "DEFAULT_URL", "Connection", "connect"]

DATABASE_URL = "EARNORM_DATABASE_URL"
"""The environment variable that says where `connect()` without a URL connects to."""

DEFAULT_URL = "sqlite:///earnorm.db"
"""Where it connects to when that variable is not set."""


class Connection:
    """What `connect` returns: await it for the `Database`, or enter it with `async with`."""

    def __init__(
        self,
        url: str,
        registry: ModelRegistry,
        indexes: IndexMode | None,
        history: HistoryMode | None,
    ) -> None:
        self._url = url
        self._registry = registry
        self._indexes = indexes
        self._history = history
        self._database: Database | None = None

    def __await__(self) -> Generator[Any, None, Database]:
        return self._open().__await__()

    async def __aenter__(self) -> Database:
        self._database = await self._open()
        return self._database

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._database is not None:
            await self._database.aclose()

    async def _open(self) -> Database:
        self._refuse_bound()
        store = await open_store(self._url)
        history = self._history or usual_history_mode(store)
        database = Database(store, self._registry, indexes=self._indexes, history=history)
        try:
            self._refuse_bound()  # another task may have connected meanwhile
            await database.indexes.ensure_all()
            await database.recording.ensure_all()
            self._refuse_bound()
        except BaseException:
            await store.aclose()
            raise
        self._registry.database = database
        try:
            await database.prepare_all()
        except BaseException:
            await database.aclose()
            raise
        return database

    def _refuse_bound(self) -> None:
        bound = self._registry.database
        if bound is not None:
            raise AlreadyConnectedError(getattr(bound, "url", repr(bound)))


def connect(
    url: str | None = None,
    *,
    registry: ModelRegistry = default_registry,
    indexes: IndexMode | None = None,
    history: HistoryMode | None = None,
) -> Connection:
    """A connection for the models of `registry`, to enter with `async with` or to await.

    Without a URL it reads `EARNORM_DATABASE_URL`, else uses `sqlite:///earnorm.db`. `indexes` says
    what happens to the indexes that models declare, now for the models whose home is the registry and
    before a later one's first operation: "apply" creates the missing ones, "warn" only tells, "off" does
    nothing; anything else raises a `ValueError` at once. Without it a file of ours (a store with
    `Capability.MAINTENANCE`) has them applied, and a server is only compared. `history` says whether the
    database writes down what the models are, at the same moments: "record" does, "off" does not. Without it
    a file of ours does, and a server does not. Raises `StoreURLError`, and `AlreadyConnectedError` when the
    registry has a database. Nothing is opened before it is awaited or
    entered; every task of the event loop that opened it may use it.
    """
    check_index_mode(indexes)
    check_history_mode(history)
    chosen = url if url is not None else os.environ.get(DATABASE_URL) or DEFAULT_URL
    return Connection(chosen, registry, indexes, history)
