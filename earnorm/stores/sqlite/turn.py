"""Whose turn it is to write, among the transactions, the plain writes and the long work of one process."""

import asyncio

__all__ = ["WriteTurn"]


class WriteTurn:
    """At most one transaction, or one piece of long work, holds it; plain writes wait until none does.

    For one event loop.
    """

    def __init__(self) -> None:
        self._holder: object | None = None
        self._is_long = False
        self._free = asyncio.Event()
        self._free.set()

    @property
    def is_taken(self) -> bool:
        """Whether anybody holds the turn."""
        return self._holder is not None

    async def wait(self, deadline: float) -> float:
        """Returns once nobody holds the turn; raises `TimeoutError` at the deadline.

        The time of long work does not count: what is returned is the deadline, later by so much.
        """
        loop = asyncio.get_running_loop()
        while self._holder is not None:
            begun, is_long = loop.time(), self._is_long
            async with asyncio.timeout_at(None if is_long else deadline):
                await self._free.wait()
            if is_long:
                deadline += loop.time() - begun
        return deadline

    async def wait_for_long_work(self) -> None:
        """Returns once no long work holds the turn."""
        while self._is_long:
            await self._free.wait()

    def take(self, taker: object, *, is_long: bool = False) -> bool:
        """Whether the taker holds the turn now; it may have held it before."""
        if self._holder is not None:
            return self._holder is taker
        self._holder = taker
        self._is_long = is_long
        self._free.clear()
        return True

    def give_back(self, taker: object) -> None:
        """Ends the taker's turn; that of another is left as it is."""
        if self._holder is taker:
            self._holder = None
            self._is_long = False
            self._free.set()
