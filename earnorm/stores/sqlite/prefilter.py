"""A condition on the bytes of documents that leaves most of those out which cannot match an equality.

It never leaves out one that matches, it only spares the decoding of most that do not. BSON writes an element as
its type, its name, a NUL and its value (bsonspec.org), so the bytes of the value that is looked for are somewhere in
every document that has it. What can be written in several ways (numbers, what is missing, text under a collation)
is looked for in each of them, or not at all.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import bson
from bson import Decimal128, Int64, ObjectId, Timestamp

from earnorm.stores.documents import array_index, split_path
from earnorm.stores.sqlite.conditions import Conditions

__all__ = ["Prefilter", "prefilter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefilter:
    """A condition in SQL over `doc`, in which no text of a user stands, and its parameters.

    Where `name` is one of them, the condition may use `place`, where it stands in a document first.
    """

    sql: str
    parameters: Mapping[str, Any]
    cost: int
    """How often a document has to be searched."""


def prefilter(conditions: Conditions) -> Prefilter | None:
    """The cheapest condition for one of the equalities of a filter; None where there is none that helps."""
    return min(_found(conditions), key=lambda one: one.cost, default=None)


def _found(conditions: Conditions) -> Iterator[Prefilter]:
    for path, found in conditions.paths.items():
        for points in found.points:
            values = list(points.values.values())
            if points.exact and 0 < len(values) <= _MOST_VALUES:
                condition = _any_of(path, values)
                if condition is not None:
                    yield condition


_MOST_VALUES: Final = 4
_SHORTEST: Final = 6
"""Fewer bytes are found in too many documents."""


def _any_of(path: str, values: Sequence[Any]) -> Prefilter | None:
    if all(type(value) in _NEEDLES for value in values):
        needles = [_NEEDLES[type(value)](value) for value in values]
        return _contains(needles) if min(map(len, needles)) >= _SHORTEST else None
    name = _last_name(path)
    if name is None or len(values) > 1:
        return None
    (value,) = values
    if type(value) is bool:
        return _contains([b"\x08" + name + bytes((value,)), b"\x04" + name])
    return _number(name, value) if type(value) in _NUMBERS else None


def _contains(needles: Sequence[bytes]) -> Prefilter:
    names = [f"n{position}" for position in range(len(needles))]
    return Prefilter(
        sql=" OR ".join(f"instr(doc, :{name})" for name in names),
        parameters=dict(zip(names, needles, strict=True)),
        cost=len(needles),
    )


def _last_name(path: str) -> bytes | None:
    """What stands before a value at the end of a path; None where it may be the position in an array."""
    last = split_path(path)[-1]
    return None if array_index(last) is not None else last.encode() + b"\x00"


def _needle_of_text(value: str) -> bytes:
    encoded = value.encode()
    return struct.pack("<i", len(encoded) + 1) + encoded + b"\x00"


def _needle_of_date(value: datetime) -> bytes:
    # behind the length of the document, the type, and the NUL of a name that is empty
    return bytes(bson.encode({"": value})[6:14])


_NEEDLES: Final[Mapping[type, Callable[[Any], bytes]]] = {
    str: _needle_of_text,
    ObjectId: lambda value: value.binary,
    UUID: lambda value: value.bytes,
    bytes: bytes,
    datetime: _needle_of_date,
    Timestamp: lambda value: struct.pack("<II", value.inc, value.time),
}
"""The bytes that a value is written as wherever it stands, for the types that have one way."""

_NUMBERS: Final = frozenset({int, Int64, float, Decimal128})

# Mostly the first place of the name is the element, and what stands behind it decides: at once where it is of the
# type that the number is likely to have. Where the name is met once more (in a value, in another name, further
# down), each way to write the number is looked for.
_NUMBER_SQL: Final = (
    "place AND (substr(doc, place + :length, :width) = :likely"
    " OR (substr(doc, place - 1, 1) <> :type"
    " AND (substr(doc, place + :length, 8) = :double OR substr(doc, place - 1, 1) IN (x'04', x'13')))"
    " OR (instr(substr(doc, place + :length), :name) AND (instr(doc, :named_integer)"
    " OR instr(doc, :named_double) OR instr(doc, :array) OR instr(doc, :decimal))))"
)


def _number(name: bytes, value: Any) -> Prefilter | None:
    exact = value.to_decimal() if isinstance(value, Decimal128) else Decimal(value)
    if exact.is_nan():
        return None
    integer, double = _integer(exact), _double(exact)
    likely = double if integer is None else integer
    return Prefilter(
        sql=_NUMBER_SQL,
        parameters={
            "name": name,
            "length": len(name),
            "likely": likely,
            "width": len(likely or b""),
            "type": b"\x01" if integer is None else b"\x10",
            "double": double,
            "named_integer": integer and name + integer,
            "named_double": double and name + double,
            # one value of an array may be the number, and a decimal has many ways to write one
            "array": b"\x04" + name,
            "decimal": b"\x13" + name,
        },
        cost=2,
    )


def _integer(exact: Decimal) -> bytes | None:
    """How an integer begins in BSON, be it of 32 bits or 64."""
    if not exact.is_finite() or exact != exact.to_integral_value():
        return None
    number = int(exact)
    if not -(2**63) <= number < 2**63:
        return None
    whole = struct.pack("<q", number)
    # the lower half of a long is the int, the sign included; it also begins both ways to write the double 0
    return whole[:4] if -(2**31) <= number < 2**31 else whole


def _double(exact: Decimal) -> bytes | None:
    try:
        nearest = float(exact)
    except OverflowError:
        return None
    return struct.pack("<d", nearest) if Decimal(nearest) == exact and nearest else None
