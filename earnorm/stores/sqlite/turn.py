"""Whose turn it is to write, among the transactions and the plain writes of one process."""

import asyncio

__all__ = ["WriteTurn"]


class WriteTurn:
    """At most one transaction holds it; plain writes wait until none does. For one event loop."""

    def __init__(self) -> None:
        self._holder: object | None = None
        self._free = asyncio.Event()
        self._free.set()

    @property
    def is_taken(self) -> bool:
        """Whether a transaction holds the turn."""
        return self._holder is not None

    async def wait(self, deadline: float) -> None:
        """Returns once no transaction holds the turn; raises `TimeoutError` at the deadline."""
        while self._holder is not None:
            async with asyncio.timeout_at(deadline):
                await self._free.wait()

    def take(self, taker: object) -> bool:
        """Whether the taker holds the turn now; it may have held it before."""
        if self._holder is not None:
            return self._holder is taker
        self._holder = taker
        self._free.clear()
        return True

    def give_back(self, taker: object) -> None:
        """Ends the taker's turn; that of another is left as it is."""
        if self._holder is taker:
            self._holder = None
            self._free.set()
