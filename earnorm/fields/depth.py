"""How deep values may nest, and the walk that ends where they nest deeper."""

from collections.abc import Callable
from typing import Any

from earnorm.errors import FieldFault

__all__ = ["refuse_depth", "walk"]

_DEEPEST = 100  # MongoDB's limit on nesting (manual: "MongoDB Limits and Thresholds")


class _TooDeep(Exception):  # noqa: N818 # ends a walk, and never leaves this module
    """The path that is one level too deep."""


def walk(
    visit: Callable[[Any, str, list[FieldFault], int], Any],
    value: Any,
    path: str,
    faults: list[FieldFault],
) -> Any:
    """What `visit` makes of the value; `visit` gets the depth, and asks `refuse_depth` at every level."""
    # The first path that is too deep ends the walk: a value that holds itself twice has 2**100 of them.
    try:
        return visit(value, path, faults, 1)
    except _TooDeep as deep:
        message = f"is nested deeper than {_DEEPEST} levels"
        faults.append(FieldFault(path=str(deep), code="depth", message=message))
        return value


def refuse_depth(path: str, depth: int) -> None:
    """Ends the walk when this level is one too many."""
    if depth >= _DEEPEST:
        raise _TooDeep(path)
