"""A transaction of MongoDB: a session in which one transaction runs."""

from contextlib import suppress
from typing import Any, Final

import pymongo
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_preferences import Primary

from earnorm.errors import TransactionError, UnsupportedError
from earnorm.stores.mongodb.concerns import concerns_of, milliseconds
from earnorm.stores.mongodb.link import Collection, Link
from earnorm.stores.mongodb.picking import Picking
from earnorm.stores.mongodb.reading import Reading
from earnorm.stores.mongodb.sending import Sending
from earnorm.stores.mongodb.writing import Writing
from earnorm.typing import OperationOptions

__all__ = ["MongoTransaction"]


class MongoTransaction(Reading, Picking, Writing):
    """The store as seen in one transaction; one task at a time uses it.

    Its own concerns count: those of the operations in it are left out, as MongoDB asks (specification of
    transactions). What the server refuses has aborted it, so whatever comes afterwards fails here, and as
    something to be run again only if the refusal was. When the store is closed it is aborted.
    """

    _session: AsyncClientSession

    def __init__(self, link: Link, session: AsyncClientSession) -> None:
        super().__init__(link, session)
        self._ended = False
        self._fault: OperationFailure | None = None
        link.attend(self._leave)

    @classmethod
    async def begin(cls, link: Link, options: OperationOptions | None) -> "MongoTransaction":
        """A transaction, of which the server hears with its first operation.

        Its `max_time` limits the commit. Raises `UnsupportedError` for another read preference than
        the primary.
        """
        concerns = concerns_of(options) if options is not None else {}
        preference = concerns.setdefault("read_preference", Primary())
        if preference != Primary():
            raise UnsupportedError(
                f"the read preference {preference.mongos_mode!r} in a transaction",
                where="MongoDB",
                remedy="A transaction reads from the primary: leave it out.",
            )
        link.check()
        session = link.client.start_session()
        limit: Any = milliseconds(options)
        await session.start_transaction(**concerns, max_commit_time_ms=limit)
        return cls(link, session)

    async def commit(self) -> None:
        """Makes its writes lasting.

        After an error with the label `UnknownTransactionCommitResult`, it may be called again.
        """
        with Sending(self._link):
            self._check()
            await self._session.commit_transaction()
        await self._end()

    async def abort(self) -> None:
        """Undoes its writes; the server does so by itself where it does not hear of it."""
        if self._ended:
            return
        with Sending(self._link):
            await self._abort()

    async def _leave(self) -> None:
        """Aborts it when the store is closed: the server would keep its locks for a minute."""
        with suppress(PyMongoError), pymongo.timeout(_SECONDS):
            await self._abort()

    async def _abort(self) -> None:
        if self._session.in_transaction:
            await self._session.abort_transaction()
        await self._end()

    async def _end(self) -> None:
        self._ended = True
        self._link.dismiss(self._leave)
        await self._session.end_session()

    def _sending(self, **sent: Any) -> Sending:
        return Sending(self._link, self._failed, **sent)

    def _failed(self, error: OperationFailure) -> None:
        self._fault = error

    def _collection(
        self, name: str, options: OperationOptions | None, *, naive: bool = False
    ) -> Collection:
        collection = super()._collection(name, options, naive=naive)
        self._check()
        return collection

    def _check(self) -> None:
        if self._ended:
            raise TransactionError(
                f"the transaction of {self._link.name} has ended. Begin another one."
            )
        if self._fault is not None:
            raise _aborted(is_transient=self._fault.has_error_label(_TRANSIENT))


_TRANSIENT: Final = "TransientTransactionError"
_SECONDS: Final = 5.0


def _aborted(*, is_transient: bool) -> OperationFailure:
    """What MongoDB says of a transaction that it aborted; it labels that as transient, whatever the reason was."""
    message = "an operation failed, and so the transaction was aborted"
    details: dict[str, Any] = {"ok": 0, "code": _NO_SUCH, "codeName": "NoSuchTransaction"}
    details["errmsg"] = message
    if is_transient:
        details["errorLabels"] = [_TRANSIENT]
    return OperationFailure(message, _NO_SUCH, details)


_NO_SUCH: Final = 251
