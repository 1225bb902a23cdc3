from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, WriteError

from earnorm.errors import InvalidDocumentError, UnsupportedError
from earnorm.stores import (
    BulkOperation,
    BulkResult,
    Capability,
    Delete,
    Insert,
    MaintainedStore,
    Replace,
    Update,
    UpdateResult,
)
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index, OperationOptions

ENGLISH = OperationOptions(collation={"locale": "en", "strength": 2})


async def everything(store: SqliteStore, collection: str = "things") -> list[dict[str, Any]]:
    return [each async for batch in store.find(collection, {}) for each in batch]


async def filled(store: SqliteStore, *documents: dict[str, Any]) -> None:
    await store.insert("things", documents)


async def test_the_store_is_what_the_contract_says(either: SqliteStore) -> None:
    maintained: MaintainedStore = either

    assert maintained.capabilities == {
        Capability.ATOMIC_BATCHES,
        Capability.TRANSACTIONS,
        Capability.WATCH,
        Capability.MAINTENANCE,
    }


async def test_a_store_describes_itself(either: SqliteStore) -> None:
    await filled(either, {"_id": 1, "text": "x" * 10_000})

    described = await either.describe()

    assert described.product == "SQLite"
    assert described.version.startswith("3.")
    assert described.topology in either.name
    assert described.details["format_version"] == 2
    assert described.details["bytes"] > 10_000


# upserts


async def test_an_upsert_inserts_what_the_filter_and_the_update_say(either: SqliteStore) -> None:
    result = await either.update(
        "things",
        {"_id": 1, "name": "Ada", "age": {"$gt": 3}},
        {"$set": {"seen": True}, "$setOnInsert": {"first": True}},
        upsert=True,
    )
    again = await either.update(
        "things", {"_id": 1}, {"$inc": {"n": 1}, "$setOnInsert": {"first": 2}}, upsert=True
    )

    assert result == UpdateResult(matched=0, modified=0, upserted=True, upserted_id=1)
    assert again == UpdateResult(matched=1, modified=1)
    assert await everything(either) == [
        {"_id": 1, "name": "Ada", "seen": True, "first": True, "n": 1}
    ]


async def test_an_upsert_without_an_id_makes_one(either: SqliteStore) -> None:
    result = await either.replace("things", {"name": "Ada"}, {"age": 36}, upsert=True)

    (document,) = await everything(either)
    assert isinstance(result.upserted_id, ObjectId)
    assert document == {"_id": result.upserted_id, "age": 36}


async def test_an_upsert_may_break_no_unique_index(either: SqliteStore) -> None:
    await either.create_index("things", Index(fields=(("a", 1),), unique=True))
    await filled(either, {"_id": 1, "a": 1})

    with pytest.raises(DuplicateKeyError):
        await either.update("things", {"_id": 2}, {"$set": {"a": 1}}, upsert=True)

    assert await either.count("things", {}) == 1


async def test_a_null_id_can_be_upserted(either: SqliteStore) -> None:
    result = await either.replace("things", {"_id": None}, {"a": 1}, upsert=True)

    assert result.upserted
    assert result.upserted_id is None


async def test_a_bulk_write_finds_a_wrong_filter_when_its_turn_comes(either: SqliteStore) -> None:
    wrong = Update(filter={"a": {"$in": 3}}, update={"$set": {"a": 1}})
    operations: list[BulkOperation] = [
        Insert(document={"_id": 1}),
        wrong,
        Insert(document={"_id": 2}),
    ]

    with pytest.raises(BulkWriteError) as caught:
        await either.bulk("things", operations)
    assert await either.count("things", {}) == 0
    (fault,) = caught.value.details["writeErrors"]
    assert (fault["index"], fault["code"]) == (1, 2)
    assert fault["errmsg"].startswith("$in needs an array")

    with pytest.raises(BulkWriteError) as caught:
        await either.bulk("things", operations, ordered=False)
    assert await either.count("things", {}) == 2
    assert caught.value.details["nInserted"] == 2


async def test_a_bulk_write_names_the_hint_of_no_index_for_each_that_has_it(
    either: SqliteStore,
) -> None:
    await either.insert("things", [{"_id": 1}])
    operations: list[BulkOperation] = [
        Delete(filter={"a": 1}),
        Insert(document={"_id": 2}),
        Update(filter={"a": 1}, update={"$set": {"b": 1}}),
    ]

    with pytest.raises(BulkWriteError) as caught:
        await either.bulk(
            "things", operations, ordered=False, options=OperationOptions(hint="no such")
        )

    assert [fault["index"] for fault in caught.value.details["writeErrors"]] == [0, 2]
    assert await either.count("things", {}) == 2


async def test_stages_with_a_collation_are_refused_by_name(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": 1, "name": "Ada"}])
    collated = OperationOptions(collation={"locale": "en", "strength": 2})
    stages = [{"$set": {"is_ada": {"$eq": ["$name", "ADA"]}}}]

    for upsert in (False, True):
        with pytest.raises(UnsupportedError, match="an update by stages together with a collation"):
            await either.update("things", {"name": "ADA"}, stages, upsert=upsert, options=collated)
    simple = OperationOptions(collation={"locale": "simple"})
    assert (await either.update("things", {"name": "Ada"}, stages, options=simple)).modified == 1


async def test_an_upsert_by_stages_begins_with_what_the_filter_asks_for(
    either: SqliteStore,
) -> None:
    stages: list[dict[str, Any]] = [
        {"$set": {"total": {"$add": ["$price", 1]}}},
        {"$unset": "price"},
    ]

    result = await either.update("things", {"_id": 1, "price": 3}, stages, upsert=True)
    again = await either.update(
        "things", {"_id": 1}, [{"$set": {"total": {"$add": ["$total", 1]}}}]
    )

    assert result.upserted_id == 1
    assert again == UpdateResult(matched=1, modified=1)
    assert await everything(either) == [{"_id": 1, "total": 5}]
    with pytest.raises(WriteError):
        await either.update("things", {}, stages, array_filters=[{"x": 1}])


# one and many


async def test_only_the_first_match_is_changed_on_request(either: SqliteStore) -> None:
    await filled(either, {"_id": 2, "a": 1}, {"_id": 1, "a": 1}, {"_id": 3, "a": 1})

    result = await either.update("things", {"a": 1}, {"$set": {"a": 2}}, many=False)
    deleted = await either.delete("things", {"a": 1}, many=False)

    assert result == UpdateResult(matched=1, modified=1)
    assert deleted == 1
    assert await everything(either) == [{"_id": 2, "a": 2}, {"_id": 3, "a": 1}]
    assert await either.delete("things", {"a": 9}, many=False) == 0
    assert await either.delete("nothing", {"a": 9}, many=False) == 0


async def test_elements_are_changed_by_position_and_by_filter(either: SqliteStore) -> None:
    await filled(either, {"_id": 1, "n": [1, 5, 9]}, {"_id": 2, "n": [9]})

    await either.update("things", {"n": 9}, {"$set": {"n.$": 10}})
    await either.update(
        "things",
        {"_id": 1},
        {"$inc": {"n.$[low]": 1}},
        array_filters=[{"low": {"$lt": 6}}],
    )

    assert await everything(either) == [{"_id": 1, "n": [2, 6, 10]}, {"_id": 2, "n": [10]}]


async def test_a_collation_finds_what_a_write_is_about(either: SqliteStore) -> None:
    await filled(either, {"_id": "A", "name": "ada"}, {"_id": "b", "name": "Bob"})

    await either.update("things", {"name": "ADA"}, {"$set": {"n": 1}}, options=ENGLISH)
    await either.replace("things", {"_id": "a"}, {"n": 2}, options=ENGLISH)

    assert await either.delete("things", {"name": "bob"}) == 0
    assert await either.delete("things", {"name": "bob"}, options=ENGLISH) == 1
    assert await everything(either) == [{"_id": "A", "n": 2}]


# one that is found and changed


async def test_one_is_found_changed_and_given(either: SqliteStore) -> None:
    await filled(either, {"_id": 1, "n": 3}, {"_id": 2, "n": 1}, {"_id": 3, "n": 2})

    before = await either.find_one_and_update(
        "things", {}, {"$inc": {"n": 10}}, sort=[("n", 1)], projection={"n": 1, "_id": 0}
    )
    after = await either.find_one_and_update(
        "things", {}, {"$inc": {"n": 10}}, sort=[("n", -1)], returned="after"
    )
    replaced = await either.find_one_and_replace("things", {"_id": 3}, {"m": 1}, returned="after")
    deleted = await either.find_one_and_delete("things", {"n": {"$gt": 0}}, sort=[("n", 1)])

    assert before == {"n": 1}
    assert after == {"_id": 2, "n": 21}
    assert replaced == {"_id": 3, "m": 1}
    assert deleted == {"_id": 1, "n": 3}
    assert await everything(either) == [{"_id": 2, "n": 21}, {"_id": 3, "m": 1}]


async def test_nothing_found_is_none(either: SqliteStore) -> None:
    assert await either.find_one_and_update("things", {}, {"$set": {"a": 1}}) is None
    assert await either.find_one_and_replace("things", {}, {"a": 1}, returned="after") is None
    assert await either.find_one_and_delete("things", {}) is None
    assert await either.collections() == []


async def test_what_is_given_after_a_replacement_is_what_was_stored(either: SqliteStore) -> None:
    inner = [(1, 2)]
    given: dict[str, Any] = {"moment": datetime(2024, 5, 1, tzinfo=UTC), "inner": inner}
    await filled(either, {"_id": 1})

    for filter in ({"_id": 1}, {"_id": 2}):
        found = await either.find_one_and_replace(
            "things", filter, given, upsert=True, returned="after"
        )
        assert found == {**filter, "moment": given["moment"], "inner": [[1, 2]]}
        assert found["inner"] is not inner


async def test_a_replacement_may_repeat_the_id_and_not_change_it(either: SqliteStore) -> None:
    await filled(either, {"_id": 1, "a": 1}, {"_id": 2, "a": 2})

    await either.replace("things", {"_id": 1}, {"_id": 1, "b": 1})
    await either.replace("things", {"_id": 1.0}, {"c": 1, "_id": 1})
    await either.replace("things", {"a": 2}, {"d": 1, "_id": 2})
    for filter in ({"_id": 1}, {"c": 1}):
        with pytest.raises(WriteError, match="immutable") as caught:
            await either.replace("things", filter, {"_id": 3})
        assert caught.value.code == 66

    found = await everything(either)
    assert found == [{"_id": 1, "c": 1}, {"_id": 2, "d": 1}]
    assert [list(each) for each in found] == [["_id", "c"], ["_id", "d"]]


async def test_what_was_upserted_is_given_after_but_not_before(either: SqliteStore) -> None:
    before = await either.find_one_and_update("things", {"_id": 1}, {"$set": {"a": 1}}, upsert=True)
    after = await either.find_one_and_replace(
        "things", {"_id": 2}, {"a": 2}, upsert=True, returned="after", projection={"_id": 0}
    )

    assert before is None
    assert after == {"a": 2}
    assert await either.count("things", {}) == 2


# several at once


MIXED: Sequence[BulkOperation] = (
    Insert(document={"_id": 1, "n": 1}),
    Update(filter={"_id": 1}, update={"$inc": {"n": 1}}),
    Update(filter={"n": {"$gt": 0}}, update={"$set": {"seen": True}}, many=True),
    Update(filter={"_id": 5}, update={"$set": {"n": 5}}, upsert=True),
    Replace(filter={"_id": 6}, document={"n": 6}, upsert=True),
    Replace(filter={"_id": 6}, document={"n": 6}),
    Delete(filter={"n": {"$gte": 0}}),
    Delete(filter={"seen": True}, many=True),
)


async def test_a_bulk_write_does_one_after_the_other(either: SqliteStore) -> None:
    await filled(either, {"_id": 0, "n": 1})

    result = await either.bulk("things", MIXED)

    assert result == BulkResult(inserted=1, matched=4, modified=3, deleted=2, upserted={3: 5, 4: 6})
    assert await everything(either) == [{"_id": 5, "n": 5}, {"_id": 6, "n": 6}]


async def test_a_bulk_write_with_a_fault_does_nothing(either: SqliteStore) -> None:
    await filled(either, {"_id": 0})
    operations: list[BulkOperation] = [
        Insert(document={"_id": 1}),
        Update(filter={"_id": 0}, update={"$set": {"a": 1}}),
        Insert(document={"_id": 0}),
        Insert(document={"_id": 2}),
    ]

    with pytest.raises(BulkWriteError) as caught:
        await either.bulk("things", operations)

    (fault,) = caught.value.details["writeErrors"]
    assert (fault["index"], fault["code"], fault["keyPattern"]) == (2, 11000, {"_id": 1})
    assert caught.value.details["nInserted"] == 0
    assert await everything(either) == [{"_id": 0}]


async def test_an_unordered_bulk_write_does_all_that_can_be_done(either: SqliteStore) -> None:
    await filled(either, {"_id": 0, "s": "text"})
    operations: list[BulkOperation] = [
        Insert(document={"_id": 0}),
        Insert(document={"_id": 1}),
        Update(filter={"_id": 0}, update={"$inc": {"s": 1}}),
        Update(filter={}, update={"$inc": {"s": "x"}}, many=True),
        Insert(document={"_id": [1]}),
        Replace(filter={"_id": 9}, document={"a": 1}, upsert=True),
        Delete(filter={"_id": 0}),
    ]

    with pytest.raises(BulkWriteError) as caught:
        await either.bulk("things", operations, ordered=False)

    details = caught.value.details
    faults = {fault["index"]: fault["code"] for fault in details["writeErrors"]}
    assert faults == {0: 11000, 2: 14, 3: 14, 4: 53}
    assert (details["nInserted"], details["nRemoved"], details["nUpserted"]) == (1, 1, 1)
    assert details["upserted"] == [{"index": 5, "_id": 9}]
    assert await everything(either) == [{"_id": 1}, {"_id": 9, "a": 1}]


async def test_what_is_not_supported_is_refused_before_anything_is_done(
    either: SqliteStore,
) -> None:
    first = Insert(document={"_id": 1})

    for ordered in (True, False):
        with pytest.raises(UnsupportedError):
            await either.bulk("things", [first, Delete(filter={"$where": "true"})], ordered=ordered)
        with pytest.raises(InvalidDocumentError):
            await either.bulk(
                "things", [first, Insert(document={"_id": 2, "x": object()})], ordered=ordered
            )

    assert await everything(either) == []


async def test_a_step_that_failed_leaves_no_half_of_it(either: SqliteStore) -> None:
    await either.create_index("things", Index(fields=(("u", 1),), unique=True))
    await filled(either, {"_id": 1, "u": 1}, {"_id": 2, "u": 2})
    operations: list[BulkOperation] = [
        Update(filter={}, update={"$set": {"u": 7}}, many=True),  # the second of them fails
        Insert(document={"_id": 3, "u": 3}),
    ]

    with pytest.raises(BulkWriteError):
        await either.bulk("things", operations, ordered=False)

    assert [each["u"] for each in await everything(either)] == [1, 2, 3]
    assert await either.count("things", {"u": 7}) == 0
    assert await either.verify() == []


async def test_an_empty_bulk_write_does_nothing(either: SqliteStore) -> None:
    assert await either.bulk("things", []) == BulkResult()
    assert await either.collections() == []


async def test_inserts_go_on_after_a_fault_on_request(either: SqliteStore) -> None:
    await filled(either, {"_id": 1})
    documents = [{"_id": 1}, {"_id": 2}, {"_id": 3, "$bad": 1}, {"_id": 2}, {"_id": 4}]

    with pytest.raises(BulkWriteError) as caught:
        await either.insert("things", documents, ordered=False)

    faults = {fault["index"]: fault["code"] for fault in caught.value.details["writeErrors"]}
    assert faults == {0: 11000, 2: 52, 3: 11000}
    assert caught.value.details["nInserted"] == 2
    assert [each["_id"] for each in await everything(either)] == [1, 2, 4]


async def test_unordered_inserts_refuse_at_once_what_bson_cannot_hold(
    either: SqliteStore,
) -> None:
    with pytest.raises(InvalidDocumentError, match="document 1 of the batch"):
        await either.insert("things", [{"_id": 1}, {"_id": 2, "x": object()}], ordered=False)

    assert await everything(either) == []


async def test_a_batch_in_order_is_whole_or_not_at_all(either: SqliteStore) -> None:
    with pytest.raises(DuplicateKeyError) as caught:
        await either.insert("things", [{"_id": 1}, {"_id": 2}, {"_id": 1}])

    assert caught.value.details is not None
    assert caught.value.details["index"] == 2
    assert await everything(either) == []


# reads


async def test_distinct_values_are_given_once(either: SqliteStore) -> None:
    await filled(
        either,
        {"_id": 1, "tags": ["a", "b"], "n": 1},
        {"_id": 2, "tags": ["b", "c"], "n": 1.0},
        {"_id": 3, "tags": "d", "n": None},
        {"_id": 4},
    )

    assert await either.distinct("things", "tags", {}) == ["a", "b", "c", "d"]
    assert await either.distinct("things", "n", {}) == [1, None]
    assert await either.distinct("things", "tags", {"_id": {"$gt": 2}}) == ["d"]
    assert await either.distinct("nothing", "tags", {}) == []


async def test_a_collation_tells_what_is_distinct_and_how_an_aggregation_begins(
    either: SqliteStore,
) -> None:
    await filled(either, {"_id": 1, "a": "x"}, {"_id": 2, "a": "X"}, {"_id": 3, "a": "y"})
    grouping: list[dict[str, Any]] = [{"$group": {"_id": "$a"}}]
    simple = OperationOptions(collation={"locale": "simple"})

    found = either.aggregate("things", [{"$match": {"a": "X"}}], options=ENGLISH)
    groups = either.aggregate("things", grouping, options=simple)

    assert await either.distinct("things", "a", {}, options=ENGLISH) == ["x", "y"]
    assert [each["_id"] async for batch in found for each in batch] == [1, 2]
    assert len([each async for batch in groups for each in batch]) == 3
    with pytest.raises(UnsupportedError, match="a collation"):
        await anext(either.aggregate("things", grouping, options=ENGLISH))


async def test_an_aggregation_reads_other_collections_too(either: SqliteStore) -> None:
    await either.insert("orders", [{"_id": n, "by": n % 2, "n": n} for n in range(1_000)])
    await either.insert("people", [{"_id": 0, "name": "Ada"}, {"_id": 1, "name": "Bob"}])
    pipeline: list[dict[str, Any]] = [
        {"$match": {"n": {"$gte": 10}}},
        {"$group": {"_id": "$by", "n": {"$sum": 1}}},
        {"$lookup": {"from": "people", "localField": "_id", "foreignField": "_id", "as": "who"}},
        {"$sort": {"_id": 1}},
    ]

    found = [each async for batch in either.aggregate("orders", pipeline) for each in batch]

    assert found == [
        {"_id": 0, "n": 495, "who": [{"_id": 0, "name": "Ada"}]},
        {"_id": 1, "n": 495, "who": [{"_id": 1, "name": "Bob"}]},
    ]


async def test_an_aggregation_comes_in_batches_and_may_be_left(either: SqliteStore) -> None:
    await either.insert("things", [{"_id": n} for n in range(1_200)])
    options = OperationOptions(batch_size=7)
    unwinding: list[dict[str, Any]] = [{"$set": {"n": [1, 2]}}, {"$unwind": "$n"}]

    sizes = [len(batch) async for batch in either.aggregate("things", unwinding)]
    small = [len(batch) async for batch in either.aggregate("things", unwinding, options=options)]
    plain = [
        len(batch) async for batch in either.aggregate("things", [{"$limit": 20}], options=options)
    ]
    begun = either.aggregate("things", unwinding)
    await anext(begun)
    await begun.aclose()

    assert (sum(sizes), max(sizes)) == (2_400, 500)
    assert (sum(small), max(small)) == (2_400, 7)
    assert plain == [7, 7, 6]


async def test_faults_of_an_aggregation_are_its_own(either: SqliteStore) -> None:
    await filled(either, {"_id": 1, "s": "x"})

    with pytest.raises(OperationFailure):
        await anext(either.aggregate("things", [{"$set": {"n": {"$add": ["$s", 1]}}}]))
    with pytest.raises(UnsupportedError):
        await anext(either.aggregate("things", [{"$geoNear": {}}]))


@pytest.mark.parametrize("size", [1, 3, 499, 500, 501, 10_000])
async def test_batches_are_as_small_as_asked_for(either: SqliteStore, size: int) -> None:
    await either.insert("things", [{"_id": n} for n in range(1_001)])

    found = either.find("things", {}, options=OperationOptions(batch_size=size))
    batches = [[each["_id"] for each in batch] async for batch in found]

    assert max(map(len, batches)) <= size
    assert list(chain.from_iterable(batches)) == list(range(1_001))


# collections


async def test_collections_are_listed_and_dropped(either: SqliteStore) -> None:
    for name in ("zebras", "apes", "o'b\"; DROP TABLE c1 --"):
        await either.create_index(name, Index(fields=(("a", 1),)))
        await either.insert(name, [{"_id": 1, "a": 1}])

    await either.drop_collection("apes")
    await either.drop_collection("apes")

    assert await either.collections() == ["o'b\"; DROP TABLE c1 --", "zebras"]
    assert await either.count("apes", {}) == 0
    assert await either.indexes("apes") == []
    assert await either.verify() == []


async def test_what_comes_after_a_dropped_collection_is_not_taken_for_it(
    either: SqliteStore,
) -> None:
    await either.insert("old", [{"_id": 1, "who": "old"}])
    assert await either.count("old", {"_id": 1}) == 1
    await either.drop_collection("old")
    await either.insert("new", [{"_id": 1, "who": "new"}])

    found = [each async for batch in either.find("old", {"_id": 1}) for each in batch]

    assert found == []


# options


@pytest.mark.parametrize(
    "options",
    [
        OperationOptions(write_concern=1, read_concern="majority", read_preference="nearest"),
        OperationOptions(write_concern="majority", comment="x"),
        OperationOptions(write_concern={"w": 1, "j": True, "wtimeout": 100}),
        OperationOptions(write_concern={"j": False}),
    ],
)
async def test_what_one_file_can_give_is_given(
    either: SqliteStore, options: OperationOptions
) -> None:
    await either.insert("things", [{"_id": 1}], options=options)
    assert await either.count("things", {}, options=options) == 1


@pytest.mark.parametrize(
    "concern", [0, 2, "dc-east", {"w": 0}, {"w": 3}, {"fsync": True}, {"w": [1]}]
)
async def test_a_write_concern_of_several_members_or_of_none_is_refused(
    either: SqliteStore, concern: Any
) -> None:
    options = OperationOptions(write_concern=concern)

    with pytest.raises(UnsupportedError, match="write concern"):
        await either.insert("things", [{"_id": 1}], options=options)

    assert await either.collections() == []


@pytest.mark.parametrize("document_id", ["\ud800", {"a": "\ud800"}, object(), 2**64])
async def test_an_id_that_bson_cannot_hold_is_told_by_every_write(
    store: SqliteStore, document_id: Any
) -> None:
    await store.insert("things", [{"_id": 1}])
    document = {"_id": document_id}
    with pytest.raises(InvalidDocumentError):
        await store.insert("things", [document])
    with pytest.raises(InvalidDocumentError):
        await store.replace("things", {}, document)
    with pytest.raises(InvalidDocumentError):
        await store.replace("things", {"a": 1}, document, upsert=True)
    with pytest.raises(InvalidDocumentError):
        await store.find_one_and_replace("things", {}, document)
    assert await store.count("things", {}) == 1
