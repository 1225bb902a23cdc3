"""Answers by key without a search."""

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Shortcuts"]

T = TypeVar("T")


class Shortcuts(dict[Any, T]):
    """What keys lead to; whatever is not among them is searched for, each time.

    So an answer may be taken out at any time, and is put in only by whoever has changed what the search finds.
    """

    __slots__ = ("_search",)

    def __init__(self, search: Callable[[Any], T]) -> None:
        """`search` gives the answer for any name, or raises."""
        super().__init__()
        self._search = search

    def __missing__(self, name: Any) -> T:
        return self._search(name)
