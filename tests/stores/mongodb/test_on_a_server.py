"""The store against a server that we did not write; a real MongoDB runs the same tests."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import bson
import pytest
from bson.datetime_ms import DatetimeMS
from pymongo.errors import BulkWriteError, DocumentTooLarge, DuplicateKeyError, OperationFailure

from earnorm import Index, InvalidDocumentError
from earnorm.stores import Delete, Insert, Replace, Store, Update
from earnorm.stores.documents import decode, encode
from earnorm.stores.mongodb import MongoStore
from earnorm.typing import OperationOptions

VALUES: dict[str, Any] = {
    "text": "Größe 🜁",
    "empty": "",
    "truth": True,
    "null": None,
    "small": 3,
    "long": 2**40,
    "Int64": bson.Int64(3),
    "double": 3.0,
    "decimal": bson.Decimal128("1.10"),
    "date": datetime(2026, 11, 23, 8, 30, 0, 123000, tzinfo=UTC),
    "early": datetime(1601, 1, 1, tzinfo=UTC),
    "late": DatetimeMS(2**52),
    "uuid": UUID("11111111-2222-4333-8444-555555555555"),
    "bytes": b"\x00\xff",
    "subtype": bson.Binary(b"\x01", 128),
    "id": bson.ObjectId("0123456789abcdef01234567"),
    "regex": bson.Regex("^a", "i"),
    "list": [1, [2, {"three": 3}], []],
    "document": {"z": 1, "a": {"b": None}},
    "empty document": {},
}


async def all_of(store: Store, collection: str, filter: Any = None, **options: Any) -> list[Any]:
    batches = store.find(collection, filter or {}, **options)
    return [document async for batch in batches for document in batch]


NEEDS = {
    "decimal": "decimals",
    "subtype": "binary_subtypes",
    "list": "nested_arrays",
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.needs(NEEDS[name])] if name in NEEDS else [])
        for name in VALUES
    ],
)
async def test_a_value_comes_back_as_the_embedded_store_gives_it(
    store: MongoStore, name: str
) -> None:
    document = {"_id": 1, "value": VALUES[name]}

    await store.insert("values", [document])

    [found] = await all_of(store, "values")
    expected = decode(encode(document))
    assert found == expected
    assert type(found) is dict
    assert type(found["value"]) is type(expected["value"])
    assert list(found) == list(expected)


async def test_a_batch_is_stored_and_found_in_batches(store: MongoStore) -> None:
    await store.insert("users", [{"_id": n, "n": n % 10} for n in range(1200)])

    sizes = [len(batch) async for batch in store.find("users", {})]
    small = [
        len(batch)
        async for batch in store.find("users", {}, options=OperationOptions(batch_size=400))
    ]

    assert sizes == [500, 500, 200]
    assert small == [400, 400, 400]
    assert await store.count("users", {}) == 1200
    assert await store.count("users", {"n": 3}, skip=5, limit=10) == 10
    assert await store.count("users", {"n": 3}, limit=0) == 0


async def test_sort_skip_limit_and_projection(store: MongoStore) -> None:
    await store.insert("users", [{"_id": n, "a": n % 3, "b": n, "c": {"d": n}} for n in range(9)])

    found = await all_of(
        store, "users", sort=[("a", -1), ("b", 1)], skip=1, limit=3, projection={"b": 1}
    )

    assert found == [{"_id": 5, "b": 5}, {"_id": 8, "b": 8}, {"_id": 1, "b": 1}]
    assert await all_of(store, "users", limit=0) == []


async def test_writes_say_how_many_matched_and_changed(store: MongoStore) -> None:
    await store.insert("users", [{"_id": n, "age": n} for n in range(4)])

    many = await store.update("users", {"age": {"$gte": 2}}, {"$set": {"age": 3}})
    one = await store.update("users", {}, {"$set": {"seen": 1}}, many=False)
    replaced = await store.replace("users", {"_id": 0}, {"name": "Ada"})
    nothing = await store.update("users", {"_id": 77}, {"$set": {"age": 3}})

    assert (many.matched, many.modified, many.upserted) == (2, 1, False)
    assert (one.matched, one.modified) == (1, 1)
    assert (replaced.matched, replaced.modified) == (1, 1)
    assert (nothing.matched, nothing.modified) == (0, 0)
    assert await all_of(store, "users", {"_id": 0}) == [{"_id": 0, "name": "Ada"}]
    assert await store.delete("users", {"age": 3}, many=False) == 1
    assert await store.delete("users", {}) == 3


async def test_an_upsert_says_what_it_made(store: MongoStore) -> None:
    made = await store.update("users", {"_id": 5}, {"$set": {"a": 1}}, upsert=True)
    found = await store.replace("users", {"_id": 5}, {"a": 2}, upsert=True)

    assert (made.matched, made.modified, made.upserted, made.upserted_id) == (0, 0, True, 5)
    assert (found.matched, found.upserted, found.upserted_id) == (1, False, None)
    assert await all_of(store, "users") == [{"_id": 5, "a": 2}]


@pytest.mark.needs("bulk_of_every_kind")
async def test_a_bulk_does_all_kinds_of_writes(store: MongoStore) -> None:
    await store.insert("users", [{"_id": n, "a": n} for n in range(4)])

    result = await store.bulk(
        "users",
        [
            Insert(document={"_id": 9, "a": 9}),
            Update(filter={"a": {"$lt": 2}}, update={"$inc": {"a": 100}}, many=True),
            Replace(filter={"_id": 8}, document={"a": 8}, upsert=True),
            Delete(filter={"_id": 2}),
        ],
    )

    assert (result.inserted, result.matched, result.modified, result.deleted) == (1, 2, 2, 1)
    assert result.upserted == {2: 8}
    assert await all_of(store, "users", sort=[("_id", 1)]) == [
        {"_id": 0, "a": 100},
        {"_id": 1, "a": 101},
        {"_id": 3, "a": 3},
        {"_id": 8, "a": 8},
        {"_id": 9, "a": 9},
    ]


async def test_an_unordered_bulk_does_what_it_can(store: MongoStore) -> None:
    await store.insert("users", [{"_id": 1}])

    with pytest.raises(BulkWriteError) as caught:
        await store.bulk("users", [Insert(document={"_id": n}) for n in (0, 1, 2)], ordered=False)

    assert [fault["index"] for fault in caught.value.details["writeErrors"]] == [1]
    assert await store.count("users", {}) == 3


async def test_find_one_and_gives_the_document(store: MongoStore) -> None:
    await store.insert("users", [{"_id": n, "a": n} for n in range(3)])

    before = await store.find_one_and_update("users", {}, {"$inc": {"a": 10}}, sort=[("a", -1)])
    after = await store.find_one_and_update(
        "users", {"_id": 2}, {"$inc": {"a": 10}}, returned="after"
    )
    replaced = await store.find_one_and_replace("users", {"_id": 0}, {"b": 1}, returned="after")
    deleted = await store.find_one_and_delete("users", {"_id": 1})
    nothing = await store.find_one_and_delete("users", {"_id": 1})

    assert before == {"_id": 2, "a": 2}
    assert after == {"_id": 2, "a": 22}
    assert replaced == {"_id": 0, "b": 1}
    assert deleted == {"_id": 1, "a": 1}
    assert nothing is None


async def test_distinct_gives_the_values_of_arrays_one_by_one(store: MongoStore) -> None:
    await store.insert("users", [{"_id": 1, "t": ["a", "b"]}, {"_id": 2, "t": "b"}, {"_id": 3}])

    assert sorted(await store.distinct("users", "t", {})) == ["a", "b"]
    assert await store.distinct("users", "t", {"_id": 2}) == ["b"]


async def test_an_aggregation_is_yielded_in_batches(store: MongoStore) -> None:
    await store.insert("users", [{"_id": n, "a": n % 2} for n in range(6)])

    stages = [{"$match": {"a": 1}}, {"$sort": {"_id": 1}}]
    options = OperationOptions(batch_size=2)
    batches = [batch async for batch in store.aggregate("users", stages, options=options)]

    assert [one["_id"] for batch in batches for one in batch] == [1, 3, 5]
    assert [len(batch) for batch in batches] == [2, 1]


@pytest.mark.parametrize("size", [1, 2])
async def test_a_duplicate_by_which_nothing_is_stored_says_where(
    store: MongoStore, size: int
) -> None:
    await store.insert("users", [{"_id": 1}])

    with pytest.raises(DuplicateKeyError) as caught:
        await store.insert("users", [{"_id": n} for n in range(1, 1 + size)])

    assert caught.value.details is not None
    assert (caught.value.code, caught.value.details["index"]) == (11000, 0)
    assert await store.count("users", {}) == 1


async def test_a_batch_is_stored_up_to_its_fault(store: MongoStore) -> None:
    await store.insert("users", [{"_id": 3}])

    with pytest.raises(BulkWriteError) as caught:
        await store.insert("users", [{"_id": n} for n in range(1, 5)])

    [fault] = caught.value.details["writeErrors"]
    assert (fault["index"], fault["code"]) == (2, 11000)
    assert caught.value.details["nInserted"] == 2
    assert await store.count("users", {"_id": {"$in": [1, 2]}}) == 2


async def test_a_unique_index_is_made_listed_kept_and_dropped(store: MongoStore) -> None:
    index = Index(fields=(("name", 1), ("age", -1)), unique=True)

    await store.create_index("users", index)
    await store.create_index("users", index)
    assert await store.indexes("users") == [index]

    await store.insert("users", [{"_id": 1, "name": "Ada", "age": 3}])
    with pytest.raises(DuplicateKeyError):
        await store.insert("users", [{"_id": 2, "name": "Ada", "age": 3}])

    await store.drop_index("users", index.name)
    await store.drop_index("users", index.name)
    assert await store.indexes("users") == []
    await store.insert("users", [{"_id": 2, "name": "Ada", "age": 3}])


async def test_a_collection_that_is_not_there_is_empty(store: MongoStore) -> None:
    assert await store.indexes("nobody") == []
    assert await store.count("nobody", {}) == 0
    assert await all_of(store, "nobody") == []
    assert await store.delete("nobody", {}) == 0
    await store.drop_index("nobody", "a_1")
    await store.drop_collection("nobody")


async def test_collections_come_and_go(store: MongoStore) -> None:
    for name in ("users", "a.b", "order"):
        await store.insert(name, [{"_id": 1}])
    assert await store.collections() == ["a.b", "order", "users"]

    await store.drop_collection("a.b")

    assert await store.collections() == ["order", "users"]


async def test_the_server_describes_itself(store: MongoStore) -> None:
    described = await store.describe()

    assert described.product == "MongoDB"
    assert described.version[0].isdigit()
    assert described.topology
    assert str(described.details["database"]).startswith("earnorm_test_")


@pytest.mark.parametrize("name", ["", "a$b", "a..b", ".a", "a.", "a\0b", "\ud800", None, 3])
async def test_a_name_that_no_collection_may_have_is_refused(store: MongoStore, name: Any) -> None:
    with pytest.raises(OperationFailure) as caught:
        await store.insert(name, [{"_id": 1}])
    assert caught.value.code == 73
    assert await store.collections() == []


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({"_id": 1, "a": {"b": {1, 2}}}, "'a.b' .* type set. Use a list"),
        ({"_id": 1, "a": 2**64}, "'a' .* at most 64 bits"),
        ({"_id": 1, "a": "\ud800"}, "lone surrogate"),
        ({"_id": 1, "a\0": 1}, "NUL"),
        ({"_id": 1, 3: 1}, "names in a document are text"),
    ],
)
async def test_what_bson_cannot_hold_is_named(store: MongoStore, document: Any, fault: str) -> None:
    with pytest.raises(InvalidDocumentError, match=fault):
        await store.insert("users", [document])
    with pytest.raises(InvalidDocumentError, match=f"document 1 of the batch: .*{fault}"):
        await store.insert("users", [{"_id": 0}, document])
    with pytest.raises(OperationFailure, match="the filter cannot be sent"):
        await store.count("users", document)
    with pytest.raises(InvalidDocumentError, match="the update cannot be sent"):
        await store.update("users", {}, {"$set": document})
    with pytest.raises(InvalidDocumentError):
        await store.replace("users", {}, document)


async def test_a_document_that_contains_itself_is_refused(store: MongoStore) -> None:
    document: dict[str, Any] = {"_id": 1}
    document["self"] = document

    with pytest.raises(InvalidDocumentError, match="nests more than 100 levels"):
        await store.insert("users", [document])


async def test_a_document_of_more_than_16_mib_is_refused(store: MongoStore) -> None:
    with pytest.raises(DocumentTooLarge):
        await store.insert("users", [{"_id": 1, "a": "x" * (17 * 1024 * 1024)}])


@pytest.mark.parametrize("filter", [None, 3, "x", [], [{"a": 1}]])
async def test_what_is_no_filter_is_refused(store: MongoStore, filter: Any) -> None:
    for work in (
        store.count("u", filter),
        store.update("u", filter, {"$set": {"a": 1}}),
        store.delete("u", filter),
        store.distinct("u", "a", filter),
        anext(store.find("u", filter)),
        store.bulk("u", [Delete(filter=filter)]),
        store.find_one_and_delete("u", filter),
    ):
        with pytest.raises(OperationFailure, match="a filter is a document"):
            await work


@pytest.mark.parametrize("update", [{}, {"a": 1}, [], None, 3, "x"])
async def test_what_is_no_update_is_refused(store: MongoStore, update: Any) -> None:
    for work in (
        store.update("u", {}, update),
        store.find_one_and_update("u", {}, update),
        store.bulk("u", [Update(filter={}, update=update)]),
    ):
        with pytest.raises(OperationFailure) as caught:
            await work
        assert caught.value.code == 9


async def test_a_replacement_of_operators_is_refused(store: MongoStore) -> None:
    for work in (
        store.replace("u", {}, {"$set": {"a": 1}}),
        store.find_one_and_replace("u", {}, {"$set": {"a": 1}}),
        store.bulk("u", [Replace(filter={}, document={"$set": {"a": 1}})]),
    ):
        with pytest.raises(OperationFailure) as caught:
            await work
        assert caught.value.code == 9


async def test_leaving_a_find_early_leaves_the_server_free(store: MongoStore) -> None:
    await store.insert("users", [{"_id": n} for n in range(50)])
    for _ in range(20):
        batches = store.find("users", {}, options=OperationOptions(batch_size=3))
        assert len(await anext(batches)) == 3
        await batches.aclose()

    assert (await store.update("users", {}, {"$set": {"a": 1}})).modified == 50


@pytest.mark.needs("explain")
async def test_explain_shows_the_index(store: MongoStore) -> None:
    await store.create_index("users", Index(fields=(("age", 1),)))
    await store.insert("users", [{"_id": n, "age": n} for n in range(10)])

    explained = await store.explain("users", {"age": 3})

    assert "IXSCAN" in str(explained["queryPlanner"]["winningPlan"])


def needing(feature: str, index: Index) -> Any:
    return pytest.param(index, id=feature, marks=pytest.mark.needs(feature))


COLLATION = {"locale": "en", "strength": 2}


@pytest.mark.parametrize(
    "index",
    [
        needing("sparse_index", Index(fields=(("a", 1),), sparse=True)),
        needing("partial_index", Index(fields=(("b", 1),), partial={"deleted": None})),
        needing("partial_index", Index(fields=(("b", -1),), partial={"n": {"$gt": 1}})),
        needing("ttl_index", Index(fields=(("c", 1),), expire_after=3600)),
        needing("collation_index", Index(fields=(("d", 1),), collation=COLLATION)),
    ],
)
async def test_an_index_with_options_is_listed_as_it_was_made(
    store: MongoStore, index: Index
) -> None:
    await store.create_index("users", index)
    await store.create_index("users", index)

    assert await store.indexes("users") == [index]


@pytest.mark.needs("collation_index")
async def test_an_index_that_names_no_collation_has_that_of_its_collection(
    store: MongoStore,
) -> None:
    await store._link.database.create_collection("users", collation=COLLATION)
    await store.create_index("users", Index(fields=(("a", 1),)))

    (listed,) = await store.indexes("users")
    assert listed.inherits_collation
    assert listed == Index(fields=(("a", 1),), collation=COLLATION)


@pytest.mark.needs("collation")
async def test_a_collation_is_used(store: MongoStore) -> None:
    await store.insert("users", [{"_id": 1, "name": "Ada"}, {"_id": 2, "name": "ada"}])

    options = OperationOptions(collation={"locale": "en", "strength": 2})

    assert await store.count("users", {"name": "ADA"}, options=options) == 2
    assert len(await all_of(store, "users", {"name": "ADA"}, options=options)) == 2


@pytest.mark.needs("transactions")
async def test_a_transaction_happens_as_a_whole_or_not_at_all(store: MongoStore) -> None:
    await store.insert("users", [{"_id": 0}])

    kept = await store.begin()
    await kept.insert("users", [{"_id": 1}])
    assert await store.count("users", {}) == 1
    assert await kept.count("users", {}) == 2
    await kept.commit()
    undone = await store.begin()
    await undone.delete("users", {})
    await undone.abort()

    assert await store.count("users", {}) == 2


@pytest.mark.needs("transaction_conflicts")
async def test_of_two_transactions_one_has_a_conflict(store: MongoStore) -> None:
    await store.insert("users", [{"_id": 1, "n": 0}])
    first, second = await store.begin(), await store.begin()
    await first.update("users", {"_id": 1}, {"$inc": {"n": 1}})

    with pytest.raises(OperationFailure) as caught:
        await second.update("users", {"_id": 1}, {"$inc": {"n": 1}})
    await second.abort()
    await first.commit()

    assert caught.value.code == 112
    assert caught.value.has_error_label("TransientTransactionError")
    assert await all_of(store, "users") == [{"_id": 1, "n": 1}]


@pytest.mark.needs("change_streams")
async def test_a_change_stream_gives_what_happens_and_goes_on_after_a_token(
    store: MongoStore,
) -> None:
    await store.insert("users", [{"_id": 0}])
    async with store.watch("users") as stream:
        await store.insert("users", [{"_id": 1}])
        first = await anext(stream)
        await store.update("users", {"_id": 1}, {"$set": {"a": 1}})
    async with store.watch("users", resume_after=first["_id"]) as resumed:
        second = await anext(resumed)

    assert (first["operationType"], first["fullDocument"]) == ("insert", {"_id": 1})
    assert second["operationType"] == "update"
    assert second["updateDescription"]["updatedFields"] == {"a": 1}
