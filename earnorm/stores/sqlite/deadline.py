"""The moment until which an operation may take."""

import time
from collections.abc import Callable
from typing import TypeVar

from pymongo.errors import ExecutionTimeout

__all__ = ["Deadline"]

Given = TypeVar("Given")
Result = TypeVar("Result")


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

    def bounding(self, part: Callable[[Given], Result]) -> Callable[[Given], Result]:
        """The part, checked before each time that it is done; itself where there is no end."""
        if self._end is None:
            return part

        def bounded(given: Given) -> Result:
            self.check()
            return part(given)

        return bounded
