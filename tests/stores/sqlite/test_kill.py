"""What was acknowledged survives the death of the program; a batch survives whole or not at all."""

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from earnorm.stores.sqlite import SqliteStore

pytestmark = pytest.mark.once  # SQLite, not Python, is what is killed

BATCH = 200

WRITER = f"""
import asyncio, sys
from itertools import count
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index

async def main():
    path, begin = sys.argv[1], int(sys.argv[2])
    store = await SqliteStore.open(path, name="store")
    await store.create_index("many", Index(fields=(("batch", 1),)))
    print("ready", flush=True)
    for n in count(begin):
        await store.insert("single", [{{"_id": n}}])
        print("single", n, flush=True)
        await store.insert("many", [{{"_id": n * {BATCH} + k, "batch": n}} for k in range({BATCH})])
        print("batch", n, flush=True)
        await store.update("many", {{"batch": n}}, {{"$set": {{"seen": n}}}})
        print("seen", n, flush=True)

asyncio.run(main())
"""


def killed_after(path: Path, begin: int, lines: int) -> list[tuple[str, int]]:
    """What a writer acknowledged before it was killed at some moment after so many lines."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(begin)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().strip() for _ in range(lines + 1)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += writer.stdout.read().splitlines()
    writer.stdout.close()
    writer.wait(timeout=30)
    # the last line may have been cut by the kill
    whole = [line.split() for line in acknowledged if line.count(" ") == 1]
    return [(kind, int(number)) for kind, number in whole[:-1]]


async def everything(path: Path) -> tuple[set[int], list[dict[str, Any]]]:
    store = await SqliteStore.open(str(path), name="store")
    single = {each["_id"] async for batch in store.find("single", {}) for each in batch}
    many = [each async for batch in store.find("many", {}) for each in batch]
    by_index = await store.count("many", {"batch": {"$gte": 0}})
    await store.aclose()
    assert by_index == len(many), "the index has an entry for each document"
    return single, many


def test_a_killed_program_loses_nothing_acknowledged_and_leaves_no_half_batch(path: Path) -> None:
    chance = random.Random(20240501)
    acknowledged: list[tuple[str, int]] = []
    for attempt in range(6):
        acknowledged += killed_after(path, attempt * 10_000, chance.randrange(1, 60))

        single, many = asyncio.run(everything(path))

        batches: dict[int, list[dict[str, Any]]] = {}
        for document in many:
            batches.setdefault(document["batch"], []).append(document)
        assert {n for kind, n in acknowledged if kind == "single"} <= single
        assert {n for kind, n in acknowledged if kind == "batch"} <= set(batches)
        for number, documents in batches.items():
            assert len(documents) == BATCH
            assert len({document.get("seen") for document in documents}) == 1
            if ("seen", number) in acknowledged:
                assert documents[0]["seen"] == number
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    assert len(acknowledged) > 8


CLAIMER = """
import asyncio, sys
from earnorm.stores.sqlite import SqliteStore

async def main():
    store = await SqliteStore.open(sys.argv[1], name="store", busy_timeout=60)
    won = 0
    for n in range(100):
        claim = await store.update("jobs", {"_id": n, "taken": False}, {"$set": {"taken": True}})
        won += claim.matched
        await store.update("total", {"_id": 0}, {"$inc": {"n": 1}})
    await store.aclose()
    print(won)

asyncio.run(main())
"""


async def prepare(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store")
    await store.insert("jobs", [{"_id": n, "taken": False} for n in range(100)])
    await store.insert("total", [{"_id": 0, "n": 0}])
    await store.aclose()


async def total(path: Path) -> int:
    store = await SqliteStore.open(str(path), name="store")
    counted = await store.count("total", {"n": 300})
    await store.aclose()
    return counted


def test_processes_that_write_to_one_file_never_undo_each_other(path: Path) -> None:
    asyncio.run(prepare(path))

    command = [sys.executable, "-c", CLAIMER, str(path)]
    claimers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    won = [int(claimer.communicate(timeout=60)[0]) for claimer in claimers]

    assert sum(won) == 100
    assert asyncio.run(total(path)) == 1
