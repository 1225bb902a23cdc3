import asyncio
import math
from typing import Any
from uuid import UUID

import pytest
from bson import Decimal128, Int64, ObjectId
from pymongo.errors import DocumentTooLarge, DuplicateKeyError, OperationFailure, WriteError

from earnorm.errors import InvalidDocumentError, UnsupportedError
from earnorm.stores import UpdateResult
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Document, SortKey


async def found(
    store: SqliteStore, filter_: Document, collection: str = "things", **how: Any
) -> list[dict[str, Any]]:
    return [
        document async for batch in store.find(collection, filter_, **how) for document in batch
    ]


async def ids(store: SqliteStore, filter_: Document, *sort: SortKey, **how: Any) -> list[Any]:
    return [document["_id"] for document in await found(store, filter_, sort=sort, **how)]


async def insert_numbers(store: SqliteStore, count: int) -> None:
    await store.insert("things", [{"_id": n, "n": n, "even": n % 2 == 0} for n in range(count)])


async def test_what_was_inserted_is_found_by_any_filter(store: SqliteStore) -> None:
    ada = {"_id": ObjectId(), "name": "Ada", "tags": ["x", "y"]}
    await store.insert("things", [ada, {"_id": 2, "name": "Bob"}])

    assert await found(store, {"_id": ada["_id"]}) == [ada]
    assert await found(store, {"tags": "y"}) == [ada]
    assert await ids(store, {"name": {"$regex": "^B"}}) == [2]
    assert await found(store, {}, "others") == []


@pytest.mark.parametrize(
    "document_id",
    [
        1,
        1.5,
        "x",
        b"x",
        True,
        None,
        UUID(int=7),
        Decimal128("1.1"),
        {"a": 1},
        math.nan,
        2**60,
        "a'\"$.b",
    ],
    ids=repr,
)
async def test_a_document_is_found_by_an_id_of_any_type(
    store: SqliteStore, document_id: Any
) -> None:
    await store.insert("things", [{"_id": document_id, "n": 1}, {"_id": "other"}])

    assert [each["n"] for each in await found(store, {"_id": document_id})] == [1]
    assert (await store.replace("things", {"_id": document_id}, {"n": 2})).matched == 1
    assert (await store.update("things", {"_id": document_id}, {"$inc": {"n": 1}})).matched == 1
    assert [each["n"] for each in await found(store, {"_id": {"$in": [document_id]}})] == [3]
    assert await store.delete("things", {"_id": document_id}) == 1
    assert await ids(store, {}) == ["other"]


async def test_equal_ids_of_different_number_types_are_one_id(store: SqliteStore) -> None:
    await store.insert("things", [{"_id": 1}])

    for same in (1.0, Int64(1), Decimal128("1")):
        assert await ids(store, {"_id": same}) == [1]
        with pytest.raises(DuplicateKeyError):
            await store.insert("things", [{"_id": same}])
    assert await ids(store, {"_id": True}) == []


async def test_sorted_skipped_and_limited(store: SqliteStore) -> None:
    await insert_numbers(store, 1_200)

    assert await ids(store, {"even": True}, ("n", -1), limit=3) == [1198, 1196, 1194]
    assert await ids(store, {"even": True}, ("n", -1), skip=598) == [2, 0]
    assert await ids(store, {}, skip=1198) == [1198, 1199]
    assert await ids(store, {}, skip=3, limit=2) == [3, 4]
    assert await ids(store, {"even": False}, skip=1, limit=2) == [3, 5]
    assert await ids(store, {}, limit=0) == []
    assert await ids(store, {}, skip=5_000) == []
    assert await ids(store, {}, ("n", 1), skip=5_000) == []
    assert await ids(store, {}, ("even", -1), ("n", -1), limit=2) == [1198, 1196]
    assert await ids(store, {"_id": 7}, skip=1) == []
    assert await ids(store, {"_id": 7}, limit=0) == []
    assert len(await ids(store, {}, ("n", 1))) == 1_200


async def test_batches_are_bounded(store: SqliteStore) -> None:
    await insert_numbers(store, 1_200)
    await store.insert("large", [{"_id": n, "text": "x" * 3_000_000} for n in range(12)])

    assert [len(batch) async for batch in store.find("things", {})] == [500, 500, 200]
    assert [len(b) async for b in store.find("things", {}, sort=[("n", 1)])] == [500, 500, 200]
    assert max([len(batch) async for batch in store.find("large", {})]) <= 8


async def test_counting(store: SqliteStore) -> None:
    await insert_numbers(store, 700)

    assert await store.count("things", {}) == 700
    assert await store.count("things", {}, skip=600) == 100
    assert await store.count("things", {}, skip=900) == 0
    assert await store.count("things", {}, limit=5) == 5
    assert await store.count("things", {"even": True}) == 350
    assert await store.count("things", {"even": True}, skip=10, limit=400) == 340
    assert await store.count("things", {"even": True}, limit=7) == 7
    assert await store.count("things", {"_id": 3}) == 1
    assert await store.count("others", {"a": 1}) == 0


@pytest.mark.parametrize("how", [{"skip": -1}, {"limit": -1}])
async def test_negative_limits_are_refused(store: SqliteStore, how: dict[str, Any]) -> None:
    with pytest.raises(OperationFailure, match="not negative"):
        await ids(store, {}, **how)
    with pytest.raises(OperationFailure, match="not negative"):
        await store.count("things", {}, **how)


async def test_a_batch_with_a_taken_id_is_not_inserted_at_all(store: SqliteStore) -> None:
    await store.insert("things", [{"_id": 5}])

    with pytest.raises(DuplicateKeyError) as caught:
        await store.insert("things", [{"_id": 1}, {"_id": 2}, {"_id": 5, "x": 1}, {"_id": 6}])

    assert caught.value.details == {
        "index": 2,
        "code": 11000,
        "errmsg": "E11000 duplicate key error collection: things index: _id_ dup key: { _id: 5 }",
        "keyPattern": {"_id": 1},
        "keyValue": {"_id": 5},
    }
    assert await found(store, {}) == [{"_id": 5}]


async def test_a_batch_that_contains_an_id_twice_is_not_inserted(store: SqliteStore) -> None:
    with pytest.raises(DuplicateKeyError) as caught:
        await store.insert("things", [{"_id": "a"}, {"_id": "b"}, {"_id": "a"}])

    assert caught.value.details is not None
    assert caught.value.details["index"] == 2
    assert 'dup key: { _id: "a" }' in str(caught.value)
    assert await found(store, {"_id": "a"}) == []
    assert await store.count("things", {}) == 0


@pytest.mark.parametrize(
    ("document", "error", "message"),
    [
        ({"a": 1}, InvalidDocumentError, "no '_id'"),
        ({"_id": [1]}, WriteError, "cannot be an array"),
        ({"_id": {"$a": 1}}, WriteError, "begins with"),
        ({"_id": 1, "$a": 1}, WriteError, r"'\$a' at the top"),
        ({"_id": 1, "a": {1}}, InvalidDocumentError, "Use a list"),
        ({"_id": 2**64}, InvalidDocumentError, "64 bits"),
        ({"_id": "\ud800"}, InvalidDocumentError, "surrogate"),
        ({"_id": 1, "a\x00": 1}, InvalidDocumentError, "NUL"),
        ({"_id": 1, "a": "x" * 17_000_000}, DocumentTooLarge, "16,777,216"),
    ],
)
async def test_a_document_that_cannot_be_stored_leaves_the_batch_unwritten(
    store: SqliteStore, document: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await store.insert("things", [{"_id": 0}, document])

    assert await store.count("things", {}) == 0


async def test_an_empty_batch_is_nothing(store: SqliteStore) -> None:
    await store.insert("things", [])

    assert await store.count("things", {}) == 0


async def test_replacing_keeps_the_id_and_the_place(store: SqliteStore) -> None:
    await insert_numbers(store, 3)

    assert (await store.replace("things", {"_id": 1}, {"_id": 1, "new": True})).matched == 1
    assert (await store.replace("things", {"n": 2}, {"newer": True})).matched == 1
    assert (await store.replace("things", {"n": 99}, {"newer": True})).matched == 0
    assert (await store.replace("things", {"_id": 99}, {"_id": 99})).matched == 0
    assert (await store.replace("others", {"_id": 1}, {"_id": 1})).matched == 0
    assert (await store.replace("others", {"a": 1}, {"b": 1})).matched == 0
    assert await found(store, {}) == [
        {"_id": 0, "n": 0, "even": True},
        {"_id": 1, "new": True},
        {"_id": 2, "newer": True},
    ]


async def test_replacing_only_what_still_has_the_expected_version(store: SqliteStore) -> None:
    await store.insert("things", [{"_id": 1, "version": 3}])

    filter_ = {"_id": 1, "version": 3}
    results = await asyncio.gather(
        *(store.replace("things", filter_, {"_id": 1, "version": 4}) for _ in range(5))
    )

    assert sorted(result.matched for result in results) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("document", [{"_id": 2}, {"$set": {"a": 1}}])
async def test_a_replacement_changes_no_id_and_takes_no_operators(
    store: SqliteStore, document: dict[str, Any]
) -> None:
    await insert_numbers(store, 1)

    with pytest.raises(WriteError):
        await store.replace("things", {"n": 0}, document)
    assert await ids(store, {"n": 0}) == [0]


async def test_updating_changes_every_match(store: SqliteStore) -> None:
    await insert_numbers(store, 1_001)

    result = await store.update("things", {"even": True}, {"$inc": {"n": 1}, "$set": {"x.y": [1]}})

    assert result == UpdateResult(matched=501, modified=501)
    assert await store.count("things", {"x.y": 1}) == 501
    assert await found(store, {"_id": 4}) == [{"_id": 4, "n": 5, "even": True, "x": {"y": [1]}}]
    assert (await store.update("things", {"n": -1}, {"$set": {"a": 1}})).matched == 0
    assert (await store.update("others", {}, {"$set": {"a": 1}})).matched == 0


async def test_an_update_that_fails_for_one_document_changes_none(store: SqliteStore) -> None:
    await store.insert("things", [{"_id": 1, "n": 1}, {"_id": 2, "n": 2}, {"_id": 3, "n": "three"}])

    with pytest.raises(WriteError, match="not a number"):
        await store.update("things", {}, {"$inc": {"n": 1}})

    assert [each["n"] for each in await found(store, {})] == [1, 2, "three"]


async def test_an_update_must_not_make_a_document_too_large(store: SqliteStore) -> None:
    await store.insert("things", [{"_id": 1, "a": "x" * 10_000_000}])

    with pytest.raises(DocumentTooLarge):
        await store.update("things", {}, {"$set": {"b": "x" * 10_000_000}})
    assert await store.count("things", {"b": {"$exists": True}}) == 0


async def test_deleting_every_match(store: SqliteStore) -> None:
    await insert_numbers(store, 1_001)

    assert await store.delete("things", {"even": True}) == 501
    assert await store.delete("things", {"_id": 1}) == 1
    assert await store.delete("things", {"_id": 1}) == 0
    assert await store.delete("others", {}) == 0
    assert await store.count("things", {}) == 499


async def test_only_the_parts_that_are_asked_for_are_given(store: SqliteStore) -> None:
    await store.insert("things", [{"_id": n, "a": {"b": n, "c": 1}, "d": -n} for n in range(3)])

    async def found(filter_: Document, **how: Any) -> list[Any]:
        batches = store.find("things", filter_, projection={"a.b": 1}, **how)
        return [document async for batch in batches for document in batch]

    wanted = [{"_id": n, "a": {"b": n}} for n in range(3)]
    assert await found({}) == wanted
    assert await found({"_id": 1}) == [wanted[1]]
    assert await found({"a.c": 1}, sort=[("d", 1)]) == wanted[::-1]
    assert await found({"d": {"$lt": 0}}, skip=1, limit=1) == [wanted[2]]
    with pytest.raises(UnsupportedError, match=r"\$meta"):
        _ = [one async for one in store.find("things", {}, projection={"a": {"$meta": "x"}})]


async def test_a_positional_projection_gives_the_element_that_the_filter_matched(
    store: SqliteStore,
) -> None:
    await store.insert("things", [{"_id": 1, "a": [1, 5, 9]}])

    batches = store.find("things", {"a": {"$gt": 3}}, projection={"a.$": 1})

    assert [one async for batch in batches for one in batch] == [{"_id": 1, "a": [5]}]
    by_id = {"_id": 1, "a": 9}
    assert await store.find_one_and_delete("things", by_id, projection={"a.$": 1}) == {
        "_id": 1,
        "a": [9],
    }


@pytest.mark.parametrize("operation", ["find", "count", "update", "replace", "delete"])
async def test_filters_and_updates_are_checked_even_without_a_document(
    store: SqliteStore, operation: str
) -> None:
    async def run(filter_: Document) -> None:
        if operation == "find":
            await ids(store, filter_)
        elif operation == "count":
            await store.count("nothing", filter_)
        elif operation == "update":
            await store.update("nothing", filter_, {"$set": {"a": 1}})
        elif operation == "replace":
            await store.replace("nothing", filter_, {"a": 1})
        else:
            await store.delete("nothing", filter_)

    with pytest.raises(UnsupportedError):
        await run({"a": {"$near": 1}})
    with pytest.raises(OperationFailure):
        await run({"a": {"$regex": "("}})
    with pytest.raises(OperationFailure):
        await run({"_id": 2**70})
    with pytest.raises(OperationFailure):
        await run({"_id": "\ud800"})
    with pytest.raises(UnsupportedError):
        await store.update("nothing", {}, {"$pushAll": {"a": [1]}})


async def test_streaming_goes_on_while_documents_are_written(store: SqliteStore) -> None:
    await insert_numbers(store, 1_500)
    seen: list[Any] = []

    async for batch in store.find("things", {"n": {"$gte": 0}}):
        seen += [document["_id"] for document in batch]
        if len(seen) == 500:
            await store.delete("things", {"_id": 700})
            await store.update("things", {"_id": 800}, {"$set": {"n": -1}})
            await store.update("things", {"_id": 3}, {"$set": {"n": 9_999}})
            await store.insert("things", [{"_id": 5_000, "n": 1}])

    assert seen == [n for n in range(1_500) if n not in (700, 800)]


async def test_a_sorted_stream_leaves_out_what_was_deleted_meanwhile(store: SqliteStore) -> None:
    await insert_numbers(store, 1_500)
    seen: list[Any] = []

    async for batch in store.find("things", {}, sort=[("n", -1)]):
        seen += [document["_id"] for document in batch]
        await store.delete("things", {"n": {"$lt": 1_000}})

    assert seen == list(range(1_499, 999, -1))


async def test_leaving_a_stream_early_holds_nothing_up(store: SqliteStore) -> None:
    await insert_numbers(store, 1_500)

    async for batch in store.find("things", {}):
        assert len(batch) == 500
        break
    await store.delete("things", {})

    assert await store.count("things", {}) == 0


@pytest.mark.parametrize(
    "name",
    [
        "order",
        'a"b',
        "a'b; DROP TABLE collections",
        "a.b",
        "é",
        " ",
        "sqlite_master",
        "c1",
        "x" * 255,
    ],
)
async def test_any_name_that_mongodb_allows_is_a_collection(store: SqliteStore, name: str) -> None:
    await store.insert("things", [{"_id": "apart"}])
    await store.insert(name, [{"_id": 1}])

    assert await found(store, {}, name) == [{"_id": 1}]
    assert await ids(store, {}) == ["apart"]


@pytest.mark.parametrize(
    "name", ["", "a\x00b", "a$b", "system.users", ".a", "a.", "x" * 256, "é" * 128, "\ud800", 5]
)
async def test_a_name_that_mongodb_forbids_is_refused(store: SqliteStore, name: Any) -> None:
    with pytest.raises(OperationFailure) as caught:
        await store.insert(name, [{"_id": 1}])

    assert caught.value.code == 73


HOSTILE = ["'", '"', "`", ";--", "\\", "%", "a.b", "$x", "", " ", "\n", "é", "\U0001f600", "rowid"]


async def test_hostile_names_and_values_are_stored_exactly(store: SqliteStore) -> None:
    inner = {name: name for name in HOSTILE}
    document = {"_id": 1, "inner": inner, "nul": "a\x00b", "long": "x" * 1_000_000}
    document |= {name: 1 for name in HOSTILE if not name.startswith("$")}
    await store.insert("things", [document])

    assert await found(store, {"_id": 1}) == [document]
    assert await ids(store, {"nul": "a\x00b", "long": "x" * 1_000_000}) == [1]
    for name in ("'", '"', "`", ";--", "\\", "%", " ", "\n", "é", "rowid"):
        assert await ids(store, {name: 1, f"inner.{name}": name}) == [1]
        assert await ids(store, {f"{name}' OR '1'='1": 1}) == []
