"""What an examination finds."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Level"]

Level = Literal["ok", "warning", "error"]
"""`ok` is a fact; a `warning` may be meant; an `error` is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: `id` names the check, `hint` what to do about it, if anything."""

    id: str
    level: Level
    subject: str
    message: str
    hint: str | None = None
