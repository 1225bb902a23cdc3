"""Work that comes again and again while a store is open."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from weakref import WeakMethod

from earnorm.errors import StoreBusyError, StoreClosedError

__all__ = ["Recurring"]


class Recurring:
    """Runs a method at once and then again, each time so many seconds after it ended.

    It does not keep the method's object alive. An error goes to the event loop's exception handler, and the
    next time is tried all the same; a store that is busy is no error.
    """

    def __init__(self, method: Callable[[], Coroutine[Any, Any, None]], *, seconds: float) -> None:
        self._method = WeakMethod(method)
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._is_over = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins, if it has not begun."""
        if self._timer is None and not self._is_over:
            self._timer = self._loop.call_soon(self._run)

    def stop(self) -> None:
        """Ends it for good; what is running runs on. Safe to call when the event loop is gone."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()

    def _run(self) -> None:
        method = self._method()
        if method is not None:
            self._task = self._loop.create_task(method())
            self._task.add_done_callback(self._after)

    def _after(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if task.cancelled():
            return
        error = task.exception()
        if self._is_over or isinstance(error, StoreClosedError):
            return
        if error is not None and not isinstance(error, StoreBusyError):
            context = {"message": "expired documents could not be deleted", "exception": error}
            self._loop.call_exception_handler(context)
        self._timer = self._loop.call_later(self._seconds, self._run)
