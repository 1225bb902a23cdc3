"""What a query asks for, as a value."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from earnorm.typing.aliases import Document, PrefetchPath, SortKey

__all__ = ["Selection"]

M = TypeVar("M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection(Generic[M]):
    """Which documents of a model, in which order.

    `filters` all hold at once and are as the caller wrote them (field names or stored names), `sort`
    holds field names or stored names, `widened` names the plugins whose narrowing is lifted,
    `prefetched` the references to load with the documents.
    """

    model: type[M]
    filters: tuple[Document, ...] = field(default=(), repr=False)  # it may ask for secrets
    sort: tuple[SortKey, ...] = ()
    skip: int = 0
    limit: int | None = None
    widened: frozenset[str] = frozenset()
    prefetched: tuple[PrefetchPath, ...] = ()
