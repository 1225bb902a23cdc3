"""A place in the log of events, from which one listener reads on."""

from collections.abc import Iterable, Iterator

from earnorm.model_registry.event_log import EventLog
from earnorm.model_registry.events import RegistryEvent

__all__ = ["Cursor", "Kinds", "checked_kinds"]

Kinds = type[RegistryEvent] | Iterable[type[RegistryEvent]]
"""One class of events, or a tuple of them; a class stands for those that inherit it too."""


class Cursor:
    """Gives each event of these kinds after a revision once, in order."""

    __slots__ = ("_kinds", "_log", "position", "until")

    def __init__(self, log: EventLog, kinds: Kinds, *, since: int) -> None:
        """Raises `EventRevisionError` when the log does not have all events after `since`."""
        log.find_after(since)
        self._log = log
        self._kinds = checked_kinds(kinds)
        self.position = since
        """The revision of the last event that was read or passed by."""
        self.until: int | None = None
        """The revision of the last event to read, None for no end."""

    @property
    def is_behind(self) -> bool:
        """Whether there may be something to read now."""
        newest = self._log.newest
        return self.position < (newest if self.until is None else min(newest, self.until))

    @property
    def is_over(self) -> bool:
        """Whether nothing will come any more."""
        return self.until is not None and not self.is_behind

    def end_now(self) -> None:
        """Reads nothing that happens from now on."""
        self.until = self._log.newest

    def __iter__(self) -> Iterator[RegistryEvent]:
        """What there is now."""
        while (event := self.take()) is not None:
            yield event

    def take(self) -> RegistryEvent | None:
        """The next event, None when there is none now; raises `EventRevisionError` when it was dropped."""
        while self.is_behind and (record := self._log.find_after(self.position)) is not None:
            self.position = record[0]
            if issubclass(record[1], self._kinds):
                return self._log.event(record)
        return None


def checked_kinds(kinds: Kinds) -> tuple[type[RegistryEvent], ...]:
    """The classes as `issubclass` takes them; raises `TypeError` for what is no class of events."""
    found = (kinds,) if isinstance(kinds, type) else tuple(kinds)
    for kind in found:
        if not (isinstance(kind, type) and issubclass(kind, RegistryEvent)):
            raise TypeError(
                f"kinds holds {kind!r}, which is no kind of event. Name classes such as ModelRegistered."
            )
    return found
