"""How many things have one fault, in a memory that does not grow with them."""

from dataclasses import dataclass, field

__all__ = ["Tally"]

_NAMED = 5  # ids in a finding: enough to look at one, and no more memory for a million


@dataclass(slots=True)
class Tally:
    """How many there are, and the first of them; printed, it is these."""

    count: int = 0
    first: list[object] = field(default_factory=list)
    fault: str = ""

    def add(self, one: object, fault: str = "") -> None:
        """Counts one, and keeps the fault of the first."""
        self.count += 1
        self.fault = self.fault or fault
        if len(self.first) < _NAMED and one not in self.first:
            self.first.append(one)

    def __str__(self) -> str:
        named = ", ".join(map(str, self.first))
        return f"{named}, …" if self.count > len(self.first) else named
