"""What the store and its transactions have in common: the way to the server, and the session."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from earnorm.stores.mongodb.concerns import limited
from earnorm.stores.mongodb.duplicates import complete, is_incomplete
from earnorm.stores.mongodb.link import Collection, Link
from earnorm.stores.mongodb.sending import Sending
from earnorm.typing import Document, OperationOptions

__all__ = ["Linked"]

Result = TypeVar("Result")


class Linked:
    """Sends operations over a link; inside a session where there is one."""

    def __init__(self, link: Link, session: AsyncClientSession | None = None) -> None:
        self._link = link
        self._session = session

    def _collection(
        self, name: str, options: OperationOptions | None, *, naive: bool = False
    ) -> Collection:
        """The collection as this operation is to use it; raises when none may begin."""
        self._link.check()
        return (self._link.naive_collection if naive else self._link.collection)(name, options)

    def _sending(self, **sent: Any) -> Sending:
        """The way of one operation, given what is sent by what it is."""
        return Sending(self._link, **sent)

    async def _write(
        self,
        name: str,
        options: OperationOptions | None,
        call: Callable[[Collection], Awaitable[Result]],
        *,
        documents: Sequence[Document] = (),
        **sent: Any,
    ) -> Result:
        """What a write returns; whatever server it is, duplicates are told with their keys."""
        collection = self._collection(name, options)
        with self._sending(documents=documents, **sent), limited(options):
            try:
                return await call(collection)
            except (DuplicateKeyError, BulkWriteError) as error:
                if is_incomplete(error):
                    # What is known without it is better than another error.
                    with suppress(PyMongoError):
                        await complete(error, collection, documents)
                raise
