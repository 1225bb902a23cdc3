"""Follows dotted paths through documents and arrays, as MongoDB's matcher does."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from earnorm.stores.documents.kinds import MISSING, as_array, as_document

__all__ = ["Reached", "array_index", "candidates", "reached", "split_path"]


@lru_cache(maxsize=4096)
def split_path(path: str) -> tuple[str, ...]:
    """The segments of a dotted path."""
    return tuple(path.split("."))


def array_index(segment: str) -> int | None:
    """The position that a segment means inside an array, or None: "0" and "12" do, "01" does not."""
    if not segment.isdecimal() or not segment.isascii() or len(segment) > 10:
        return None
    return int(segment) if segment[0] != "0" or segment == "0" else None


def candidates(document: Mapping[str, Any], path: tuple[str, ...]) -> list[Any]:
    """Every value that a filter on `path` looks at: one match among them is a match.

    At the end of a path an array gives its elements and itself; on the way the path goes on inside
    each element that is a document, and inside the one that a numeric segment points at. `MISSING`
    stands for a document without the field.
    """
    if len(path) == 1:
        value = document.get(path[0], MISSING)
        return [*value, value] if isinstance(value, list | tuple) else [value]
    found: list[Any] = []
    _collect_from_document(document, path, found)
    return found


class Reached(list[Any]):
    """The candidates of a path, and in `ends` what it ends at: arrays whole, and only those it led to."""

    __slots__ = ("ends",)

    def __init__(self, values: Iterable[Any], ends: list[Any]) -> None:
        super().__init__(values)
        self.ends = ends


def reached(document: Mapping[str, Any], path: tuple[str, ...]) -> Reached:
    """The candidates of a path with its ends, for the operators that look at whole arrays."""
    ends: list[Any] = []
    _collect_ends(document, path, ends)
    return Reached(candidates(document, path), ends)


def _collect_ends(value: Any, path: tuple[str, ...], ends: list[Any]) -> None:
    if not path:
        ends.append(value)
    elif (elements := as_array(value)) is not None:
        for element in elements:
            if (inner := as_document(element)) is not None:
                _collect_ends(inner, path, ends)
        index = array_index(path[0])
        if index is not None and index < len(elements):
            _collect_ends(elements[index], path[1:], ends)
    elif (inner := as_document(value)) is not None and path[0] in inner:
        _collect_ends(inner[path[0]], path[1:], ends)


def _collect_from_document(
    document: Mapping[str, Any], path: tuple[str, ...], found: list[Any]
) -> None:
    value = document.get(path[0], MISSING)
    rest = path[1:]
    if (elements := as_array(value)) is not None:
        _collect_from_array(elements, rest, found)
    elif not rest:
        found.append(value)
    elif (inner := as_document(value)) is not None:
        _collect_from_document(inner, rest, found)
    else:
        found.append(MISSING)


def _collect_from_array(elements: Sequence[Any], path: tuple[str, ...], found: list[Any]) -> None:
    if not path:
        found.extend(elements)
        found.append(elements)
        return
    for element in elements:
        if (inner := as_document(element)) is not None:
            _collect_from_document(inner, path, found)
    index = array_index(path[0])
    if index is not None and index < len(elements):
        _collect_from_position(elements[index], path[1:], found)


def _collect_from_position(element: Any, path: tuple[str, ...], found: list[Any]) -> None:
    # an array that was pointed at is one value: its elements are not looked at
    if not path:
        found.append(element)
    elif (elements := as_array(element)) is not None:
        _collect_from_array(elements, path, found)
    elif (inner := as_document(element)) is not None:
        _collect_from_document(inner, path, found)
