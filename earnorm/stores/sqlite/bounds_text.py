"""What is looked up in an index, written as MongoDB's `explain` writes it: `["(3, inf]"]`."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from bson import DatetimeMS, Decimal128, ObjectId

from earnorm.stores.sqlite.plans import IndexScan, Order
from earnorm.stores.sqlite.segments import Interval, Segment

__all__ = ["bounds_text"]


def bounds_text(scan: IndexScan) -> dict[str, list[str]]:
    """The intervals of each field, in the direction in which the index is walked."""
    backward = scan.order is Order.BACKWARD
    return {
        path: _field_text(scan, path, turned=(direction == -1) is not backward)
        for path, direction in scan.index.index.fields
    }


_End = tuple[str, str]
"""The bracket that opens or closes an interval, and the value beside it."""


def _field_text(scan: IndexScan, path: str, *, turned: bool) -> list[str]:
    texts: dict[str, None] = {}
    for segments in scan.segments:
        for low, high in _intervals(segments.get(path)):
            texts[_text(high, low) if turned else _text(low, high)] = None
    return list(reversed(texts)) if turned else list(texts)


def _intervals(segment: Segment | None) -> list[tuple[_End, _End]]:
    if segment is not None and segment.points is not None:
        values = (value for _, value in sorted(segment.points.values.items()))
        return [(("[", _shown(value)), ("]", _shown(value))) for value in values]
    if segment is not None and segment.interval is not None:
        return [_ends(segment.interval)]
    return [(("[", "MinKey"), ("]", "MaxKey"))]


def _ends(interval: Interval) -> tuple[_End, _End]:
    lowest, highest = _KINDS.get(interval.kind, (("[", "MinKey"), ("]", "MaxKey")))
    low, high = interval.low, interval.high
    if low is not None:
        lowest = ("[" if low.operator == "$gte" else "(", _shown(low.operand))
    if high is not None:
        highest = ("]" if high.operator == "$lte" else ")", _shown(high.operand))
    return lowest, highest


def _text(first: _End, last: _End) -> str:
    return f"{_OPENING[first[0]]}{first[1]}, {last[1]}{_CLOSING[last[0]]}"


_OPENING: Final = {"[": "[", "(": "(", "]": "[", ")": "("}
_CLOSING: Final = {"[": "]", "(": ")", "]": "]", ")": ")"}

_KINDS: Final[Mapping[bytes, tuple[_End, _End]]] = {
    b"\x20": (("[", "-inf"), ("]", "inf")),
    b"\x30": (("[", '""'), (")", "{}")),
    b"\x38": (("[", "{}"), (")", "[]")),
    b"\x48": (("[", f"ObjectId('{'0' * 24}')"), ("]", f"ObjectId('{'f' * 24}')")),
    b"\x50": (("[", "false"), ("]", "true")),
    b"\x58": (("[", f"new Date({-(2**63)})"), ("]", f"new Date({2**63 - 1})")),
}
"""Where the values of a type begin and end, by the first byte of their keys."""


def _shown(value: Any) -> str:
    shown = _SHOWN.get(type(value))
    return repr(value) if shown is None else shown(value)


_SHOWN: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda value: "null",
    bool: lambda value: "true" if value else "false",
    str: lambda value: json.dumps(value, ensure_ascii=False),
    int: str,
    float: str,
    Decimal128: str,
    ObjectId: lambda value: f"ObjectId('{value}')",
    datetime: lambda value: f"new Date({int(DatetimeMS(value))})",
    DatetimeMS: lambda value: f"new Date({int(value)})",
}
