import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from earnorm.errors import StoreBusyError, StoreClosedError, WrongEventLoopError
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index


async def ids(store: SqliteStore) -> list[Any]:
    return [each["_id"] async for batch in store.find("things", {}) for each in batch]


async def test_documents_are_there_when_the_file_is_opened_again(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="first", synchronous="FULL")
    await store.create_index("things", Index(fields=(("a", 1),), unique=True))
    await store.insert("things", [{"_id": 1, "a": 1}])
    await store.aclose()

    again = await SqliteStore.open(str(path), name="second")
    assert again.name == "second"
    assert await ids(again) == [1]
    with pytest.raises(DuplicateKeyError):
        await again.insert("things", [{"_id": 2, "a": 1}])
    await again.aclose()


async def test_stores_in_memory_are_apart() -> None:
    one = await SqliteStore.open(None, name="sqlite://")
    other = await SqliteStore.open(None, name="sqlite://")
    await one.insert("things", [{"_id": 1}])

    assert await ids(one) == [1]
    assert await ids(other) == []
    await one.aclose()
    await other.aclose()


async def test_a_closed_store_says_so(store: SqliteStore) -> None:
    stream = store.find("things", {})
    await store.aclose()
    await store.aclose()

    for operation in (
        store.insert("things", [{"_id": 1}]),
        store.count("things", {}),
        store.delete("things", {}),
        store.indexes("things"),
        anext(stream),
    ):
        with pytest.raises(StoreClosedError, match="is closed"):
            await operation


async def test_a_stream_that_was_begun_ends_in_an_error_when_the_store_is_closed(
    store: SqliteStore,
) -> None:
    await store.insert("things", [{"_id": n} for n in range(600)])
    stream = store.find("things", {})
    await anext(stream)
    await store.aclose()

    with pytest.raises(StoreClosedError):
        await anext(stream)


async def test_closing_waits_for_the_work_in_flight(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store")
    work = [asyncio.create_task(store.insert("things", [{"_id": n}])) for n in range(200)]
    await asyncio.sleep(0)

    await asyncio.gather(store.aclose(), store.aclose())

    assert all(task.done() and task.exception() is None for task in work)
    again = await SqliteStore.open(str(path), name="store")
    assert await again.count("things", {}) == 200
    await again.aclose()


async def test_closing_ends_the_thread_and_the_files_beside_the_store(path: Path) -> None:
    before = threading.active_count()
    store = await SqliteStore.open(str(path), name="store")
    await store.insert("things", [{"_id": 1}])
    assert threading.active_count() == before + 1

    await store.aclose()

    assert threading.active_count() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_a_cancelled_write_is_done_whole_or_not_at_all(store: SqliteStore) -> None:
    for attempt in range(30):
        documents = [{"_id": (attempt * 1_000) + n} for n in range(300)]
        task = asyncio.create_task(store.insert("things", documents))
        for _ in range(attempt % 4):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert await store.count("things", {}) % 300 == 0
    await store.insert("things", [{"_id": -1}])
    assert await store.count("things", {"_id": -1}) == 1


async def test_a_write_that_was_cancelled_before_its_turn_is_left_out(store: SqliteStore) -> None:
    gate = threading.Event()
    blocking = asyncio.create_task(store._read(lambda session: gate.wait(30)))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(store.insert("things", [{"_id": 1}]))
    await asyncio.sleep(0)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    gate.set()
    await blocking

    assert await ids(store) == []


async def test_no_error_in_the_thread_leaves_its_waiter_waiting(store: SqliteStore) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        async with asyncio.timeout(30):
            await store._read(lambda session: next(iter(())))


async def test_many_tasks_use_one_store_at_once(store: SqliteStore) -> None:
    await store.insert("things", [{"_id": 0, "n": 0}])

    await asyncio.gather(
        *(store.update("things", {"_id": 0}, {"$inc": {"n": 1}}) for _ in range(100)),
        *(store.insert("things", [{"_id": n}]) for n in range(1, 101)),
    )

    assert await store.count("things", {"n": 100}) == 1
    assert await store.count("things", {}) == 101


def test_another_event_loop_is_refused(path: Path) -> None:
    async def opened() -> SqliteStore:
        return await SqliteStore.open(str(path), name="sqlite:///mine.db")

    async def used(store: SqliteStore) -> None:
        with pytest.raises(WrongEventLoopError, match="mine.db"):
            await store.insert("things", [{"_id": 1}])
        with pytest.raises(WrongEventLoopError, match="mine.db"):
            await anext(store.find("things", {}))
        await store.aclose()  # the one thing that may still be done

    store = asyncio.run(opened())
    asyncio.run(used(store))


def test_a_loop_that_ends_in_the_middle_of_a_write_loses_nothing_of_it(path: Path) -> None:
    async def begun() -> SqliteStore:
        store = await SqliteStore.open(str(path), name="store")
        begun.task = asyncio.ensure_future(  # type: ignore[attr-defined]  # only to keep it alive
            store.insert("things", [{"_id": n} for n in range(3_000)])
        )
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return store

    async def counted() -> int:
        store = await SqliteStore.open(str(path), name="store")
        count = await store.count("things", {})
        await store.aclose()
        return count

    store = asyncio.run(begun())
    asyncio.run(store.aclose())

    assert asyncio.run(counted()) in (0, 3_000)


PROGRAM = """
import asyncio, sys
from earnorm.stores.sqlite import SqliteStore
async def main():
    global store
    store = await SqliteStore.open(sys.argv[1], name="store")
    await store.insert("things", [{"_id": n} for n in range(100)])
asyncio.run(main())
"""


def test_a_program_that_forgets_to_close_ends_all_the_same(path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", PROGRAM, str(path)]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_a_lock_of_another_process_is_waited_for(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    writing = asyncio.create_task(store.insert("things", [{"_id": 1}]))
    assert await ids(store) == [], "readers go on"
    assert not writing.done()
    other.execute("ROLLBACK")
    await writing

    assert await ids(store) == [1]
    other.close()
    await store.aclose()


async def test_closing_waits_for_a_write_that_waits_for_a_lock(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(store.insert("things", [{"_id": 1}]))
    assert await ids(store) == []
    closing = asyncio.create_task(store.aclose())
    await asyncio.sleep(0)

    other.execute("ROLLBACK")
    other.close()
    await asyncio.gather(writing, closing)

    again = await SqliteStore.open(str(path), name="store")
    assert await ids(again) == [1]
    await again.aclose()


async def test_a_lock_that_is_held_too_long_is_an_error(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="sqlite:///mine.db", busy_timeout=0.02)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreBusyError, match=r"mine\.db locked for more than 0\.02 seconds"):
        await store.insert("things", [{"_id": 1}])

    other.close()
    await store.insert("things", [{"_id": 2}])
    assert await ids(store) == [2]
    await store.aclose()


async def test_what_another_store_makes_in_the_same_file_is_seen(path: Path) -> None:
    one = await SqliteStore.open(str(path), name="one")
    other = await SqliteStore.open(str(path), name="other")
    assert await one.count("things", {}) == 0

    await other.insert("things", [{"_id": 1, "email": "a"}])
    assert await ids(one) == [1]
    await other.create_index("things", Index(fields=(("email", 1),), unique=True))
    with pytest.raises(DuplicateKeyError, match="email_1"):
        await one.insert("things", [{"_id": 2, "email": "a"}])
    with pytest.raises(DuplicateKeyError, match="email_1"):
        await one.insert("things", [{"_id": 3, "email": "b"}, {"_id": 2, "email": "a"}])
    await one.insert("things", [{"_id": 4, "email": "d"}])
    assert await other.count("things", {"email": "d"}) == 1
    await other.drop_index("things", "email_1")
    assert await one.count("things", {"email": "a"}) == 1
    await one.insert("things", [{"_id": 5, "email": "a"}])
    assert await one.indexes("things") == []

    await one.aclose()
    await other.aclose()


async def test_what_another_store_drops_is_gone_and_its_successor_is_another(path: Path) -> None:
    one = await SqliteStore.open(str(path), name="one")
    other = await SqliteStore.open(str(path), name="other")
    await one.insert("things", [{"_id": n} for n in range(1_200)])
    assert await one.count("things", {"_id": 1}) == 1
    stream = one.find("things", {})
    await anext(stream)
    await other.drop_collection("things")
    assert [batch async for batch in one.find("things", {"_id": 1})] == []
    await other.insert("things", [{"_id": 1, "new": True}])

    assert [batch async for batch in one.find("things", {"_id": 1})] == [[{"_id": 1, "new": True}]]
    with pytest.raises(OperationFailure, match="dropped while it was read") as caught:
        await anext(stream)
    assert caught.value.code == 175
    await one.insert("things", [{"_id": 2}])
    assert await ids(other) == [1, 2]
    await one.aclose()
    await other.aclose()


async def test_two_stores_that_make_a_new_file_together_both_open(path: Path) -> None:
    stores = await asyncio.gather(
        *(SqliteStore.open(str(path), name=f"store {n}") for n in range(4))
    )

    await asyncio.gather(*(store.insert(f"c{n}", [{"_id": n}]) for n, store in enumerate(stores)))
    assert [await stores[0].count(f"c{n}", {}) for n in range(4)] == [1, 1, 1, 1]
    for store in stores:
        await store.aclose()


async def test_opening_that_fails_at_its_last_step_leaves_no_thread(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = threading.active_count()

    def fail(session: Any) -> bool:
        raise asyncio.CancelledError

    monkeypatch.setattr("earnorm.stores.sqlite.store.has_expiry", fail)
    with pytest.raises(asyncio.CancelledError) as caught:
        await SqliteStore.open(str(path), name="store")

    # what the traceback refers to is not collected yet
    assert caught.tb is not None
    assert threading.active_count() == before


async def test_opening_that_was_cancelled_leaves_no_thread(path: Path) -> None:
    before = threading.active_count()
    task = asyncio.create_task(SqliteStore.open(str(path), name="store"))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

    assert threading.active_count() == before
