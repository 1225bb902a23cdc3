"""Filters for what comes after a value, in the order of all BSON values that a sort follows."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bson import Binary, Code, DatetimeMS, Decimal128, ObjectId, Timestamp

from earnorm.typing import MutableDocument

__all__ = ["filters_after", "is_ordered"]


def is_ordered(value: object) -> bool:
    """Whether `filters_after` can say what comes after the value; arrays, say, have several places."""
    return _rank(value) is not None


def filters_after(path: str, value: Any, direction: int) -> Iterator[MutableDocument]:
    """Filters of which each document after the value fits one, and no other document any.

    A comparison stays inside one type, while a sort orders the types as well ("Comparison/Sort Order"
    in MongoDB's manual): null and missing values first, then numbers, NaN before all others.
    """
    rank = _rank(value)
    assert rank is not None
    is_nan = _is_nan(value)
    if direction == 1:
        if is_nan:
            yield {path: {"$type": "number", "$ne": value}}
        elif value is not None:
            yield {path: {"$gt": value}}
        yield {path: {"$type": _types(_RANKS[rank + 1 :])}}
        return
    if not is_nan and value is not None:
        yield {path: {"$lt": value}}
        if rank == _NUMBER:
            yield {path: {"$eq": float("nan")}}
    if value is not None:
        yield {path: {"$eq": None}}
    yield {path: {"$type": _types(name for name in _RANKS[:rank] if name != _NULL)}}


_NULL: Final = ("null",)
# the types of BSON in the order of a sort; the types of one rank are compared with each other
_RANKS: Final = (
    ("minKey",),
    _NULL,
    ("double", "int", "long", "decimal"),
    ("string", "symbol"),
    ("object",),
    ("binData",),
    ("objectId",),
    ("bool",),
    ("date",),
    ("timestamp",),
    ("regex",),
    ("javascript",),
    ("javascriptWithScope",),
    ("maxKey",),
)
_NUMBER: Final = 2
_BY_TYPE: Final[tuple[tuple[Any, int], ...]] = (
    (type(None), 1),
    (bool, 7),  # before int, which it is a kind of
    ((int, float, Decimal128), _NUMBER),
    (Code, -1),  # which is a kind of str
    (str, 3),
    (dict, 4),
    ((bytes, Binary, UUID), 5),
    (ObjectId, 6),
    ((datetime, DatetimeMS), 8),
    (Timestamp, 9),
)


def _rank(value: object) -> int | None:
    rank = next((rank for kind, rank in _BY_TYPE if isinstance(value, kind)), -1)
    return rank if rank >= 0 else None


def _is_nan(value: Any) -> bool:
    if isinstance(value, Decimal128):
        return value.to_decimal().is_nan()
    return bool(value != value)


def _types(ranks: Any) -> list[str]:
    return [name for rank in ranks for name in rank]
