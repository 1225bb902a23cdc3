"""Timestamps for EarnORM models: `created_at` once, `updated_at` at every write."""

from earnorm_timestamp.plugin import Timestamped, TimestampPlugin

__all__ = ["TimestampPlugin", "Timestamped"]
