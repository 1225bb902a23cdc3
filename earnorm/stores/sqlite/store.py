"""The store: what a database awaits, over the worker that does it."""

import asyncio
import random
import weakref
from collections.abc import AsyncGenerator, Callable, Sequence
from contextvars import copy_context
from pathlib import Path
from typing import Final, Literal, Self, TypeVar

from earnorm.errors import StoreBusyError, StoreClosedError, WrongEventLoopError
from earnorm.stores.documents import compile_projection
from earnorm.stores.operations import UpdateResult
from earnorm.stores.sqlite.changing import delete, replace
from earnorm.stores.sqlite.changing import update as change
from earnorm.stores.sqlite.identity import identity_key
from earnorm.stores.sqlite.indexing import create_index, drop_index, list_indexes
from earnorm.stores.sqlite.inserting import insert
from earnorm.stores.sqlite.naming import check_collection_name
from earnorm.stores.sqlite.opening import open_session
from earnorm.stores.sqlite.reading import Counting, Finding, get
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.translation import is_busy, translated
from earnorm.stores.sqlite.worker import Worker
from earnorm.typing import Document, Index, MutableDocument, OperationOptions, SortKey

__all__ = ["SqliteStore"]

Result = TypeVar("Result")


class SqliteStore:
    """A store in one SQLite file, or in memory; implements `earnorm.stores.Store`.

    Every write is one transaction. Tasks of the event loop that opened the store may use it side by
    side: their operations run one after the other. Other processes may use the same file.
    """

    def __init__(self, name: str, worker: Worker, session: Session, busy_timeout: float) -> None:
        self._name = name
        self._worker = worker
        self._session = session
        self._busy_timeout = busy_timeout
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        # also runs at exit, so that the work of a store that nobody closed still ends
        self._stop = weakref.finalize(self, worker.stop, session.close)

    @classmethod
    async def open(
        cls,
        path: str | None,
        *,
        name: str,
        synchronous: Literal["NORMAL", "FULL"] = "NORMAL",
        busy_timeout: float = 5.0,
    ) -> Self:
        """The store in the file at `path`, which is made if it is missing; None keeps it in memory.

        `name` is what messages call it. With `NORMAL` a power loss may undo the last writes (never
        half of one), with `FULL` it cannot; a crash of the program loses nothing either way. A lock
        that another process holds is waited for `busy_timeout` seconds.
        """
        worker = Worker(name)
        file = _absolute(path)
        opened: list[Session] = []

        def open_file() -> None:
            opened.append(open_session(file, name, synchronous))

        def close_file() -> None:
            for session in opened:
                session.close()

        try:
            await _patiently(worker, open_file, name, busy_timeout)
        except BaseException:
            # also when the task was cancelled while the worker opened the file all the same
            worker.stop(close_file)
            raise
        return cls(name, worker, opened[0], busy_timeout)

    @property
    def name(self) -> str:
        """What messages call the store."""
        return self._name

    async def insert(
        self,
        collection: str,
        documents: Sequence[Document],
        *,
        options: OperationOptions | None = None,
    ) -> None:
        """Stores all of the documents or none; each must have its `_id`."""
        check_collection_name(collection)
        await self._run(lambda session: insert(session, collection, documents))

    async def replace(
        self,
        collection: str,
        filter: Document,
        document: Document,
        *,
        options: OperationOptions | None = None,
    ) -> UpdateResult:
        """Puts `document` in the place of the first match, keeping `_id`."""
        return await self._run(lambda session: replace(session, collection, filter, document))

    async def update(
        self,
        collection: str,
        filter: Document,
        update: Document,
        *,
        options: OperationOptions | None = None,
    ) -> UpdateResult:
        """Applies `update` to every match, all or none."""
        context = copy_context()  # the clock that $currentDate reads is the caller's
        return await self._run(
            lambda session: context.run(change, session, collection, filter, update)
        )

    async def delete(
        self, collection: str, filter: Document, *, options: OperationOptions | None = None
    ) -> int:
        """Deletes every match, all or none; returns how many."""
        return await self._run(lambda session: delete(session, collection, filter))

    async def find(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        skip: int = 0,
        limit: int | None = None,
        projection: Document | None = None,
        options: OperationOptions | None = None,
    ) -> AsyncGenerator[list[MutableDocument], None]:
        """Yields the matches in batches, whole or projected; nothing is held open in between.

        A document that another task changes meanwhile is yielded in its new form if it still
        matches, and at most once; one that is deleted is left out.
        """
        key = identity_key(filter)
        project = compile_projection(projection) if projection is not None else None
        if key is not None and not skip and limit != 0:
            found = await self._run(lambda session: get(session, collection, key))
            if found is not None:
                yield [found if project is None else project(found)]
            return
        finding = Finding(collection, filter, sort=sort, skip=skip, limit=limit, project=project)
        while not finding.finished:
            batch = await self._run(finding.step)
            if batch:
                yield batch

    async def count(
        self,
        collection: str,
        filter: Document,
        *,
        skip: int = 0,
        limit: int | None = None,
        options: OperationOptions | None = None,
    ) -> int:
        """How many documents match, without the first `skip`, up to `limit`."""
        counting = Counting(collection, filter, skip=skip, limit=limit)
        while not counting.finished:
            await self._run(counting.step)
        return counting.counted

    async def create_index(self, collection: str, index: Index) -> None:
        """Builds the index over what is stored; one that exists alike is left as it is."""
        await self._run(lambda session: create_index(session, collection, index))

    async def indexes(self, collection: str) -> list[Index]:
        """The indexes of a collection, that of `_id` left out."""
        return await self._run(lambda session: list_indexes(session, collection))

    async def drop_index(self, collection: str, name: str) -> None:
        """Drops an index; one that does not exist is no error."""
        await self._run(lambda session: drop_index(session, collection, name))

    async def aclose(self) -> None:
        """Waits for the work in flight, then closes; closing twice is no error."""
        self._closed = True
        if asyncio.get_running_loop() is self._loop:
            await self._idle.wait()
        if self._stop.alive:
            await self._worker.run(self._session.close)
            self._stop()

    async def _run(self, job: Callable[[Session], Result]) -> Result:
        if self._closed:
            raise StoreClosedError(self._name)
        if asyncio.get_running_loop() is not self._loop:
            raise WrongEventLoopError(self._name)
        self._running += 1
        self._idle.clear()
        try:
            session = self._session
            return await _patiently(
                self._worker, lambda: job(session), self._name, self._busy_timeout
            )
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()


_FIRST_PAUSE: Final = 0.001
_LONGEST_PAUSE: Final = 0.1


async def _patiently(
    worker: Worker, job: Callable[[], Result], store: str, busy_timeout: float
) -> Result:
    """The job's result; while another process holds a lock, the job is tried again and again."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + busy_timeout
    pause = _FIRST_PAUSE
    while True:
        try:
            return await worker.run(job)
        except Exception as error:
            if not is_busy(error):
                ours = translated(error, store)
                if ours is error:
                    raise
                raise ours from error
            remaining = deadline - loop.time()
            if remaining <= 0:
                raise StoreBusyError(store, seconds=busy_timeout) from error
        # unequal pauses, so that two processes do not meet again and again
        await asyncio.sleep(min(remaining, pause * random.uniform(0.5, 1.0)))  # no secret
        pause = min(pause * 2, _LONGEST_PAUSE)


def _absolute(path: str | None) -> Path | None:
    # a later change of the working directory must not move the file
    return None if path is None else Path(path).absolute()
