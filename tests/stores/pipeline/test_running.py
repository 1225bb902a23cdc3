"""What a store does itself, what flows, what is kept, and what a run may keep."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm import clock
from earnorm.stores.documents import key_bytes
from earnorm.stores.pipeline import Head, compile_pipeline

Aggregate = Callable[..., list[dict[str, Any]]]


def nothing(name: str, wanted: Any) -> Iterator[dict[str, Any]]:
    return iter(())


HEADS: list[tuple[list[dict[str, Any]], Head]] = [
    ([], Head()),
    ([{"$match": {"a": 1}}], Head(filter={"a": 1})),
    ([{"$match": {}}], Head()),
    ([{"$match": {"a": 1}}, {"$match": {"b": 2}}], Head(filter={"$and": [{"a": 1}, {"b": 2}]})),
    ([{"$sort": {"a": 1, "b": -1}}], Head(sort=(("a", 1), ("b", -1)))),
    ([{"$sort": {"a": 1}}, {"$match": {"b": 2}}], Head(filter={"b": 2}, sort=(("a", 1),))),
    ([{"$skip": 2}, {"$limit": 3}], Head(skip=2, limit=3)),
    ([{"$limit": 5}, {"$skip": 2}], Head(skip=2, limit=3)),
    ([{"$limit": 5}, {"$skip": 9}], Head(skip=9, limit=0)),
    ([{"$limit": 5}, {"$limit": 3}, {"$limit": 9}], Head(limit=3)),
    (
        [{"$match": {"a": 1}}, {"$sort": {"b": 1}}, {"$skip": 1}, {"$limit": 2}, {"$count": "n"}],
        Head(filter={"a": 1}, sort=(("b", 1),), skip=1, limit=2),
    ),
    ([{"$limit": 2}, {"$match": {"a": 1}}], Head(limit=2)),
    ([{"$limit": 2}, {"$sort": {"a": 1}}], Head(limit=2)),
    ([{"$sort": {"a": 1}}, {"$sort": {"b": 1}}], Head(sort=(("a", 1),))),
    ([{"$project": {"a": 1}}, {"$match": {"a": 1}}], Head()),
    ([{"$match": {"$expr": "$a"}}], Head(filter={"$expr": "$a"})),
]


@pytest.mark.parametrize(("pipeline", "head"), HEADS, ids=str)
def test_a_store_is_asked_for_what_it_can_do_itself(
    pipeline: list[dict[str, Any]], head: Head
) -> None:
    assert compile_pipeline(pipeline).head == head


def test_a_filter_that_reads_variables_is_not_left_to_the_store() -> None:
    pipeline: list[dict[str, Any]] = [
        {"$match": {"a": 1}},
        {"$match": {"$or": [{"b": 1}, {"$expr": "$$x"}]}},
    ]

    assert compile_pipeline(pipeline, {"x": 1}).head == Head(filter={"a": 1})


def test_a_run_ends_where_its_check_raises_though_no_document_is_read_any_more() -> None:
    passed: list[int] = []

    def check() -> None:
        if len(passed) > 250:
            raise TimeoutError

    pipeline = compile_pipeline([{"$unwind": "$a"}])

    def pass_all() -> None:
        for document in pipeline.run(iter([{"a": list(range(10_000))}]), nothing, check):
            passed.append(document["a"])

    with pytest.raises(TimeoutError):
        pass_all()

    assert 250 < len(passed) < 500


STREAMING: list[dict[str, Any]] = [
    {"$match": {"n": {"$gte": 1}}},
    {"$project": {"n": 1}},
    {"$set": {"m": {"$add": ["$n", 1]}}},
    {"$unset": "m"},
    {"$replaceWith": "$$ROOT"},
    {"$unwind": "$n"},
    {"$skip": 2},
    {"$lookup": {"from": "o", "localField": "n", "foreignField": "n", "as": "o"}},
    {"$unionWith": "o"},
]


@pytest.mark.parametrize("stage", STREAMING, ids=lambda stage: next(iter(stage)))
def test_a_stage_that_can_stream_does(stage: dict[str, Any]) -> None:
    endless = ({"_id": n, "n": n} for n in count())
    # the projection in front keeps the stage out of the head
    results = compile_pipeline([{"$set": {"x": 1}}, stage]).run(endless, nothing)

    assert len(list(islice(results, 5))) == 5


def test_a_limit_ends_what_has_no_end() -> None:
    endless = ({"_id": n} for n in count())
    pipeline = compile_pipeline([{"$set": {"x": 1}}, {"$limit": 2}, {"$sort": {"_id": -1}}])

    assert list(pipeline.run(endless, nothing)) == [{"_id": 1, "x": 1}, {"_id": 0, "x": 1}]


def big(how_many: int, size: int = 1_000_000) -> Iterator[dict[str, Any]]:
    text = "x" * size  # one text that all share, so that the test itself needs no memory
    return ({"_id": n, "n": n % 7, "text": text} for n in range(how_many))


BLOCKING: list[list[dict[str, Any]]] = [
    [{"$sort": {"n": 1}}],
    [{"$group": {"_id": "$n", "all": {"$push": "$text"}}}],
    [{"$group": {"_id": "$_id", "first": {"$first": "$$ROOT"}}}],
    [{"$group": {"_id": "$_id", "last": {"$last": "$$ROOT"}}}],
    [{"$group": {"_id": "$_id", "most": {"$max": "$$ROOT"}}}],
    [{"$group": {"_id": None, "set": {"$addToSet": "$$ROOT"}}}],
    [{"$group": {"_id": "$$ROOT"}}],
    [{"$facet": {"a": [{"$count": "n"}]}}],
    [{"$sample": {"size": 1000}}],
]


@pytest.mark.parametrize("pipeline", BLOCKING, ids=str)
def test_a_stage_that_would_keep_more_than_100_megabytes_is_refused(
    pipeline: list[dict[str, Any]],
) -> None:
    compiled = compile_pipeline([{"$set": {"x": 1}}, *pipeline])
    with pytest.raises(OperationFailure, match="in memory") as caught:
        list(compiled.run(big(200), nothing))

    assert caught.value.code == 292


def test_a_join_that_would_keep_more_than_100_megabytes_is_refused() -> None:
    lookups: list[dict[str, Any]] = [
        {"from": "o", "localField": "k", "foreignField": "k", "as": "all"},
        {"from": "o", "pipeline": [], "as": "all"},
        {"from": "o", "let": {"x": 1}, "pipeline": [], "as": "all"},
    ]
    for lookup in lookups:
        compiled = compile_pipeline([{"$lookup": lookup}])
        with pytest.raises(OperationFailure) as caught:
            list(compiled.run(iter([{"_id": 1}]), lambda name, wanted: big(200)))
        assert caught.value.code == 292


@pytest.mark.parametrize(
    "pipeline",
    [
        [{"$sort": {"n": -1}}, {"$limit": 3}],
        [{"$sample": {"size": 3}}],
        [{"$group": {"_id": "$n", "first": {"$first": "$text"}, "n": {"$sum": 1}}}],
        [{"$group": {"_id": None, "last": {"$last": "$$ROOT"}}}],
        [{"$sortByCount": "$n"}],
        [{"$count": "n"}],
    ],
    ids=str,
)
def test_what_keeps_little_takes_as_much_as_comes(pipeline: list[dict[str, Any]]) -> None:
    compiled = compile_pipeline([{"$set": {"x": 1}}, *pipeline])

    assert list(compiled.run(big(2_000, 500_000), nothing))


def test_a_pipeline_runs_any_number_of_times_also_at_once() -> None:
    pipeline = compile_pipeline([{"$group": {"_id": None, "n": {"$sum": "$n"}}}])
    first = pipeline.run(iter([{"n": 1}]), nothing)
    second = pipeline.run(iter([{"n": 2}, {"n": 3}]), nothing)

    assert list(second) == [{"_id": None, "n": 5}]
    assert list(first) == [{"_id": None, "n": 1}]


def test_now_is_one_moment_for_a_whole_run() -> None:
    pipeline = compile_pipeline([{"$set": {"at": "$$NOW"}}, {"$match": {"$expr": {"$eq": ["$at", "$$NOW"]}}}])  # fmt: skip
    with clock.frozen(datetime(2024, 5, 1, tzinfo=UTC)):
        results = pipeline.run(iter([{"_id": 1}, {"_id": 2}]), nothing)
    with clock.frozen(datetime(2025, 5, 1, tzinfo=UTC)):
        assert [one["at"].year for one in results] == [2024, 2024]


values = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(-3, 3), st.sampled_from("ab"))  # fmt: skip
collections = st.lists(st.fixed_dictionaries({}, optional={"v": values}), max_size=20).map(
    lambda found: [{"_id": n, **one} for n, one in enumerate(found)]
)


def run(pipeline: list[dict[str, Any]], documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # behind a stage, so that the pipeline does it all itself
    return list(compile_pipeline([{"$unset": "gone"}, *pipeline]).run(iter(documents), nothing))


@given(collections, st.sampled_from([1, -1]))
def test_sorting_is_stable_and_in_bson_order(documents: list[dict[str, Any]], way: int) -> None:
    found = run([{"$sort": {"v": way}}], documents)

    keys = [key_bytes(one.get("v")) for one in found]
    assert keys == sorted(keys, reverse=way == -1)
    for first, second in pairwise(found):
        if key_bytes(first.get("v")) == key_bytes(second.get("v")):
            assert first["_id"] < second["_id"]


@given(collections)
def test_groups_are_a_partition_by_equal_values(documents: list[dict[str, Any]]) -> None:
    groups = run([{"$group": {"_id": "$v", "members": {"$push": "$$ROOT"}}}], documents)

    members = [one for group in groups for one in group["members"]]
    assert sorted(one["_id"] for one in members) == [one["_id"] for one in documents]
    assert len({key_bytes(group["_id"]) for group in groups}) == len(groups)
    for group in groups:
        assert {key_bytes(one.get("v")) for one in group["members"]} == {key_bytes(group["_id"])}


@given(st.lists(st.lists(values, min_size=1, max_size=4), max_size=6))
def test_pushing_what_was_unwound_gives_the_arrays_back(arrays: list[list[Any]]) -> None:
    documents = [{"_id": n, "a": array} for n, array in enumerate(arrays)]
    back = run([{"$unwind": "$a"}, {"$group": {"_id": "$_id", "a": {"$push": "$a"}}}], documents)

    assert back == documents


@given(collections, st.integers(0, 25), st.integers(1, 25))
def test_a_window_is_a_slice_wherever_it_stands(
    documents: list[dict[str, Any]], skip: int, limit: int
) -> None:
    windows: list[list[dict[str, Any]]] = [
        [{"$skip": skip}, {"$limit": limit}],
        [{"$limit": limit}, {"$skip": skip}],
    ]
    slices = [documents[skip : skip + limit], documents[:limit][skip:]]
    for stages, expected in zip(windows, slices, strict=True):
        head = compile_pipeline(stages).head
        end = None if head.limit is None else head.skip + head.limit
        assert documents[head.skip : end] == expected
        assert run(stages, documents) == expected


def test_an_error_in_the_middle_is_raised_where_results_are_taken(aggregate: Aggregate) -> None:
    documents = [{"_id": 1, "n": 2}, {"_id": 2, "n": 0}]
    pipeline = compile_pipeline([{"$set": {"x": {"$divide": [1, "$n"]}}}])
    results = pipeline.run(iter(documents), nothing)

    assert next(results)["x"] == 0.5
    with pytest.raises(OperationFailure, match="by zero"):
        next(results)
