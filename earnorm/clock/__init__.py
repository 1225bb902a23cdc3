"""The one clock that stamps documents; tests set it."""

from earnorm.clock.clock import EPOCH, NAIVE_EPOCH, frozen, now, read, replaced, utc_milliseconds

__all__ = ["EPOCH", "NAIVE_EPOCH", "frozen", "now", "read", "replaced", "utc_milliseconds"]
