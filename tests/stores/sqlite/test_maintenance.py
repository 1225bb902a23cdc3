import asyncio
import gc
import os
import sqlite3
import threading
import time
from collections.abc import Coroutine
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import bson
import pytest
from pymongo.errors import DuplicateKeyError

from earnorm.errors import StoreAccessError, StoreClosedError, StoreCorruptError
from earnorm.stores.sqlite import SqliteStore, backing_up, compacting, opening, verifying
from earnorm.stores.sqlite.beside import Abandoned, Waiting
from earnorm.typing import Index


async def everything(store: SqliteStore) -> list[dict[str, Any]]:
    return [each async for batch in store.find("things", {}) for each in batch]


def sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


async def made(path: Path, count: int = 100) -> SqliteStore:
    store = await SqliteStore.open(str(path), name="store")
    await store.create_index("things", Index(fields=(("n", 1),), unique=True))
    await store.create_index("things", Index(fields=(("tags", 1), ("n", -1))))
    await store.create_index("things", Index(fields=(("a", 1),), partial={"b": 1}))
    await store.insert(
        "things", [{"_id": n, "n": n, "tags": [n, -n], "b": 1} for n in range(count)]
    )
    return store


# copies


async def test_a_copy_is_a_store_of_its_own(either: SqliteStore, tmp_path: Path) -> None:
    await either.create_index("things", Index(fields=(("n", 1),), unique=True))
    await either.insert("things", [{"_id": n, "n": n} for n in range(1_000)])

    await either.backup(tmp_path / "copy.db")
    await either.insert("things", [{"_id": -1, "n": -1}])

    copy = await SqliteStore.open(str(tmp_path / "copy.db"), name="copy")
    assert await copy.count("things", {}) == 1_000
    assert await copy.verify() == []
    with pytest.raises(DuplicateKeyError):
        await copy.insert("things", [{"_id": "x", "n": 5}])
    await copy.aclose()
    assert not [each for each in tmp_path.iterdir() if "part" in each.name]


async def test_of_two_copies_to_one_place_at_once_one_is_made(path: Path, tmp_path: Path) -> None:
    store = await made(path, 5_000)
    target = tmp_path / "copy.db"

    ends = await asyncio.gather(*(store.backup(target) for _ in range(4)), return_exceptions=True)

    assert ends.count(None) == 1
    refused = [str(end) for end in ends if isinstance(end, StoreAccessError)]
    assert len(refused) == 3
    assert all("exists already" in message for message in refused), refused
    assert not [each for each in tmp_path.iterdir() if "part" in each.name]
    copy = await SqliteStore.open(str(target), name="copy")
    assert await copy.count("things", {}) == 5_000
    await copy.aclose()
    await store.aclose()


async def test_a_copy_is_of_one_moment_while_others_write(path: Path, tmp_path: Path) -> None:
    store = await made(path, 20_000)
    stop = asyncio.Event()

    async def write() -> int:
        number = 0
        while not stop.is_set():
            number += 1
            await store.update("things", {"_id": {"$in": [0, 19_999]}}, {"$set": {"seen": number}})
        return number

    writing = asyncio.create_task(write())
    for number in range(5):
        await store.backup(tmp_path / f"copy {number}.db")
    stop.set()
    assert await writing > 5, "the worker served writes between"

    for number in range(5):
        copy = await SqliteStore.open(str(tmp_path / f"copy {number}.db"), name="copy")
        found = [
            each.get("seen")
            async for batch in copy.find("things", {"_id": {"$in": [0, 19_999]}})
            for each in batch
        ]
        assert len(set(found)) == 1
        assert await copy.count("things", {}) == 20_000
        await copy.aclose()
    await store.aclose()


@pytest.fixture
def first_check(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when long work first asks whether somebody waits; it then waits to be told that nobody does."""
    asked = threading.Event()

    def check(waiting: Waiting) -> None:
        asked.set()
        while not waiting.is_over:
            time.sleep(0.001)
        raise Abandoned

    monkeypatch.setattr(Waiting, "check", check)
    return asked


async def cancelled(work: Coroutine[Any, Any, Any], begun: threading.Event) -> None:
    """Cancels the work once it has begun, and waits until it is over."""
    task = asyncio.create_task(work)
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_copy_that_is_cancelled_is_over_and_leaves_nothing(
    path: Path, tmp_path: Path, first_check: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backing_up, "_PAGES", 1)
    store = await made(path)
    before = sorted(tmp_path.iterdir())

    await cancelled(store.backup(tmp_path / "copy.db"), first_check)

    assert sorted(tmp_path.iterdir()) == before
    await store.aclose()


async def test_an_aggregation_that_is_cancelled_is_over(
    path: Path, first_check: threading.Event
) -> None:
    store = await made(path)

    async def aggregate() -> None:
        async for _ in store.aggregate("things", [{"$group": {"_id": "$n"}}]):
            pass

    await cancelled(aggregate(), first_check)

    assert await store.count("things", {}) == 100
    await store.aclose()


async def test_nothing_is_logged_of_work_whose_waiter_was_cancelled_twice(
    path: Path, tmp_path: Path, first_check: threading.Event
) -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    store = await made(path)
    task = asyncio.create_task(store.backup(tmp_path / "copy.db"))
    await asyncio.to_thread(first_check.wait, 30)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await store.aclose()
    await asyncio.get_running_loop().shutdown_default_executor()
    del task
    gc.collect()
    assert told == []


async def test_a_verification_that_is_cancelled_is_over(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await made(path, 10_000)
    begun = threading.Event()
    decoded = []

    def decode(encoded: bytes) -> dict[str, Any]:
        begun.set()
        decoded.append(encoded)
        return bson.decode(encoded)

    monkeypatch.setattr(verifying, "decode", decode)
    monkeypatch.setattr(opening, "_INSTRUCTIONS", 100)

    await cancelled(store.verify(), begun)

    assert len(decoded) < 10_000
    await store.aclose()


async def test_a_copy_never_overwrites(either: SqliteStore, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("precious")
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "nowhere")

    for place in (there, link, tmp_path):
        with pytest.raises(StoreAccessError, match="exists already"):
            await either.backup(place)
    with pytest.raises(StoreAccessError, match="no such place' does not exist"):
        await either.backup(tmp_path / "no such place" / "copy.db")

    assert there.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


async def test_of_two_copies_to_one_place_one_is_refused(path: Path, tmp_path: Path) -> None:
    store = await made(path)

    results = await asyncio.gather(
        *(store.backup(tmp_path / "copy.db") for _ in range(2)), return_exceptions=True
    )

    assert sum(result is None for result in results) <= 1
    for result in results:
        assert result is None or isinstance(result, OSError)
    await store.aclose()


async def test_a_copy_has_names_that_are_no_plain_text(tmp_path: Path) -> None:
    odd = tmp_path / "a ?mode=ro#%41 'ü'"
    odd.mkdir()
    store = await made(odd / "sto?re.db")
    await store.backup(odd / "co#py.db")
    transaction = await store.begin()
    assert await transaction.count("things", {}) == 100
    assert await store.verify() == []
    await store.aclose()

    copy = await SqliteStore.open(str(odd / "co#py.db"), name="copy")
    assert await copy.count("things", {}) == 100
    await copy.aclose()


async def test_a_closed_store_is_not_maintained(path: Path, tmp_path: Path) -> None:
    store = await made(path)
    await store.aclose()

    for work in (store.backup(tmp_path / "copy.db"), store.compact(), store.verify()):
        with pytest.raises(StoreClosedError):
            await work


# space


async def test_compacting_gives_the_space_of_deleted_documents_back(path: Path) -> None:
    store = await made(path)
    await store.insert(
        "things", [{"_id": f"x{n}", "n": f"x{n}", "t": "y" * 9_000} for n in range(200)]
    )
    kept = (await store.describe()).details["bytes"]
    await store.delete("things", {"t": {"$exists": True}})

    lost = await store.compact()

    assert lost > 1_000_000
    assert path.stat().st_size == kept - lost
    assert len(await everything(store)) == 100
    assert await store.verify() == []
    assert await store.compact() == 0
    await store.aclose()


async def test_compacting_in_memory_and_beside_readers(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": n, "t": "y" * 9_000} for n in range(200)])
    transaction = await either.begin()
    assert await transaction.count("things", {}) == 200
    await either.delete("things", {})

    assert await either.compact() > 1_000_000

    assert await transaction.count("things", {}) == 200
    await transaction.abort()
    assert await either.count("things", {}) == 0


async def test_compacting_waits_for_a_transaction_that_writes(either: SqliteStore) -> None:
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1}])
    compacting = asyncio.create_task(either.compact())
    assert await either.count("things", {}) == 0
    assert not compacting.done()

    await transaction.commit()
    await compacting

    assert await everything(either) == [{"_id": 1}]


def held_compaction(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Set once a compaction has begun, and to be set for it to go on."""
    begun, go = threading.Event(), threading.Event()

    def slowly(source: Path, waiting: Waiting) -> AbstractContextManager[sqlite3.Connection]:
        begun.set()
        go.wait(30)
        return opening.connected(source, waiting)

    monkeypatch.setattr(compacting, "connected", slowly)
    return begun, go


async def test_others_read_while_a_file_is_compacted_and_writes_wait_for_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = held_compaction(monkeypatch)
    store = await SqliteStore.open(str(path), name="store", busy_timeout=0.01)
    await store.insert("things", [{"_id": 1}])
    work = asyncio.create_task(store.compact())
    await asyncio.to_thread(begun.wait, 30)
    transaction = await store.begin()
    writes = [
        asyncio.create_task(store.insert("things", [{"_id": 2}])),
        asyncio.create_task(transaction.insert("others", [{"_id": 1}])),
    ]

    done, _ = await asyncio.wait(writes, timeout=0.1)
    assert not done, "they wait, for longer than the busy timeout too"
    assert await everything(store) == [{"_id": 1}]
    go.set()
    await work
    await writes[1]
    await transaction.commit()
    await writes[0]

    assert await everything(store) == [{"_id": 1}, {"_id": 2}]
    assert await store.count("others", {}) == 1
    await store.aclose()


async def test_a_compaction_that_is_cancelled_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = held_compaction(monkeypatch)
    monkeypatch.setattr(opening, "_INSTRUCTIONS", 1)
    store = await made(path, 2_000)
    await store.delete("things", {"n": {"$gt": 10}})
    before = (await store.describe()).details
    work = asyncio.create_task(store.compact())
    await asyncio.to_thread(begun.wait, 30)

    work.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert (await store.describe()).details == before
    await store.insert("things", [{"_id": -1, "n": -1}])
    assert await store.verify() == []
    await store.aclose()


# faults


async def test_a_sound_store_has_no_faults(either: SqliteStore) -> None:
    assert await either.verify() == []
    await either.insert("things", [{"_id": n, "tags": [n], "x": None} for n in range(50)])
    await either.create_index("things", Index(fields=(("tags", 1),)))
    async with either.watch():
        await either.update("things", {}, {"$push": {"tags": "x"}})
        await either.delete("things", {"_id": {"$gt": 40}})

    assert await either.verify() == []


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (
            "UPDATE c1 SET doc = x'0102' WHERE rid = 7",
            "the document in row 7 of 'things' cannot be read",
        ),
        ("UPDATE c1 SET k = x'00' WHERE rid = 7", "row 7 of 'things' is not found by its _id"),
        (
            "DELETE FROM i2 WHERE rid = 7",
            "the index 'n_1' of 'things' has no entry for the document in row 7",
        ),
        (
            "INSERT INTO i2 VALUES (x'ff', 999)",
            "the index 'n_1' of 'things' has entries that belong to no document: 1",
        ),
        (
            "UPDATE i3 SET key = key || x'00' WHERE rid = 9",
            "the index 'tags_1_n_-1' of 'things' has no entry",
        ),
        ("UPDATE indexes SET multikey = 0", "does not know that documents have several entries"),
        ("DROP TABLE i4", "the index 'a_1' of 'things' has no table"),
        ("DROP TABLE c1", "the collection 'things' has no table"),
        (
            "INSERT INTO changes (id, at, kind, collection, content) VALUES (1, 0, 'insert', 'things', x'01')",
            "the change 1 cannot be read",
        ),
    ],
)
async def test_a_fault_is_told_in_a_sentence(path: Path, damage: str, fault: str) -> None:
    await (await made(path)).aclose()
    # numbers of tables as they were given: the collection, then its three indexes
    with closing(sqlite3.connect(path)) as connection:
        numbers = dict(connection.execute("SELECT name, id FROM indexes").fetchall())
    for stands_for, name in (("i2", "n_1"), ("i3", "tags_1_n_-1"), ("i4", "a_1")):
        damage = damage.replace(stands_for, f"i{numbers[name]}")
    sql(path, damage)

    store = await SqliteStore.open(str(path), name="store")
    found = await store.verify()
    await store.aclose()

    assert any(fault in each for each in found), found
    assert len(found) <= 100


async def test_damaged_pages_are_told_and_the_file_is_left_as_it_is(path: Path) -> None:
    await (await made(path, 2_000)).aclose()
    content = bytearray(path.read_bytes())
    content[40_960:-8_192] = os.urandom(len(content) - 49_152)
    path.write_bytes(content)

    store = await SqliteStore.open(str(path), name="store")
    found = await store.verify()

    assert 0 < len(found) <= 101
    with pytest.raises(StoreCorruptError):
        await everything(store)
    await store.aclose()


async def test_a_hundred_faults_are_enough(path: Path) -> None:
    await (await made(path, 1_000)).aclose()
    sql(path, "UPDATE c1 SET doc = x'0102'")
    store = await SqliteStore.open(str(path), name="store")

    found = await store.verify()

    assert len(found) == 100
    await store.aclose()
