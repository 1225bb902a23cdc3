"""Stages, by the pages of MongoDB's manual."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from bson import Int64, Regex
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.pipeline import GROUP_ACCUMULATORS, STAGES, compile_pipeline

Aggregate = Callable[..., list[dict[str, Any]]]

SALES: list[dict[str, Any]] = [
    {"_id": 1, "item": "abc", "price": 10, "qty": 2, "tags": ["x", "y"]},
    {"_id": 2, "item": "jkl", "price": 20, "qty": 1, "tags": []},
    {"_id": 3, "item": "xyz", "price": 5, "qty": 10, "tags": None},
    {"_id": 4, "item": "abc", "price": 10, "qty": 10},
    {"_id": 5, "item": None, "price": 2.5, "qty": 4, "tags": "z"},
]
FIRST = SALES[0]


def ids(documents: list[dict[str, Any]]) -> list[Any]:
    return [document["_id"] for document in documents]


RESULTS: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = [
    (
        [{"$match": {"item": "abc"}}, {"$project": {"price": 1}}],
        [{"_id": 1, "price": 10}, {"_id": 4, "price": 10}],
    ),
    (
        [{"$match": {"$expr": {"$gt": ["$qty", "$price"]}}}, {"$project": {"_id": 1}}],
        [{"_id": 3}, {"_id": 5}],
    ),
    (
        [{"$limit": 1}, {"$project": {"_id": 0, "total": {"$multiply": ["$price", "$qty"]}}}],
        [{"total": 20}],
    ),
    ([{"$limit": 1}, {"$project": {"tags": 0, "price": 0}}], [{"_id": 1, "item": "abc", "qty": 2}]),
    ([{"$limit": 1}, {"$unset": ["tags", "price"]}], [{"_id": 1, "item": "abc", "qty": 2}]),
    (
        [{"$limit": 1}, {"$unset": "tags"}, {"$unset": "price"}],
        [{"_id": 1, "item": "abc", "qty": 2}],
    ),
    (
        [{"$limit": 1}, {"$set": {"qty": "$gone", "n.m": 1}}],
        [{"_id": 1, "item": "abc", "price": 10, "tags": ["x", "y"], "n": {"m": 1}}],
    ),
    (
        [{"$limit": 1}, {"$addFields": {"n": {"m": "$price"}, "item": "$$REMOVE"}}],
        [{"_id": 1, "price": 10, "qty": 2, "tags": ["x", "y"], "n": {"m": 10}}],
    ),
    ([{"$limit": 1}, {"$replaceRoot": {"newRoot": {"a": "$item"}}}], [{"a": "abc"}]),
    (
        [{"$limit": 1}, {"$replaceWith": {"$mergeObjects": [{"a": 1}, {"b": "$qty"}]}}],
        [{"a": 1, "b": 2}],
    ),
    ([{"$count": "n"}], [{"n": 5}]),
    ([{"$match": {"_id": 9}}, {"$count": "n"}], []),
    ([{"$skip": 1}, {"$limit": 2}, {"$project": {"_id": 1}}], [{"_id": 2}, {"_id": 3}]),
    ([{"$project": {"_id": 1}}, {"$skip": 4}], [{"_id": 5}]),
    (
        [{"$project": {"qty": 1}}, {"$sort": {"qty": -1, "_id": 1}}, {"$skip": 1}, {"$limit": 2}],
        [{"_id": 4, "qty": 10}, {"_id": 5, "qty": 4}],
    ),
    # groups
    (
        [
            {
                "$group": {
                    "_id": "$item",
                    "n": {"$sum": 1},
                    "sum": {"$sum": "$qty"},
                    "prices": {"$push": "$price"},
                }
            }
        ],
        [
            {"_id": "abc", "n": 2, "sum": 12, "prices": [10, 10]},
            {"_id": "jkl", "n": 1, "sum": 1, "prices": [20]},
            {"_id": "xyz", "n": 1, "sum": 10, "prices": [5]},
            {"_id": None, "n": 1, "sum": 4, "prices": [2.5]},
        ],
    ),
    (
        [{"$group": {"_id": None, "n": {"$count": {}}, "avg": {"$avg": "$price"}}}],
        [{"_id": None, "n": 5, "avg": 9.5}],
    ),
    ([{"$group": {"_id": "$gone"}}], [{"_id": None}]),
    ([{"$match": {"_id": 9}}, {"$group": {"_id": None, "n": {"$sum": 1}}}], []),
    (
        [{"$group": {"_id": {"i": "$item", "g": "$gone"}, "n": {"$sum": 1}}}, {"$limit": 1}],
        [{"_id": {"i": "abc"}, "n": 2}],
    ),
    (
        [
            {
                "$group": {
                    "_id": None,
                    "least": {"$min": "$item"},
                    "most": {"$max": "$item"},
                    "first": {"$first": "$tags"},
                    "last": {"$last": "$gone"},
                }
            }
        ],
        [{"_id": None, "least": "abc", "most": "xyz", "first": ["x", "y"], "last": None}],
    ),
    (
        [{"$group": {"_id": None, "set": {"$addToSet": "$price"}}}],
        [{"_id": None, "set": [10, 20, 5, 2.5]}],
    ),
    (
        [{"$group": {"_id": None, "tags": {"$push": "$tags"}}}],
        [{"_id": None, "tags": [["x", "y"], [], None, "z"]}],
    ),
    (
        [
            {"$limit": 2},
            {"$group": {"_id": None, "m": {"$mergeObjects": {"item": "$item", "q": "$qty"}}}},
        ],
        [{"_id": None, "m": {"item": "jkl", "q": 1}}],
    ),
    (
        [
            {"$group": {"_id": None, "d": {"$stdDevPop": "$qty"}, "s": {"$stdDevSamp": "$item"}}},
            {"$project": {"d": {"$round": ["$d", 3]}, "s": 1}},
        ],
        [{"_id": None, "d": 3.878, "s": None}],
    ),
    ([{"$sortByCount": "$item"}, {"$limit": 1}], [{"_id": "abc", "count": 2}]),
    (
        [{"$sortByCount": {"$gt": ["$price", 5]}}],
        [{"_id": True, "count": 3}, {"_id": False, "count": 2}],
    ),
    # unwinding
    (
        [{"$unwind": "$tags"}, {"$project": {"tags": 1}}],
        [{"_id": 1, "tags": "x"}, {"_id": 1, "tags": "y"}, {"_id": 5, "tags": "z"}],
    ),
    (
        [
            {"$unwind": {"path": "$tags", "includeArrayIndex": "at"}},
            {"$project": {"tags": 1, "at": 1}},
        ],
        [
            {"_id": 1, "tags": "x", "at": Int64(0)},
            {"_id": 1, "tags": "y", "at": Int64(1)},
            {"_id": 5, "tags": "z", "at": None},
        ],
    ),
    (
        [
            {"$unwind": {"path": "$tags", "preserveNullAndEmptyArrays": True}},
            {"$match": {"_id": {"$in": [2, 3, 4]}}},
            {"$project": {"tags": 1}},
        ],
        [{"_id": 2}, {"_id": 3, "tags": None}, {"_id": 4}],
    ),
    # facets
    (
        [
            {
                "$facet": {
                    "n": [{"$count": "n"}],
                    "top": [{"$sort": {"qty": -1}}, {"$limit": 1}, {"$project": {"qty": 1}}],
                    "none": [],
                }
            },
            {"$unset": "none"},
        ],
        [{"n": [{"n": 5}], "top": [{"_id": 3, "qty": 10}]}],
    ),
    ([{"$match": {"_id": 9}}, {"$facet": {"a": [{"$count": "n"}]}}], [{"a": []}]),
]


@pytest.mark.parametrize(("pipeline", "expected"), RESULTS, ids=str)
def test_a_pipeline_gives_what_the_manual_says(
    pipeline: list[dict[str, Any]], expected: list[dict[str, Any]], aggregate: Aggregate
) -> None:
    assert aggregate(SALES, pipeline) == expected


def test_an_empty_pipeline_gives_the_documents(aggregate: Aggregate) -> None:
    assert aggregate(SALES, []) == SALES


def test_documents_stay_as_they_were(aggregate: Aggregate) -> None:
    document = {"_id": 1, "a": {"b": [1, {"c": 2}]}, "l": [1, 2]}
    before = {"_id": 1, "a": {"b": [1, {"c": 2}]}, "l": [1, 2]}
    aggregate(
        [document],
        [
            {"$set": {"a.b.c": 5, "x": 1}},
            {"$unset": "a.b"},
            {"$unwind": "$l"},
            {"$project": {"a.d": "$l", "l": 1}},
        ],
    )

    assert document == before


def test_sorting_is_in_bson_order_and_stable(aggregate: Aggregate) -> None:
    values: list[Any] = ["b", 2, None, [0, 9], {"a": 1}, True, 1.5, "a", 2.0, []]
    documents = [{"_id": n, "v": v} for n, v in enumerate(values)] + [{"_id": 10}]
    up = aggregate(documents, [{"$set": {"x": 1}}, {"$sort": {"v": 1}}])

    assert ids(up) == [9, 2, 10, 3, 6, 1, 8, 7, 0, 4, 5]


def test_a_sort_with_a_limit_is_the_beginning_of_the_sort(aggregate: Aggregate) -> None:
    documents = [{"_id": n, "v": (n * 7919) % 101} for n in range(2000)]
    all_sorted = aggregate(documents, [{"$set": {"x": 1}}, {"$sort": {"v": -1}}])

    for most in (1, 7, 500, 5000):
        some = aggregate(documents, [{"$set": {"x": 1}}, {"$sort": {"v": -1}}, {"$limit": most}])
        assert some == all_sorted[:most]
    part = aggregate(
        documents, [{"$set": {"x": 1}}, {"$sort": {"v": -1}}, {"$skip": 5}, {"$limit": 3}]
    )
    assert part == all_sorted[5:8]


def test_unwinding_reaches_into_documents_but_not_through_arrays(aggregate: Aggregate) -> None:
    documents = [{"_id": 1, "a": {"b": [1, 2], "c": 3}}, {"_id": 2, "a": [{"b": [5]}]}]

    assert aggregate(documents, [{"$unwind": "$a.b"}]) == [
        {"_id": 1, "a": {"b": 1, "c": 3}},
        {"_id": 1, "a": {"b": 2, "c": 3}},
    ]


def test_a_sample_has_as_many_different_documents_as_there_are(aggregate: Aggregate) -> None:
    documents = [{"_id": n} for n in range(50)]
    some = aggregate(documents, [{"$sample": {"size": 10}}])

    assert len({document["_id"] for document in some}) == 10
    assert sorted(ids(aggregate(documents, [{"$sample": {"size": 99}}]))) == list(range(50))


def test_every_document_has_a_chance_to_be_in_a_sample(aggregate: Aggregate) -> None:
    documents = [{"_id": n} for n in range(4)]
    seen = {ids(aggregate(documents, [{"$sample": {"size": 1}}]))[0] for _ in range(400)}

    assert seen == {0, 1, 2, 3}


def test_variables_of_the_aggregation_are_seen_everywhere(aggregate: Aggregate) -> None:
    pipeline: list[dict[str, Any]] = [
        {"$match": {"$expr": {"$eq": ["$item", "$$wanted"]}}},
        {"$match": {"$or": [{"_id": 1}, {"$expr": {"$gt": ["$qty", "$$least.n"]}}]}},
        {"$set": {"w": "$$wanted"}},
        {"$facet": {"f": [{"$project": {"w": "$$wanted"}}]}},
    ]
    variables = {"wanted": "abc", "least": {"n": 5}}

    assert aggregate(SALES, pipeline, variables=variables) == [
        {"f": [{"_id": 1, "w": "abc"}, {"_id": 4, "w": "abc"}]}
    ]


MALFORMED: list[tuple[Any, int]] = [
    ({"$match": {}}, 14),
    ([1], 14),
    ([{}], 40323),
    ([{"$match": {}, "$limit": 1}], 40323),
    ([{"$macth": {}}], 40324),
    ([{"match": {}}], 40324),
    ([{"$limit": 1}] * 1001, 7749501),
    ([{"$match": 1}], 15959),
    ([{"$match": {"a": {"$in": 1}}}], 2),
    ([{"$limit": 0}], 15958),
    ([{"$limit": -1}], 15958),
    ([{"$limit": "x"}], 5107201),
    ([{"$limit": 1.5}], 5107201),
    ([{"$skip": -1}], 5107200),
    ([{"$skip": True}], 5107200),
    ([{"$count": 1}], 40156),
    ([{"$count": ""}], 40157),
    ([{"$count": "$n"}], 40158),
    ([{"$count": "a\x00"}], 40159),
    ([{"$count": "a.b"}], 40160),
    ([{"$sort": 1}], 15973),
    ([{"$sort": {}}], 15976),
    ([{"$sort": {"a": "x"}}], 15974),
    ([{"$sort": {"a": 2}}], 15975),
    ([{"$sort": {"$a": 1}}], 16410),
    ([{"$sort": {"a..b": 1}}], 15998),
    ([{"$project": 1}], 15969),
    ([{"$project": {}}], 51272),
    ([{"$project": {"a": 1, "b": 0}}], 31254),
    ([{"$project": {"a": {"b": 0}, "c": 1}}], 31253),
    ([{"$project": {"a": 1, "a.b": 1}}], 31249),
    ([{"$project": {"a": {"$elemMatch": {}}}}], 168),
    ([{"$set": 1}], 40272),
    ([{"$set": {}}], 40177),
    ([{"$set": {"a": {}}}], 40180),
    ([{"$set": {"a": {"b.c": 1}}}], 16412),
    ([{"$set": {"a": 1, "a.b": 1}}], 31249),
    ([{"$set": {"$a": 1}}], 16410),
    ([{"$unset": []}], 31119),
    ([{"$unset": [1]}], 31120),
    ([{"$unset": {}}], 31120),
    ([{"$unset": ["a", "a.b"]}], 31249),
    ([{"$replaceRoot": 1}], 40229),
    ([{"$replaceRoot": {}}], 40231),
    ([{"$replaceRoot": {"newroot": {}}}], 40415),
    ([{"$group": 1}], 15947),
    ([{"$group": {}}], 15955),
    ([{"$group": {"_id": 1, "a": 1}}], 40234),
    ([{"$group": {"_id": 1, "a": {}}}], 40234),
    ([{"$group": {"_id": 1, "a.b": {"$sum": 1}}}], 40235),
    ([{"$group": {"_id": 1, "$a": {"$sum": 1}}}], 40236),
    ([{"$group": {"_id": 1, "a": {"$sum": [1, 2]}}}], 40237),
    ([{"$group": {"_id": 1, "a": {"$sum": 1, "$avg": 1}}}], 40238),
    ([{"$group": {"_id": 1, "a": {"$summ": 1}}}], 15952),
    ([{"$group": {"_id": 1, "a": {"$count": 1}}}], 9),
    ([{"$group": {"_id": "$$gone"}}], 17276),
    ([{"$sortByCount": {"a": 1}}], 40147),
    ([{"$sortByCount": "a"}], 40148),
    ([{"$sortByCount": 1}], 40149),
    ([{"$unwind": 1}], 15981),
    ([{"$unwind": {"path": 1}}], 28808),
    ([{"$unwind": {"path": "$a", "preserveNullAndEmptyArrays": 1}}], 28809),
    ([{"$unwind": {"path": "$a", "includeArrayIndex": ""}}], 28810),
    ([{"$unwind": {"path": "$a", "index": "x"}}], 28811),
    ([{"$unwind": {}}], 28812),
    ([{"$unwind": "a"}], 28818),
    ([{"$unwind": {"path": "$a", "includeArrayIndex": "$x"}}], 28822),
    ([{"$sample": 1}], 28745),
    ([{"$sample": {"size": "x"}}], 28746),
    ([{"$sample": {"size": 0}}], 28747),
    ([{"$sample": {"size": 1, "x": 1}}], 28748),
    ([{"$sample": {}}], 28749),
    ([{"$facet": {}}], 40169),
    ([{"$facet": 1}], 40169),
    ([{"$facet": {"a": 1}}], 40170),
    ([{"$facet": {"a": [{"$facet": {"b": []}}]}}], 40600),
    ([{"$facet": {"a.b": []}}], 16412),
    ([{"$lookup": 1}], 9),
    ([{"$lookup": {"from": "c", "as": "x"}}], 9),
    ([{"$lookup": {"from": "c", "localField": "a", "as": "x"}}], 9),
    ([{"$lookup": {"from": "c", "localField": "a", "foreignField": "b"}}], 9),
    ([{"$lookup": {"from": 1, "localField": "a", "foreignField": "b", "as": "x"}}], 9),
    ([{"$lookup": {"from": "c", "localfield": "a", "foreignField": "b", "as": "x"}}], 9),
    (
        [
            {
                "$lookup": {
                    "from": "c",
                    "let": {"x": 1},
                    "localField": "a",
                    "foreignField": "b",
                    "as": "x",
                }
            }
        ],
        9,
    ),
    ([{"$lookup": {"from": "c", "let": 1, "pipeline": [], "as": "x"}}], 9),
    ([{"$lookup": {"from": "c", "let": {"X": 1}, "pipeline": [], "as": "x"}}], 16867),
    ([{"$lookup": {"from": "c", "pipeline": 1, "as": "x"}}], 14),
    ([{"$lookup": {"from": "c", "pipeline": [{"$set": {"a": "$$x"}}], "as": "x"}}], 17276),
    ([{"$lookup": {"from": "c", "localField": "$a", "foreignField": "b", "as": "x"}}], 16410),
    ([{"$unionWith": 1}], 9),
    ([{"$unionWith": {"coll": 1}}], 9),
    ([{"$unionWith": {"coll": "c", "x": 1}}], 9),
    ([{"$unionWith": {"coll": "c", "pipeline": 1}}], 9),
]


@pytest.mark.parametrize(("pipeline", "code"), MALFORMED, ids=lambda value: str(value)[:90])
def test_what_is_malformed_is_refused_before_any_document_is_seen(pipeline: Any, code: int) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_pipeline(pipeline)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "stage",
    ["$out", "$merge", "$graphLookup", "$bucket", "$setWindowFields", "$search", "$geoNear"],
)
def test_a_stage_that_mongodb_has_and_the_store_has_not_is_named(stage: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"the stage \{stage} is not supported"):
        compile_pipeline([{stage: {}}])
    with pytest.raises(UnsupportedError, match=rf"the stage \{stage} is not supported"):
        compile_pipeline([{"$facet": {"a": [{stage: {}}]}}])


@pytest.mark.parametrize("accumulator", ["$topN", "$median", "$accumulator"])
def test_an_accumulator_that_the_store_has_not_is_named(accumulator: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"the accumulator \{accumulator}"):
        compile_pipeline([{"$group": {"_id": 1, "a": {accumulator: {}}}}])


def test_a_typo_in_a_stage_or_an_accumulator_has_near_names() -> None:
    with pytest.raises(OperationFailure, match=r"Did you mean '\$match'"):
        compile_pipeline([{"$macth": {}}])
    with pytest.raises(OperationFailure, match=r"Did you mean '\$push'"):
        compile_pipeline([{"$group": {"_id": 1, "a": {"$pusch": 1}}}])


def test_a_document_that_no_new_root_comes_from_is_named(aggregate: Aggregate) -> None:
    with pytest.raises(OperationFailure, match="_id 1") as caught:
        aggregate(SALES, [{"$replaceWith": "$item"}])

    assert caught.value.code == 40228


def test_pipelines_inside_of_pipelines_end_at_twenty() -> None:
    pipeline: list[Any] = []
    for _ in range(21):
        pipeline = [{"$unionWith": {"coll": "c", "pipeline": pipeline}}]
    with pytest.raises(OperationFailure) as caught:
        compile_pipeline(pipeline)

    assert caught.value.code == 232


def test_values_that_stages_nest_without_end_are_refused(aggregate: Aggregate) -> None:
    pipeline: list[Any] = [{"$set": {"a": ["$a"]}}] * 990 + [{"$group": {"_id": "$a"}}]
    with pytest.raises(OperationFailure, match="nests too deep") as caught:
        aggregate([{"_id": 1}], pipeline)

    assert caught.value.code == 15


ODD: list[Any] = [None, 1, "x", "$x", [], {}, [[]], {"$x": 1}, {"a": "$$x"}, Regex("x")]


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_odd_operands_are_refused_in_mongodbs_way_or_run(stage: str, aggregate: Aggregate) -> None:
    for operand in ODD:
        with suppress(OperationFailure, UnsupportedError):
            compile_pipeline([{stage: operand}])
            aggregate([], [{stage: operand}])


def test_there_are_the_accumulators_that_the_issue_asks_for() -> None:
    assert set(GROUP_ACCUMULATORS) >= {"$sum", "$avg", "$min", "$max", "$first", "$last"}
    assert set(GROUP_ACCUMULATORS) >= {"$push", "$addToSet", "$count", "$mergeObjects"}
