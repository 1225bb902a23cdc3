"""What `explain` says of plans, and what plans do: hints, orders, limits of time and memory."""

import itertools
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import ExecutionTimeout, OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import compile_sort
from earnorm.stores.sqlite import SqliteStore, reading, selection
from earnorm.stores.sqlite.deadline import Deadline
from earnorm.stores.sqlite.sorting import Sorting
from earnorm.typing import Index, OperationOptions

AGE = Index(fields=(("age", 1),))
KIND_AGE = Index(fields=(("kind", 1), ("age", -1)))


async def stages(store: SqliteStore, filter_: dict[str, Any], **how: Any) -> list[str]:
    """The names of the stages, from the last one inwards."""
    stage = (await store.explain("things", filter_, **how))["queryPlanner"]["winningPlan"]
    names = []
    while stage is not None:
        names.append(stage["stage"])
        stage = stage.get("inputStage")
    return names


async def scan(store: SqliteStore, filter_: dict[str, Any], **how: Any) -> dict[str, Any]:
    """The innermost stage."""
    stage = (await store.explain("things", filter_, **how))["queryPlanner"]["winningPlan"]
    while "inputStage" in stage:
        stage = stage["inputStage"]
    return dict(stage)


async def ids(store: SqliteStore, filter_: dict[str, Any], **how: Any) -> list[Any]:
    return [each["_id"] async for batch in store.find("things", filter_, **how) for each in batch]


@pytest.fixture
async def things(store: SqliteStore) -> SqliteStore:
    """A hundred documents with indexes over `age`, and over `kind` and `age`."""
    await store.create_index("things", AGE)
    await store.create_index("things", KIND_AGE)
    await store.insert(
        "things",
        [{"_id": n, "age": n % 50, "kind": "abc"[n % 3], "other": n % 7} for n in range(100)],
    )
    return store


async def test_the_stages_have_mongodbs_names(things: SqliteStore) -> None:
    assert await stages(things, {}) == ["COLLSCAN"]
    assert await stages(things, {"_id": 5}) == ["IDHACK"]
    assert await stages(things, {"age": 5}) == ["FETCH", "IXSCAN"]
    assert await stages(things, {"other": 5}, sort=[("other", 1)], skip=1, limit=2) == [
        "LIMIT",
        "SKIP",
        "SORT",
        "COLLSCAN",
    ]
    assert await stages(things, {}, sort=[("age", -1)], projection={"age": 1}) == [
        "PROJECTION_SIMPLE",
        "FETCH",
        "IXSCAN",
    ]
    assert await stages(things, {}, projection={"a.b": 1}) == ["PROJECTION_DEFAULT", "COLLSCAN"]
    assert (await store_explain(things, "nothing")) == {"stage": "EOF"}


async def store_explain(store: SqliteStore, collection: str) -> Any:
    return (await store.explain(collection, {"a": 1}))["queryPlanner"]["winningPlan"]


async def test_a_scan_of_an_index_says_what_it_looks_up(things: SqliteStore) -> None:
    found = await scan(things, {"kind": "a", "age": {"$gte": 3, "$lt": 9}})

    assert found == {
        "stage": "IXSCAN",
        "keyPattern": {"kind": 1, "age": -1},
        "indexName": "kind_1_age_-1",
        "isMultiKey": False,
        "isUnique": False,
        "isSparse": False,
        "isPartial": False,
        "direction": "forward",
        "indexBounds": {"kind": ['["a", "a"]'], "age": ["(9, 3]"]},
    }


@pytest.mark.parametrize(
    ("condition", "bounds"),
    [
        (5, "[5, 5]"),
        (None, "[null, null]"),
        (True, "[true, true]"),
        ({"$gt": 5}, "(5, inf]"),
        ({"$lte": 5.5}, "[-inf, 5.5]"),
        ({"$gt": "a"}, '("a", {})'),
        ({"$lt": 'a"'}, '["", "a\\"")'),
        ({"$lt": True}, "[false, true)"),
        (
            {"$gte": datetime(1970, 1, 2, tzinfo=UTC)},
            f"[new Date(86400000), new Date({2**63 - 1})]",
        ),
        ({"$lte": ObjectId("0" * 24)}, f"[ObjectId('{'0' * 24}'), ObjectId('{'0' * 24}')]"),
    ],
)
async def test_bounds_are_written_as_mongodb_writes_them(
    things: SqliteStore, condition: Any, bounds: str
) -> None:
    assert (await scan(things, {"age": condition}))["indexBounds"] == {"age": [bounds]}


async def test_what_was_read_is_counted(things: SqliteStore) -> None:
    explained = await things.explain("things", {"age": {"$lt": 2}, "other": {"$gt": 3}})

    assert explained["executionStats"]["totalKeysExamined"] == 4
    assert explained["executionStats"]["totalDocsExamined"] == 4
    assert explained["executionStats"]["nReturned"] == len(
        await ids(things, {"age": {"$lt": 2}, "other": {"$gt": 3}})
    )


@pytest.mark.parametrize(
    ("filter_", "sort", "direction"),
    [
        ({}, [("age", 1)], "forward"),
        ({}, [("age", -1)], "backward"),
        ({"age": {"$gt": 3}}, [("age", -1)], "backward"),
        ({"age": {"$in": [3, 1, 2]}}, [("age", -1)], "backward"),
        ({}, [("kind", 1), ("age", -1)], "forward"),
        ({}, [("kind", -1), ("age", 1)], "backward"),
        ({"kind": "a"}, [("age", -1)], "forward"),
        ({"kind": "a"}, [("age", 1)], "backward"),
        ({"kind": "a"}, [("kind", -1), ("age", 1)], "backward"),
        ({"kind": {"$in": ["a", "b"]}}, [("kind", 1)], "forward"),
        ({"_id": {"$gt": 7}}, [("_id", -1), ("other", 1)], "backward"),
        ({"$or": [{"age": {"$gt": 40}}, {"age": 3}]}, [("age", 1)], "forward"),
    ],
)
async def test_an_index_that_has_the_order_spares_the_sort(
    things: SqliteStore, filter_: dict[str, Any], sort: list[tuple[str, int]], direction: str
) -> None:
    assert "SORT" not in await stages(things, filter_, sort=sort)
    assert (await scan(things, filter_, sort=sort))["direction"] == direction
    found = [each async for batch in things.find("things", filter_, sort=sort) for each in batch]
    keys = list(map(compile_sort(sort), found))
    assert keys == sorted(keys)
    assert len(found) == await things.count("things", filter_)


async def test_ranges_of_a_list_are_merged_into_one_order(things: SqliteStore) -> None:
    sort = [("age", 1)]
    filter_ = {"kind": {"$in": ["a", "c"]}, "other": {"$ne": 1}}
    plan = (await things.explain("things", filter_, sort=sort))["queryPlanner"]["winningPlan"]

    assert plan["inputStage"]["stage"] == "SORT_MERGE"
    found = [each async for batch in things.find("things", filter_, sort=sort) for each in batch]
    assert [each["age"] for each in found] == sorted(each["age"] for each in found)
    assert len(found) == await things.count("things", filter_)


@pytest.mark.parametrize(
    "sort",
    [
        [("kind", 1), ("age", 1)],
        [("age", 1), ("kind", 1)],
        [("other", 1)],
        [("age", 1), ("_id", 1)],
    ],
)
async def test_an_order_that_no_index_has_is_sorted(
    things: SqliteStore, sort: list[tuple[str, int]]
) -> None:
    assert (await stages(things, {}, sort=sort))[0] == "SORT"


async def test_an_array_sorts_by_its_least_element_whatever_the_filter_asks(
    store: SqliteStore,
) -> None:
    await store.create_index("things", Index(fields=(("tags", 1),)))
    await store.insert("things", [{"_id": 1, "tags": [1, 9]}, {"_id": 2, "tags": [5]}])

    assert await ids(store, {"tags": {"$gt": 4}}, sort=[("tags", 1)]) == [1, 2]
    assert await ids(store, {}, sort=[("tags", -1)]) == [1, 2]
    assert "SORT" in await stages(store, {"tags": {"$gt": 4}}, sort=[("tags", 1)])
    assert "SORT" not in await stages(store, {}, sort=[("tags", -1)])


async def test_alternatives_are_looked_up_each_in_its_index(things: SqliteStore) -> None:
    filter_ = {"$or": [{"age": 3}, {"kind": "a", "age": {"$gt": 47}}, {"_id": 7}]}
    plan = (await things.explain("things", filter_))["queryPlanner"]["winningPlan"]

    assert plan["inputStage"]["stage"] == "OR"
    names = [stage["indexName"] for stage in plan["inputStage"]["inputStages"]]
    assert names == ["age_1", "kind_1_age_-1", "_id_"]
    assert sorted(await ids(things, filter_)) == [3, 7, 48, 53, 99]
    assert await stages(things, {"$or": [{"age": 3}, {"other": 1}]}) == ["COLLSCAN"]


async def test_a_hint_is_followed(things: SqliteStore) -> None:
    by_name = OperationOptions(hint="kind_1_age_-1")
    by_fields = OperationOptions(hint=(("age", 1),))
    natural = OperationOptions(hint=(("$natural", 1),))

    assert (await scan(things, {"age": 5}, options=by_name))["indexName"] == "kind_1_age_-1"
    assert (await scan(things, {"kind": "a"}, options=by_fields))["indexName"] == "age_1"
    assert (await scan(things, {"_id": 5}, options=by_fields))["indexName"] == "age_1"
    assert await stages(things, {"age": 5}, options=natural) == ["COLLSCAN"]
    for options in (by_name, by_fields, natural):
        assert sorted(await ids(things, {"age": 5}, options=options)) == [5, 55]
        assert await things.count("things", {"_id": 5}, options=options) == 1
    assert await things.delete("things", {"age": 5}, options=by_name) == 2


@pytest.mark.parametrize("hint", ["no such", (("age", -1),), (("kind", 1),), "'; DROP TABLE c1"])
async def test_a_hint_that_names_no_index_is_refused(things: SqliteStore, hint: Any) -> None:
    options = OperationOptions(hint=hint)

    for operation in (
        ids(things, {"_id": 5}, options=options),
        things.count("things", {}, options=options),
        things.delete("things", {"_id": 5}, options=options),
        things.update("things", {}, {"$set": {"a": 1}}, options=options),
    ):
        with pytest.raises(OperationFailure, match="does not correspond") as caught:
            await operation
        assert caught.value.code == 2
    assert await things.count("things", {"a": 1}) == 0
    assert await things.count("things", {}) == 100


async def test_the_natural_order_backwards_is_refused_by_name(things: SqliteStore) -> None:
    with pytest.raises(UnsupportedError, match="natural"):
        await ids(things, {}, options=OperationOptions(hint=(("$natural", -1),)))


async def test_an_operation_ends_when_its_time_is_up(things: SqliteStore) -> None:
    options = OperationOptions(max_time=1e-9)

    for operation in (
        ids(things, {"other": {"$gt": 1}}, options=options),
        things.count("things", {"other": {"$gt": 1}}, options=options),
        things.update("things", {}, {"$set": {"a": 1}}, options=options),
        things.delete("things", {}, options=options),
        things.explain("things", {}, options=options),
    ):
        with pytest.raises(ExecutionTimeout) as caught:
            await operation
        assert caught.value.code == 50
    assert await things.count("things", {"a": {"$exists": False}}) == 100
    assert await things.count("things", {}, options=OperationOptions(max_time=60)) == 100


def test_the_time_counts_from_the_beginning() -> None:
    times = iter([10.0, 11.9, 12.0])
    deadline = Deadline(2.0, clock=lambda: next(times))

    deadline.check()
    with pytest.raises(ExecutionTimeout):
        deadline.check()
    Deadline(None).check()


async def test_the_time_is_looked_at_before_each_document(
    things: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = itertools.count()
    for room in (reading, selection):
        monkeypatch.setattr(room, "Deadline", partial(Deadline, clock=lambda: next(seconds)))
    computed = {"$expr": {"$gte": ["$age", 0]}}
    options = OperationOptions(max_time=50)

    for operation in (
        ids(things, computed, options=options),
        ids(things, computed, sort=[("other", 1)], options=options),
        ids(things, {}, projection={"twice": {"$add": ["$age", "$age"]}}, options=options),
        things.count("things", computed, options=options),
        things.distinct("things", "age", computed, options=options),
        things.update("things", computed, {"$set": {"a": 1}}, options=options),
        things.delete("things", computed, options=options),
    ):
        with pytest.raises(ExecutionTimeout):
            await operation
    assert await things.count("things", {"a": {"$exists": False}}) == 100


async def test_batches_are_as_small_as_asked(things: SqliteStore) -> None:
    for sort in ((), (("age", 1),), (("other", 1),)):
        options = OperationOptions(batch_size=7)
        sizes = [
            len(batch) async for batch in things.find("things", {}, sort=sort, options=options)
        ]
        assert sum(sizes) == 100
        assert max(sizes) == 7


def test_a_sort_in_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earnorm.stores.sqlite.sorting._MOST_BYTES", 100_000)
    sorter = compile_sort([("a", 1)])
    unlimited, limited = Sorting(sorter, None), Sorting(sorter, 10)

    for n in range(10_000):
        limited.add({"a": -n}, n)
    with pytest.raises(OperationFailure, match="100,000 bytes") as caught:
        add_all(unlimited)

    assert caught.value.code == 292
    assert limited.rids() == list(range(9_999, 9_989, -1))


def add_all(sorting: Sorting) -> None:
    for n in range(10_000):
        sorting.add({"a": n}, n)


async def test_an_index_that_is_dropped_ends_what_walks_through_it(things: SqliteStore) -> None:
    options = OperationOptions(batch_size=5)
    batches = things.find("things", {"age": {"$gt": 1}}, options=options)
    await anext(batches)

    await things.drop_index("things", "age_1")

    with pytest.raises(OperationFailure, match="'age_1' was dropped") as caught:
        await anext(batches)
    assert caught.value.code == 175


async def test_a_document_that_moves_in_an_index_is_met_once(things: SqliteStore) -> None:
    options = OperationOptions(batch_size=3)
    met = []
    async for batch in things.find("things", {"age": {"$gte": 0}}, options=options):
        for each in batch:
            met.append(each["_id"])
            await things.update("things", {"_id": each["_id"]}, {"$inc": {"age": 25}})
            assert len(met) <= 200

    assert sorted(met) == list(range(100))
    result = await things.update("things", {"age": {"$gte": 0}}, {"$inc": {"age": 1}})
    assert result.matched == 100


async def test_the_first_in_an_order_is_claimed_through_the_index(things: SqliteStore) -> None:
    claimed = []
    for _ in range(3):
        found = await things.find_one_and_update(
            "things", {"kind": "a"}, {"$set": {"kind": "taken"}}, sort=[("age", -1)]
        )
        claimed.append(found and found["age"])

    assert claimed == [49, 48, 46]
