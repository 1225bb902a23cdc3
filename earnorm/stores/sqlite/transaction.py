"""A transaction: the operations of a store on a connection of their own."""

import asyncio
import weakref
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any, Literal, TypeVar

from earnorm.errors import InvalidDocumentError, UnsupportedError
from earnorm.stores.sqlite.beside import retrieve
from earnorm.stores.sqlite.concerns import waits_for_disk
from earnorm.stores.sqlite.failures import TRANSIENT, no_such_transaction, write_conflict
from earnorm.stores.sqlite.jobs import Jobs
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sessions import Sessions
from earnorm.stores.sqlite.sqlite_documents import SqliteDocuments
from earnorm.stores.sqlite.transaction_session import TransactionSession
from earnorm.typing import OperationOptions

__all__ = ["SqliteTransaction"]

Result = TypeVar("Result")


class SqliteTransaction(SqliteDocuments):
    """The store as one moment of it, and writes that happen together; implements `earnorm.stores.Transaction`.

    It sees the moment of its first operation and its own writes. Its first write takes the file's write
    lock, which it keeps to its end; if another transaction has it, or somebody wrote since that moment, it
    is a conflict. As on a server, an operation that fails aborts the transaction; only what is refused before
    anything is done (`UnsupportedError`, `InvalidDocumentError`) leaves it open. So does a read that is cancelled;
    a write that is cancelled may have been done or not, and aborts it. The operations of several
    tasks come one after the other. One that nobody ended is aborted once nothing refers to it, or when
    the store is closed.
    """

    def __init__(self, jobs: Jobs, sessions: Sessions, options: OperationOptions | None) -> None:
        self._jobs = jobs
        self._work = _Work(sessions, is_full=waits_for_disk(options))
        weakref.finalize(self, _abandon, jobs, self._work).atexit = False

    async def commit(self) -> None:
        """Makes its writes lasting, and seen by all; committing once more does nothing.

        Raises PyMongo's `OperationFailure` (251) if it was aborted.
        """
        if self._work.state != "committed":
            self._check_open()
            await _to_its_end(self._end(self._work.commit))

    async def abort(self) -> None:
        """Undoes its writes; after an end of the transaction it does nothing."""
        if self._work.state == "open" and not self._jobs.is_closed:
            await _to_its_end(self._end(self._work.abort))

    async def _read(self, job: Callable[[Session], Result]) -> Result:
        return await self._run(lambda: job(self._work.session()))

    async def _write(
        self, job: Callable[[Session], Result], options: OperationOptions | None
    ) -> Result:
        # as on a server through PyMongo, the write concern of the transaction counts, and none of an operation
        self._check_open()
        context = copy_context()  # the clock that a write reads is the caller's

        def locked() -> Result:
            session = self._work.session()
            session.lock()
            return context.run(job, session)

        return await self._run(locked, writes=True)

    async def _run(self, job: Callable[[], Result], *, writes: bool = False) -> Result:
        self._check_open()
        try:
            if writes:
                await self._take_turn()
            return await self._jobs.run(job)
        except (UnsupportedError, InvalidDocumentError):
            raise
        except asyncio.CancelledError:
            if writes:
                await self.abort()  # nobody knows whether it was done
            raise
        except Exception as error:
            labels = (getattr(error, "details", None) or {}).get("errorLabels", ())
            self._work.is_transient = TRANSIENT in labels
            await self.abort()
            raise

    async def _take_turn(self) -> None:
        await self._jobs.turn.wait_for_long_work()
        if not self._jobs.turn.take(self._work):
            raise write_conflict()

    async def _end(self, job: Callable[[], None]) -> None:
        try:
            await self._jobs.run(job)
        finally:
            self._jobs.turn.give_back(self._work)
            self._jobs.announce()

    def _check_open(self) -> None:
        self._work.check_open()


class _Work:
    """The part of a transaction that the worker has; it knows nothing of who waits for it."""

    def __init__(self, sessions: Sessions, *, is_full: bool) -> None:
        self.state: Literal["open", "committed", "aborted"] = "open"
        self.is_transient = False
        self._sessions = sessions
        self._is_full = is_full
        self._session: TransactionSession | None = None

    def check_open(self) -> None:
        if self.state != "open":
            raise no_such_transaction(self.state, is_transient=self.is_transient)

    def session(self) -> TransactionSession:
        self.check_open()
        if self._session is None:
            self._session = self._sessions.begin(is_full=self._is_full)
        return self._session

    def commit(self) -> None:
        self.check_open()
        if self._session is not None:
            try:
                self._sessions.commit(self._session)
            except BaseException:
                self.abort()
                raise
        self.state = "committed"

    def abort(self) -> None:
        if self.state == "open":
            self.state = "aborted"
            if self._session is not None:
                self._sessions.abort(self._session)


async def _to_its_end(ending: Coroutine[Any, Any, None]) -> None:
    # whoever waits may be cancelled; the end that was begun is not
    task = asyncio.ensure_future(ending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(retrieve)
        raise


def _abandon(jobs: Jobs, work: _Work) -> None:
    """Aborts a transaction that nobody refers to any longer; called in whatever thread found that out."""
    if work.state != "open":
        return

    def abort() -> None:
        work.abort()
        jobs.tell_loop(lambda: jobs.turn.give_back(work))

    jobs.worker.post(abort)
