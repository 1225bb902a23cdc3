"""A field and a direction to sort by."""

from dataclasses import dataclass

__all__ = ["SortOrder"]


@dataclass(frozen=True, slots=True)
class SortOrder:
    """What `User.age.desc()` is: a stored name, and 1 to ascend or -1 to descend."""

    name: str
    direction: int
