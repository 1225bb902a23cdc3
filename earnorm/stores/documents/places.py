"""Reaches the place in a document that an update's path names, and changes it."""

from collections.abc import Callable
from typing import Any, Final

from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.paths import array_index
from earnorm.stores.documents.refusals import write_error

__all__ = ["UpdatePath", "change_at", "change_present", "fresh", "read_at", "remove_at"]

UpdatePath = tuple[str, ...]


def change_at(root: dict[str, Any], path: UpdatePath, change: Callable[[Any], Any]) -> None:
    """Puts `change(old value)` at the path; documents on the way are made where they are missing.

    Changes `root` itself, and copies what it holds before changing it. Raises PyMongo's `WriteError`
    (28) where the path leads through a plain value, or names a field of an array.
    """
    _put(root, path[0], _changed(root.get(path[0], MISSING), path, 1, change))


def remove_at(root: dict[str, Any], path: UpdatePath) -> None:
    """Removes the field; an element of an array becomes null; what does not exist is no error."""
    holder: Any = root
    for position, segment in enumerate(path[:-1]):
        inner = _copied(_get(holder, segment))
        if inner is None or _get(inner, path[position + 1]) is MISSING:
            return
        _put(holder, segment, inner)
        holder = inner
    if isinstance(holder, list):
        _put(holder, path[-1], None)
    else:
        holder.pop(path[-1], None)


def change_present(root: dict[str, Any], path: UpdatePath, change: Callable[[Any], Any]) -> None:
    """As `change_at`, for a value that is there; where there is none, nothing changes."""
    if read_at(root, path) is not MISSING:
        change_at(root, path, change)


def read_at(root: dict[str, Any], path: UpdatePath) -> Any:
    """What the document has at the path; `MISSING` also where the path cannot lead."""
    value: Any = root
    for segment in path:
        inner = _copied(value)
        value = MISSING if inner is None else _get(inner, segment)
    return value


def fresh(value: Any) -> Any:
    """A copy, so that updated documents share no list and no dictionary."""
    if type(value) is dict:
        return {name: fresh(inner) for name, inner in value.items()}
    if type(value) is list:
        return [fresh(inner) for inner in value]
    return value


_MOST_PADDING: Final = 1_500_000
"""MongoDB's limit for the nulls that fill an array up to a far index."""


def _changed(value: Any, path: UpdatePath, depth: int, change: Callable[[Any], Any]) -> Any:
    if depth == len(path):
        return change(value)
    holder = {} if value is MISSING else _copied(value)
    segment = path[depth]
    if holder is None or (isinstance(holder, list) and array_index(segment) is None):
        raise write_error(
            f"cannot create the field {segment!r} in {'.'.join(path[:depth])!r}, which is "
            f"{'an array' if isinstance(holder, list) else f'no document but {value!r}'}.",
            28,
        )
    _put(holder, segment, _changed(_get(holder, segment), path, depth + 1, change))
    return holder


def _copied(value: Any) -> Any:
    if (inner := as_document(value)) is not None:
        return dict(inner)
    elements = as_array(value)
    return None if elements is None else list(elements)


def _get(holder: Any, segment: str) -> Any:
    if not isinstance(holder, list):
        return holder.get(segment, MISSING)
    index = array_index(segment)
    return MISSING if index is None or index >= len(holder) else holder[index]


def _put(holder: Any, segment: str, value: Any) -> None:
    if not isinstance(holder, list):
        holder[segment] = value
        return
    index = array_index(segment)
    if index is None:
        raise write_error(f"cannot create the field {segment!r} in an array.", 28)
    if index - len(holder) > _MOST_PADDING:
        raise write_error(f"cannot fill an array with nulls up to index {index}.")
    holder.extend([None] * (index + 1 - len(holder)))
    holder[index] = value
