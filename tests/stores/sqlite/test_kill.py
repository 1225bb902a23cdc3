"""What was acknowledged survives the death of the program; a batch survives whole or not at all."""

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from earnorm.stores.sqlite import SqliteStore

pytestmark = pytest.mark.once  # SQLite, not Python, is what is killed

BATCH = 200

WRITER = f"""
import asyncio, sys
from itertools import count
from earnorm.stores import Insert, Update
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index

async def main():
    path, begin = sys.argv[1], int(sys.argv[2])
    store = await SqliteStore.open(path, name="store")
    await store.create_index("many", Index(fields=(("batch", 1),)))
    async with store.watch("single"):
        print("ready", flush=True)
    for n in count(begin):
        await store.insert("single", [{{"_id": n}}])
        print("single", n, flush=True)
        await store.insert("many", [{{"_id": n * {BATCH} + k, "batch": n}} for k in range({BATCH})])
        print("batch", n, flush=True)
        await store.update("many", {{"batch": n}}, {{"$set": {{"seen": n}}}})
        print("seen", n, flush=True)
        await store.bulk("bulk", [
            *(Insert(document={{"_id": n * {BATCH} + k, "batch": n}}) for k in range({BATCH})),
            Update(filter={{"batch": n}}, update={{"$set": {{"seen": n}}}}, many=True),
        ])
        print("bulk", n, flush=True)
        transaction = await store.begin()
        await transaction.insert("debits", [{{"_id": n}}])
        await transaction.update("accounts", {{"_id": "from"}}, {{"$inc": {{"n": -1}}}}, upsert=True)
        await transaction.insert("credits", [{{"_id": n}}])
        await transaction.update("accounts", {{"_id": "to"}}, {{"$inc": {{"n": 1}}}}, upsert=True)
        await transaction.commit()
        print("transaction", n, flush=True)

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
    writer.wait(timeout=120)
    # the last line may have been cut by the kill
    whole = [line.split() for line in acknowledged if line.count(" ") == 1]
    return [(kind, int(number)) for kind, number in whole[:-1]]


async def everything(path: Path) -> dict[str, list[dict[str, Any]]]:
    store = await SqliteStore.open(str(path), name="store")
    assert await store.verify() == []
    by_index = await store.count("many", {"batch": {"$gte": 0}})
    found = {
        name: [each async for batch in store.find(name, {}) for each in batch]
        for name in await store.collections()
    }
    await store.aclose()
    assert by_index == len(found["many"]), "the index has an entry for each document"
    return found


def check(found: dict[str, list[dict[str, Any]]], acknowledged: list[tuple[str, int]]) -> None:
    ids = {name: {each["_id"] for each in documents} for name, documents in found.items()}
    assert {n for kind, n in acknowledged if kind == "single"} <= ids["single"]
    for name, kind in (("many", "batch"), ("bulk", "bulk")):
        sizes = Counter(each["batch"] for each in found.get(name, ()))
        assert {n for known, n in acknowledged if known == kind} <= set(sizes)
        assert set(sizes.values()) <= {BATCH}, "no half of a batch"
    seen = {(each["batch"], each.get("seen")) for each in found["many"]}
    assert len(seen) == len({batch for batch, _ in seen}), "no half of an update"
    assert {(n, n) for kind, n in acknowledged if kind == "seen"} <= seen
    assert all(each["seen"] == each["batch"] for each in found.get("bulk", ()))
    credits, debits = ids.get("credits", set()), ids.get("debits", set())
    assert {n for kind, n in acknowledged if kind == "transaction"} <= credits
    assert credits == debits, "no half of a transaction"
    balance = {each["_id"]: each["n"] for each in found.get("accounts", ())}
    assert balance in ({}, {"from": -len(credits), "to": len(credits)})


@pytest.mark.parametrize("rounds", [4, pytest.param(20, marks=pytest.mark.soak)])
def test_a_killed_program_loses_nothing_acknowledged_and_leaves_no_half(
    path: Path, rounds: int
) -> None:
    chance = random.Random(20240501)
    acknowledged: list[tuple[str, int]] = []
    for attempt in range(rounds):
        acknowledged += killed_after(path, attempt * 10_000, chance.randrange(1, 60))

        check(asyncio.run(everything(path)), acknowledged)

        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    kinds = Counter(kind for kind, _ in acknowledged)
    assert min(kinds[kind] for kind in ("single", "batch", "seen", "bulk", "transaction")) > 0
