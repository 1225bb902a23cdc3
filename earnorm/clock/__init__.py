"""The one clock that stamps documents; tests set it."""

from earnorm.clock.clock import frozen, now, replaced, utc_milliseconds

__all__ = ["frozen", "now", "replaced", "utc_milliseconds"]
