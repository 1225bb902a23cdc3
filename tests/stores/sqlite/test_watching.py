import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from bson import Int64, Timestamp
from pymongo.errors import DuplicateKeyError, OperationFailure

from earnorm.clock import frozen
from earnorm.errors import StoreClosedError, UnsupportedError
from earnorm.stores import ChangeStream, Delete, Insert, Replace, Update
from earnorm.stores.sqlite import SqliteStore
from earnorm.stores.sqlite import outbox as outbox_module
from earnorm.stores.sqlite.outbox import RETENTION
from earnorm.typing import Document

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


async def next_of(stream: ChangeStream, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(120):
        return [await anext(stream) for _ in range(count)]


def short(event: Document) -> tuple[Any, ...]:
    return event["operationType"], event.get("documentKey", {}).get("_id")


@asynccontextmanager
async def opened(path: Path, **options: Any) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(str(path), name="store", watch_interval=0.005, **options)
    yield store
    await store.aclose()


# events


async def test_changes_are_told_as_mongodb_tells_them(either: SqliteStore) -> None:
    with frozen(NOON):
        async with either.watch("things") as stream:
            await either.insert("things", [{"_id": 1, "name": "Ada"}])
            await either.update("things", {"_id": 1}, {"$set": {"name": "Eve", "a.b": 1}})
            await either.replace("things", {"_id": 1}, {"age": 36})
            await either.delete("things", {"_id": 1})
            inserted, updated, replaced, deleted = await next_of(stream, 4)

    database = "memory" if either.name.endswith("memory") else "store"
    shared = {
        "clusterTime": Timestamp(int(NOON.timestamp()), inserted["clusterTime"].inc),
        "wallTime": NOON,
        "ns": {"db": database, "coll": "things"},
        "documentKey": {"_id": 1},
    }
    assert inserted == {
        **shared,
        "_id": inserted["_id"],
        "operationType": "insert",
        "fullDocument": {"_id": 1, "name": "Ada"},
    }
    assert updated == {
        **shared,
        "_id": updated["_id"],
        "clusterTime": Timestamp(int(NOON.timestamp()), inserted["clusterTime"].inc + 1),
        "operationType": "update",
        "updateDescription": {
            "updatedFields": {"name": "Eve", "a": {"b": 1}},
            "removedFields": [],
            "truncatedArrays": [],
        },
    }
    assert short(replaced) == ("replace", 1)
    assert replaced["fullDocument"] == {"_id": 1, "age": 36}
    assert short(deleted) == ("delete", 1)
    assert "fullDocument" not in deleted
    tokens = [each["_id"]["_data"] for each in (inserted, updated, replaced, deleted)]
    assert tokens == sorted(set(tokens))


async def test_every_way_to_write_is_told(either: SqliteStore) -> None:
    async with either.watch() as stream:
        await either.insert("a", [{"_id": 1}, {"_id": 2}])
        await either.insert("a", [{"_id": 3}], ordered=False)
        await either.update("a", {}, {"$set": {"n": 1}})
        await either.update("a", {"_id": 4}, {"$set": {"n": 1}}, upsert=True)
        await either.replace("a", {"_id": 5}, {}, upsert=True)
        await either.find_one_and_update("a", {"_id": 1}, [{"$set": {"n": 2}}])
        await either.find_one_and_replace("a", {"_id": 1}, {"n": 3})
        await either.find_one_and_delete("a", {"_id": 1})
        await either.bulk(
            "b",
            [
                Insert(document={"_id": 1}),
                Update(filter={"_id": 1}, update={"$set": {"n": 1}}),
                Replace(filter={"_id": 1}, document={"n": 2}),
                Delete(filter={"_id": 1}),
            ],
        )
        await either.delete("a", {"_id": 2})
        found = await next_of(stream, 16)

    assert [short(each) for each in found] == [
        ("insert", 1),
        ("insert", 2),
        ("insert", 3),
        ("update", 1),
        ("update", 2),
        ("update", 3),
        ("insert", 4),
        ("insert", 5),
        ("update", 1),
        ("replace", 1),
        ("delete", 1),
        ("insert", 1),
        ("update", 1),
        ("replace", 1),
        ("delete", 1),
        ("delete", 2),
    ]


async def test_what_failed_or_changed_nothing_is_not_told(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": 1, "n": 1}])
    async with either.watch("things") as stream:
        await either.update("things", {"_id": 1}, {"$set": {"n": 1}})
        await either.replace("things", {"_id": 1}, {"_id": 1, "n": 1})
        with pytest.raises(DuplicateKeyError):
            await either.insert("things", [{"_id": 2}, {"_id": 1}])
        with pytest.raises(OperationFailure):
            await either.insert("things", [{"_id": 1}, {"_id": 3}], ordered=False)
        await either.insert("others", [{"_id": 9}])
        await either.delete("things", {"_id": 1})
        found = await next_of(stream, 2)

    assert [short(each) for each in found] == [("insert", 3), ("delete", 1)]


async def test_a_transaction_is_told_at_its_commit_in_the_order_of_commits(
    either: SqliteStore,
) -> None:
    async with either.watch("things") as stream:
        transaction = await either.begin()
        await transaction.insert("things", [{"_id": 1}])
        waiting = asyncio.create_task(either.insert("things", [{"_id": 3}]))
        await transaction.update("things", {"_id": 1}, {"$set": {"n": 1}})
        aborted = await either.begin()
        assert await aborted.count("things", {}) == 0
        await transaction.commit()
        await waiting
        with pytest.raises(OperationFailure):
            await aborted.insert("things", [{"_id": 2}])
        found = await next_of(stream, 3)

    assert [short(each) for each in found] == [("insert", 1), ("update", 1), ("insert", 3)]


async def test_the_document_is_looked_up_on_request(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": 1}, {"_id": 2}])
    async with either.watch("things", full_document="updateLookup") as stream:
        await either.update("things", {}, {"$set": {"n": 1}})
        await either.update("things", {"_id": 1}, {"$set": {"m": 2}})
        await either.delete("things", {"_id": 2})
        found = await next_of(stream, 3)

    assert [each["fullDocument"] for each in found] == [
        {"_id": 1, "n": 1, "m": 2},
        None,
        {"_id": 1, "n": 1, "m": 2},
    ]


async def test_stages_choose_and_reshape_events(either: SqliteStore) -> None:
    pipeline: list[dict[str, Any]] = [
        {"$match": {"operationType": "insert", "fullDocument.n": {"$gt": 1}}},
        {"$project": {"fullDocument": 1}},
        {"$addFields": {"double": {"$multiply": ["$fullDocument.n", 2]}}},
    ]
    async with either.watch("things", pipeline=pipeline) as stream:
        await either.insert("things", [{"_id": n, "n": n} for n in range(4)])
        found = await next_of(stream, 2)

    assert [(each["fullDocument"]["_id"], each["double"]) for each in found] == [(2, 4), (3, 6)]
    assert all(set(each) == {"_id", "fullDocument", "double"} for each in found)


async def test_stages_that_a_stream_cannot_have_are_refused(either: SqliteStore) -> None:
    with pytest.raises(OperationFailure, match=r"\$group is not allowed"):
        async with either.watch("things", pipeline=[{"$group": {"_id": None}}]):
            pass
    with pytest.raises(UnsupportedError):
        async with either.watch("things", full_document="required"):  # type: ignore[arg-type]  # on purpose
            pass
    async with either.watch("things", pipeline=[{"$project": {"_id": 0}}]) as stream:
        await either.insert("things", [{"_id": 1}])
        with pytest.raises(OperationFailure, match="resume token") as caught:
            await next_of(stream, 1)
        assert caught.value.code == 280


async def test_a_dropped_collection_ends_its_stream_and_not_that_of_all(
    either: SqliteStore,
) -> None:
    await either.insert("things", [{"_id": 1}])
    async with either.watch("things") as stream, either.watch() as of_all:
        await either.drop_collection("things")
        await either.drop_collection("nothing")
        await either.insert("things", [{"_id": 2}])
        found = [each async for each in stream]
        told_of_all = await next_of(of_all, 2)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        token = stream.resume_token

    assert [each["operationType"] for each in found] == ["drop", "invalidate"]
    assert [each["operationType"] for each in told_of_all] == ["drop", "insert"]
    with pytest.raises(OperationFailure, match="was dropped there") as caught:
        async with either.watch("things", resume_after=token):
            pass
    assert caught.value.code == 260


# waiting


async def test_who_waits_is_woken_by_a_change(either: SqliteStore) -> None:
    async with either.watch("things") as stream:
        waiting = asyncio.create_task(next_of(stream, 1))
        await asyncio.sleep(0)
        await either.insert("others", [{"_id": 0}])
        assert not waiting.done()

        await either.insert("things", [{"_id": 1}])

        assert [short(each) for each in await waiting] == [("insert", 1)]


async def test_a_wait_that_was_cancelled_loses_nothing(either: SqliteStore) -> None:
    async with either.watch("things") as stream:
        for number in range(20):
            waiting = asyncio.create_task(next_of(stream, 1))
            for _ in range(number % 5):
                await asyncio.sleep(0)
            inserting = asyncio.create_task(either.insert("things", [{"_id": number}]))
            for _ in range(number % 7):
                await asyncio.sleep(0)
            if not waiting.cancel():
                found = waiting.result()
            else:
                await asyncio.gather(waiting, return_exceptions=True)
                found = await next_of(stream, 1) if waiting.cancelled() else waiting.result()
            await inserting
            assert [short(each) for each in found] == [("insert", number)]


async def test_two_tasks_get_different_changes(either: SqliteStore) -> None:
    async with either.watch("things") as stream:
        tasks = [asyncio.create_task(next_of(stream, 5)) for _ in range(2)]
        await either.insert("things", [{"_id": n} for n in range(10)])
        found = [each for task in tasks for each in await task]

    assert sorted(each["documentKey"]["_id"] for each in found) == list(range(10))


async def test_leaving_the_block_ends_the_stream(either: SqliteStore) -> None:
    async with either.watch("things") as stream:
        await either.insert("things", [{"_id": 1}])

    assert [each async for each in stream] == []


async def test_a_closed_store_ends_those_who_wait(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store", watch_interval=60)
    async with store.watch("things") as stream:
        waiting = asyncio.create_task(next_of(stream, 1))
        assert await store.count("things", {}) == 0
        await store.aclose()

        with pytest.raises(StoreClosedError):
            await waiting


async def test_more_changes_than_are_read_at_once_come_all(either: SqliteStore) -> None:
    async with either.watch("things") as stream:
        for start in range(0, 1_000, 250):
            await either.insert("things", [{"_id": start + n} for n in range(250)])
            await either.insert("others", [{"_id": start + n} for n in range(250)])
        found = await next_of(stream, 1_000)

    assert [each["documentKey"]["_id"] for each in found] == list(range(1_000))


# going on


async def test_a_stream_goes_on_where_it_was_left_also_in_another_store(path: Path) -> None:
    async with opened(path) as store:
        async with store.watch("things") as stream:
            beginning = stream.resume_token
            await store.insert("things", [{"_id": n} for n in range(5)])
            first = await next_of(stream, 2)
            assert stream.resume_token == first[-1]["_id"]
        await store.delete("things", {"_id": 0})

    async with opened(path) as store:
        async with store.watch("things", resume_after=first[-1]["_id"]) as stream:
            rest = await next_of(stream, 4)
        async with store.watch("things", resume_after=beginning) as stream:
            everything = await next_of(stream, 6)

    assert [short(each) for each in rest] == [
        ("insert", 2),
        ("insert", 3),
        ("insert", 4),
        ("delete", 0),
    ]
    assert everything == [*first, *rest]


async def test_the_token_of_a_quiet_stream_moves_on_with_the_file(path: Path) -> None:
    async with opened(path) as store, store.watch("quiet") as stream:
        before = stream.resume_token
        waiting = asyncio.create_task(next_of(stream, 1))
        await store.insert("loud", [{"_id": 1}])
        for _ in range(1_000):
            await store.count("loud", {})
            if stream.resume_token != before:
                break
        after = stream.resume_token
        waiting.cancel()

    assert before is not None
    assert after is not None
    assert after["_data"] > before["_data"]


async def test_changes_of_another_store_are_seen(path: Path) -> None:
    async with opened(path) as one, opened(path) as other, one.watch("things") as stream:
        await other.insert("things", [{"_id": 1}])
        assert [short(each) for each in await next_of(stream, 1)] == [("insert", 1)]
        transaction = await other.begin()
        await transaction.insert("things", [{"_id": 2}])
        await transaction.commit()
        assert [short(each) for each in await next_of(stream, 1)] == [("insert", 2)]


WRITER = """
import asyncio, sys
from earnorm.stores.sqlite import SqliteStore
async def main():
    store = await SqliteStore.open(sys.argv[1], name="store")
    print("ready", flush=True)
    sys.stdin.readline()
    await store.insert("things", [{"_id": n} for n in range(3)])
    await store.aclose()
asyncio.run(main())
"""


@pytest.mark.once
async def test_changes_of_a_process_that_was_there_before_anybody_watched_are_seen(
    path: Path,
) -> None:
    async with opened(path) as store:
        await store.insert("things", [{"_id": -1}])
        writer = subprocess.Popen(  # noqa: ASYNC220  # nobody else waits in this loop
            [sys.executable, "-c", WRITER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        assert writer.stdin is not None
        writer.stdout.readline()
        async with store.watch("things") as stream:
            writer.stdin.write("go\n")
            writer.stdin.flush()
            found = await next_of(stream, 3)
        writer.communicate(timeout=120)

    assert [short(each) for each in found] == [("insert", 0), ("insert", 1), ("insert", 2)]


@pytest.mark.parametrize(
    "token",
    [
        {},
        {"_data": ""},
        {"_data": 1},
        {"_data": "00" * 25},
        {"_data": "zz" * 25},
        {"_data": {"$gt": ""}},
        "text",
        {"_data": "\u0661" * 50},
    ],
)
async def test_what_is_no_token_of_this_file_is_refused(either: SqliteStore, token: Any) -> None:
    with pytest.raises(OperationFailure, match="token") as caught:
        async with either.watch("things", resume_after=token):
            pass

    assert caught.value.code == 260


async def test_a_copy_knows_a_token_that_is_newer_also_after_as_many_changes_of_its_own(
    path: Path, tmp_path: Path
) -> None:
    with frozen(NOON):
        async with opened(path) as store, store.watch("things") as stream:
            await store.insert("things", [{"_id": 1}, {"_id": 2}])
            older = await next_of(stream, 1)
            await store.backup(tmp_path / "copy.db")
            await store.insert("things", [{"_id": 3}])
            newer = await next_of(stream, 2)

    with frozen(NOON + timedelta(hours=1)):
        async with opened(tmp_path / "copy.db") as restored:
            for id in (4, 5, 6):
                with pytest.raises(OperationFailure, match="newer than the file") as caught:
                    async with restored.watch("things", resume_after=newer[-1]["_id"]):
                        pass
                assert caught.value.code == 280
                assert caught.value.has_error_label("NonResumableChangeStreamError")
                await restored.insert("things", [{"_id": id}])
            async with restored.watch("things", resume_after=older[-1]["_id"]) as stream:
                rest = await next_of(stream, 2)
    assert [short(each) for each in rest] == [("insert", 2), ("insert", 4)]


async def test_a_copy_of_before_anybody_watched_knows_no_token(path: Path, tmp_path: Path) -> None:
    async with opened(path) as store:
        await store.insert("things", [{"_id": 0}])
        await store.backup(tmp_path / "copy.db")
        async with store.watch("things") as stream:
            beginning = stream.resume_token
            await store.insert("things", [{"_id": 1}])
            (event,) = await next_of(stream, 1)

    async with opened(tmp_path / "copy.db") as restored:
        await restored.insert("things", [{"_id": 2}])
        for id, token in enumerate((beginning, event["_id"], event["_id"]), 3):
            with pytest.raises(OperationFailure, match="resume token") as caught:
                async with restored.watch("things", resume_after=token):
                    pass
            assert caught.value.code in {280, 286}
            await restored.insert("things", [{"_id": id}])


# what is kept


async def test_nothing_is_noted_before_somebody_watches(path: Path) -> None:
    async with opened(path) as store:
        await store.insert("things", [{"_id": 1}])
        assert await noted(store) == 0
        async with store.watch("things"):
            pass
        await store.insert("things", [{"_id": 2}])
        assert await noted(store) == 1


async def noted(store: SqliteStore) -> int:
    sql = "SELECT count(*) FROM changes"
    (count,) = await store._read(lambda session: session.connection.execute(sql).fetchone())
    return int(count)


async def test_noting_ends_a_day_after_the_last_who_watched(path: Path) -> None:
    async with opened(path) as store:
        with frozen(NOON):
            async with store.watch("things") as stream:
                token = stream.resume_token
        with frozen(NOON + timedelta(hours=23)):
            await store.insert("things", [{"_id": 1}])
            assert await noted(store) == 1
            async with store.watch("things", resume_after=token) as stream:
                (event,) = await next_of(stream, 1)
        with frozen(NOON + timedelta(hours=46)):
            await store.insert("things", [{"_id": 2}])
            assert await noted(store) == 2, "somebody watched an hour less than a day ago"
        with frozen(NOON + timedelta(hours=72)):
            async with store.watch("things", resume_after=event["_id"]) as stream:
                assert [short(each) for each in await next_of(stream, 1)] == [("insert", 2)]
        with frozen(NOON + timedelta(hours=97)):
            await store.insert("things", [{"_id": 3}])
            assert await noted(store) == 0
            with pytest.raises(OperationFailure) as caught:
                async with store.watch("things", resume_after=event["_id"]):
                    pass
            assert caught.value.code == 286
            assert caught.value.has_error_label("NonResumableChangeStreamError")
            await store.insert("things", [{"_id": 4}])
            assert await noted(store) == 1, "the new stream has its changes noted"


async def test_a_stream_that_waits_long_keeps_the_noting_alive(path: Path) -> None:
    async with opened(path) as store:
        with frozen(NOON):
            async with store.watch("things") as stream:
                for hours in range(7, 70, 7):
                    with frozen(NOON + timedelta(hours=hours)):
                        await store.insert("things", [{"_id": hours}])
                        assert [short(each) for each in await next_of(stream, 1)] == [
                            ("insert", hours)
                        ]


async def test_old_changes_are_forgotten_and_who_missed_them_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "MOST_KEPT", 1_500)
    async with opened(path) as store, store.watch("things") as stream:
        beginning = stream.resume_token
        await store.insert("things", [{"_id": n} for n in range(10)])
        await next_of(stream, 1)
        for start in range(10, 4_000, 500):
            await store.insert("things", [{"_id": start + n} for n in range(500)])
        assert 1_500 <= await noted(store) <= 2_500
        with pytest.raises(OperationFailure) as caught:
            async with store.watch("things", resume_after=beginning):
                pass
        assert caught.value.code == 286
        with pytest.raises(OperationFailure) as caught:
            await next_of(stream, 4_000)
        assert caught.value.code == 286


async def test_changes_older_than_a_day_are_forgotten(path: Path) -> None:
    async with opened(path) as store:
        with frozen(NOON):
            async with store.watch("things") as stream:
                token = stream.resume_token
                await store.insert("things", [{"_id": n} for n in range(900)])
        with frozen(NOON + RETENTION - timedelta(minutes=1)):
            async with store.watch("things"):
                await store.insert("things", [{"_id": -1}])
        with frozen(NOON + RETENTION + timedelta(minutes=1)):
            await store.insert("things", [{"_id": 1_000 + n} for n in range(200)])
            assert await noted(store) == 202, "and one that tells what comes before"
            with pytest.raises(OperationFailure) as caught:
                async with store.watch("things", resume_after=token):
                    pass
    assert caught.value.code == 286


# descriptions of updates


@pytest.mark.parametrize(
    ("before", "update", "updated", "removed", "truncated"),
    [
        ({"a": 1, "b": 2}, {"$unset": {"a": 1}}, {}, ["a"], []),
        ({"a": {"b": 1, "c": 2}}, {"$set": {"a.b": 5}}, {"a.b": 5}, [], []),
        ({"a": {"b": 1, "c": 2}}, {"$unset": {"a.b": 1}}, {}, ["a.b"], []),
        ({"a": [1, 2, 3]}, {"$push": {"a": 4}}, {"a.3": 4}, [], []),
        ({"a": [1, 2, 3]}, {"$pop": {"a": 1}}, {}, [], [{"field": "a", "newSize": 2}]),
        (
            {"a": [1, 2, 3]},
            {"$pull": {"a": 1}},
            {"a.0": 2, "a.1": 3},
            [],
            [{"field": "a", "newSize": 2}],
        ),
        ({"a": [{"b": 1}]}, {"$set": {"a.0.b": 2}}, {"a.0.b": 2}, [], []),
        ({"a": [1]}, {"$set": {"a": []}}, {"a": []}, [], []),
        ({"a": {"b": 1}}, {"$set": {"a": [1]}}, {"a": [1]}, [], []),
        ({"a": 1}, {"$set": {"a": Int64(1)}}, {"a": Int64(1)}, [], []),
        (
            {"a": {"b": 1, "c": 2}},
            {"$set": {"a": {"c": 2, "b": 1}}},
            {"a": {"c": 2, "b": 1}},
            [],
            [],
        ),
        ({"a": float("nan"), "b": 1}, {"$set": {"b": 2}}, {"b": 2}, [], []),
        ({"a": 1}, {"$rename": {"a": "b"}}, {"b": 1}, ["a"], []),
    ],
)
async def test_an_update_is_described_by_what_is_different(
    store: SqliteStore,
    before: dict[str, Any],
    update: dict[str, Any],
    updated: dict[str, Any],
    removed: list[str],
    truncated: list[Any],
) -> None:
    await store.insert("things", [{"_id": 1, **before}])
    async with store.watch("things") as stream:
        await store.update("things", {"_id": 1}, update)
        (event,) = await next_of(stream, 1)

    description = event["updateDescription"]
    assert description["updatedFields"] == updated
    assert description["removedFields"] == removed
    assert description["truncatedArrays"] == truncated


@pytest.mark.parametrize("full_document", ["default", "updateLookup"])
async def test_large_changes_are_read_a_few_at_a_time(
    store: SqliteStore, full_document: Literal["default", "updateLookup"]
) -> None:
    large = b"x" * 3_000_000
    steps: list[int] = []
    async with store.watch("things", full_document=full_document) as stream:
        await store.insert("things", [{"_id": n, "large": large} for n in range(6)])
        await store.update("things", {}, {"$set": {"n": 1}})
        async with asyncio.timeout(30):
            async for event in stream:
                steps.append(len(stream._events))
                if event["operationType"] == "update" and event["documentKey"] == {"_id": 5}:
                    break

    assert len(steps) == 12
    # besides the event that is given out
    assert max(steps[:6]) <= 1
    assert max(steps) <= (1 if full_document == "updateLookup" else 5)
