"""What a check or an examination finds."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "FindingLevel"]

FindingLevel = Literal["ok", "info", "warning", "error"]
"""`ok` and `info` are facts, `info` one that somebody may want to act on; a `warning` may be meant; an `error` is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: `id` names the check, `hint` what to do about it, if anything.

    `model` is the key of the model that it is about, `field` a path in it. `subject` says for people what it is about;
    where it is not given, it is the model with the field.
    """

    id: str
    level: FindingLevel
    message: str
    subject: str = ""
    hint: str | None = None
    model: str | None = None
    field: str | None = None

    def __post_init__(self) -> None:
        if not self.subject:
            parts = [part for part in (self.model, self.field) if part]
            object.__setattr__(self, "subject", ".".join(parts) or self.id)
