"""The one thread in which a store's SQLite connection lives."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

__all__ = ["Worker"]

Result = TypeVar("Result")


class Worker:
    """Runs jobs one after the other in a thread of its own; safe to call from any thread.

    A job that has begun runs to its end, even if nobody waits for it any longer or the event loop is
    gone; one whose waiter was cancelled before it began is left out.
    """

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        # a daemon, so that a store nobody closed does not keep the program from ending; `stop` is
        # called at exit and lets the queued work end first
        self._thread = threading.Thread(
            target=_work, args=(self._jobs,), name=f"earnorm {name}", daemon=True
        )
        self._thread.start()

    def run(self, job: Callable[[], Result]) -> asyncio.Future[Result]:
        """A future of the running event loop for the job's result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._jobs.put(_Job(job, future, loop))
        return future

    def post(self, job: Callable[[], None]) -> None:
        """Runs the job after those that are queued; nobody waits for it."""
        self._jobs.put(_Job(job, None, None))

    def stop(self, last_job: Callable[[], None]) -> None:
        """Waits for the queued jobs and then for `last_job`; the thread is gone afterwards."""
        self._jobs.put(_Job(last_job, None, None))
        self._jobs.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join()


class _Job:
    __slots__ = ("_function", "_future", "_loop")

    def __init__(
        self,
        function: Callable[[], Any],
        future: asyncio.Future[Any] | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self._function = function
        self._future = future
        self._loop = loop

    def run(self) -> None:
        if self._future is not None and self._future.cancelled():
            return
        try:
            result = self._function()
        except BaseException as error:  # noqa: BLE001  # goes to whoever waits for the job
            self._tell(_set_exception, error)
        else:
            self._tell(_set_result, result)

    def _tell(self, setter: Callable[[asyncio.Future[Any], Any], None], outcome: Any) -> None:
        if self._loop is None or self._future is None:
            return
        try:
            self._loop.call_soon_threadsafe(setter, self._future, outcome)
        except RuntimeError:
            return  # the loop was closed: nobody is left to be told


def _work(jobs: "SimpleQueue[_Job | None]") -> None:
    while (job := jobs.get()) is not None:
        job.run()
        del job  # an idle worker must not keep the last documents alive


def _set_result(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _set_exception(future: asyncio.Future[Any], error: BaseException) -> None:
    if future.done():
        return
    if isinstance(error, StopIteration):
        # a future does not take it, and would be waited for without end
        wrapped = RuntimeError("a job of the store raised StopIteration")
        wrapped.__cause__ = error
        error = wrapped
    future.set_exception(error)
