"""The changes of a store, one after the other, as a task that waits for them sees them."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Final

from earnorm.clock import now
from earnorm.errors import StoreBusyError
from earnorm.stores.sqlite.change_log import Event, Step
from earnorm.stores.sqlite.event_pipeline import Through
from earnorm.stores.sqlite.outbox import RETENTION
from earnorm.stores.sqlite.resume_token import ResumeToken
from earnorm.typing import Document, MutableDocument

__all__ = ["SqliteChangeStream"]

Advance = Callable[[ResumeToken, object], Awaitable[Step]]


class SqliteChangeStream:
    """Implements `earnorm.stores.ChangeStream`.

    A change of this process wakes it; those of others are looked for every `poll_seconds`. Ends after an
    `invalidate`, and once its block is left. Tasks that ask for a change at once get different ones.
    """

    def __init__(
        self,
        start: ResumeToken,
        *,
        advance: Advance,
        renew: Callable[[], Awaitable[None]],
        changed: Callable[[], asyncio.Event],
        through: Through,
        poll_seconds: float,
    ) -> None:
        self._position = start
        self._given: ResumeToken = start
        self._events: deque[Event] = deque()
        self._seen: object = None
        self._advance = advance
        self._renew = renew
        self._renewed = now()
        self._changed = changed
        self._through = through
        self._poll_seconds = poll_seconds
        self._turn = asyncio.Lock()
        self._ended = False

    @property
    def resume_token(self) -> Document:
        """From where to go on after what was given so far."""
        return (self._given if self._events else self._position).document

    def __aiter__(self) -> AsyncIterator[MutableDocument]:
        return self

    async def __anext__(self) -> MutableDocument:
        """The next change, waited for.

        Raises PyMongo's `OperationFailure` (286) if changes are no longer kept that it did not see.
        """
        async with self._turn:
            while not self._ended:
                while self._events:
                    found = self._next()
                    if found is not None:
                        return found
                await self._read_on()
        raise StopAsyncIteration

    def close(self) -> None:
        """Ends the iteration."""
        self._ended = True
        self._events.clear()

    def _next(self) -> MutableDocument | None:
        event = self._events[0]
        found = self._through(event.document)
        self._events.popleft()
        self._given = event.token
        if event.token.is_invalidate:
            self._position = event.token
            self.close()
        return found

    async def _read_on(self) -> None:
        await self._keep_noting()
        changed = self._changed()
        step = await self._advance(self._position, self._seen)
        self._given = self._position
        self._position, self._seen = step.position, step.seen
        self._events.extend(step.events)
        if not step.events and step.seen is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await changed.wait()

    async def _keep_noting(self) -> None:
        moment: datetime = now()
        if moment - self._renewed > _RENEWED_EVERY:
            # while another process writes for long, a later round does it
            with contextlib.suppress(StoreBusyError):
                await self._renew()
                self._renewed = moment


_RENEWED_EVERY: Final = RETENTION / 4
