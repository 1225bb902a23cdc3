"""The paths of an update, and what their positional segments stand for in one document."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.paths import array_index
from earnorm.stores.documents.places import UpdatePath
from earnorm.stores.documents.refusals import write_error
from earnorm.stores.documents.value_tests import ValueTest

__all__ = ["POSITION", "expand", "identifier", "is_dynamic", "place", "split_update_path"]

POSITION: Final = "$"
"""The segment that stands for the element which the filter matched."""


def split_update_path(path: object) -> UpdatePath:
    """The segments of a path in an update; raises PyMongo's `WriteError` for one that no field can have."""
    if not isinstance(path, str) or not path:
        raise write_error("an empty update path is not valid. Name the field.", 56)
    segments = tuple(path.split("."))
    for segment in segments:
        if not segment:
            raise write_error(f"the update path {path!r} contains an empty field name.", 56)
        if segment.startswith("$") and segment != POSITION and identifier(segment) is None:
            raise write_error(
                f"the field {segment!r} in the update path {path!r} begins with '$'.", 52
            )
    if segments.count(POSITION) > 1:
        raise write_error(f"the update path {path!r} has more than one positional segment '$'.")
    if is_dynamic(segments[:1]):
        raise write_error(
            f"the update path {path!r} begins with {segments[0]!r}. Name the array before it."
        )
    return segments


def identifier(segment: str) -> str | None:
    """The name inside `$[name]`, an empty one for `$[]`; None for any other segment."""
    return segment[2:-1] if segment.startswith("$[") and segment.endswith("]") else None


def is_dynamic(path: UpdatePath) -> bool:
    """Whether what the path leads to depends on the document."""
    return any(segment.startswith("$") for segment in path)


def place(path: UpdatePath) -> list[tuple[int, int, str]]:
    """Where a path comes in its update: by name, numbers by value. It shows in new fields."""
    return [_segment_place(segment) for segment in path]


def expand(
    document: Mapping[str, Any],
    path: UpdatePath,
    position: int | None,
    array_filters: Mapping[str, ValueTest],
) -> Iterator[UpdatePath]:
    """The paths that a dynamic one stands for in this document.

    `position` is the index that the filter matched. Raises PyMongo's `WriteError` (2) where there is
    none for a `$`, and where `$[]` or `$[name]` meets no array.
    """
    if POSITION in path:
        if position is None:
            raise write_error(
                f"the positional operator of {'.'.join(path)!r} did not find the match needed from the "
                "query. Name the array in the filter, or use '$[]'."
            )
        path = tuple(str(position) if segment == POSITION else segment for segment in path)
    return _expand(document, path, 0, array_filters)


def _expand(
    value: Any, path: UpdatePath, depth: int, array_filters: Mapping[str, ValueTest]
) -> Iterator[UpdatePath]:
    while depth < len(path) and identifier(path[depth]) is None:
        value = _inside(value, path[depth])
        depth += 1
    if depth == len(path):
        yield path
        return
    elements = as_array(value)
    if elements is None:
        raise write_error(_no_array(value, path, depth))
    name = identifier(path[depth])
    chosen: Callable[[Any], bool] = array_filters[name] if name else lambda element: True
    for index, element in enumerate(elements):
        if chosen(element):
            there = (*path[:depth], str(index), *path[depth + 1 :])
            yield from _expand(element, there, depth + 1, array_filters)


def _no_array(value: Any, path: UpdatePath, depth: int) -> str:
    above = ".".join(path[:depth])
    if value is MISSING:
        return f"the path {above!r} must exist in the document for {path[depth]!r} to change its elements."
    return f"cannot apply {path[depth]!r} to {above!r}: its value {value!r} is not an array."


def _inside(value: Any, segment: str) -> Any:
    if (inner := as_document(value)) is not None:
        return inner.get(segment, MISSING)
    elements = as_array(value)
    index = array_index(segment)
    if elements is None or index is None or index >= len(elements):
        return MISSING
    return elements[index]


def _segment_place(segment: str) -> tuple[int, int, str]:
    index = array_index(segment)
    return (1, 0, segment) if index is None else (0, index, segment)
