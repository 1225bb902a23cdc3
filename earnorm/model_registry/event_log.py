"""The events of one registry, in the order in which they happened."""

import threading
from bisect import bisect_right
from collections import deque
from operator import itemgetter
from typing import Any, Final, Protocol
from uuid import uuid4

from earnorm.clock import read, utc_milliseconds
from earnorm.errors import EventRevisionError
from earnorm.model_registry.events import RegistryEvent

__all__ = ["Counter", "EventLog", "Record"]

Record = tuple[Any, ...]
"""The revision and kind of an event, its time, the model's key, and what is the kind's own: a tuple is small."""

_SHARED: Final = len(RegistryEvent.__dataclass_fields__)
"""How many fields every event has before those of its own kind."""

_revision: Final = itemgetter(0)


class Counter(Protocol):
    """What has the revision of the registry; each event raises it by one."""

    revision: int


class EventLog:
    """Keeps the newest events of a registry, at least `keep` of them.

    Whoever records holds the registry's lock; a finalizer in the same thread may, too, which runs in the midst of
    anything. Reading takes no lock.
    """

    def __init__(self, registry: str, counter: Counter, *, keep: int) -> None:
        self.run = uuid4().hex
        """Tells the events of this log from those of a registry of the same name in another process."""
        self._registry = registry
        self._counter = counter
        self._keep = keep
        # The revision of the last event that was dropped, and those after it: only appended to, or replaced as a whole.
        self._page: tuple[int, list[Record]] = (0, [])
        self._inbox: deque[Record] = deque()
        self._turn = threading.Lock()

    @property
    def newest(self) -> int:
        """The revision of the last event, 0 before the first."""
        dropped, records = self._page
        return records[-1][0] if records else dropped

    @property
    def dropped(self) -> int:
        """The revision of the last event that is not kept any more, 0 for none."""
        return self._page[0]

    def record(self, kind: type[RegistryEvent], model: str | None, *values: object) -> None:
        """Appends an event; `values` are those of its kind's own fields, in their order."""
        inbox, turn = self._inbox, self._turn
        inbox.append((kind, read(), model, *values))
        # Whoever has the turn takes in what comes meanwhile, be it from a finalizer within this very thread.
        while inbox and turn.acquire(blocking=False):
            try:
                self._take_in()
            finally:
                turn.release()

    def find_after(self, revision: int) -> Record | None:
        """The record of the first event after this revision, None while there is none.

        Raises `EventRevisionError` when events after it were dropped, or when the registry has not come to it.
        """
        dropped, records = self._page
        if not dropped <= revision <= self._counter.revision:
            oldest = records[0][0] if records else dropped + 1
            raise EventRevisionError(revision, oldest=oldest, newest=self._counter.revision)
        index = bisect_right(records, revision, key=_revision)
        return records[index] if index < len(records) else None

    def event(self, record: Record) -> RegistryEvent:
        """The event that a record stands for."""
        revision, kind, time, model, *values = record
        own = zip(list(kind.__dataclass_fields__)[_SHARED:], values, strict=True)
        event: RegistryEvent = kind(
            revision=revision,
            time=utc_milliseconds(time),
            registry=self._registry,
            run=self.run,
            model=model,
            **dict(own),
        )
        return event

    def _take_in(self) -> None:
        records = self._page[1]
        while self._inbox:
            revision = self._counter.revision + 1
            records.append((revision, *self._inbox.popleft()))
            # Afterwards: whoever knows a revision finds its event.
            self._counter.revision = revision
        # A quarter more than promised, so that the list is copied rarely.
        if len(records) > self._keep + self._keep // 4:
            kept = records[-self._keep :]
            self._page = (records[-self._keep - 1][0], kept)
