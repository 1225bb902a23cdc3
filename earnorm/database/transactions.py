"""Transactions of one database, and the way of its operations into the one that is running."""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from earnorm.database.commits import Commits
from earnorm.database.store_errors import translate_store_errors
from earnorm.errors import EarnORMError, TransactionError
from earnorm.plugins import Plans
from earnorm.stores import Capability, Documents, Store, Transaction
from earnorm.typing import OperationOptions, Write

__all__ = ["TransactionBlock", "Transactions"]

T = TypeVar("T")


class Transactions:
    """Says where a database's operations go: to the store, or into the transaction of the running task."""

    def __init__(self, store: Store) -> None:
        self.store = store
        # asyncio itself refers to its tasks weakly
        self._outside: set[asyncio.Task[None]] = set()
        # who had a conflict in `together` tries again when it is his turn
        self._turn = asyncio.Lock()

    @property
    def documents(self) -> Documents:
        """The transaction of the running task if it has one, else the store.

        Raises `TransactionError` in a task that was started inside a transaction which still runs: one
        task at a time uses a transaction.
        """
        running = self._running()
        return self.store if running is None else running.transaction

    @property
    def is_open(self) -> bool:
        """Whether the running task is inside a transaction of this database."""
        return self._running() is not None

    @property
    def info(self) -> dict[object, Any] | None:
        """What plugins keep for the time of the transaction of the running task; None outside of one."""
        running = self._running()
        return None if running is None else running.info

    def begin(self, options: OperationOptions | None) -> "TransactionBlock":
        """A block that is one transaction."""
        return TransactionBlock(self, options)

    async def retry(self, work: Callable[[], Awaitable[T]], options: OperationOptions | None) -> T:
        """What `work` returns, done in a transaction that begins anew after each conflict.

        As the drivers' convenient API does (MongoDB's specification of transactions): for up to 120
        seconds, after pauses that grow and differ.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + MOST_SECONDS
        pause = _FIRST_PAUSE
        while True:
            block = TransactionBlock(self, options, deadline=deadline)
            try:
                async with block:
                    return await work()
            except EarnORMError as error:
                is_over = block.is_committed or loop.time() + pause > deadline
                if is_over or not _has_label(error, _TRANSIENT):
                    raise
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # no secret
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    async def together(
        self, work: Callable[[], Awaitable[T]], options: OperationOptions | None = None
    ) -> T:
        """What `work` returns, done in a transaction of its own, if the store has them and none runs here.

        It begins anew after a conflict. Those of this process that had one take turns, since writers that only
        wait and try again would be in each other's way all the time.
        """
        if self.is_open or Capability.TRANSACTIONS not in self.store.capabilities:
            return await work()
        if not self._turn.locked():
            block = self.begin(options)
            try:
                async with block:
                    return await work()
            except EarnORMError as error:
                if block.is_committed or not _has_label(error, _TRANSIENT):
                    raise
        async with self._turn:
            return await self.retry(work, options)

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Runs a coroutine function in a task of its own which belongs to the transaction of the running one.

        It ends before the transaction does, also when nobody waits for it.
        """
        running = self._running()
        if running is None:
            task = _begin(work())
            self._outside.add(task)
            task.add_done_callback(self._outside.discard)
            return
        context = copy_context()
        task = asyncio.get_running_loop().create_task(work(), context=context)
        others = [place for place in _places.get() if place.running is not running]
        context.run(_places.set, (*others, _Place(running=running, task=task)))
        running.tasks.add(task)
        task.add_done_callback(running.finished)

    async def conclude(
        self, writes: Iterable[tuple[Plans, Write]], after: Coroutine[Any, Any, None]
    ) -> None:
        """Runs the hooks after writes, and tells the plugins that wait for the commit, at once or when it comes."""
        told = [(plans, write) for plans, write in writes if plans.watch_commits]
        if not told:
            await after
            return
        running = self._running()
        commits = Commits() if running is None else running.commits
        for plans, write in told:
            commits.add(plans, write)
        try:
            await after
        finally:
            if running is None:
                await commits.after_commit()

    def on_abort(self, undo: Callable[[], None]) -> None:
        """Notes what is to be undone in memory if the running transaction, if any, comes to nothing."""
        running = self._running()
        if running is not None:
            running.undo.append(undo)

    def _running(self) -> "_Running | None":
        for place in _places.get():
            if place.running.owner is self and not place.running.ended:
                if place.task is not asyncio.current_task():
                    raise TransactionError(
                        "a task that was started inside a transaction uses the database while that "
                        "transaction runs, and one task at a time may. Await the work in the block "
                        "itself instead of gather() or a task, or start the task after the block."
                    )
                return place.running
        return None


def _begin(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task that does the work; where Python can, it has begun already, which saves a turn of the loop."""
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
    return asyncio.ensure_future(work)


class TransactionBlock:
    """`async with` it: what is written inside happens together when the block ends, or not at all.

    When the block raises, its writes are undone, and the instances that it saved or deleted are to the
    mapper what they were before; their values stay.
    """

    def __init__(
        self,
        transactions: Transactions,
        options: OperationOptions | None,
        *,
        deadline: float | None = None,
    ) -> None:
        self._transactions = transactions
        self._options = options
        self._deadline = deadline
        self._running: _Running | None = None
        self.is_committed = False
        """Whether it was: what a plugin raises after that is no reason to do it again."""

    async def __aenter__(self) -> Self:
        transactions = self._transactions
        if transactions.is_open:
            raise TransactionError(
                "a transaction of this database runs in this task already, and transactions do not nest. "
                "Leave this block out: what it does belongs to the outer one."
            )
        with translate_store_errors(transactions.store.name):
            transaction = await transactions.store.begin(options=self._options)
        self._running = _Running(owner=transactions, transaction=transaction)
        task = asyncio.current_task()
        _places.set((*_others(transactions), _Place(running=self._running, task=task)))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        running = self._running
        if running is None:
            return
        failure = error
        try:
            await running.settle()
            if error is None:
                await running.commits.before_commit()
                await running.settle()
                await self._commit(running)
                self.is_committed = True
        except BaseException as fault:
            failure = fault
            await _abort(running, fault)
            raise
        else:
            if error is not None:
                await _abort(running, error)
        finally:
            running.ended = True
            _places.set(tuple(_others(self._transactions)))
            if failure is not None:
                await _tell_of_rollback(running, failure)
        if failure is None:
            await running.commits.after_commit()

    async def _commit(self, running: "_Running") -> None:
        """Commits, and again while the store cannot say whether it did."""
        deadline = self._deadline or asyncio.get_running_loop().time() + MOST_SECONDS
        task = asyncio.ensure_future(_commit_surely(running.transaction, deadline))
        try:
            await _wait_surely({task})
        except asyncio.CancelledError:
            # What the caller's instances know depends on how it ended.
            if task.exception() is None:
                running.undo.clear()
            raise
        try:
            with translate_store_errors(self._transactions.store.name):
                task.result()
        except EarnORMError as error:
            if _has_label(error, _UNKNOWN):
                error.add_note(_UNCERTAIN)
            raise


MOST_SECONDS: Final = 120.0
"""How long a transaction is tried again, by MongoDB's specification of the convenient API."""

_TRANSIENT = "TransientTransactionError"
_UNKNOWN = "UnknownTransactionCommitResult"
_EXPIRED: Final = 50  # MaxTimeMSExpired: the commit had the time that it was given
_UNCERTAIN = (
    "Whether the transaction was committed is unknown. The instances are taken for what they were before it: look "
    "into the database, or reload them."
)
_FIRST_PAUSE: Final = 0.005
_GROWTH: Final = 1.5
_LONGEST_PAUSE: Final = 0.5


@dataclass(slots=True, kw_only=True, eq=False)
class _Running:
    """A transaction that has begun, the tasks that work in it, and what is undone with it."""

    owner: Transactions
    transaction: Transaction
    undo: list[Callable[[], None]] = field(default_factory=list)
    tasks: set["asyncio.Task[Any]"] = field(default_factory=set)
    commits: Commits = field(default_factory=Commits)
    info: dict[object, Any] = field(default_factory=dict)
    ended: bool = False

    def finished(self, task: "asyncio.Task[Any]") -> None:
        """Takes note of the end of one of its tasks."""
        self.tasks.discard(task)
        if not task.cancelled():
            # who was cancelled meanwhile does not ask for it, and the transaction is undone anyhow
            task.exception()

    async def settle(self) -> None:
        """Waits for the work that was begun and that nobody waits for any longer."""
        await _wait_surely(self.tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A transaction as one task sees it."""

    running: _Running
    task: "asyncio.Task[Any] | None"


# the transactions of a task, one for each database; a child task inherits them, and may not use them
_places: ContextVar[tuple[_Place, ...]] = ContextVar("earnorm_transactions", default=())


def _others(transactions: Transactions) -> list[_Place]:
    return [place for place in _places.get() if place.running.owner is not transactions]


async def _commit_surely(transaction: Transaction, deadline: float) -> None:
    loop = asyncio.get_running_loop()
    pause = _FIRST_PAUSE
    while True:
        try:
            await transaction.commit()
        except Exception as error:
            is_over = getattr(error, "code", None) == _EXPIRED or loop.time() + pause > deadline
            if is_over or not _has_label(error, _UNKNOWN):
                raise
        else:
            return
        await asyncio.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)


async def _abort(running: _Running, cause: BaseException) -> None:
    task = asyncio.ensure_future(running.transaction.abort())
    try:
        await _wait_surely({task})
    finally:
        while running.undo:
            running.undo.pop()()
        fault = task.exception()
        if fault is not None:
            # the store forgets it by itself, and why it was aborted matters more
            cause.add_note(f"The transaction could not be aborted: {fault}")


async def _tell_of_rollback(running: _Running, cause: BaseException) -> None:
    try:
        await running.commits.after_rollback()
    except Exception as error:  # noqa: BLE001 # why it was undone matters more
        cause.add_note(f"A plugin failed when it was told: {error!r}")


async def _wait_surely(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Waits for all of these however often the caller is cancelled, and passes that on afterwards."""
    cancelled: asyncio.CancelledError | None = None
    while pending := {task for task in tasks if not task.done()}:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _has_label(error: BaseException, label: str) -> bool:
    """Whether a store's error, or ours that tells of one, carries the label."""
    if label in getattr(error, "labels", ()):
        return True
    has_error_label = getattr(error, "has_error_label", None)
    return bool(has_error_label is not None and has_error_label(label))
