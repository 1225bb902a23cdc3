"""What a query asks for, as a value."""

from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from earnorm.typing.aliases import Document, MutableDocument, PrefetchPath, SortKey
from earnorm.typing.options import OperationOptions

__all__ = ["Selection", "Shape"]

M = TypeVar("M")


class Shape(Protocol[M]):
    """What a query makes of each document that it reads."""

    @property
    def projection(self) -> Document | None:
        """The parts that are read, in MongoDB's terms; None for the whole document."""
        ...

    @property
    def reads_naive_dates(self) -> bool:
        """Whether `read` takes naive dates, which cost less, for UTC."""
        ...

    def read(self, document: Document) -> M:
        """What becomes of a document; raises `DocumentError` for one that does not fit."""
        ...

    def read_all(self, documents: list[MutableDocument]) -> list[M]:
        """What becomes of documents that nobody else holds, which it may take for its own."""
        return [self.read(document) for document in documents]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection(Generic[M]):
    """Which documents of a model, in which order.

    `filters` all hold at once and are as the caller wrote them (field names or stored names), `sort`
    holds field names or stored names, `widened` names the plugins whose narrowing is lifted,
    `prefetched` the references to load with the documents. Without a `shape` the documents become
    instances of the model. `options` say how the store is to run it.
    """

    model: type[Any]
    filters: tuple[Document, ...] = field(default=(), repr=False)  # it may ask for secrets
    sort: tuple[SortKey, ...] = ()
    skip: int = 0
    limit: int | None = None
    widened: frozenset[str] = frozenset()
    prefetched: tuple[PrefetchPath, ...] = ()
    shape: Shape[M] | None = None
    options: OperationOptions | None = None
