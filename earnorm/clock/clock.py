"""Tells the time as documents keep it: aware, UTC, cut to milliseconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["EPOCH", "NAIVE_EPOCH", "frozen", "now", "read", "replaced", "utc_milliseconds"]

Source = Callable[[], datetime]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment from which BSON counts (bsonspec.org, element 0x09)."""

NAIVE_EPOCH: Final = EPOCH.replace(tzinfo=None)
"""The same for naive dates that are in UTC, as PyMongo gives them."""


def now() -> datetime:
    """The current time in UTC, cut to milliseconds because BSON keeps no more."""
    return utc_milliseconds(read())


def read() -> datetime:
    """What the clock tells as its source tells it; `utc_milliseconds` of it, at leisure, is what `now` gives."""
    return (_source.get() or _standing[-1])()


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Within the block, in this task and those it starts, the clock stands at `moment`.

    For tests. Blocks nest; the inner one wins until it is left.
    """
    token = _source.set(lambda: moment)
    try:
        yield
    finally:
        _source.reset(token)


@contextmanager
def replaced(source: Source) -> Iterator[None]:
    """Within the block, in every task and thread of the process, the clock tells what `source` does.

    For tests that set the time in one place and read it in another, such as a fixture and a test. A `frozen`
    block wins. Not safe across threads: one block at a time, or one inside the other.
    """
    _standing.append(source)
    try:
        yield
    finally:
        _standing.remove(source)


def utc_milliseconds(moment: datetime) -> datetime:
    """`moment` as aware UTC cut to milliseconds; a naive one means local time.

    The rule is BSON's: a UTC datetime is a count of milliseconds (bsonspec.org, element 0x09).
    """
    aware = moment.astimezone(UTC)
    # A subtraction takes a fifth of the time that `replace` does.
    return aware - timedelta(microseconds=aware.microsecond % 1000)


def _system() -> datetime:
    return datetime.now(UTC)


_source: ContextVar[Source | None] = ContextVar("earnorm_clock", default=None)

# Beside the variable: a task that was there before a block began does not see what it sets.
_standing: list[Source] = [_system]
