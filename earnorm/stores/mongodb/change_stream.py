"""The changes of a collection or a database, over PyMongo's change streams."""

from typing import Any

from pymongo.asynchronous.change_stream import AsyncChangeStream

from earnorm.stores.mongodb.link import Link
from earnorm.stores.mongodb.sending import Sending
from earnorm.typing import Document, MutableDocument

__all__ = ["MongoChangeStream"]


class MongoChangeStream:
    """Gives one change after the other; PyMongo resumes it by itself when a connection is lost."""

    def __init__(self, link: Link, stream: AsyncChangeStream[dict[str, Any]]) -> None:
        self._sending = Sending(link)
        self._stream = stream

    @property
    def resume_token(self) -> Document | None:
        """From where to go on after what was given so far."""
        return self._stream.resume_token

    def __aiter__(self) -> "MongoChangeStream":
        return self

    async def __anext__(self) -> MutableDocument:
        """The next change, waited for.

        Raises `StopAsyncIteration` after the end of the collection (`invalidate`), and
        `StoreClosedError` once the store is being closed.
        """
        while self._stream.alive:
            # One question to the server, which answers within a second: what closes the store waits no longer.
            with self._sending:
                change = await self._stream.try_next()
            if change is not None:
                return dict(change)
        raise StopAsyncIteration
