"""What type checkers need to tell values apart that this floor does not know."""

from typing import Any, ClassVar, Literal, Protocol

from bson import ObjectId

__all__ = ["EmbeddedLike", "Referable"]


class EmbeddedLike(Protocol):
    """An instance of an embedded model."""

    __embedded__: ClassVar[Literal[True]]


class _InstanceLike(Protocol):
    """An instance of a model."""

    __metadata__: ClassVar[Any]


Referable = _InstanceLike | ObjectId
"""What may stand for a reference where a list of references takes an item."""
