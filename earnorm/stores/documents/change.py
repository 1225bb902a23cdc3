"""One change of an update: a place in the document, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass

from earnorm.stores.documents.paths import array_index
from earnorm.stores.documents.places import UpdatePath
from earnorm.typing import MutableDocument

__all__ = ["Change", "Compiler"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`apply` changes a document, which it is given to keep, at `path`; `touches` are other paths that it changes."""

    path: UpdatePath
    apply: Callable[[MutableDocument], None]
    touches: tuple[UpdatePath, ...] = ()

    @property
    def place(self) -> list[tuple[int, int, str]]:
        """Where the change comes in its update: by name, numbers by value. It shows in new fields."""
        return [_segment_place(segment) for segment in self.path]


Compiler = Callable[[UpdatePath, object], Change]
"""Makes a change of a path and the operand of an operator; raises for an operand that cannot be."""


def _segment_place(segment: str) -> tuple[int, int, str]:
    index = array_index(segment)
    return (1, 0, segment) if index is None else (0, index, segment)
