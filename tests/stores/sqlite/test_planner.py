import asyncio
import math
import re
from contextlib import suppress
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.errors import OperationFailure, WriteError

from earnorm.stores.documents import compile_filter, compile_sort, decode, key_bytes
from earnorm.stores.sqlite import SqliteStore
from earnorm.stores.sqlite.catalog import StoredIndex
from earnorm.stores.sqlite.planner import plan
from earnorm.stores.sqlite.plans import FullScan, IndexScan
from earnorm.typing import Index


def stored(*fields: str, multikey: bool = False, **how: Any) -> StoredIndex:
    index = Index(fields=tuple((field, 1) for field in fields), **how)
    return StoredIndex(number=len(fields), index=index, multikey=multikey)


ID = StoredIndex(number=0, index=Index(fields=(("_id", 1),), unique=True), multikey=False)
AGE = stored("age")
NAME_AGE = stored("name", "age")
EMAIL = stored("email", unique=True)
LIVING = stored("email", partial={"deleted_at": None})


def chosen(filter_: dict[str, Any], *indexes: StoredIndex) -> StoredIndex | None:
    plan_ = plan(filter_, indexes)
    return plan_.index if isinstance(plan_, IndexScan) else None


@pytest.mark.parametrize(
    "filter_",
    [
        {"_id": 5},
        {"_id": {"$eq": 5}, "age": 3},
        {"age": 3, "$and": [{"_id": 5}]},
        {"_id": {"$in": [5, 5.0]}},
        {"_id": {"$in": [5]}, "$or": [{"a": 1}, {"b": 2}]},
    ],
)
def test_an_id_is_looked_up_before_any_index(filter_: dict[str, Any]) -> None:
    plan_ = plan(filter_, [ID, AGE])

    assert isinstance(plan_, IndexScan)
    assert plan_.index is ID
    assert plan_.ranges == ((key_bytes(5), key_bytes(5) + b"\xff"),)


@pytest.mark.parametrize(
    ("filter_", "index"),
    [
        ({"age": 3}, AGE),
        ({"age": {"$in": [1, 2]}}, AGE),
        ({"age": {"$gt": 3}}, AGE),
        ({"age": {"$gte": 3, "$lt": 9}}, AGE),
        ({"age": None}, AGE),
        ({"age": [1, 2]}, AGE),
        ({"$and": [{"x": 1}, {"age": 3}]}, AGE),
        ({"name": "a", "age": 3}, NAME_AGE),
        ({"name": "a", "age": {"$gt": 3}}, NAME_AGE),
        ({"name": {"$in": ["a", "b"]}}, NAME_AGE),
        ({"email": "a", "age": 1}, EMAIL),
        ({"age": {"$gt": 3}, "email": "a"}, EMAIL),
    ],
)
def test_the_index_that_narrows_most_is_used(filter_: dict[str, Any], index: StoredIndex) -> None:
    assert chosen(filter_, AGE, NAME_AGE, EMAIL) is index


@pytest.mark.parametrize(
    "filter_",
    [
        {},
        {"other": 3},
        {"age": {"$ne": 3}},
        {"age": {"$exists": True}},
        {"age": re.compile("x")},
        {"age": {"$in": [1, re.compile("x")]}},
        {"age": {"$not": {"$gt": 3}}},
        {"age": {"$gte": None}},
        {"age": {"$gt": [1]}},
        {"$or": [{"age": 3}, {"x": 1}]},
    ],
)
def test_what_an_index_cannot_answer_is_scanned(filter_: dict[str, Any]) -> None:
    assert plan(filter_, [AGE]) == FullScan()


def test_a_partial_index_is_used_only_when_the_filter_implies_its_condition() -> None:
    assert chosen({"email": "a"}, LIVING) is None
    assert chosen({"email": "a", "deleted_at": 5}, LIVING) is None
    assert chosen({"email": "a", "deleted_at": {"$in": [None, 5]}}, LIVING) is None
    assert chosen({"email": "a", "deleted_at": None}, LIVING) is LIVING
    assert chosen({"$and": [{"email": "a"}, {"deleted_at": {"$eq": None}}]}, LIVING) is LIVING


def test_a_multikey_index_uses_one_bound_of_a_range() -> None:
    both = plan({"age": {"$gt": 5, "$lt": 3}}, [stored("age", multikey=True)])
    exact = plan({"age": {"$gt": 5, "$lt": 3}}, [AGE])

    assert isinstance(both, IndexScan)
    assert isinstance(exact, IndexScan)
    assert both.ranges[0][1] > both.ranges[0][0]
    assert exact.ranges[0][1] < exact.ranges[0][0]


def test_numbers_in_a_path_are_not_looked_up() -> None:
    assert chosen({"a.0": 1}, stored("a.0")) is None


def test_a_long_list_of_values_does_not_multiply_without_bound() -> None:
    values = list(range(500))

    plan_ = plan({"name": {"$in": values}, "age": {"$in": values}}, [NAME_AGE])

    assert isinstance(plan_, IndexScan)
    assert len(plan_.ranges) == 500


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What a find or a count decoded."""
    seen: list[bytes] = []

    def watched(encoded: bytes) -> dict[str, Any]:
        seen.append(encoded)
        return decode(encoded)

    monkeypatch.setattr("earnorm.stores.sqlite.reading.decode", watched)
    monkeypatch.setattr("earnorm.stores.sqlite.counting.decode", watched)
    return seen


async def test_only_the_documents_that_an_index_points_at_are_read(
    store: SqliteStore, decoded: list[bytes]
) -> None:
    await store.create_index("things", Index(fields=(("age", 1),)))
    await store.insert("things", [{"_id": ObjectId(), "age": n, "x": n % 2} for n in range(1_000)])

    assert len(await all_of(store, {"age": 7})) == 1
    assert len(decoded) == 1
    assert len(await all_of(store, {"age": {"$gte": 10, "$lt": 20}, "x": 0})) == 5
    assert len(decoded) == 11
    await store.update("things", {"age": 7}, {"$set": {"age": -7}})
    assert await all_of(store, {"age": 7}) == []
    assert len(decoded) == 11


async def test_entries_are_counted_without_reading_documents(
    store: SqliteStore, decoded: list[bytes]
) -> None:
    await store.create_index("things", Index(fields=(("age", 1), ("x", 1))))
    await store.insert("things", [{"_id": n, "age": n % 100, "x": n} for n in range(1_000)])
    await store.insert("things", [{"_id": -1, "age": None}, {"_id": -2}])

    assert await store.count("things", {"age": 7}) == 10
    assert await store.count("things", {"age": {"$in": [1, 2, 300]}}) == 20
    assert await store.count("things", {"age": 7, "x": {"$gt": 500}}, skip=1, limit=2) == 2
    assert decoded == []
    assert await store.count("things", {"age": None}) == 2
    assert decoded


async def test_a_limit_bounds_what_is_read(store: SqliteStore, decoded: list[bytes]) -> None:
    await store.insert("things", [{"_id": n, "even": n % 2 == 0} for n in range(1_000)])

    assert [batch async for batch in store.find("things", {}, skip=900, limit=1)] == [
        [{"_id": 900, "even": True}]
    ]
    assert len(decoded) == 1
    assert [batch async for batch in store.find("things", {"_id": {"$mod": [2, 1]}}, limit=2)]
    assert len(decoded) == 1 + 4


# Whatever the indexes, the answer is that of reading everything.

VALUES: list[Any] = [
    None,
    0,
    1,
    2,
    True,
    "",
    "a",
    [],
    [1],
    [1, 2],
    [[1], 2],
    [[]],
    [None],
    [0, 9],
    {},
    {"b": 1},
    {"b": 1, "c": 2},
    {"b": [1, 2]},
    [{"b": 1, "c": 2}, {"b": 3, "c": 4}],
    [{"b": 1}, 5],
    [8, {"0": 7}],
    {"b": {"c": 1}},
    math.nan,
]
OPERATORS = ["$eq", "$gt", "$gte", "$lt", "$lte", "$ne"]
FILTERS: list[dict[str, Any]] = [
    *({"a": value} for value in VALUES),
    *({"a": {operator: value}} for operator in OPERATORS for value in VALUES),
    *({"a": {"$in": [value, 2]}} for value in VALUES),
    *({"a.b": {operator: value}} for operator in OPERATORS for value in (None, 1, 3, [1, 2])),
    *({"a": {"$gte": low, "$lte": high}} for low in (0, 1, 5) for high in (0, 1, 9)),
    *({"a.b": b, "a.c": c} for b in (None, 1, 3) for c in (None, 2, 4)),
    *({"a": 1, "d": {operator: 1}} for operator in OPERATORS),
    *({"a.0": value} for value in (1, 7, [1], {"b": 1, "c": 2})),
    {"a": {"$in": []}},
    {"a": 1, "d": 1},
    {"d": 1, "a": None},
    {"$and": [{"a": 1}, {"a": 2}]},
    {"$or": [{"a": 1}, {"d": 1}]},
]


@pytest.mark.once
@pytest.mark.parametrize(
    "index",
    [
        Index(fields=(("a", 1),)),
        Index(fields=(("a", -1), ("d", 1))),
        Index(fields=(("d", 1), ("a", 1))),
        Index(fields=(("a.b", 1),)),
        Index(fields=(("a.b", 1), ("a.c", 1))),
        Index(fields=(("a", 1), ("a.b", 1))),
        Index(fields=(("a.0", 1),)),
        Index(fields=(("a", 1),), partial={"d": None}),
        Index(fields=(("d", 1),), partial={"a": 1}),
    ],
    ids=lambda index: index.name,
)
@pytest.mark.parametrize("sample", ["plain", "all"])
async def test_an_index_never_changes_the_answer_to_a_filter(index: Index, sample: str) -> None:
    # without arrays the index is not multikey, and planned more boldly
    values = [value for value in VALUES if sample == "all" or not holds_array(value)]
    documents = [{"_id": n, "a": value} for n, value in enumerate(values)]
    documents += [{"_id": 100 + n, "a": value, "d": 1} for n, value in enumerate(values)]
    documents += [{"_id": 1_000}, {"_id": 1_001, "d": 1}, {"_id": 1_002, "d": [1, 2]}]
    if sample == "plain":
        documents.pop()
    store = await SqliteStore.open(None, name="sqlite://")
    await store.create_index("things", index)
    await insert_each(store, documents)

    kept = await all_of(store, {})
    assert len(kept) >= len(values)
    for filter_ in FILTERS:
        matches = compile_filter(filter_)
        expected = sorted(each["_id"] for each in kept if matches(each))
        found = [each["_id"] for each in await all_of(store, filter_)]
        assert sorted(found) == expected, filter_
        assert await store.count("things", filter_) == len(expected), filter_
    await store.aclose()


def holds_array(value: Any) -> bool:
    return isinstance(value, list) or (
        isinstance(value, dict) and any(map(holds_array, value.values()))
    )


async def all_of(store: SqliteStore, filter_: dict[str, Any], **how: Any) -> list[dict[str, Any]]:
    return [each async for batch in store.find("things", filter_, **how) for each in batch]


numbers = st.sampled_from([0, 1, 2, 1.0, -1, 0.5, True])
leaves = st.one_of(st.none(), numbers, st.sampled_from(["", "a", "b"]))
inner = st.one_of(
    leaves, st.lists(leaves, max_size=3), st.lists(st.lists(leaves, max_size=2), max_size=2)
)
parts = st.dictionaries(st.sampled_from(["b", "c"]), inner, max_size=2)
values = st.one_of(inner, parts, st.lists(st.one_of(parts, leaves), max_size=3))
documents = st.dictionaries(st.sampled_from(["a", "d"]), values, max_size=2)
paths = st.sampled_from(["a", "d", "a.b", "a.c", "a.0", "a.b.0", "_id"])
ranges = st.dictionaries(
    st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), leaves, min_size=1, max_size=2
)
TYPES = ["string", "number", "int", "array", "object", "null", "bool"]
conditions = st.one_of(
    inner,
    ranges,
    st.builds(lambda value: {"$eq": value}, inner),
    st.builds(lambda value: {"$in": value}, st.lists(inner, max_size=3)),
    st.builds(lambda value: {"$all": value}, st.lists(leaves, min_size=1, max_size=2)),
    st.builds(lambda value: {"$ne": value}, leaves),
    st.builds(lambda value: {"$exists": value}, st.booleans()),
    st.builds(lambda value: {"$type": value}, st.sampled_from(TYPES)),
)
simple = st.dictionaries(paths, conditions, min_size=1, max_size=3)
some = st.lists(simple, min_size=1, max_size=3)
filters = st.one_of(
    simple,
    st.builds(lambda one, two: {**one, "$and": [two]}, simple, simple),
    st.builds(lambda clauses: {"$or": clauses}, some),
    st.builds(lambda one, clauses: {**one, "$or": clauses}, simple, some),
    st.builds(lambda one, clauses: {"$and": [one, {"$or": clauses}, {}]}, simple, some),
)
partial_conditions = st.one_of(
    leaves,
    ranges,
    st.just({"$exists": True}),
    st.builds(lambda value: {"$type": value}, st.sampled_from(TYPES)),
    st.builds(lambda value: {"$in": value}, st.lists(leaves, min_size=1, max_size=3)),
)
partials = st.one_of(
    st.dictionaries(st.sampled_from(["a", "d", "a.b"]), partial_conditions, max_size=2),
    st.builds(lambda one, two: {"$or": [{"a": one}, {"d": two}]}, leaves, partial_conditions),
)
turns = st.sampled_from([1, -1])


def make_index(fields: list[tuple[str, int]], how: str, partial: dict[str, Any] | None) -> Index:
    return Index(
        fields=tuple(fields),
        sparse=how == "sparse",
        partial=partial if how == "partial" else None,
    )


indexes = st.builds(
    make_index,
    st.lists(
        st.tuples(st.sampled_from(["a", "d", "a.b", "a.c", "a.0"]), turns),
        min_size=1,
        max_size=3,
        unique_by=lambda field: field[0],
    ),
    st.sampled_from(["plain", "plain", "sparse", "partial"]),
    partials,
)
sorts = st.lists(
    st.tuples(st.sampled_from(["a", "d", "a.b", "a.c", "_id"]), turns),
    max_size=3,
    unique_by=lambda key: key[0],
)


@pytest.mark.once
@settings(max_examples=300)
@given(
    st.lists(documents, max_size=8),
    st.lists(indexes, max_size=3, unique_by=lambda index: index.fields),
    st.lists(st.tuples(filters, sorts), min_size=1, max_size=4),
    st.booleans(),
)
def test_an_index_never_changes_an_answer(
    sample: list[dict[str, Any]],
    indexes: list[Index],
    questions: list[tuple[dict[str, Any], list[tuple[str, int]]]],
    limited: bool,
) -> None:
    limit = 1_000 if limited else None

    async def answers() -> tuple[list[Any], list[list[Any] | None], list[int]]:
        store = await SqliteStore.open(None, name="sqlite://")
        half = len(indexes) // 2
        try:
            for index in indexes[:half]:
                await store.create_index("things", index)
            await insert_each(store, [{"_id": n, **each} for n, each in enumerate(sample)])
            for index in indexes[half:]:
                await create_if_possible(store, index)
            kept = await all_of(store, {})
            counts = [await store.count("things", filter_) for filter_, _ in questions]
            found: list[list[Any] | None] = []
            for filter_, sort in questions:
                try:
                    found.append(await all_of(store, filter_, sort=sort, limit=limit))
                except OperationFailure as error:
                    if "parallel arrays" not in str(error):
                        raise
                    found.append(None)
            return kept, found, counts
        finally:
            await store.aclose()

    kept, found, counts = asyncio.run(answers())

    for (filter_, sort), documents, count in zip(questions, found, counts, strict=True):
        matching = [each for each in kept if compile_filter(filter_)(each)]
        assert count == len(matching), filter_
        if documents is None:
            continue
        ids = [each["_id"] for each in documents]
        assert sorted(ids) == sorted(each["_id"] for each in matching), filter_
        if sort:
            keys = list(map(compile_sort(sort), documents))
            assert keys == sorted(keys), (filter_, sort)


async def insert_each(store: SqliteStore, sample: list[dict[str, Any]]) -> None:
    for number, document in enumerate(sample):
        with suppress(WriteError):  # parallel arrays
            if number % 2:
                await store.insert("things", [document])
            else:
                # through a change, so that entries are moved as well
                await store.insert("things", [{"_id": document["_id"], "d": 1}])
                await store.replace("things", {"_id": document["_id"]}, document)


async def create_if_possible(store: SqliteStore, index: Index) -> None:
    with suppress(WriteError):  # parallel arrays
        await store.create_index("things", index)
