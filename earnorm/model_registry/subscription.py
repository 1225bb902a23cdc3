"""A listener at work: it hears the events of a registry in order, one at a time."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from earnorm.errors import EventRevisionError
from earnorm.model_registry.cursor import Cursor
from earnorm.model_registry.events import RegistryEvent
from earnorm.model_registry.listening import Audience

__all__ = ["AnySubscription", "Listener", "ListenerFailed", "Subscription"]

Listener = Callable[[Any], None]
"""What is called with each event."""

_KEPT = 20  # failures of one listener

_logger = logging.getLogger("earnorm")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerFailed:
    """A listener raised: which one, at the event of which revision and kind, and the error as text."""

    listener: str
    revision: int
    kind: str
    error: str


class Failures:
    """Reports what a listener raises to the logger `earnorm`, and keeps the newest of these reports."""

    def __init__(self, listener: object) -> None:
        self._listener = getattr(listener, "__qualname__", None) or repr(listener)
        self._kept: deque[ListenerFailed] = deque(maxlen=_KEPT)

    def __call__(self) -> tuple[ListenerFailed, ...]:
        return tuple(self._kept)

    def report(self, event: RegistryEvent, error: BaseException) -> None:
        """Says that the listener raised at this event; it will be told the next one all the same."""
        # Text only: the error's traceback would keep local classes alive.
        failed = ListenerFailed(
            listener=self._listener, revision=event.revision, kind=event.kind, error=repr(error)
        )
        self._kept.append(failed)
        _logger.error(
            "the listener %s raised at event %d (%s); it goes on with the next one",
            failed.listener,
            failed.revision,
            failed.kind,
            exc_info=error,
            extra={"listener_failed": failed},
        )

    def report_lost(self, error: EventRevisionError) -> None:
        """Says that the listener was so far behind that events were dropped before it heard them."""
        _logger.error("the listener %s is closed: %s", self._listener, error)


class AnySubscription:
    """How far a listener of either kind has come, and what it raised."""

    def __init__(self, listener: object, cursor: Cursor, audience: Audience) -> None:
        self._cursor = cursor
        self._audience = audience
        self._failures = Failures(listener)

    @property
    def revision(self) -> int:
        """The revision of the last event that the listener was told, or that is of no kind that it wants."""
        return self._cursor.position

    @property
    def failures(self) -> tuple[ListenerFailed, ...]:
        """The newest reports of what the listener raised, at most 20."""
        return self._failures()


class Subscription(AnySubscription):
    """What `registry.subscribe` gives for a plain function; it lasts until `close`, or to the end of its `with` block."""

    def __init__(self, listener: Listener, cursor: Cursor, audience: Audience) -> None:
        super().__init__(listener, cursor, audience)
        self._listener = listener
        self._turn = threading.Lock()
        self._speaker: int | None = None  # the thread that has the turn
        audience.add(self)

    def close(self) -> None:
        """Tells the listener what happened before, in whichever thread that is under way, and then nothing more.

        It waits for that, so that afterwards the listener does not run any longer; called by a listener, or by a
        plugin while the registry changes, it does not wait, and a listener that closes itself hears nothing more.
        Idempotent.
        """
        if self._speaker == threading.get_ident():
            self._cursor.until = 0
            self._audience.remove(self)
        elif self._cursor.until is None:
            self._cursor.end_now()
            self._finish()

    def hear(self) -> bool:
        """Tells the listener what there is, unless another thread does so already."""
        before = self._cursor.position
        # Again after the turn was given back: whoever came meanwhile has left its events to this thread.
        while self._cursor.is_behind and self._turn.acquire(blocking=False):
            self._speak()
        if self._cursor.is_over:
            self._audience.remove(self)
        return self._cursor.position > before

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _finish(self) -> None:
        self._audience.tell()
        if not self._audience.is_busy_here:
            with self._turn:
                self._audience.remove(self)

    def _speak(self) -> None:
        """Calls the listener with each event; gives the turn back."""
        self._speaker = threading.get_ident()
        try:
            while (event := self._cursor.take()) is not None:
                self._call(event)
        except EventRevisionError as error:
            self._failures.report_lost(error)
            self._cursor.until = 0
        finally:
            self._speaker = None
            self._turn.release()

    def _call(self, event: RegistryEvent) -> None:
        try:
            self._listener(event)
        except Exception as error:  # noqa: BLE001 # whatever a listener raises is no concern of who registers
            self._failures.report(event, error)
