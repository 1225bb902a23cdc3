"""The way from the event loop to the worker: locks are waited for here, and closing waits here."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

from earnorm.errors import StoreBusyError, StoreClosedError, WrongEventLoopError
from earnorm.stores.sqlite.beside import Waiting, run_beside
from earnorm.stores.sqlite.translation import is_busy, translated
from earnorm.stores.sqlite.turn import WriteTurn
from earnorm.stores.sqlite.worker import Worker

__all__ = ["Jobs"]

Result = TypeVar("Result")


class Jobs:
    """Runs the jobs of one store, in the event loop that made it."""

    def __init__(self, worker: Worker, *, store: str, busy_timeout: float) -> None:
        self.worker = worker
        self.store = store
        self.loop = asyncio.get_running_loop()
        self.turn = WriteTurn()
        self.is_closed = False
        self.changed = asyncio.Event()
        self._busy_timeout = busy_timeout
        self._watchers = 0
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self, job: Callable[[], Result], *, waits_for_turn: bool = False) -> Result:
        """The job's result; while another connection holds a lock, the job is tried again and again.

        With `waits_for_turn` it is also not begun while a transaction of this process is writing.
        Raises `StoreBusyError` after the busy timeout, and `StoreClosedError`.
        """
        return await self._patiently(self.worker.run, job, waits_for_turn=waits_for_turn)

    async def run_beside(self, job: Callable[[Waiting], Result]) -> Result:
        """The result of a long job with a connection of its own; the worker serves others meanwhile.

        When the caller is cancelled the job is told, and its end is waited for.
        """
        waiting = Waiting()
        return await self._patiently(
            lambda work: run_beside(work, waiting), lambda: job(waiting), waits_for_turn=False
        )

    async def run_alone(self, job: Callable[[Waiting], Result]) -> Result:
        """As `run_beside`, for a job that writes: those who only read are served, other writes wait."""
        waiting = Waiting()

        async def run(work: Callable[[], Result]) -> Result:
            self.turn.take(waiting, is_long=True)
            try:
                return await run_beside(work, waiting)
            finally:
                self.turn.give_back(waiting)

        return await self._patiently(run, lambda: job(waiting), waits_for_turn=True)

    def announce(self) -> None:
        """Wakes those who wait for changes: something was committed."""
        if self._watchers:
            self.changed.set()
            self.changed = asyncio.Event()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Inside, somebody waits for changes."""
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1

    def tell_loop(self, message: Callable[[], None]) -> None:
        """Calls `message` in the event loop, from whatever thread; nothing happens when the loop is gone."""
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(message)

    async def close(self) -> None:
        """Refuses all further jobs, and waits for those in flight."""
        self.is_closed = True
        self.announce()
        if asyncio.get_running_loop() is self.loop:
            await self._idle.wait()

    def check_usable(self) -> None:
        """Raises `StoreClosedError`, and `WrongEventLoopError` outside the loop that opened the store."""
        if self.is_closed:
            raise StoreClosedError(self.store)
        if asyncio.get_running_loop() is not self.loop:
            raise WrongEventLoopError(self.store)

    async def _patiently(
        self,
        run: Callable[[Callable[[], Result]], Awaitable[Result]],
        job: Callable[[], Result],
        *,
        waits_for_turn: bool,
    ) -> Result:
        self.check_usable()
        self._running += 1
        self._idle.clear()
        try:
            deadline = self.loop.time() + self._busy_timeout
            pause = _FIRST_PAUSE
            while True:
                if waits_for_turn and self.turn.is_taken:
                    deadline = await self._wait_for_turn(deadline)
                try:
                    return await run(job)
                except Exception as error:  # noqa: BLE001  # it is raised there, unless it is a lock
                    self._raise_unless_busy(error, deadline)
                # unequal pauses, so that two processes do not meet again and again
                remaining = max(0.0, deadline - self.loop.time())
                await asyncio.sleep(min(remaining, pause * random.uniform(0.5, 1.0)))  # no secret
                pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    def _raise_unless_busy(self, error: Exception, deadline: float) -> None:
        if is_busy(error):
            if self.loop.time() >= deadline:
                raise StoreBusyError(self.store, seconds=self._busy_timeout) from error
            return
        ours = translated(error, self.store)
        if ours is error:
            raise error
        raise ours from error

    async def _wait_for_turn(self, deadline: float) -> float:
        try:
            return await self.turn.wait(deadline)
        except TimeoutError as error:
            raise StoreBusyError(self.store, seconds=self._busy_timeout) from error


_FIRST_PAUSE: Final = 0.001
_LONGEST_PAUSE: Final = 0.1
