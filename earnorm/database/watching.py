"""The changes of a model's documents, as they happen or after a token."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from earnorm.database.store_errors import translate_store_errors
from earnorm.errors import FilterError
from earnorm.metadata import Metadata
from earnorm.queries import stages
from earnorm.stores import ChangeStream, Store
from earnorm.typing import Document, OperationOptions

__all__ = ["ChangeEvent", "Watch"]

M = TypeVar("M")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent(Generic[M]):
    """One change of one document, in MongoDB's words.

    `kind` is `insert`, `update`, `replace` or `delete`; `drop`, `rename`, `dropDatabase` and `invalidate` tell of
    a collection, and have no `id`. `instance` is the document: of an update as it is when the event is read,
    None if it is gone. `updated` maps stored paths to the new stored values of an update, `removed` names those that
    are gone. `token` is for `watch(resume_after=...)`; `at` is when it happened, where the store says so.
    """

    kind: str
    id: Any = None
    instance: M | None = None
    updated: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    removed: tuple[str, ...] = ()
    token: Document = field(repr=False)
    at: datetime | None = None


class Watch(Generic[M]):
    """`async with` it, then iterate: each change of the model's documents, in the order in which they happened.

    It sees documents that plugins leave out of queries, and the writes of other programs. A change of a
    transaction comes when that is committed.
    """

    def __init__(
        self,
        store: Store,
        model: type[M],
        *,
        pipeline: Sequence[Document],
        resume_after: Document | None,
    ) -> None:
        self._store = store
        self._model: Any = model
        any_model: Any = model
        metadata: Metadata = any_model.__metadata__
        if metadata.root is not None:
            raise FilterError(
                f"{metadata.key} shares its collection with {metadata.root}, and a delete does not say of which "
                "model it was. Watch that one, and look at the class of each instance."
            )
        options: OperationOptions | None = metadata.store_options
        with translate_store_errors(store.name):
            self._opening: AbstractAsyncContextManager[ChangeStream] = store.watch(
                metadata.collection,
                pipeline=stages(pipeline),
                resume_after=resume_after,
                full_document="updateLookup",
                options=options,
            )
        self._stream: ChangeStream | None = None

    @property
    def resume_token(self) -> Document | None:
        """From where to go on after what was given so far; also moves while nothing of the model changes."""
        return None if self._stream is None else self._stream.resume_token

    async def __aenter__(self) -> Self:
        with translate_store_errors(self._store.name):
            self._stream = await self._opening.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._opening.__aexit__(kind, error, traceback)

    def __aiter__(self) -> AsyncIterator[ChangeEvent[M]]:
        return self

    async def __anext__(self) -> ChangeEvent[M]:
        """The next change, waited for; raises `DocumentError` for a document that does not fit the model."""
        if self._stream is None:
            raise RuntimeError(
                "a watch is entered before it is read: async with database.watch(...)"
            )
        with translate_store_errors(self._store.name):
            change = await anext(self._stream)
        return self._event(change)

    def _event(self, change: Document) -> ChangeEvent[M]:
        if "operationType" not in change:
            raise FilterError(
                f"{self._model.__metadata__.key}: the pipeline of a watch chooses among changes, and this one takes "
                "'operationType' out of them. Leave the fields of changes as they are."
            )
        document = change.get("fullDocument")
        described: Mapping[str, Any] = change.get("updateDescription") or {}
        return ChangeEvent(
            kind=change["operationType"],
            id=(change.get("documentKey") or {}).get("_id"),
            instance=None if document is None else self._model.from_document(document),
            updated=described.get("updatedFields") or {},
            removed=tuple(described.get("removedFields") or ()),
            token=change["_id"],
            at=change.get("wallTime"),
        )
