"""`$lookup` and `$unionWith`, by the pages of MongoDB's manual."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bson import DBRef, Decimal128, Int64, Regex
from hypothesis import given
from hypothesis import strategies as st

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import compile_filter
from earnorm.stores.pipeline import compile_pipeline

Aggregate = Callable[..., list[dict[str, Any]]]

ORDERS: list[dict[str, Any]] = [
    {"_id": 1, "item": "nut", "qty": 2},
    {"_id": 2, "item": "bolt", "qty": 60},
    {"_id": 3},
]
STOCK: list[dict[str, Any]] = [
    {"_id": "a", "sku": "nut", "left": 120, "sizes": [1, 2]},
    {"_id": "b", "sku": "bolt", "left": 50, "sizes": []},
    {"_id": "c", "sku": None, "left": 70},
    {"_id": "d", "left": 0},
    {"_id": "e", "sku": ["nut", "bolt"], "left": 1},
]
BY_ITEM = {"from": "stock", "localField": "item", "foreignField": "sku", "as": "found"}


def found_ids(documents: list[dict[str, Any]]) -> list[list[Any]]:
    return [[one["_id"] for one in document["found"]] for document in documents]


def test_documents_with_equal_values_are_joined(aggregate: Aggregate) -> None:
    joined = aggregate(ORDERS, [{"$lookup": BY_ITEM}], {"stock": STOCK})

    assert found_ids(joined) == [["a", "e"], ["b", "e"], ["c", "d"]]
    assert joined[0]["found"][0] == STOCK[0]
    assert joined[0]["qty"] == 2


EQUAL: list[tuple[Any, Any, bool]] = [
    (1, 1.0, True),
    (1, Decimal128("1"), True),
    (math.nan, Decimal128("NaN"), True),
    (True, 1, False),
    ([1, 2], 2, True),
    ([1, 2], [2, 3], True),
    ([[1, 2]], [1, 2], True),
    ([1, 2], [[1, 2]], False),
    ([[1, 2]], [[1, 2]], True),
    ([1, [2]], 2, False),
    ([], None, True),
    (None, [], False),
    ([], [], False),
    ({"x": 1}, {"x": 1.0}, True),
    ({"x": 1, "y": 2}, {"y": 2, "x": 1}, False),
    (Regex("b"), "abc", False),
    (Regex("b"), Regex("b"), True),
    ([Regex("b"), 1], 1, True),
    ({"$gt": 0}, 5, False),
    ({"$gt": 0}, {"$gt": 0}, True),
    (DBRef("c", 1), DBRef("c", 1), True),
]


@pytest.mark.parametrize(("local", "foreign", "expected"), EQUAL, ids=str)
def test_values_are_equal_as_in_a_filter(
    local: Any, foreign: Any, expected: bool, aggregate: Aggregate
) -> None:
    lookup = {"from": "other", "localField": "a.b", "foreignField": "c", "as": "found"}
    joined = aggregate(
        [{"_id": 1, "a": {"b": local}}, {"_id": 2, "a": [{"b": local}, {"b": "none"}]}],
        [{"$lookup": lookup}],
        {"other": [{"_id": 7, "c": foreign}]},
    )

    assert found_ids(joined)[0] == ([7] if expected else [])
    if local != []:
        assert found_ids(joined)[1] == ([7] if expected else [])


def test_the_result_can_be_put_inside_of_a_document(aggregate: Aggregate) -> None:
    lookup = {"from": "o", "localField": "_id", "foreignField": "n", "as": "a.b"}
    documents = [{"_id": 1, "a": {"c": 1}}, {"_id": 2, "a": 5}]

    assert aggregate(documents, [{"$lookup": lookup}], {"o": []}) == [
        {"_id": 1, "a": {"c": 1, "b": []}},
        {"_id": 2, "a": {"b": []}},
    ]


def test_a_pipeline_sees_the_variables_of_let(aggregate: Aggregate) -> None:
    lookup = {
        "from": "stock",
        "let": {"item": "$item", "qty": "$qty"},
        "pipeline": [
            {"$match": {"$expr": {"$and": [{"$eq": ["$sku", "$$item"]}, {"$gte": ["$left", "$$qty"]}]}}},
            {"$project": {"_id": 0, "left": 1, "asked": "$$qty"}},
        ],
        "as": "found",
    }  # fmt: skip
    joined = aggregate(ORDERS, [{"$lookup": lookup}], {"stock": STOCK})

    assert [document["found"] for document in joined] == [
        [{"left": 120, "asked": 2}],
        [],
        # both are missing, and missing equals missing but not null
        [{"left": 0}],
    ]


@pytest.mark.parametrize(
    ("sku", "item", "equal"),
    [
        (["nut"], ["nut"], True),
        (["nut", "x"], "nut", False),
        (None, None, True),
        (Int64(1), 1.0, True),
        (Regex("x"), Regex("x"), True),
        ("x", Regex("x"), False),
    ],
    ids=str,
)
def test_an_expression_compares_whole_values(
    sku: Any, item: Any, equal: bool, aggregate: Aggregate
) -> None:
    match = {"$match": {"$expr": {"$eq": ["$$item", "$sku"]}}}
    lookup = {"from": "stock", "let": {"item": "$item"}, "pipeline": [match], "as": "found"}
    joined = aggregate(
        [{"_id": 1, "item": item}], [{"$lookup": lookup}], {"stock": [{"_id": 7, "sku": sku}]}
    )

    assert found_ids(joined) == [[7] if equal else []]


def test_a_path_through_an_array_equals_the_array_of_what_it_finds(aggregate: Aggregate) -> None:
    match = {"$match": {"$expr": {"$eq": ["$l.x", "$$wanted"]}}}
    lookup = {"from": "o", "let": {"wanted": "$w"}, "pipeline": [match], "as": "found"}
    others = [{"_id": 7, "l": [{"x": 1}, {"x": 2}]}, {"_id": 8, "l": {"x": 1}}]

    joined = aggregate([{"_id": 1, "w": [1, 2]}, {"_id": 2, "w": 1}], [{"$lookup": lookup}], {"o": others})  # fmt: skip
    assert found_ids(joined) == [[7], [8]]


def test_equal_fields_and_a_pipeline_go_together(aggregate: Aggregate) -> None:
    lookup = {**BY_ITEM, "let": {"q": "$qty"}, "pipeline": [{"$match": {"$expr": {"$gt": ["$left", "$$q"]}}}]}  # fmt: skip
    joined = aggregate(ORDERS, [{"$lookup": lookup}], {"stock": STOCK})

    assert found_ids(joined) == [["a"], [], ["c", "d"]]


def test_lookups_lie_in_lookups_and_see_the_variables_around(aggregate: Aggregate) -> None:
    inner = {
        "from": "stock",
        "pipeline": [{"$match": {"$expr": {"$gt": ["$left", "$$q"]}}}, {"$count": "n"}],
        "as": "more",
    }
    outer = {
        "from": "orders",
        "let": {"q": "$qty"},
        "pipeline": [{"$match": {"_id": 1}}, {"$lookup": inner}],
        "as": "found",
    }
    joined = aggregate(ORDERS[:2], [{"$lookup": outer}], {"stock": STOCK, "orders": ORDERS})

    assert [document["found"][0]["more"] for document in joined] == [[{"n": 3}], [{"n": 2}]]
    assert found_ids(joined) == [[1], [1]]


class Reads:
    """Other collections that remember how they were asked."""

    def __init__(self, documents: list[dict[str, Any]]) -> None:
        self.documents = documents
        self.filters: list[Any] = []

    def __call__(self, name: str, wanted: Any) -> Iterator[dict[str, Any]]:
        self.filters.append(wanted)
        matches = compile_filter(wanted)
        return (dict(one) for one in self.documents if matches(one))


def test_many_documents_are_joined_with_few_reads() -> None:
    reads = Reads([{"_id": n, "key": n % 50} for n in range(100)])
    lookup = {"from": "o", "localField": "_id", "foreignField": "key", "as": "found"}
    pipeline = compile_pipeline([{"$lookup": lookup}])
    joined = list(pipeline.run(iter([{"_id": n} for n in range(1000)]), reads))

    assert found_ids(joined)[:2] == [[0, 50], [1, 51]]
    assert len(reads.filters) < 20


def test_the_first_result_of_a_join_asks_for_one_document() -> None:
    asked: list[int] = []

    def documents() -> Iterator[dict[str, Any]]:
        for n in range(100):
            asked.append(n)
            yield {"_id": n}

    lookup = {"from": "o", "localField": "_id", "foreignField": "key", "as": "found"}
    results = compile_pipeline([{"$lookup": lookup}]).run(documents(), Reads([]))
    next(results)

    assert asked == [0]


def test_a_pipeline_that_reads_nothing_of_the_document_runs_once() -> None:
    reads = Reads(STOCK)
    lookup = {"from": "o", "pipeline": [{"$match": {"left": 50}}], "as": "found"}
    joined = list(compile_pipeline([{"$lookup": lookup}]).run(iter(ORDERS), reads))

    assert found_ids(joined) == [["b"], ["b"], ["b"]]
    assert reads.filters == [{"left": 50}]


def test_an_equality_with_a_variable_becomes_a_filter_that_an_index_serves() -> None:
    reads = Reads(STOCK)
    match = {"$match": {"left": {"$gte": 0}, "$expr": {"$eq": ["$sku", "$$item"]}}}
    lookup = {"from": "o", "let": {"item": "$item"}, "pipeline": [match], "as": "found"}
    list(compile_pipeline([{"$lookup": lookup}]).run(iter(ORDERS[:1]), reads))

    assert reads.filters == [{"sku": {"$eq": "nut"}}]


def test_a_union_goes_on_with_another_collection(aggregate: Aggregate) -> None:
    others = {"stock": STOCK}
    both = aggregate(ORDERS, [{"$unionWith": "stock"}, {"$project": {"_id": 1}}], others)
    union = {"coll": "stock", "pipeline": [{"$match": {"left": 0}}, {"$project": {"_id": 1}}]}
    some = aggregate(ORDERS, [{"$project": {"_id": 1}}, {"$unionWith": union}], others)

    assert [one["_id"] for one in both] == [1, 2, 3, "a", "b", "c", "d", "e"]
    assert [one["_id"] for one in some] == [1, 2, 3, "d"]


def test_a_union_does_not_read_before_it_has_to() -> None:
    reads = Reads([])
    results = compile_pipeline([{"$unionWith": "o"}]).run(iter(ORDERS), reads)
    next(results)

    assert reads.filters == []


@pytest.mark.parametrize(
    "stage",
    [
        {"$lookup": {"from": {"db": "x", "coll": "y"}, "localField": "a", "foreignField": "b", "as": "c"}},
        {"$lookup": {"pipeline": [], "as": "c"}},
        {"$unionWith": {"pipeline": []}},
    ],
    ids=str,
)  # fmt: skip
def test_what_has_no_collection_of_this_database_is_refused(stage: Any) -> None:
    with pytest.raises(UnsupportedError, match="Name a collection"):
        compile_pipeline([stage])


plain = st.none() | st.integers(0, 3) | st.sampled_from([1.0, "a", True])
values = plain | st.lists(plain, max_size=3)
documents = st.lists(
    st.dictionaries(st.sampled_from(["k"]), values | st.fixed_dictionaries({"x": values}))
    .map(lambda fields: dict(fields)),
    max_size=6,
)  # fmt: skip


@given(documents, documents, st.sampled_from(["k", "k.x"]))
def test_a_join_finds_what_a_filter_by_each_value_finds(
    local: list[dict[str, Any]], foreign: list[dict[str, Any]], path: str
) -> None:
    outer = [{"_id": n, **fields} for n, fields in enumerate(local)]
    inner = [{"_id": n, **fields} for n, fields in enumerate(foreign)]
    lookup = {"from": "o", "localField": path, "foreignField": "k", "as": "found"}
    joined = list(compile_pipeline([{"$lookup": lookup}]).run(iter(outer), Reads(inner)))

    for document, result in zip(outer, joined, strict=True):
        one = compile_pipeline([{"$lookup": {**lookup, "pipeline": []}}])
        assert list(one.run(iter([document]), Reads(inner))) == [result]
