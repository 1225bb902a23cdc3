"""The changes of a collection or a database, over PyMongo's change streams."""

import asyncio
from typing import Any

from pymongo.asynchronous.change_stream import AsyncChangeStream

from earnorm.stores.mongodb.link import Link
from earnorm.stores.mongodb.sending import Sending
from earnorm.typing import Document, MutableDocument

__all__ = ["MongoChangeStream"]


class MongoChangeStream:
    """Gives one change after the other; PyMongo resumes it by itself when a connection is lost.

    A caller who is cancelled while it waits, as by a timeout, loses none: PyMongo would end the stream then, so
    the question to the server goes on, and the next caller gets the answer. Tasks that ask at once get
    different changes.
    """

    def __init__(self, link: Link, stream: AsyncChangeStream[dict[str, Any]]) -> None:
        self._sending = Sending(link)
        self._stream = stream
        self._token: Document | None = stream.resume_token
        self._asked: asyncio.Task[MutableDocument | None] | None = None
        self._turn = asyncio.Lock()

    @property
    def resume_token(self) -> Document | None:
        """From where to go on after what was given so far."""
        return self._token

    def __aiter__(self) -> "MongoChangeStream":
        return self

    async def __anext__(self) -> MutableDocument:
        """The next change, waited for.

        Raises `StopAsyncIteration` after the end of the collection (`invalidate`), and
        `StoreClosedError` once the store is being closed.
        """
        async with self._turn:
            while self._asked is not None or self._stream.alive:
                change = await self._answer()
                if change is not None:
                    return dict(change)
        raise StopAsyncIteration

    async def close(self) -> None:
        """Ends the iteration, and a question that nobody waits for any longer."""
        if self._asked is not None:
            self._asked.cancel()
            await asyncio.wait([self._asked])
            if not self._asked.cancelled():
                self._asked.exception()  # nobody asks for it any longer
        await self._stream.close()

    async def _answer(self) -> MutableDocument | None:
        if self._asked is None:
            self._asked = asyncio.ensure_future(self._ask())
        await asyncio.wait([self._asked])
        asked, self._asked = self._asked, None
        change = asked.result()
        self._token = self._stream.resume_token
        return change

    async def _ask(self) -> MutableDocument | None:
        # One question to the server, which answers within a second: what closes the store waits no longer.
        with self._sending:
            return await self._stream.try_next()
