"""Tells documents, arrays and plain values apart, as BSON will see them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bson import DBRef

__all__ = ["MISSING", "Missing", "as_array", "as_document", "is_operators"]


class Missing:
    """The type of `MISSING`, the value of a field that a document does not have."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


def as_document(value: object) -> Mapping[str, Any] | None:
    """The mapping that BSON stores for `value`, or None if it stores no document."""
    if isinstance(value, dict):
        return value
    if isinstance(value, DBRef):
        reference: Mapping[str, Any] = value.as_doc()
        return reference
    return value if isinstance(value, Mapping) else None


def as_array(value: object) -> Sequence[Any] | None:
    """The elements that BSON stores for `value`, or None if it stores no array."""
    return value if isinstance(value, list | tuple) else None


def is_operators(value: object) -> bool:
    """Whether a filter reads `value` as operators (`{"$gt": 3}`) and not as a value to equal.

    As in MongoDB the first key decides, and a reference written out (`$ref`, `$id`, `$db`) is a value.
    """
    if not isinstance(value, Mapping):
        return False
    first = next(iter(value), None)
    return isinstance(first, str) and first.startswith("$") and first not in _REFERENCE_KEYS


_REFERENCE_KEYS = frozenset({"$ref", "$id", "$db"})
