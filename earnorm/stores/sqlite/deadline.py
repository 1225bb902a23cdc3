"""The moment until which an operation may take."""

import time
from collections.abc import Callable

from pymongo.errors import ExecutionTimeout

__all__ = ["Deadline"]


class Deadline:
    """Counts from when it is made; checked between parts of the work, never inside of one."""

    __slots__ = ("_clock", "_end")

    def __init__(
        self, seconds: float | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._end = None if seconds is None else clock() + seconds

    def check(self) -> None:
        """Raises PyMongo's `ExecutionTimeout` (50) when the time is up."""
        if self._end is not None and self._clock() >= self._end:
            message = "operation exceeded time limit"
            raise ExecutionTimeout(message, 50, {"ok": 0, "code": 50, "errmsg": message})
