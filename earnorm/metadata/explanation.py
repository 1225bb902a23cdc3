"""Where the value of an option comes from."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Explanation", "OptionOrigin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionOrigin:
    """A value, or one item of a list, and the class that says it.

    `where` is its file and line, None where there is no source to be read.
    """

    value: Any
    given_by: str
    where: str | None

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.value!r} from {self.given_by}{place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The value of one option of one model, and how it came about.

    `rule` is what the option has to do with those of the bases. `origins` are in the order of the value;
    without one, `reason` says what the value is.
    """

    model: str
    option: str
    value: Any
    rule: str
    origins: tuple[OptionOrigin, ...]
    reason: str

    def __str__(self) -> str:
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        head = f"{self.model}: {self.option} = {value!r}"
        if not self.origins:
            return f"{head}, {self.reason}"
        return "\n".join([f"{head}: {self.rule}", *(f"  {origin}" for origin in self.origins)])
