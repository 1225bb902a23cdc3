"""What plugins are told of a write when it is committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from earnorm.typing.aliases import Document

__all__ = ["Write"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write of one model, as its hooks saw it.

    `instances` are those that were saved, and empty for a query write; `filter`, under stored names, says which
    documents a query write was about, and is None for a save. `count` is how many documents were inserted,
    matched or deleted.
    """

    model: type[Any]
    operation: Literal["insert", "update", "delete"]
    instances: Sequence[Any] = ()
    filter: Document | None = None
    count: int
