"""Sparse, partial, expiring and collated indexes."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from earnorm.clock import frozen
from earnorm.errors import UnsupportedError
from earnorm.stores.sqlite import SqliteStore
from earnorm.stores.sqlite.catalog import StoredIndex
from earnorm.stores.sqlite.planner import plan
from earnorm.stores.sqlite.plans import FullScan, IndexScan
from earnorm.typing import Index, OperationOptions

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
ENGLISH = {"locale": "en", "strength": 2}


def uses(index: Index, filter_: dict[str, Any]) -> bool:
    stored = StoredIndex(number=1, index=index, multikey=False)
    chosen = plan(filter_, [stored])
    assert isinstance(chosen, FullScan | IndexScan)
    return isinstance(chosen, IndexScan)


async def ids(store: SqliteStore, filter_: dict[str, Any], **how: Any) -> list[Any]:
    return [each["_id"] async for batch in store.find("things", filter_, **how) for each in batch]


async def test_options_are_kept_in_the_file(path: Path) -> None:
    kept = [
        Index(fields=(("a", 1), ("b", -1)), sparse=True, unique=True),
        Index(fields=(("at", -1),), expire_after=60.5),
        Index(fields=(("c", 1),), partial={"d": {"$gt": 1, "$exists": True}}),
        Index(fields=(("name", 1),), collation=ENGLISH),
    ]
    store = await SqliteStore.open(str(path), name="store")
    for index in kept:
        await store.create_index("things", index)
        await store.create_index("things", index)
    await store.aclose()

    store = await SqliteStore.open(str(path), name="store")
    assert await store.indexes("things") == kept
    await store.aclose()


async def test_a_sparse_unique_index_lets_documents_lack_the_field(store: SqliteStore) -> None:
    await store.create_index("things", Index(fields=(("email", 1),), sparse=True, unique=True))
    await store.insert("things", [{"_id": 1}, {"_id": 2}, {"_id": 3, "email": None}])

    with pytest.raises(DuplicateKeyError):
        await store.insert("things", [{"_id": 4, "email": None}])
    await store.update("things", {"_id": 3}, {"$unset": {"email": ""}})
    await store.insert("things", [{"_id": 4, "email": None}])
    assert sorted(await ids(store, {"email": None})) == [1, 2, 3, 4]
    assert await store.count("things", {}, options=OperationOptions(hint="email_1")) == 1


@pytest.mark.parametrize(
    ("filter_", "is_used"),
    [
        ({"a": 1}, True),
        ({"a": {"$gt": 1}}, True),
        ({"a": {"$in": [1, 2]}}, True),
        ({"a": 1, "b": None}, True),
        ({"a": None}, False),
        ({"a": {"$in": [None, 1]}}, False),
        ({"a": None, "b": 5}, True),
        ({"a": None, "b": {"$exists": True}}, True),
        ({"a": None, "b": {"$exists": False}}, False),
    ],
)
def test_a_sparse_index_is_used_where_a_field_must_be_there(
    filter_: dict[str, Any], is_used: bool
) -> None:
    assert uses(Index(fields=(("a", 1), ("b", 1)), sparse=True), filter_) is is_used


@pytest.mark.parametrize(
    ("partial", "condition", "is_used"),
    [
        ({"x": 5}, 5, True),
        ({"x": 5}, {"$eq": 5.0}, True),
        ({"x": 5}, {"$in": [5]}, True),
        ({"x": 5}, {"$in": [5, 6]}, False),
        ({"x": None}, None, True),
        ({"x": None}, {"$exists": False}, False),
        ({"x": {"$in": [1, 2]}}, 1, True),
        ({"x": {"$in": [1, 2]}}, {"$in": [2, 1]}, True),
        ({"x": {"$in": [1, 2]}}, 3, False),
        ({"x": {"$gt": 5}}, 6, True),
        ({"x": {"$gt": 5}}, 5, False),
        ({"x": {"$gt": 5}}, {"$gt": 5}, True),
        ({"x": {"$gt": 5}}, {"$gte": 5}, False),
        ({"x": {"$gt": 5}}, {"$gte": 5.1, "$lt": 9}, True),
        ({"x": {"$gte": 5}}, {"$gt": 5}, True),
        ({"x": {"$gt": 5}}, {"$lt": 9}, False),
        ({"x": {"$gt": 5}}, {"$gt": "9"}, False),
        ({"x": {"$gt": 5, "$lt": 9}}, {"$gt": 6, "$lt": 8}, True),
        ({"x": {"$gt": 5, "$lt": 9}}, {"$gt": 6}, False),
        ({"x": {"$exists": True}}, 5, True),
        ({"x": {"$exists": True}}, {"$gt": 5}, True),
        ({"x": {"$exists": True}}, {"$type": "string"}, True),
        ({"x": {"$exists": True}}, None, False),
        ({"x": {"$exists": True}}, {"$ne": 5}, False),
        ({"x": {"$type": "string"}}, "a", True),
        ({"x": {"$type": "string"}}, {"$gt": "a"}, True),
        ({"x": {"$type": "string"}}, 5, False),
        ({"x": {"$type": "int"}}, 5, False),
        ({"x": {"$type": "number"}}, 5, True),
        ({"x": {"$type": "number"}}, {"$lt": 5}, True),
        ({"$and": [{"x": {"$gt": 1}}, {"x": {"$lt": 9}}]}, 5, True),
        ({"$or": [{"x": 5}, {"y": 1}]}, 5, True),
        ({"$or": [{"x": 5}, {"y": 1}]}, 6, False),
    ],
)
def test_a_partial_index_is_used_where_its_condition_follows(
    partial: dict[str, Any], condition: Any, is_used: bool
) -> None:
    index = Index(fields=(("a", 1),), partial=partial)

    assert uses(index, {"a": 1, "x": condition}) is is_used
    assert not uses(index, {"a": 1})
    either = {"$and": [{"a": 1}, {"$or": [{"x": condition}, {"x": condition, "z": 1}]}]}
    assert uses(index, either) is is_used


@pytest.mark.parametrize(
    "index",
    [
        Index(fields=(("a", 1),), partial={"b": {"$ne": 1}}),
        Index(fields=(("a", 1),), partial={"b": {"$exists": False}}),
        Index(fields=(("a", 1),), partial={"b": {"$regex": "x"}}),
        Index(fields=(("a", 1),), partial={"b": {"$not": {"$gt": 1}}}),
        Index(fields=(("a", 1),), partial={"$nor": [{"b": 1}]}),
        Index(fields=(("a", 1),), partial={"$or": [{"b": 1}, {"c": {"$size": 1}}]}),
        Index(fields=(("a", 1),), partial={"b": 1}, sparse=True),
        Index(fields=(("a", 1), ("b", 1)), expire_after=5),
        Index(fields=(("a", 1),), expire_after=-1),
        Index(fields=(("a", 1),), expire_after=2**31),
        Index(fields=(("a", 1),), expire_after=float("nan")),
        Index(fields=(("_id", -1),), expire_after=5),
    ],
)
async def test_options_that_mongodb_does_not_take_are_refused(
    store: SqliteStore, index: Index
) -> None:
    with pytest.raises(OperationFailure) as caught:
        await store.create_index("things", index)

    assert caught.value.code == 67
    assert await store.indexes("things") == []


async def test_a_collation_that_only_mongodb_has_is_refused_by_name(store: SqliteStore) -> None:
    with pytest.raises(UnsupportedError, match="sv"):
        await store.create_index("things", Index(fields=(("a", 1),), collation={"locale": "sv"}))


async def test_a_collated_index_serves_those_who_ask_for_its_collation(store: SqliteStore) -> None:
    await store.create_index("things", Index(fields=(("name", 1),), unique=True, collation=ENGLISH))
    await store.insert("things", [{"_id": 1, "name": "Ada"}, {"_id": 2, "name": "bob"}])
    collated = OperationOptions(collation=ENGLISH)

    with pytest.raises(DuplicateKeyError):
        await store.insert("things", [{"_id": 3, "name": "ADA"}])
    assert await ids(store, {"name": "aDa"}, options=collated) == [1]
    assert await ids(store, {"name": "aDa"}) == []
    assert await ids(store, {}, sort=[("name", -1)], options=collated) == [2, 1]
    assert (await explained(store, {"name": "ada"}, collated))["stage"] == "FETCH"
    assert (await explained(store, {"name": "ada"}, None))["stage"] == "COLLSCAN"
    assert (
        await store.update("things", {"name": "BOB"}, {"$set": {"x": 1}}, options=collated)
    ).matched == 1


async def test_what_is_no_text_is_looked_up_under_any_collation(store: SqliteStore) -> None:
    await store.create_index("things", Index(fields=(("n", 1),)))
    await store.create_index("things", Index(fields=(("m", 1),), collation=ENGLISH))
    await store.insert("things", [{"_id": n, "n": n, "m": n} for n in range(20)])
    await store.insert("things", [{"_id": "ada", "n": "ada"}])
    collated = OperationOptions(collation=ENGLISH)

    assert (await explained(store, {"_id": 3}, collated))["stage"] == "IDHACK"
    for filter_, options in (
        ({"_id": {"$gt": 3}}, collated),
        ({"n": {"$in": [1, 2]}}, collated),
        ({"n": 1, "x": "text"}, collated),
        ({"$or": [{"n": 1}, {"_id": 2}]}, collated),
        ({"m": {"$lt": 4}}, None),
    ):
        assert (await explained(store, filter_, options))["stage"] == "FETCH"
    for text in ({"_id": "ada"}, {"n": {"$in": [1, "ada"]}}, {"n": {"$gte": "a"}}):
        assert (await explained(store, text, collated))["stage"] == "COLLSCAN"
    assert await ids(store, {"_id": "ADA"}, options=collated) == ["ada"]
    assert await ids(store, {"_id": 3}, options=collated) == [3]
    assert await store.delete("things", {"_id": "ADA"}, options=collated) == 1


async def test_an_index_of_another_collation_gives_no_order_though_it_is_hinted(
    store: SqliteStore,
) -> None:
    await store.create_index("things", Index(fields=(("name", 1),), collation=ENGLISH))
    await store.insert("things", [{"_id": name, "name": name} for name in "aBbA"])

    hinted = OperationOptions(hint="name_1")
    assert await ids(store, {}, sort=[("name", 1)], options=hinted) == ["A", "B", "a", "b"]


async def test_a_hinted_index_that_lacks_documents_gives_what_it_has(store: SqliteStore) -> None:
    some = Index(fields=(("a", 1),), partial={"name": "ada"}, collation=ENGLISH, name="some")
    await store.create_index("things", some)
    await store.insert("things", [{"_id": name, "name": name, "a": 1} for name in ("ada", "Ada")])
    await store.insert("things", [{"_id": 3, "a": 1}])
    hinted = OperationOptions(hint="some")

    assert await ids(store, {"a": 1}, options=hinted) == ["ada", "Ada"]
    assert await ids(store, {"name": "ada"}, options=hinted) == ["ada"]
    assert await store.count("things", {"name": "ada"}, options=hinted) == 1


async def explained(
    store: SqliteStore, filter_: dict[str, Any], options: OperationOptions | None
) -> Any:
    found = await store.explain("things", filter_, options=options)
    return found["queryPlanner"]["winningPlan"]


async def test_documents_expire_by_the_clock(store: SqliteStore) -> None:
    with frozen(NOON):
        for direction in (1, -1):
            index = Index(fields=((f"at{direction}", direction),), expire_after=3600)
            await store.create_index("things", index)
        old, new = NOON - timedelta(hours=1), NOON - timedelta(minutes=59)
        await store.insert(
            "things",
            [
                {"_id": "old", "at1": old},
                {"_id": "old too", "at-1": old},
                {"_id": "earliest", "at1": [NOON, old]},
                {"_id": "new", "at1": new, "at-1": new},
                {"_id": "none", "at1": None},
                {"_id": "text", "at1": "1970"},
                {"_id": "number", "at-1": 5},
                {"_id": "missing"},
            ],
        )
        await store.delete_expired()
        assert await ids(store, {}) == ["new", "none", "text", "number", "missing"]
    with frozen(NOON + timedelta(hours=1)):
        await store.delete_expired()
    assert await ids(store, {}) == ["none", "text", "number", "missing"]


async def test_many_documents_expire_in_several_writes(store: SqliteStore) -> None:
    with frozen(NOON):
        await store.create_index("things", Index(fields=(("at", 1),), expire_after=0))
        await store.insert("things", [{"_id": n, "at": NOON} for n in range(1_200)])
        await store.insert("things", [{"_id": -1, "at": NOON + timedelta(seconds=1)}])
        await store.delete_expired()

    assert await ids(store, {}) == [-1]


async def test_only_documents_of_a_partial_index_expire(store: SqliteStore) -> None:
    index = Index(fields=(("at", 1),), expire_after=1, partial={"done": True})
    await store.create_index("things", index)
    await store.insert(
        "things", [{"_id": 1, "at": NOON, "done": True}, {"_id": 2, "at": NOON, "done": False}]
    )

    await store.delete_expired()

    assert await ids(store, {}) == [2]


async def test_what_expired_while_the_store_was_closed_goes_when_it_opens(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store")
    await store.create_index("things", Index(fields=(("at", 1),), expire_after=1))
    await store.delete_expired()
    await store.insert("things", [{"_id": 1, "at": NOON}, {"_id": 2}])
    assert await ids(store, {}) == [1, 2]
    await store.aclose()

    store = await SqliteStore.open(str(path), name="store")
    async with asyncio.timeout(120):
        while await store.count("things", {}) > 1:
            pass
    assert await ids(store, {}) == [2]
    await store.aclose()


async def test_documents_go_on_expiring_while_the_store_is_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earnorm.stores.sqlite.store._EXPIRY_PAUSE", 0.01)
    store = await SqliteStore.open(str(path), name="store")
    await store.create_index("things", Index(fields=(("at", 1),), expire_after=1))
    for _ in range(3):
        await store.insert("things", [{"at": NOON, "_id": n} for n in range(5)])
        async with asyncio.timeout(120):
            while await store.count("things", {}):
                pass
    await store.aclose()
