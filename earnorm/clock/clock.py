"""Tells the time as documents keep it: aware, UTC, cut to milliseconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

__all__ = ["frozen", "now", "utc_milliseconds"]


def now() -> datetime:
    """The current time in UTC, cut to milliseconds because BSON keeps no more."""
    return utc_milliseconds(_source.get()())


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


def utc_milliseconds(moment: datetime) -> datetime:
    """`moment` as aware UTC cut to milliseconds; a naive one means local time.

    The rule is BSON's: a UTC datetime is a count of milliseconds (bsonspec.org, element 0x09).
    """
    aware = moment.astimezone(UTC)
    return aware.replace(microsecond=aware.microsecond // 1000 * 1000)


def _system() -> datetime:
    return datetime.now(UTC)


_source: ContextVar[Callable[[], datetime]] = ContextVar("earnorm_clock", default=_system)
