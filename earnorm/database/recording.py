"""Keeps the history that a database has of its models in step with the models."""

import asyncio
import warnings
import weakref
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, Literal, get_args

from earnorm.database.folding import HistoryFold, fold
from earnorm.database.history_end import Origin
from earnorm.database.pruning import PruneCandidate, prune
from earnorm.database.stored_history import StoredHistory
from earnorm.database.transactions import Transactions
from earnorm.errors import (
    EarnORMWarning,
    HistoryError,
    HistoryModeError,
    ModelDocumentError,
    TransactionError,
    UnknownModelError,
)
from earnorm.metadata import HistoryEntry, ModelDocument, RegistryHistory
from earnorm.model_registry import ModelRegistry
from earnorm.stores import Capability, Store

__all__ = [
    "HistoryMode",
    "HistoryWarning",
    "Recording",
    "check_history_mode",
    "usual_history_mode",
]

HistoryMode = Literal["record", "off"]
"""What a connection does by itself about the history that the database keeps: it records models, or nothing."""


def check_history_mode(mode: object) -> None:
    """Raises `HistoryModeError` for what is neither a `HistoryMode` nor None."""
    if mode is not None and mode not in get_args(HistoryMode):
        raise HistoryModeError(mode, known=get_args(HistoryMode))


class HistoryWarning(EarnORMWarning):
    """The history that the database keeps lacks a model that cannot be described, or it was changed by somebody."""


def usual_history_mode(store: Store) -> HistoryMode:
    """What is done when nobody says: a file of ours is written to, a server that others share is not."""
    return "record" if Capability.MAINTENANCE in store.capabilities else "off"


class Recording:
    """Writes down, before a model's first operation, what the model is; a model that is as before costs no write."""

    def __init__(
        self, transactions: Transactions, registry: ModelRegistry, mode: HistoryMode
    ) -> None:
        self._transactions = transactions
        self._registry = registry
        self._stored = StoredHistory(transactions.store)
        self._mode = mode
        # models -> how often each had been extended when it was recorded
        self._ready: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        # those whose first operation was inside a transaction
        self._late: weakref.WeakSet[Any] = weakref.WeakSet()

    async def read(self) -> RegistryHistory:
        """The history that is stored; raises `HistoryError` where it was changed."""
        return await self._stored.read()

    async def record(self, *, complete: bool, why: str | None) -> list[HistoryEntry]:
        """Records the models of the registry, whatever the mode; returns the entries that were written."""
        self._refuse_transaction("record_registry()")
        models = filter(_is_lasting, self._registry.models_at_home())
        documents = {model.__metadata__.key: _document(model) async for model in _in_turn(models)}
        return await self._stored.record(
            documents, lambda *change: self._origin(*change, why=why), complete=complete
        )

    async def prune(self, *, apply: bool, grace: timedelta) -> list[PruneCandidate]:
        """What is to become of models that the registry lacks; with `apply`, it becomes that."""
        if apply:
            self._refuse_transaction("prune_registry(apply=True)")
        return await prune(self._stored, self._registry, apply=apply, grace=grace)

    async def fold(self, *, apply: bool, grace: timedelta) -> HistoryFold:
        """Folds what is older, or tells what that would do."""
        self._refuse_transaction("fold_registry()")
        return await fold(self._stored, apply=apply, grace=grace)

    async def ensure_all(self) -> None:
        """Records every model whose home is the registry, as the mode says."""
        if self._mode == "record":
            models = self._registry.models_at_home()
            await self._ensure(models)

    async def ensure(self, model: Any) -> None:
        """Records a model before its first operation, as the mode says; inside a transaction, when it is closed."""
        if self._mode == "off" or self._is_ready(model):
            return
        if self._transactions.is_open:
            self._late.add(model)
            return
        await self._ensure([model])

    async def finish(self) -> None:
        """Records the models that could not be recorded when they were used first."""
        late = [model for model in self._late if not self._is_ready(model)]
        self._late.clear()
        await self._ensure(late)

    def _is_ready(self, model: Any) -> bool:
        return bool(self._ready.get(model) == model.__extended__)

    async def _ensure(self, models: Sequence[Any]) -> None:
        # what is extended meanwhile is recorded once more
        extended = [(model, model.__extended__) for model in models]
        await self._write(models)
        self._ready.update(extended)

    async def _write(self, models: Iterable[Any]) -> None:
        documents: dict[str, ModelDocument] = {}
        async for model in _in_turn(filter(_is_lasting, models)):
            try:
                documents[model.__metadata__.key] = _document(model)
            except ModelDocumentError as error:
                warnings.warn(f"{error} Its history is not kept.", HistoryWarning, stacklevel=2)
        if documents:
            try:
                await self._stored.record(documents, self._origin)
            except HistoryError as error:
                # a damaged history is no reason to keep a program from its documents
                message = (
                    f"{self._transactions.store.name}: {error} Until then nothing is recorded."
                )
                warnings.warn(message, HistoryWarning, stacklevel=2)

    def _refuse_transaction(self, call: str) -> None:
        if self._transactions.is_open:
            raise TransactionError(
                "the history of models is written outside of transactions, and one runs in this task. Call "
                f"{call} before the block or after it."
            )

    def _origin(
        self, key: str, document: ModelDocument | None, *, why: str | None = None
    ) -> Origin:
        """What the process knows of why the model is so."""
        # one that cannot be described keeps the past of all others from being told
        with suppress(UnknownModelError, ModelDocumentError):
            for version in self._registry.get_versions(key):
                if version.document == document:
                    return Origin(
                        code_version=version.code_version or self._registry.code_version,
                        why=version.why if why is None else why,
                    )
        return Origin(code_version=self._registry.code_version, why=why)


_AT_ONCE: Final = 50  # models that are described before other tasks have their turn


async def _in_turn(models: Iterable[Any]) -> AsyncIterator[Any]:
    """The models, other tasks having their turn between some and some."""
    for position, model in enumerate(models, 1):
        if position % _AT_ONCE == 0:
            await asyncio.sleep(0)
        yield model


def _is_lasting(model: Any) -> bool:
    """Whether the model is one that a later process will have under the same key."""
    return "<locals>" not in model.__metadata__.key and model in model.__registry__


def _document(model: Any) -> ModelDocument:
    document: ModelDocument = model.__registry__.get_document(model)
    return document
