"""Several processes use one file: each write is of one of them, and none undoes another's."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index

pytestmark = pytest.mark.once  # SQLite, not Python, is what is shared

PROCESSES = 4

PRELUDE = """
import asyncio, json, sys
from pymongo.errors import OperationFailure
from earnorm.stores.sqlite import SqliteStore

async def main():
    store = await SqliteStore.open(sys.argv[1], name="store", busy_timeout=120)
    print(json.dumps(await work(store, int(sys.argv[2]))))
    await store.aclose()
"""

CLAIMING = """
async def work(store, most):
    claimed = []
    while True:
        job = await store.find_one_and_update(
            "jobs", {"taken": False}, {"$set": {"taken": True}}, sort=[("_id", 1)] if len(claimed) % 50 == 0 else ()
        )
        if job is None:
            return claimed
        claimed.append(job["_id"])
"""

COMPARING = """
async def work(store, most):
    won = 0
    for _ in range(most):
        (found,) = [each async for batch in store.find("counters", {"_id": 0}) for each in batch]
        filter = {"_id": 0, "version": found["version"]}
        result = await store.update("counters", filter, {"$inc": {"version": 1}})
        won += result.modified
    return won
"""

TRANSFERRING = """
async def work(store, most):
    conflicts = 0
    for number in range(most):
        while True:
            transaction = await store.begin()
            try:
                (one,) = [each async for batch in transaction.find("accounts", {"_id": 0}) for each in batch]
                await transaction.update("accounts", {"_id": 0}, {"$set": {"n": one["n"] - 1}})
                await transaction.update("accounts", {"_id": 1}, {"$inc": {"n": 1}})
                await transaction.commit()
                break
            except OperationFailure as error:
                assert error.has_error_label("TransientTransactionError"), error
                conflicts += 1
                await transaction.abort()
    return conflicts
"""


def run(path: Path, work: str, most: int, *, processes: int = PROCESSES) -> list[Any]:
    """What each of the processes found, which all did the same work at once."""
    program = f"{PRELUDE}\n{work}\nasyncio.run(main())"
    command = [sys.executable, "-c", program, str(path), str(most)]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    try:
        outputs = [each.communicate(timeout=3_000)[0] for each in started]
    finally:
        for each in started:
            each.kill()
            each.wait()
    assert [each.returncode for each in started] == [0] * processes
    return [json.loads(output) for output in outputs]


def prepared(path: Path, collection: str, documents: list[dict[str, Any]], *fields: str) -> None:
    async def prepare() -> None:
        store = await SqliteStore.open(str(path), name="store")
        for field in fields:
            await store.create_index(collection, Index(fields=((field, 1),)))
        await store.insert(collection, documents)
        await store.aclose()

    asyncio.run(prepare())


def stored(path: Path, collection: str) -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        store = await SqliteStore.open(str(path), name="store")
        found = [each async for batch in store.find(collection, {}) for each in batch]
        assert await store.verify() == []
        await store.aclose()
        return found

    return asyncio.run(read())


LONG = pytest.mark.soak


@pytest.mark.parametrize("jobs", [200, pytest.param(10_000, marks=LONG)])
def test_each_job_is_claimed_once(path: Path, jobs: int) -> None:
    prepared(path, "jobs", [{"_id": n, "taken": False} for n in range(jobs)], "taken")

    claimed = run(path, CLAIMING, jobs)

    assert sorted(job for each in claimed for job in each) == list(range(jobs))
    assert all(each["taken"] for each in stored(path, "jobs"))


@pytest.mark.parametrize("attempts", [200, pytest.param(10_000, marks=LONG)])
def test_who_compares_and_sets_wins_as_often_as_it_seems(path: Path, attempts: int) -> None:
    prepared(path, "counters", [{"_id": 0, "version": 0}])

    won = run(path, COMPARING, attempts // PROCESSES)

    assert stored(path, "counters") == [{"_id": 0, "version": sum(won)}]
    assert sum(won) >= attempts // PROCESSES


@pytest.mark.parametrize("transfers", [40, pytest.param(2_000, marks=LONG)])
def test_transactions_of_several_processes_lose_no_update(path: Path, transfers: int) -> None:
    prepared(path, "accounts", [{"_id": 0, "n": 0}, {"_id": 1, "n": 0}])

    run(path, TRANSFERRING, transfers // PROCESSES)

    assert stored(path, "accounts") == [
        {"_id": 0, "n": -transfers},
        {"_id": 1, "n": transfers},
    ]


LEAVING = """
async def work(store, most):
    await store.insert("things", [{"_id": most}])
    return await store.count("things", {})
"""


async def test_a_file_that_is_opened_twice_in_a_process_keeps_its_locks(path: Path) -> None:
    first = await SqliteStore.open(str(path), name="first")
    second = await SqliteStore.open(str(path), name="second")

    # it is the last to close the file, unless the locks of this process tell it otherwise
    assert run(path, LEAVING, 0, processes=1) == [1]
    await first.insert("things", [{"_id": 1}])
    await second.insert("things", [{"_id": 2}])
    assert run(path, LEAVING, 3, processes=1) == [4]

    assert await first.count("things", {}) == await second.count("things", {}) == 4
    assert await first.verify() == []
    await first.aclose()
    await second.aclose()
