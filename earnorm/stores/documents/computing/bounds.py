"""What no expression may build: texts and arrays that could never be stored, and values without end."""

from datetime import datetime
from typing import Any, Final

from bson import Decimal128, Int64, ObjectId

from earnorm.stores.documents.bson_rules import MAX_DEPTH
from earnorm.stores.documents.faults import is_too_deep
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value

__all__ = ["MEMORY_LIMIT", "check_elements", "check_growth", "check_text", "size_of"]

MEMORY_LIMIT: Final = 100 * 1024 * 1024
"""How many bytes an expression or a stage may keep at once: MongoDB's own limit, without disk."""


def check_elements(operator: str, count: int) -> None:
    """Raises PyMongo's `OperationFailure` (146) for an array of more elements than memory is meant for."""
    if count * _ELEMENT > MEMORY_LIMIT:
        raise bad_value(f"{operator} would make an array of {count:,} elements. Make fewer.", 146)


def check_text(operator: str, length: int) -> None:
    """Raises PyMongo's `OperationFailure` (146) for a longer text than memory is meant for."""
    if length > MEMORY_LIMIT:
        raise bad_value(f"{operator} would make a text of {length:,} characters. Make less.", 146)


def check_growth(operator: str, value: Any) -> None:
    """Raises for a value that has become too large (146) or too deep (15) for any document."""
    if type(value) not in (list, dict):
        return
    if is_too_deep({"": value}):
        raise bad_value(f"{operator} makes a value more than {MAX_DEPTH} levels deep.", 15)
    if size_of(value) >= MEMORY_LIMIT:
        raise bad_value(f"{operator} makes a value of more than {MEMORY_LIMIT:,} bytes.", 146)


def size_of(value: Any) -> int:
    """About how many bytes a value would take; what it holds twice counts twice, and is looked at once."""
    if type(value) is dict or type(value) is list:
        return _size_of_container(value, {})
    return _size_of_rare(value)


_ELEMENT: Final = 16
_PLAIN_TYPES: Final = frozenset(
    {int, float, bool, type(None), datetime, ObjectId, Int64, Decimal128}
)


def _size_of_container(value: Any, known: dict[int, int]) -> int:
    identity = id(value)
    if identity in known:
        return known[identity]
    size = _ELEMENT
    if type(value) is dict:
        for name in value:
            size += len(name)
    for inner in value.values() if type(value) is dict else value:
        kind = type(inner)
        if kind in _PLAIN_TYPES:
            size += _ELEMENT
        elif kind is str:
            size += _ELEMENT + len(inner)
        elif kind is dict or kind is list:
            size += _size_of_container(inner, known)
        else:
            size += _size_of_rare(inner)
    known[identity] = size
    return size


def _size_of_rare(value: Any) -> int:
    if isinstance(value, str | bytes):
        return _ELEMENT + len(value)
    if (fields := as_document(value)) is not None:
        return _size_of_container(dict(fields), {})
    if (elements := as_array(value)) is not None:
        return _size_of_container(list(elements), {})
    return _ELEMENT
