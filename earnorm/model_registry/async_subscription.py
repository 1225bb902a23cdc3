"""An async listener at work: a task of the event loop that subscribed hears the events in order, one at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from earnorm.errors import EventRevisionError, ListenerLoopError
from earnorm.model_registry.cursor import Cursor
from earnorm.model_registry.events import RegistryEvent
from earnorm.model_registry.listening import Audience
from earnorm.model_registry.subscription import AnySubscription

__all__ = ["AsyncListener", "AsyncSubscription"]

AsyncListener = Callable[[Any], Awaitable[None]]
"""What is awaited with each event."""


class AsyncSubscription(AnySubscription):
    """What `registry.subscribe` gives for an `async def`; it lasts until `aclose`, or to the end of its `async with`.

    Nothing waits in a queue of its own: it reads the registry's log of events, which keeps only so many.
    """

    def __init__(self, listener: AsyncListener, cursor: Cursor, audience: Audience) -> None:
        """Raises `ListenerLoopError` outside of an event loop."""
        super().__init__(listener, cursor, audience)
        self._listener = listener
        self._loop = _running_loop()
        self._woken = asyncio.Event()
        self._is_waking = False
        self._task = self._loop.create_task(self._run())
        audience.add(self)

    def close(self) -> None:
        """Tells the listener nothing more, without waiting for what it does; from any thread. Idempotent."""
        self._cursor.until = 0
        self._audience.remove(self)
        self._wake()

    async def aclose(self) -> None:
        """Waits until the listener is done with all that happened before, and tells it nothing more. Idempotent.

        Called by the listener itself, it is as `close`. Raises `ListenerLoopError` in another event loop.
        """
        if _running_loop() is not self._loop:
            raise ListenerLoopError(
                "the listener belongs to another event loop: close it in the loop that subscribed, or "
                "with close(), which does not wait."
            )
        if asyncio.current_task() is self._task:
            self.close()
            return
        if self._cursor.until is None:
            self._cursor.end_now()
        self._woken.set()
        await asyncio.wait([self._task])

    def hear(self) -> bool:
        """Wakes the task where there is something to hear; nothing is heard here and now."""
        if self._cursor.is_behind and not self._is_waking:
            self._wake()
        return False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _wake(self) -> None:
        # Before the call: who comes after it and sees the flag knows that the task will look again.
        self._is_waking = True
        try:
            self._loop.call_soon_threadsafe(self._awake)
        except RuntimeError:  # the loop is closed, and the task with it
            self._audience.remove(self)

    def _awake(self) -> None:
        self._is_waking = False
        self._woken.set()

    async def _run(self) -> None:
        try:
            while not self._cursor.is_over:
                self._woken.clear()
                await self._tell()
                if not self._cursor.is_over:
                    await self._woken.wait()
        except EventRevisionError as error:
            self._failures.report_lost(error)
        finally:
            self._cursor.until = 0
            self._audience.remove(self)

    async def _tell(self) -> None:
        while (event := self._cursor.take()) is not None:
            await self._call(event)
            # Ten thousand models at once are no reason to keep the loop from everybody else.
            await asyncio.sleep(0)

    async def _call(self, event: RegistryEvent) -> None:
        try:
            await self._listener(event)
        except asyncio.CancelledError as error:
            if self._task.cancelling():
                raise
            self._failures.report(
                event, error
            )  # something that the listener waited for was cancelled
        except Exception as error:  # noqa: BLE001 # whatever a listener raises is no concern of who registers
            self._failures.report(event, error)


def _running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise ListenerLoopError(
            "an async listener is called by the event loop that subscribes, and none is running here. "
            "Subscribe within a coroutine, or give a plain function."
        ) from None
