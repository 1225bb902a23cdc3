"""The store: what a database awaits, over the worker that does it."""

import weakref
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
from pathlib import Path
from typing import Final, Literal, Self, TypeVar

from earnorm.clock import now
from earnorm.errors import StoreCorruptError
from earnorm.stores.capabilities import Capability
from earnorm.stores.documents import unsupported
from earnorm.stores.protocol import StoreDescription
from earnorm.stores.sqlite.backing_up import copy_file, copy_to
from earnorm.stores.sqlite.change_log import ChangeLog, is_noting, keep_noting, open_log
from earnorm.stores.sqlite.change_stream import SqliteChangeStream
from earnorm.stores.sqlite.compacting import compact, compact_file
from earnorm.stores.sqlite.concerns import check_options, waits_for_disk
from earnorm.stores.sqlite.describing import describe
from earnorm.stores.sqlite.dropping import drop_collection, list_collections
from earnorm.stores.sqlite.event_pipeline import Through, compile_event_pipeline
from earnorm.stores.sqlite.expiring import expire, has_expiry
from earnorm.stores.sqlite.indexing import create_index, drop_index, list_indexes
from earnorm.stores.sqlite.jobs import Jobs
from earnorm.stores.sqlite.naming import check_collection_name
from earnorm.stores.sqlite.opening import open_sessions
from earnorm.stores.sqlite.recurring import Recurring
from earnorm.stores.sqlite.resume_token import ResumeToken
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sessions import Sessions
from earnorm.stores.sqlite.sqlite_documents import SqliteDocuments
from earnorm.stores.sqlite.transaction import SqliteTransaction
from earnorm.stores.sqlite.verifying import verify, verify_file
from earnorm.stores.sqlite.worker import Worker
from earnorm.typing import Document, Index, OperationOptions

__all__ = ["SqliteStore"]

Result = TypeVar("Result")


class SqliteStore(SqliteDocuments):
    """A store in one SQLite file, or in memory; implements `earnorm.stores.MaintainedStore`.

    Every write is one transaction. Tasks of the event loop that opened the store may use it side by
    side: their operations run one after the other. Other processes may use the same file.
    """

    def __init__(
        self, jobs: Jobs, sessions: Sessions, path: Path | None, watch_interval: float
    ) -> None:
        self._jobs = jobs
        self._sessions = sessions
        self._path = path
        self._watch_interval = watch_interval
        self._expiry = Recurring(self.delete_expired, seconds=_EXPIRY_PAUSE)
        # also runs at exit, so that the work of a store that nobody closed still ends
        self._stop = weakref.finalize(self, jobs.worker.stop, sessions.close)

    @classmethod
    async def open(
        cls,
        path: str | None,
        *,
        name: str,
        synchronous: Literal["NORMAL", "FULL"] = "NORMAL",
        busy_timeout: float = 5.0,
        watch_interval: float = 0.1,
    ) -> Self:
        """The store in the file at `path`, which is made if it is missing; None keeps it in memory.

        `name` is what messages call it. With `NORMAL` a power loss may undo the last writes (never
        half of one), with `FULL` it cannot; a crash of the program loses nothing either way. A lock
        that another process holds is waited for `busy_timeout` seconds. Who watches looks for changes of
        other processes every `watch_interval` seconds.
        """
        jobs = Jobs(Worker(name), store=name, busy_timeout=busy_timeout)
        file = None if path is None else _file(path)
        opened: list[Sessions] = []

        def open_file() -> None:
            opened.append(open_sessions(file, name, synchronous))

        def close_file() -> None:
            for sessions in opened:
                sessions.close()

        try:
            await jobs.run(open_file)
        except BaseException:
            # also when the task was cancelled while the worker opened the file all the same
            jobs.worker.stop(close_file)
            raise
        store = cls(jobs, opened[0], file, watch_interval)
        try:
            # whoever uses a damaged file is told; to open it is no use
            with suppress(StoreCorruptError):
                if await store._read(has_expiry):
                    store._expiry.start()
        except BaseException:
            store._stop()
            raise
        return store

    @property
    def name(self) -> str:
        """What messages call the store."""
        return self._jobs.store

    @property
    def capabilities(self) -> frozenset[Capability]:
        return _CAPABILITIES

    async def begin(self, *, options: OperationOptions | None = None) -> SqliteTransaction:
        """A transaction, which reads and locks nothing before its first operation."""
        check_options(options)
        self._jobs.check_usable()
        return SqliteTransaction(self._jobs, self._sessions, options)

    @asynccontextmanager
    async def watch(
        self,
        collection: str | None = None,
        *,
        pipeline: Sequence[Document] = (),
        resume_after: Document | None = None,
        full_document: Literal["default", "updateLookup"] = "default",
        options: OperationOptions | None = None,
    ) -> AsyncGenerator[SqliteChangeStream, None]:
        """The changes from now on, or after a token; changes of other processes too.

        Changes are noted in the file from the first time on that somebody watches, until nobody has watched for
        24 hours; as long, and up to 100,000 of them, they are kept. Raises PyMongo's `OperationFailure`: 286 for
        a token that is too old, 260 for one that is none of this file.
        """
        check_options(options, "collation")
        if collection is not None:
            check_collection_name(collection)
        if full_document not in ("default", "updateLookup"):
            raise unsupported(f"full_document={full_document!r}")
        through = compile_event_pipeline(pipeline)
        token = None if resume_after is None else ResumeToken.of(resume_after)
        if not await self._read(is_noting):
            await self._write(keep_noting, None)
        start = await self._read(lambda session: open_log(session, token))
        log = ChangeLog(
            database="memory" if self._path is None else self._path.stem,
            collection=collection,
            looks_up=full_document == "updateLookup",
        )
        with self._jobs.watching():
            stream = self._stream(start, log, through)
            try:
                yield stream
            finally:
                stream.close()

    async def create_index(self, collection: str, index: Index) -> None:
        await self._write(lambda session: create_index(session, collection, index), None)
        if index.expire_after is not None:
            self._expiry.start()

    async def indexes(self, collection: str) -> list[Index]:
        check_collection_name(collection)
        return await self._read(lambda session: list_indexes(session, collection))

    async def drop_index(self, collection: str, name: str) -> None:
        check_collection_name(collection)
        await self._write(lambda session: drop_index(session, collection, name), None)

    async def collections(self) -> list[str]:
        return await self._read(list_collections)

    async def drop_collection(self, collection: str) -> None:
        check_collection_name(collection)
        await self._write(lambda session: drop_collection(session, collection), None)

    async def describe(self) -> StoreDescription:
        return await self._read(lambda session: describe(session, self._path))

    async def delete_expired(self) -> None:
        """Deletes the documents whose time is up by an index with `expire_after`.

        An open store does so when it is opened, when such an index is made, and every minute.
        """
        moment = now()
        while await self._write(lambda session: expire(session, moment), None):
            pass

    async def backup(self, path: Path) -> None:
        """Writes a copy of this moment to a new file while others read and write.

        The copy comes into being whole, at the end; of one that is cancelled nothing stays. Raises
        `StoreAccessError` if something is at the path. A store in memory serves nobody else meanwhile.
        """
        target, source, store = _file(path), self._path, self.name
        if source is None:
            await self._read(lambda session: copy_to(session.connection, target, store))
        else:
            await self._jobs.run_beside(lambda waiting: copy_file(source, target, store, waiting))

    async def compact(self) -> int:
        """Gives the space of deleted documents back; returns how many bytes the file lost.

        The whole file is written anew, for which as much space again is needed. Meanwhile others read, and
        writes wait, however long it takes; of one that is cancelled nothing is done. A store in memory serves
        nobody else meanwhile.
        """
        source = self._path
        if source is None:
            return await self._write(lambda session: compact(session.connection), None)
        return await self._jobs.run_alone(lambda waiting: compact_file(source, waiting))

    async def verify(self) -> list[str]:
        """What is wrong with the file: nothing, or a sentence for each fault, up to 100 of them.

        Every document and every index entry is read, while others read and write; a store in memory serves nobody else
        meanwhile.
        """
        source = self._path
        if source is None:
            return await self._read(verify)
        return await self._jobs.run_beside(lambda waiting: verify_file(source, waiting))

    async def aclose(self) -> None:
        """Waits for the work in flight, undoes open transactions, then closes; closing twice is no error."""
        self._expiry.stop()
        await self._jobs.close()
        if self._stop.alive:
            await self._jobs.worker.run(self._sessions.close)
            self._stop()

    def _stream(self, start: ResumeToken, log: ChangeLog, through: Through) -> SqliteChangeStream:
        return SqliteChangeStream(
            start,
            advance=lambda position, seen: self._read(
                lambda session: log.step(session, position, seen)
            ),
            renew=lambda: self._write(keep_noting, None),
            changed=lambda: self._jobs.changed,
            through=through,
            poll_seconds=self._watch_interval,
        )

    async def _read(self, job: Callable[[Session], Result]) -> Result:
        sessions = self._sessions
        return await self._jobs.run(lambda: job(sessions.main))

    async def _write(
        self, job: Callable[[Session], Result], options: OperationOptions | None
    ) -> Result:
        sessions = self._sessions
        context = copy_context()  # the clock that a write reads is the caller's
        is_full = waits_for_disk(options)

        def write() -> Result:
            sessions.check_place()
            if not is_full:
                return context.run(job, sessions.main)
            with sessions.main.durably():
                return context.run(job, sessions.main)

        try:
            return await self._jobs.run(write, waits_for_turn=True)
        finally:
            self._jobs.announce()


_EXPIRY_PAUSE: Final = 60.0

_CAPABILITIES: Final = frozenset(
    {
        Capability.ATOMIC_BATCHES,
        Capability.TRANSACTIONS,
        Capability.WATCH,
        Capability.MAINTENANCE,
    }
)


def _file(path: str | Path) -> Path:
    # a later change of the working directory must not move the file
    return Path(path).absolute()
