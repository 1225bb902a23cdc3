"""How much a stage may keep at once."""

from typing import Any

from pymongo.errors import OperationFailure

from earnorm.stores.documents.computing import size_of

__all__ = ["Memory"]


class Memory:
    """Counts what a stage keeps; raises PyMongo's `OperationFailure` (292) for more than it may."""

    __slots__ = ("_limit", "_stage", "_used")

    def __init__(self, stage: str, limit: int) -> None:
        self._stage = stage
        self._limit = limit
        self._used = 0

    def keep(self, value: Any) -> int:
        """Counts a value; returns about how many bytes it takes."""
        size = size_of(value)
        self.add(size)
        return size

    def add(self, size: int) -> None:
        """Counts so many bytes; less than none gives some back."""
        self._used += size
        if self._used > self._limit:
            raise _exceeded(self._stage, self._limit)


def _exceeded(stage: str, limit: int) -> OperationFailure:
    message = (
        f"{stage} would keep more than {limit:,} bytes in memory, and using the disk is not possible. "
        "Let fewer or smaller documents come to it: put a $match or a $project before it."
    )
    return OperationFailure(message, 292, {"ok": 0, "code": 292, "errmsg": message})
