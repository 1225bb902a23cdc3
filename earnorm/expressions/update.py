"""A change of stored documents, as a value."""

from dataclasses import dataclass, field
from typing import Any

from earnorm.errors import SECRET

__all__ = ["Update"]


@dataclass(frozen=True, slots=True)
class Update:
    """What `User.age.inc(1)` is: an update operator, a stored name and an operand. Give it to `Query.update`."""

    operator: str
    name: str
    operand: Any
    is_secret: bool = field(default=False, kw_only=True, compare=False)

    def __repr__(self) -> str:
        shown = SECRET if self.is_secret else self.operand
        return f"Update({self.operator!r}, {self.name!r}, {shown!r})"

    def __bool__(self) -> bool:
        raise TypeError(
            "an update expression is neither true nor false, and changes nothing by itself: give it to "
            "query.update(...), several of them separated by commas"
        )
