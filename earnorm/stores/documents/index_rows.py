"""The values that a document has on several paths at once, as an index or a sort sees them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymongo.errors import WriteError

from earnorm.stores.documents.keys import EMPTY_ARRAY_KEY, KeyOf, key_bytes
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.paths import array_index

__all__ = ["EMPTY_ARRAY", "ParallelArraysError", "Path", "Row", "row_keys", "rows"]

Path = tuple[str, ...]
Row = tuple[Any, ...]
"""One value for each path; `MISSING` and `EMPTY_ARRAY` where there is none."""


class EmptyArray:
    """The type of `EMPTY_ARRAY`, what an empty array leaves in a row."""

    __slots__ = ()


EMPTY_ARRAY: Final = EmptyArray()


class ParallelArraysError(WriteError):
    """Two different arrays lie on the paths of one document: their rows would be every combination.

    It is what MongoDB answers to a write of such a document under an index (171).
    """

    def __init__(self, one: Path, other: Path) -> None:
        self.shown = f"{'.'.join(one)!r} and {'.'.join(other)!r}"
        message = (
            f"cannot index parallel arrays: the document has two, at {self.shown}, and may have one"
        )
        super().__init__(message, 171, {"index": 0, "code": 171, "errmsg": message})


def rows(document: Mapping[str, Any], paths: Sequence[Path]) -> tuple[list[Row], bool]:
    """The rows of a document, and whether an array lies on one of the paths.

    An array gives a row for each element. Raises `ParallelArraysError`.
    """
    ends = [_follow(document, path) for path in paths]
    if not any(isinstance(end, _AtArray) for end in ends):
        return [tuple(ends)], False
    return _expand(ends, paths), True


def row_keys(row: Row, key_of: KeyOf = key_bytes) -> list[bytes]:
    """The key bytes of each value of a row."""
    return [EMPTY_ARRAY_KEY if value is EMPTY_ARRAY else key_of(value) for value in row]


class _AtArray:
    """A path that came to an array with the segments of `rest` still to go."""

    __slots__ = ("elements", "rest")

    def __init__(self, elements: Sequence[Any], rest: Path) -> None:
        self.elements = elements
        self.rest = rest


def _follow(value: Any, path: Path) -> Any:
    for position, segment in enumerate(path):
        if (elements := as_array(value)) is not None:
            index = array_index(segment)
            if index is None or index >= len(elements):
                return _AtArray(elements, path[position:])
            value = elements[index]
        elif (inner := as_document(value)) is not None:
            value = inner.get(segment, MISSING)
        else:
            return MISSING
    elements = as_array(value)
    return value if elements is None else _AtArray(elements, ())


def _expand(ends: list[Any], paths: Sequence[Path]) -> list[Row]:
    arrays = [position for position, end in enumerate(ends) if isinstance(end, _AtArray)]
    if not arrays:
        return [tuple(ends)]
    elements = ends[arrays[0]].elements
    for other in arrays:
        if ends[other].elements is not elements:
            raise ParallelArraysError(paths[arrays[0]], paths[other])
    found: list[Row] = []
    for element in elements or [EMPTY_ARRAY]:
        found += _expand([_inside(end, element) for end in ends], paths)
    return found


def _inside(end: Any, element: Any) -> Any:
    if not isinstance(end, _AtArray):
        return end
    if not end.rest:
        return element
    inner = as_document(element)
    return MISSING if inner is None else _follow(inner, end.rest)
