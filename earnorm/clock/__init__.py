"""The one clock that stamps documents; tests set it."""

from earnorm.clock.clock import frozen, now

__all__ = ["frozen", "now"]
