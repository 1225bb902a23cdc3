"""Compares the indexes that models declare with those that a store has, and creates what is missing."""

import asyncio
import warnings
import weakref
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from earnorm.database.transactions import Transactions
from earnorm.database.translation import translate_errors
from earnorm.errors import EarnORMWarning, IndexConflictError, IndexModeError, TransactionError
from earnorm.metadata import Metadata
from earnorm.model_registry import ModelRegistry
from earnorm.typing import Index

__all__ = [
    "IndexChange",
    "IndexMode",
    "IndexWarning",
    "Indexes",
    "check_index_mode",
]

IndexMode = Literal["apply", "warn", "off"]
"""What a connection does about indexes by itself: create missing ones, warn of them, or nothing."""


class IndexWarning(EarnORMWarning):
    """The store lacks indexes that a model declares."""


def check_index_mode(mode: object) -> None:
    """Raises `IndexModeError` for what is no `IndexMode`."""
    if mode not in get_args(IndexMode):
        raise IndexModeError(mode, known=get_args(IndexMode))


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexChange:
    """A difference between what models declare and what the store has.

    `missing`: declared and not there. `changed`: there under the same name with another definition,
    `stored`. `extra`: there, and declared by no registered model.
    """

    kind: Literal["missing", "changed", "extra"]
    collection: str
    index: Index
    stored: Index | None = None


class Indexes:
    """The indexes of one database; nothing is dropped unless asked."""

    def __init__(
        self, transactions: Transactions, registry: ModelRegistry, mode: IndexMode
    ) -> None:
        self._transactions = transactions
        self._store = transactions.store
        self._registry = registry
        self._mode = mode
        self._ready: weakref.WeakSet[Any] = (
            weakref.WeakSet()
        )  # models whose indexes were looked after
        self._lock = asyncio.Lock()

    async def plan(self) -> list[IndexChange]:
        """The differences for all models whose home is the registry; changes nothing.

        Raises `IndexConflictError` when two models declare different indexes under one name.
        """
        changes = []
        for collection, declared in _by_collection(self.home_models()).items():
            changes += _compare(collection, declared, await self._store.indexes(collection))
        return changes

    async def apply(self, *, drop: bool = False) -> list[IndexChange]:
        """Creates missing indexes and returns what was done.

        With `drop`, also rebuilds changed ones and drops extra ones. Without it, a changed one raises
        `IndexConflictError`. Documents that break a unique index raise `DuplicateKeyError`.
        """
        done = []
        for change in await self.plan():
            if change.kind == "extra" and not drop:
                continue
            with translate_errors(self._metadata(change)):
                await self._apply(change, drop=drop)
            done.append(change)
        return done

    async def ensure_all(self) -> None:
        """Looks after the indexes of every model whose home is the registry."""
        for model in self.home_models():
            await self.ensure(model)

    async def ensure(self, model: Any) -> None:
        """Looks after the indexes of a model before its first operation, as the mode says."""
        if model in self._ready:
            return
        async with self._lock:
            if model not in self._ready:
                await self._look_after(model)
                self._ready.add(model)

    async def _look_after(self, model: Any) -> None:
        metadata = model.__metadata__
        if self._mode == "off" or not metadata.indexes:
            return
        beside = (m for m in self.home_models() if _collection(m) == metadata.collection)
        _by_collection([*beside, model])
        stored = await self._store.indexes(metadata.collection)
        changes = [
            c for c in _compare(metadata.collection, metadata.indexes, stored) if c.kind != "extra"
        ]
        if self._mode == "warn" and changes:
            names = ", ".join(change.index.name for change in changes)
            message = f"{metadata.key}: the store lacks the indexes {names}. Create them with database.indexes.apply()."
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

    def home_models(self) -> list[Any]:
        """The models of the registry, without those that are listed there and live in another one."""
        models = self._registry.get_all_models()
        return [model for model in models if model.__registry__ is self._registry]

    def _metadata(self, change: IndexChange) -> Metadata:
        """What is known of all models of the collection, for the errors of an index."""
        models = [model for model in self.home_models() if _collection(model) == change.collection]
        fields = {name: f for model in models for name, f in model.__metadata__.fields.items()}
        first: Metadata = models[0].__metadata__
        return replace(first, fields=fields, indexes=(change.index,))

    async def _apply(self, change: IndexChange, *, drop: bool) -> None:
        if change.kind == "changed" and not drop:
            fault = (
                f"the index {change.index.name!r} of the collection {change.collection!r} is declared as "
                f"{_describe(change.index)} and stored as {_describe(change.stored)}. Give the new one another "
                "name, or connect with indexes='off' and rebuild it with database.indexes.apply(drop=True)."
            )
            raise IndexConflictError(fault, collection=change.collection, index=change.index.name)
        if change.kind in ("changed", "extra"):
            await self._store.drop_index(change.collection, change.index.name)
        if change.kind in ("changed", "missing"):
            await self._store.create_index(change.collection, change.index)


def _by_collection(models: Iterable[Any]) -> dict[str, list[Index]]:
    """What the models declare; raises when two of them contradict each other."""
    declared: dict[str, dict[str, tuple[Index, Any]]] = {}
    for model in models:
        wanted = declared.setdefault(_collection(model), {})
        for index in model.__metadata__.indexes:
            earlier, other = wanted.setdefault(index.name, (index, model))
            if earlier != index:
                raise _contradiction(earlier, other, index, model)
    return {
        collection: [index for index, _ in wanted.values()]
        for collection, wanted in declared.items()
    }


def _collection(model: Any) -> str:
    collection: str = model.__metadata__.collection
    return collection


def _contradiction(earlier: Index, other: Any, index: Index, model: Any) -> IndexConflictError:
    collection = _collection(model)
    fault = (
        f"{other.__metadata__.key} and {model.__metadata__.key} share the collection {collection!r}, and "
        f"declare two different indexes called {index.name!r}: {_describe(earlier)}, and "
        f"{_describe(index)}. Give one of them a name of its own ('name': '...'), or declare the same."
    )
    return IndexConflictError(fault, collection=collection, index=index.name)


def _compare(
    collection: str, declared: Iterable[Index], stored: Iterable[Index]
) -> list[IndexChange]:
    present = {index.name: index for index in stored}
    wanted = {index.name: index for index in declared}
    changes = []
    for name, index in wanted.items():
        if name not in present:
            changes.append(IndexChange(kind="missing", collection=collection, index=index))
        elif present[name] != index:
            changes.append(
                IndexChange(
                    kind="changed", collection=collection, index=index, stored=present[name]
                )
            )
    changes += [
        IndexChange(kind="extra", collection=collection, index=index)
        for name, index in present.items()
        if name not in wanted
    ]
    return changes


def _describe(index: Index | None) -> str:
    if index is None:
        return "nothing"
    partial = f", partial {dict(index.partial)!r}" if index.partial else ""
    return f"{list(index.fields)!r}{', unique' if index.unique else ''}{partial}"
