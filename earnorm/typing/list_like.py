"""The type of what is accepted where a list is kept."""

from collections.abc import Iterator
from typing import Protocol, TypeVar

__all__ = ["ListLike"]

V_co = TypeVar("V_co", covariant=True)


class ListLike(Protocol[V_co]):
    """A list as type checkers are to accept it: of a narrower item type too, and never a string.

    `list[V]` would refuse a `list` of a subclass of `V`, and `Sequence[str]` would take a `str`.
    """

    def __iter__(self) -> Iterator[V_co]: ...

    def __len__(self) -> int: ...

    def __reversed__(self) -> Iterator[V_co]: ...

    def reverse(self) -> None:
        """What lists have and tuples, strings and dictionaries have not."""
        ...
