"""What is told of a copy: how far it is, and how it ended."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = ["CollectionCopy", "CopyProgress", "CopyReport", "Difference", "OnCopyProgress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyProgress:
    """How far a copy is: `done` of `documents` of a collection, as they were counted when it began."""

    collection: str
    state: Literal["copying", "mending", "comparing"]
    done: int
    documents: int


OnCopyProgress: TypeAlias = Callable[[CopyProgress], None]
"""What is told of each batch; it is called in the event loop, and should return soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A document, by its `_id`, that is `missing` in the target, `extra` there, or `changed`."""

    kind: Literal["missing", "changed", "extra"]
    id: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionCopy:
    """One collection: how many documents were written now, and what comparing both stores gave.

    Equal hashes mean equal documents, in whatever order. `differences` are named, up to 100 of the `differing`
    ones. `refused` are the indexes that the target does not support, each with the reason.
    """

    collection: str
    written: int
    source_documents: int
    target_documents: int
    source_hash: str
    target_hash: str
    differing: int
    differences: tuple[Difference, ...]
    indexes: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        """Whether the target has the same documents and the same indexes."""
        return self.source_hash == self.target_hash and not self.differing and not self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """What became of each collection."""

    source: str
    target: str
    collections: tuple[CollectionCopy, ...]

    @property
    def is_exact(self) -> bool:
        """Whether every collection is exactly as in the source."""
        return all(one.is_exact for one in self.collections)
