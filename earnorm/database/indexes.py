"""Compares the indexes that models declare with those that a store has, and creates what is missing."""

import asyncio
import warnings
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, get_args

from earnorm.database.index_building import IndexProgress, OnIndexProgress, apply_change
from earnorm.database.index_changes import (
    IndexChange,
    collection_of,
    compare_indexes,
    declared_indexes,
    describe_index,
)
from earnorm.database.store_errors import translate_store_errors
from earnorm.database.transactions import Transactions
from earnorm.database.translation import translate_errors
from earnorm.errors import EarnORMWarning, IndexConflictError, IndexModeError, TransactionError
from earnorm.metadata import Metadata
from earnorm.model_registry import ModelRegistry
from earnorm.stores import Capability, IndexBuild, Store
from earnorm.typing import Index

__all__ = [
    "IndexMode",
    "IndexWarning",
    "Indexes",
    "check_index_mode",
]

IndexMode = Literal["apply", "warn", "off"]
"""What a connection does about indexes by itself: create missing ones, warn of them, or nothing."""


class IndexWarning(EarnORMWarning):
    """The store lacks indexes that a model declares, or has them with another definition."""


def check_index_mode(mode: object) -> None:
    """Raises `IndexModeError` for what is neither an `IndexMode` nor None."""
    if mode is not None and mode not in get_args(IndexMode):
        raise IndexModeError(mode, known=get_args(IndexMode))


class Indexes:
    """The indexes of one database; nothing is dropped unless asked."""

    def __init__(
        self, transactions: Transactions, registry: ModelRegistry, mode: IndexMode | None
    ) -> None:
        self._transactions = transactions
        self._store = transactions.store
        self._registry = registry
        self._mode: IndexMode = mode or _usual_mode(transactions.store)
        # models -> how often each had been extended when its indexes were looked after
        self._ready: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._lock = asyncio.Lock()

    async def plan(self) -> list[IndexChange]:
        """The differences for all models whose home is the registry; changes nothing.

        Raises `IndexConflictError` when two models declare different indexes under one name.
        """
        changes = []
        for collection, declared in declared_indexes(self.home_models()).items():
            changes += compare_indexes(collection, declared, await self._stored(collection))
        return changes

    async def apply(
        self, *, drop: bool = False, progress: OnIndexProgress | None = None
    ) -> list[IndexChange]:
        """Creates missing indexes, waits until they are built, and returns what was done.

        With `drop`, also rebuilds changed ones and drops extra ones, those first. Without it, a changed one
        raises `IndexConflictError`. Documents that break a unique index raise `DuplicateKeyError`.
        `progress` is told of each step, and while a server builds, once a second how far it is.
        """
        changes = [change for change in await self.plan() if drop or change.kind != "extra"]
        # one that is to go may have the keys of one that is to come
        changes.sort(key=lambda change: change.kind != "extra")
        for position, change in enumerate(changes, 1):
            steps = _Steps(progress, change, position, len(changes))
            steps.tell("begun")
            with translate_errors(self._metadata(change)):
                await self._apply(change, drop=drop, tell=steps.tell_of if progress else None)
            steps.tell("done")
        return changes

    async def ensure_all(self) -> None:
        """Looks after the indexes of every model whose home is the registry."""
        for model in self.home_models():
            await self.ensure(model)

    async def ensure(self, model: Any) -> None:
        """Looks after the indexes of a model before its first operation, as the mode says."""
        if self._ready.get(model) == model.__extended__:
            return
        async with self._lock:
            if self._ready.get(model) != (extended := model.__extended__):
                await self._look_after(model)
                self._ready[model] = extended

    async def _look_after(self, model: Any) -> None:
        metadata = model.__metadata__
        if self._mode == "off" or not metadata.indexes:
            return
        beside = (m for m in self.home_models() if collection_of(m) == metadata.collection)
        declared_indexes([*beside, model])
        stored = await self._stored(metadata.collection)
        changes = [
            c
            for c in compare_indexes(metadata.collection, metadata.indexes, stored)
            if c.kind != "extra"
        ]
        if self._mode == "warn" and changes:
            message = f"{metadata.key}: the store {_lacking(changes)}. {_REMEDY}"
            warnings.warn(message, IndexWarning, stacklevel=2)
            return
        if changes and self._transactions.is_open:
            raise TransactionError(
                f"{metadata.key} was first used inside a transaction, and its indexes cannot be created while "
                "one runs. Define it before the transaction, or call database.indexes.apply() before."
            )
        with translate_errors(metadata):
            for change in changes:
                await self._apply(change, drop=False)

    async def _stored(self, collection: str) -> list[Index]:
        with translate_store_errors(self._store.name):
            return await self._store.indexes(collection)

    def home_models(self) -> list[Any]:
        """The models of the registry, without those that are listed there and live in another one."""
        models = self._registry.get_all_models()
        return [model for model in models if model.__registry__ is self._registry]

    def _metadata(self, change: IndexChange) -> Metadata:
        """What is known of all models of the collection, for the errors of an index."""
        models = [
            model for model in self.home_models() if collection_of(model) == change.collection
        ]
        fields = {name: f for model in models for name, f in model.__metadata__.fields.items()}
        first: Metadata = models[0].__metadata__
        return replace(first, fields=fields, indexes=(change.index,))

    async def _apply(
        self,
        change: IndexChange,
        *,
        drop: bool,
        tell: Callable[[IndexBuild], None] | None = None,
    ) -> None:
        if change.kind == "changed" and not drop:
            fault = (
                f"the index {change.index.name!r} of the collection {change.collection!r} is declared as "
                f"{describe_index(change.index)} and stored as {describe_index(change.stored)}. Give the new one "
                "another name, or connect with indexes='off' and rebuild it with database.indexes.apply(drop=True)."
            )
            raise IndexConflictError(fault, collection=change.collection, index=change.index.name)
        await apply_change(self._store, change, tell)


_REMEDY = (
    "Compare them with database.indexes.plan(), and create them with database.indexes.apply()."
)


def _usual_mode(store: Store) -> IndexMode:
    """What is done when nobody says: a file of ours is changed, a server that others share is not."""
    return "apply" if Capability.MAINTENANCE in store.capabilities else "warn"


def _lacking(changes: list[IndexChange]) -> str:
    missing = [change.index.name for change in changes if change.kind == "missing"]
    changed = [change.index.name for change in changes if change.kind == "changed"]
    told = [f"lacks the indexes {', '.join(missing)}"] if missing else []
    told += [f"has other indexes under the names {', '.join(changed)}"] if changed else []
    return " and ".join(told)


class _Steps:
    """Tells of one change, if anybody listens."""

    def __init__(
        self, listener: OnIndexProgress | None, change: IndexChange, position: int, changes: int
    ) -> None:
        self._listener = listener
        self._begun = IndexProgress(
            change=change, state="begun", position=position, changes=changes
        )

    def tell(self, state: Literal["begun", "done"]) -> None:
        if self._listener is not None:
            self._listener(replace(self._begun, state=state))

    def tell_of(self, build: IndexBuild) -> None:
        if self._listener is not None:
            step = replace(self._begun, state="building", built=build.built, entries=build.entries)
            self._listener(step)
