"""How deep values may nest, and the walks that end where they nest deeper."""

from collections.abc import Callable
from functools import partial
from typing import Any

from earnorm.errors import FieldFault
from earnorm.fields.limits import check_key

__all__ = ["Visit", "refuse_depth", "walk", "walk_in_place"]

Visit = Callable[[Any, str, list[FieldFault], int], Any]
"""What makes a value of a value, under its path, at a depth."""

_DEEPEST = 100  # MongoDB's limit on nesting (manual: "MongoDB Limits and Thresholds")


class _TooDeep(Exception):  # noqa: N818 # ends a walk, and never leaves this module
    """The path that is one level too deep."""


def walk(visit: Visit, value: Any, path: str, faults: list[FieldFault]) -> Any:
    """What `visit` makes of the value; `visit` gets the depth, and asks `refuse_depth` at every level."""
    # The first path that is too deep ends the walk: a value that holds itself twice has 2**100 of them.
    try:
        return visit(value, path, faults, 1)
    except _TooDeep as deep:
        message = f"is nested deeper than {_DEEPEST} levels"
        faults.append(FieldFault(path=str(deep), code="depth", message=message))
        return value


def walk_in_place(visit: Visit, value: Any, path: str, faults: list[FieldFault]) -> Any:
    """As `walk`, but dictionaries and lists keep their identity: `visit` gets what lies in them."""
    return walk(partial(_put_in_place, visit), value, path, faults)


def refuse_depth(path: str, depth: int) -> None:
    """Ends the walk when this level is one too many."""
    if depth >= _DEEPEST:
        raise _TooDeep(path)


def _put_in_place(visit: Visit, value: Any, path: str, faults: list[FieldFault], depth: int) -> Any:
    if type(value) is dict:
        refuse_depth(path, depth)
        for key, item in value.items():
            if check_key(key, path, faults):
                value[key] = _put_in_place(visit, item, f"{path}.{key}", faults, depth + 1)
        return value
    if type(value) is list:
        refuse_depth(path, depth)
        value[:] = [
            _put_in_place(visit, item, f"{path}.{n}", faults, depth + 1)
            for n, item in enumerate(value)
        ]
        return value
    return visit(value, path, faults, depth)
