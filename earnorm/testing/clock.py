"""A clock that a test sets and moves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from earnorm.clock import replaced, utc_milliseconds

__all__ = ["START", "SettableClock"]

START = datetime(2026, 1, 1, tzinfo=UTC)
"""Where a clock stands before it is set."""


class SettableClock:
    """A clock that stands still until it is set or moved.

    Inside `governing`, `earnorm.now()` tells its time, in every task and thread of the process.
    """

    def __init__(self, moment: datetime = START) -> None:
        self._moment = utc_milliseconds(moment)

    @property
    def now(self) -> datetime:
        """Where it stands: aware, UTC, cut to milliseconds."""
        return self._moment

    def set(self, moment: datetime) -> datetime:
        """Puts it to a moment, earlier ones too; gives it back as documents keep it. A naive one means local time."""
        self._moment = utc_milliseconds(moment)
        return self._moment

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Moves it by this long, backward where that is negative; gives the new time."""
        by = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self.set(self._moment + by)

    @contextmanager
    def governing(self) -> Iterator["SettableClock"]:
        """Within the block it is EarnORM's clock; a `frozen` block inside wins."""
        with replaced(self._tell):
            yield self

    def _tell(self) -> datetime:
        return self._moment
