"""Long work in a thread of the event loop's executor, which ends when nobody waits for it any longer."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

__all__ = ["Abandoned", "Waiting", "retrieve", "run_beside"]

Result = TypeVar("Result")


class Abandoned(Exception):  # noqa: N818  # no error: nobody is left to be told
    """Nobody waits for the work any longer."""


class Waiting:
    """Whether somebody waits for the work; safe to ask from any thread."""

    __slots__ = ("is_over",)

    def __init__(self) -> None:
        self.is_over = False

    def check(self) -> None:
        """Raises `Abandoned` when nobody waits any longer: to be called again and again by the work."""
        if self.is_over:
            raise Abandoned


async def run_beside(work: Callable[[], Result], waiting: Waiting) -> Result:
    """The result of the work; one that is cancelled is over when the caller is told so."""
    running = asyncio.get_running_loop().run_in_executor(None, partial(copy_context().run, work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        waiting.is_over = True
        running.add_done_callback(retrieve)
        await asyncio.wait([running])
        raise


def retrieve(running: "asyncio.Future[Any]") -> None:
    """Asks for the exception of work whose waiter was cancelled: one that nobody asks for is logged."""
    if not running.cancelled():
        running.exception()
