import asyncio
import gc
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from earnorm.errors import (
    InvalidDocumentError,
    StoreBusyError,
    StoreClosedError,
    UnsupportedError,
)
from earnorm.stores import Documents
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index, OperationOptions


async def everything(documents: Documents, collection: str = "things") -> list[dict[str, Any]]:
    return [each async for batch in documents.find(collection, {}) for each in batch]


def is_conflict(error: OperationFailure) -> bool:
    return error.code == 112 and error.has_error_label("TransientTransactionError")


async def test_what_a_transaction_writes_is_seen_by_all_once_it_commits(
    either: SqliteStore,
) -> None:
    await either.insert("things", [{"_id": 1, "n": 1}])
    transaction = await either.begin()

    await transaction.insert("things", [{"_id": 2}])
    await transaction.update("things", {"_id": 1}, {"$set": {"n": 2}})
    await transaction.insert("others", [{"_id": 1}])
    assert await everything(transaction) == [{"_id": 1, "n": 2}, {"_id": 2}]
    assert await everything(either) == [{"_id": 1, "n": 1}]
    assert await either.collections() == ["things"]

    await transaction.commit()
    assert await everything(either) == [{"_id": 1, "n": 2}, {"_id": 2}]
    assert await either.collections() == ["others", "things"]


async def test_what_an_aborted_transaction_wrote_is_gone(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": 1}])
    transaction = await either.begin()
    await transaction.delete("things", {})
    await transaction.insert("new", [{"_id": 1}])

    await transaction.abort()
    await transaction.abort()

    assert await everything(either) == [{"_id": 1}]
    assert await either.collections() == ["things"]


async def test_a_transaction_sees_the_moment_of_its_first_operation(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": 1}])
    transaction = await either.begin()
    await either.insert("things", [{"_id": 2}])
    assert await transaction.count("things", {}) == 2

    await either.insert("things", [{"_id": 3}])
    await either.delete("things", {"_id": 1})
    await either.drop_collection("things")
    await either.insert("things", [{"_id": 9}])

    assert await everything(transaction) == [{"_id": 1}, {"_id": 2}]
    await transaction.abort()
    assert await everything(either) == [{"_id": 9}]


async def test_of_two_transactions_that_write_one_wins_and_one_gets_a_conflict(
    either: SqliteStore,
) -> None:
    await either.insert("things", [{"_id": 1, "n": 0}])
    one, other = await either.begin(), await either.begin()
    assert await one.count("things", {}) == await other.count("things", {}) == 1
    await one.update("things", {"_id": 1}, {"$inc": {"n": 1}})

    with pytest.raises(OperationFailure) as caught:
        await other.update("things", {"_id": 1}, {"$inc": {"n": 1}})
    await one.commit()

    assert is_conflict(caught.value)
    assert await everything(either) == [{"_id": 1, "n": 1}]
    with pytest.raises(OperationFailure, match="was aborted") as caught:
        await other.count("things", {})
    assert caught.value.code == 251
    assert caught.value.has_error_label("TransientTransactionError")


async def test_a_transaction_that_read_before_another_wrote_cannot_write(
    either: SqliteStore,
) -> None:
    transaction = await either.begin()
    assert await transaction.count("things", {}) == 0
    await either.insert("things", [{"_id": 1}])

    with pytest.raises(OperationFailure) as caught:
        await transaction.insert("things", [{"_id": 2}])

    assert is_conflict(caught.value)
    assert await everything(either) == [{"_id": 1}]


async def test_a_write_that_changes_nothing_makes_no_conflict(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": 1}])
    transaction = await either.begin()
    assert await transaction.count("things", {}) == 1
    await either.update("things", {"_id": 7}, {"$set": {"n": 1}})

    await transaction.insert("things", [{"_id": 2}])
    await transaction.commit()

    assert await either.count("things", {}) == 2


async def test_transactions_that_are_run_again_after_a_conflict_all_succeed(
    either: SqliteStore,
) -> None:
    await either.insert("things", [{"_id": 1, "n": 0}])

    async def increment() -> int:
        for attempt in range(1_000):
            transaction = await either.begin()
            try:
                (found,) = await everything(transaction)
                await transaction.replace("things", {"_id": 1}, {"_id": 1, "n": found["n"] + 1})
                await transaction.commit()
            except OperationFailure as error:
                if not is_conflict(error):
                    raise
                await transaction.abort()
                await asyncio.sleep(0)
            else:
                return attempt
        raise AssertionError("a transaction never came to its end")

    await asyncio.gather(*(increment() for _ in range(20)))

    assert await everything(either) == [{"_id": 1, "n": 20}]


async def test_a_plain_write_waits_for_the_transaction_that_is_writing(
    either: SqliteStore,
) -> None:
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1}])

    writing = asyncio.create_task(either.insert("things", [{"_id": 2}]))
    assert await everything(either) == [], "readers go on"
    await transaction.insert("things", [{"_id": 3}])
    assert not writing.done()
    await transaction.commit()
    await writing

    assert await everything(either) == [{"_id": 1}, {"_id": 3}, {"_id": 2}]


async def test_a_plain_write_does_not_wait_for_ever(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store", busy_timeout=0.02)
    transaction = await store.begin()
    await transaction.insert("things", [{"_id": 1}])

    with pytest.raises(StoreBusyError, match="a transaction"):
        await store.insert("things", [{"_id": 2}])
    await transaction.commit()

    await store.insert("things", [{"_id": 3}])
    assert await everything(store) == [{"_id": 1}, {"_id": 3}]
    await store.aclose()


async def test_a_transaction_waits_for_the_lock_of_another_process(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    transaction = await store.begin()
    writing = asyncio.create_task(transaction.insert("things", [{"_id": 1}]))
    assert await store.count("things", {}) == 0
    assert not writing.done()

    other.execute("ROLLBACK")
    other.close()
    await writing
    await transaction.commit()

    assert await store.count("things", {}) == 1
    await store.aclose()


async def test_a_lock_that_another_process_keeps_ends_the_transaction(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store", busy_timeout=0.02)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    transaction = await store.begin()

    with pytest.raises(StoreBusyError):
        await transaction.insert("things", [{"_id": 1}])
    other.close()

    with pytest.raises(OperationFailure, match="was aborted"):
        await transaction.commit()
    await store.insert("things", [{"_id": 2}])
    assert await everything(store) == [{"_id": 2}]
    await store.aclose()


async def test_transactions_of_two_stores_on_one_file_conflict_as_well(path: Path) -> None:
    one = await SqliteStore.open(str(path), name="one")
    other = await SqliteStore.open(str(path), name="other")
    first, second = await one.begin(), await other.begin()
    assert await second.count("things", {}) == 0
    await first.insert("things", [{"_id": 1}])
    await first.commit()

    with pytest.raises(OperationFailure) as caught:
        await second.insert("things", [{"_id": 2}])

    assert is_conflict(caught.value)
    assert await everything(other) == [{"_id": 1}]
    await one.aclose()
    await other.aclose()


async def test_an_operation_that_fails_aborts_the_transaction(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": 1}])
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 2}])

    with pytest.raises(DuplicateKeyError):
        await transaction.insert("things", [{"_id": 3}, {"_id": 1}])

    with pytest.raises(OperationFailure) as caught:
        await transaction.insert("things", [{"_id": 4}])
    assert caught.value.code == 251
    assert not caught.value.has_error_label("TransientTransactionError")
    with pytest.raises(OperationFailure, match="was aborted"):
        await transaction.commit()
    assert await everything(either) == [{"_id": 1}]


async def test_what_is_refused_before_anything_is_done_leaves_the_transaction_open(
    either: SqliteStore,
) -> None:
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1}])

    with pytest.raises(UnsupportedError):
        await transaction.count("things", {"$where": "true"})
    with pytest.raises(InvalidDocumentError):
        await transaction.insert("things", [{"_id": 2, "bad": object()}])
    with pytest.raises(InvalidDocumentError):
        await transaction.insert("things", [{"_id": 3}, {"_id": 4, "bad": object()}])
    await transaction.commit()

    assert await everything(either) == [{"_id": 1}]


async def test_a_transaction_ends_once(either: SqliteStore) -> None:
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1}])
    await transaction.commit()
    await transaction.commit()
    await transaction.abort()

    with pytest.raises(OperationFailure, match="was committed") as caught:
        await transaction.insert("things", [{"_id": 2}])

    assert caught.value.code == 251
    assert await everything(either) == [{"_id": 1}]


async def test_a_transaction_that_did_nothing_may_end_either_way(either: SqliteStore) -> None:
    await (await either.begin()).commit()
    aborted = await either.begin()
    await aborted.abort()

    with pytest.raises(OperationFailure, match="was aborted"):
        await aborted.commit()


async def test_a_stream_of_a_transaction_sees_one_moment_and_ends_with_it(
    either: SqliteStore,
) -> None:
    await either.insert("things", [{"_id": n} for n in range(1_200)])
    transaction = await either.begin()
    stream = transaction.find("things", {})
    first = await anext(stream)
    await either.delete("things", {})
    second = await anext(stream)

    assert len(first) + len(second) == 1_000
    await transaction.abort()
    with pytest.raises(OperationFailure, match="was aborted"):
        await anext(stream)


async def test_aggregations_and_writes_of_all_kinds_run_in_a_transaction(
    either: SqliteStore,
) -> None:
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": n, "n": n} for n in range(5)], ordered=False)
    await transaction.find_one_and_update("things", {"_id": 1}, {"$set": {"n": 10}})
    await transaction.replace("things", {"_id": 9}, {"n": 5}, upsert=True)

    totals = [
        each
        async for batch in transaction.aggregate(
            "things", [{"$group": {"_id": None, "n": {"$sum": "$n"}}}]
        )
        for each in batch
    ]

    assert totals == [{"_id": None, "n": 24}]
    assert await transaction.distinct("things", "n", {"n": {"$gte": 4}}) == [10, 4, 5]
    await transaction.commit()
    assert await either.count("things", {}) == 6


async def test_unique_indexes_are_kept_in_transactions(either: SqliteStore) -> None:
    await either.create_index("things", Index(fields=(("a", 1),), unique=True))
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1, "a": 1}])
    await transaction.delete("things", {"a": 1})
    await transaction.insert("things", [{"_id": 2, "a": 1}])
    await transaction.commit()

    with pytest.raises(DuplicateKeyError):
        await either.insert("things", [{"_id": 3, "a": 1}])
    assert await either.count("things", {"a": 1}) == 1
    assert await either.verify() == []


async def test_a_transaction_that_nobody_ended_is_aborted_when_the_store_is_closed(
    path: Path,
) -> None:
    before = threading.active_count()
    store = await SqliteStore.open(str(path), name="store")
    transaction = await store.begin()
    await transaction.insert("things", [{"_id": 1}])

    await store.aclose()

    with pytest.raises(StoreClosedError):
        await transaction.commit()
    with pytest.raises(StoreClosedError):
        await transaction.count("things", {})
    with pytest.raises(StoreClosedError):
        await store.begin()
    await transaction.abort()
    again = await SqliteStore.open(str(path), name="store")
    assert await everything(again) == []
    await again.aclose()
    assert threading.active_count() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


async def test_a_transaction_that_is_forgotten_gives_its_turn_back(either: SqliteStore) -> None:
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1}])
    del transaction
    gc.collect()

    await either.insert("things", [{"_id": 2}])

    assert await everything(either) == [{"_id": 2}]


def blocked(store: SqliteStore) -> tuple[threading.Event, asyncio.Task[bool]]:
    """What lets the store's thread go on, and the task that holds it until then."""
    gate = threading.Event()
    return gate, asyncio.create_task(store._read(lambda session: gate.wait(30)))


async def test_a_write_that_is_cancelled_aborts_its_transaction(either: SqliteStore) -> None:
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1}])
    gate, blocking = blocked(either)
    writing = asyncio.create_task(transaction.insert("things", [{"_id": 2}]))
    await asyncio.sleep(0)

    writing.cancel()
    gate.set()
    await blocking
    with pytest.raises(asyncio.CancelledError):
        await writing
    with pytest.raises(OperationFailure, match="was aborted") as caught:
        await transaction.commit()

    assert caught.value.code == 251
    await either.insert("things", [{"_id": 3}])
    assert await everything(either) == [{"_id": 3}]


async def test_nothing_is_logged_of_a_commit_that_fails_after_its_waiter_was_cancelled(
    either: SqliteStore,
) -> None:
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context))
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1}])
    gate, blocking = blocked(either)
    aborting = asyncio.create_task(transaction.abort())
    committing = asyncio.create_task(transaction.commit())
    for _ in range(3):
        await asyncio.sleep(0)

    committing.cancel()
    gate.set()
    await asyncio.gather(blocking, aborting)
    with pytest.raises(asyncio.CancelledError):
        await committing
    await either.count("things", {})
    del committing
    gc.collect()

    assert told == []


async def test_a_read_that_is_cancelled_leaves_its_transaction_open(either: SqliteStore) -> None:
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1}])
    gate, blocking = blocked(either)
    reading = asyncio.create_task(transaction.count("things", {}))
    await asyncio.sleep(0)

    reading.cancel()
    gate.set()
    await blocking
    with pytest.raises(asyncio.CancelledError):
        await reading
    await transaction.commit()

    assert await everything(either) == [{"_id": 1}]


async def test_a_commit_that_was_begun_ends_though_its_waiter_is_cancelled(
    either: SqliteStore,
) -> None:
    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 1}])
    committing = asyncio.create_task(transaction.commit())
    await asyncio.sleep(0)

    committing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await committing
    await either.insert("things", [{"_id": 2}])

    assert await everything(either) == [{"_id": 1}, {"_id": 2}]


async def test_operations_of_two_tasks_in_one_transaction_come_one_after_the_other(
    either: SqliteStore,
) -> None:
    transaction = await either.begin()

    await asyncio.gather(
        *(transaction.insert("things", [{"_id": n}]) for n in range(50)),
        *(transaction.count("things", {}) for n in range(50)),
    )
    await transaction.commit()

    assert await either.count("things", {}) == 50


async def test_the_write_concern_of_a_transaction_counts_and_those_of_its_operations_do_not(
    either: SqliteStore,
) -> None:
    durable = OperationOptions(write_concern={"w": "majority", "j": True}, read_concern="snapshot")
    transaction = await either.begin(options=durable)
    await transaction.insert("things", [{"_id": 1}])
    await transaction.commit()
    assert await everything(either) == [{"_id": 1}]

    transaction = await either.begin()
    await transaction.insert("things", [{"_id": 2}], options=durable)
    await transaction.commit()
    assert await either.count("things", {}) == 2
    with pytest.raises(UnsupportedError, match="write concern 0"):
        await either.begin(options=OperationOptions(write_concern=0))


async def test_many_transactions_may_be_open_at_once(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": 1}])
    transactions = [await either.begin() for _ in range(20)]
    assert [await each.count("things", {}) for each in transactions] == [1] * 20
    await either.delete("things", {})

    assert [await each.count("things", {}) for each in transactions] == [1] * 20
    for each in transactions:
        await each.commit()
    assert await (await either.begin()).count("things", {}) == 0


async def test_a_file_that_was_deleted_is_not_made_anew_by_a_transaction(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store")
    for each in path.parent.iterdir():
        each.unlink()
    transaction = await store.begin()

    with pytest.raises(OSError, match="cannot be opened"):
        await transaction.count("things", {})

    assert not path.exists()
    await store.aclose()
