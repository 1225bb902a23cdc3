"""`$`, `$[]` and `$[name]` in the paths of an update, as MongoDB reads them."""

import copy
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure, WriteError

from earnorm.stores.documents import compile_filter, compile_position, compile_update

ALL: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"a": [1, 2]}, {"$inc": {"a.$[]": 10}}, {"a": [11, 12]}),
    ({"a": []}, {"$inc": {"a.$[]": 10}}, {"a": []}),
    ({"a": [{"b": 1}, {}]}, {"$set": {"a.$[].b": 5}}, {"a": [{"b": 5}, {"b": 5}]}),
    ({"a": [[1], [2, 3]]}, {"$mul": {"a.$[].$[]": 2}}, {"a": [[2], [4, 6]]}),
    (
        {"a": [{"b": [1]}, {"b": []}]},
        {"$push": {"a.$[].b": 9}},
        {"a": [{"b": [1, 9]}, {"b": [9]}]},
    ),
    ({"a": [{"b": 1}, {"b": 2}]}, {"$unset": {"a.$[].b": ""}}, {"a": [{}, {}]}),
    ({"a": [1, 2]}, {"$unset": {"a.$[]": ""}}, {"a": [None, None]}),
    ({"a": {"b": [1]}}, {"$set": {"a.b.$[]": 2}}, {"a": {"b": [2]}}),
    ({"a": [1]}, {"$setOnInsert": {"a.$[]": 2}}, {"a": [1]}),
    (
        {"a": [{"x": 1}], "b": [1]},
        {"$set": {"a.$[].y": 1, "a.$[].x": 2, "b.$[]": 0}},
        {"a": [{"x": 2, "y": 1}], "b": [0]},
    ),
    ({"a": [[5, 1]]}, {"$pull": {"a.$[]": {"$gt": 3}}}, {"a": [[1]]}),
]


@pytest.mark.parametrize(("document", "update", "expected"), ALL)
def test_all_elements_are_changed(
    document: dict[str, Any], update: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = copy.deepcopy(document)

    updated = compile_update(update)(document)

    assert bson.encode(updated) == bson.encode(expected), updated
    assert document == before


FILTERED: list[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]], dict[str, Any]]] = [
    ({"a": [1, 5, 9]}, {"$set": {"a.$[x]": 0}}, [{"x": {"$gt": 4}}], {"a": [1, 0, 0]}),
    ({"a": [1, 5]}, {"$set": {"a.$[x]": 0}}, [{"x": 5.0}], {"a": [1, 0]}),
    ({"a": [1, 5]}, {"$set": {"a.$[x]": 0}}, [{"x": 7}], {"a": [1, 5]}),
    (
        {"a": [{"b": 1, "c": 1}, {"b": 2, "c": 2}]},
        {"$inc": {"a.$[one].c": 10}},
        [{"one.b": 2, "one.c": {"$lt": 5}}],
        {"a": [{"b": 1, "c": 1}, {"b": 2, "c": 12}]},
    ),
    (
        {"a": [{"b": 1}, {"b": 2}, 7]},
        {"$set": {"a.$[x]": 0}},
        [{"$or": [{"x.b": 1}, {"x": 7}]}],
        {"a": [0, {"b": 2}, 0]},
    ),
    (
        {"a": [1, 2, 3]},
        {"$set": {"a.$[x]": 0}},
        [{"$and": [{"x": {"$gt": 1}}, {"$nor": [{"x": 3}]}]}],
        {"a": [1, 0, 3]},
    ),
    ({"a": [[1, 5], [2]]}, {"$set": {"a.$[x]": 0}}, [{"x": 5}], {"a": [0, [2]]}),
    (
        {"a": [{"b": [1, 2]}, {"b": [2, 3], "c": 1}]},
        {"$inc": {"a.$[o].b.$[i]": 100}},
        [{"o.c": {"$exists": True}}, {"i": {"$gte": 3}}],
        {"a": [{"b": [1, 2]}, {"b": [2, 103], "c": 1}]},
    ),
    (
        {"a": [{"b": [1, 2]}, {"b": [2]}]},
        {"$inc": {"a.$[].b.$[i]": 100}},
        [{"i": 2}],
        {"a": [{"b": [1, 102]}, {"b": [102]}]},
    ),
    (
        {"a": [{"b": 1}, {"b": 2}]},
        {"$set": {"a.$[x].c": 1, "a.$[y].d": 2}},
        [{"x.b": 1}, {"y.b": {"$gte": 1}}],
        {"a": [{"b": 1, "c": 1, "d": 2}, {"b": 2, "d": 2}]},
    ),
    ({"a": [1, 2]}, {"$set": {"a.$[x]": 0}}, [{"x": 1, "$comment": "why"}], {"a": [0, 2]}),
    # what is chosen is seen before anything changes
    (
        {"a": [{"b": 1}]},
        {"$set": {"a.$[x].b": 2, "a.$[y].c": 3}},
        [{"x.b": 1}, {"y.b": 1}],
        {"a": [{"b": 2, "c": 3}]},
    ),
]


@pytest.mark.parametrize(("document", "update", "array_filters", "expected"), FILTERED)
def test_the_elements_that_an_array_filter_matches_are_changed(
    document: dict[str, Any],
    update: dict[str, Any],
    array_filters: list[dict[str, Any]],
    expected: dict[str, Any],
) -> None:
    updated = compile_update(update, array_filters)(document)

    assert bson.encode(updated) == bson.encode(expected), updated


MATCHED: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"a": 5}, {"a": [1, 5, 5]}, {"$set": {"a.$": 0}}, {"a": [1, 0, 5]}),
    ({"a": {"$gt": 3}}, {"a": [1, 5]}, {"$inc": {"a.$": 1}}, {"a": [1, 6]}),
    (
        {"a.b": 2},
        {"a": [{"b": 1}, {"b": 2}]},
        {"$set": {"a.$.c": 0}},
        {"a": [{"b": 1}, {"b": 2, "c": 0}]},
    ),
    (
        {"a": {"$elemMatch": {"b": 1, "c": 2}}},
        {"a": [{"b": 1}, {"b": 1, "c": 2}]},
        {"$unset": {"a.$.b": ""}},
        {"a": [{"b": 1}, {"c": 2}]},
    ),
    ({"a": 5}, {"a": [5, 5]}, {"$unset": {"a.$": ""}}, {"a": [None, 5]}),
    (
        {"a": 2},
        {"a": [1, 2], "b": [[1], [2]]},
        {"$push": {"b.$": 9}},
        {"a": [1, 2], "b": [[1], [2, 9]]},
    ),
    ({"a": 2}, {"a": [1, 2]}, {"$set": {"c.$": 9}}, {"a": [1, 2], "c": {"1": 9}}),
    (
        {"a": 2},
        {"a": [1, 2], "b": [[], [1, 2]]},
        {"$inc": {"b.$.$[]": 1}},
        {"a": [1, 2], "b": [[], [2, 3]]},
    ),
    (
        {"a": 2},
        {"a": [1, 2, 3]},
        {"$set": {"a.0": 9, "a.$": 8, "a.2": 7}},
        {"a": [9, 8, 7]},
    ),
]


@pytest.mark.parametrize(("filter_", "document", "update", "expected"), MATCHED)
def test_the_element_that_the_filter_matched_is_changed(
    filter_: dict[str, Any],
    document: dict[str, Any],
    update: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    assert compile_filter(filter_)(document)
    apply = compile_update(update)
    assert apply.needs_position

    updated = apply(document, compile_position(filter_)(document))

    assert bson.encode(updated) == bson.encode(expected), updated


def test_an_update_says_whether_it_needs_the_position() -> None:
    assert compile_update({"$set": {"a.$.b": 1}}).needs_position
    assert not compile_update({"$set": {"a.$[].b": 1}}).needs_position
    assert not compile_update({"$set": {"a.0": 1}}).needs_position


@pytest.mark.parametrize(
    ("document", "update", "array_filters", "code"),
    [
        ({"a": [1]}, {"$set": {"a.$": 1}}, [], 2),
        ({}, {"$set": {"a.$[]": 1}}, [], 2),
        ({"a": {}}, {"$set": {"a.b.$[]": 1}}, [], 2),
        ({"a": 5}, {"$set": {"a.$[]": 1}}, [], 2),
        ({"a": None}, {"$set": {"a.$[]": 1}}, [], 2),
        ({"a": {"0": 1}}, {"$set": {"a.$[]": 1}}, [], 2),
        ({"a": [[1], 2]}, {"$set": {"a.$[].$[]": 1}}, [], 2),
        ({"a": [5]}, {"$set": {"a.$[].b": 1}}, [], 28),
        ({"a": [{"b": 1}, {}]}, {"$unset": {"a.$[].b.$[]": 1}}, [], 2),
        ({"a": [1]}, {"$setOnInsert": {"b.$[]": 1}}, [], 2),
        ({"a": ["x"]}, {"$inc": {"a.$[]": 1}}, [], 14),
        (
            {"a": [{"b": 1}]},
            {"$set": {"a.$[x].b": 1}, "$inc": {"a.$[y].b": 1}},
            [{"x.b": 1}, {"y.b": {"$gt": 0}}],
            40,
        ),
        ({"a": [{}]}, {"$set": {"a.$[x]": 1, "a.$[].b": 1}}, [{"x": {}}], 40),
        ({"_id": [1]}, {"$set": {"_id.$[]": 2}}, [], 66),
    ],
)
def test_a_positional_update_that_does_not_fit_the_document_is_an_error(
    document: dict[str, Any],
    update: dict[str, Any],
    array_filters: list[dict[str, Any]],
    code: int,
) -> None:
    apply = compile_update(update, array_filters)

    with pytest.raises(WriteError) as caught:
        apply(document)

    assert caught.value.code == code


def test_the_matched_element_and_its_number_are_one_place() -> None:
    apply = compile_update({"$set": {"a.$": 1, "a.0": 2}})

    assert apply({"a": [0, 0]}, 1) == {"a": [2, 1]}
    with pytest.raises(WriteError, match="conflict") as caught:
        apply({"a": [0, 0]}, 0)
    assert caught.value.code == 40


@pytest.mark.parametrize(
    ("update", "array_filters", "code"),
    [
        ({"$set": {"$": 1}}, [], 2),
        ({"$set": {"$.a": 1}}, [], 2),
        ({"$set": {"$[].a": 1}}, [], 2),
        ({"$set": {"$[x].a": 1}}, [{"x": 1}], 2),
        ({"$set": {"a.$.b.$": 1}}, [], 2),
        ({"$set": {"a.$[x": 1}}, [], 52),
        ({"$set": {"a.$x]": 1}}, [], 52),
        ({"$set": {"a.$[x]": 1}}, [], 2),
        ({"$set": {"a.$[x]": 1}}, [{"y": 1}], 2),
        ({"$set": {"a.$[x].b.$[y]": 1}}, [{"x": 1}], 2),
        ({"$set": {"a.$[ ]": 1}}, [], 2),
        ({"$set": {"a": 1}}, [{"x": 1}], 9),
        ({"$set": {"a.$[x]": 1}}, [{"x": 1}, {"y": 1}], 9),
        ({"$set": {"a.$[x]": 1}}, [{"x": 1}, {"x": 2}], 9),
        ({"$set": {"a.$[x]": 1}}, [{"x": 1, "y": 2}], 9),
        ({"$set": {"a.$[x]": 1}}, [{"x": 1, "$or": [{"y": 2}]}], 9),
        ({"$set": {"a.$[x]": 1}}, [{}], 9),
        ({"$set": {"a.$[x]": 1}}, [{"$comment": "x"}], 9),
        ({"$set": {"a.$[X]": 1}}, [{"X": 1}], 2),
        ({"$set": {"a.$[x_y]": 1}}, [{"x_y": 1}], 2),
        ({"$set": {"a.$[é]": 1}}, [{"é": 1}], 2),
        ({"$set": {"a.$[1x]": 1}}, [{"1x": 1}], 2),
        ({"$set": {"a.$[x]": 1}}, [{"$expr": {"$gt": ["$x", 1]}}], 224),
        ({"$set": {"a.$[x]": 1}}, {"x": 1}, 14),
        ({"$set": {"a.$[x]": 1}}, "x", 14),
        ({"$rename": {"a.$": "b"}}, [], 2),
        ({"$rename": {"a.$[].b": "c"}}, [], 2),
        ({"$rename": {"a": "b.$[]"}}, [], 2),
        ({"$set": {"a.$[]": 1}, "$inc": {"a.$[]": 1}}, [], 40),
        ({"$set": {"a.$[]": 1, "a.$[].b": 1}}, [], 40),
        ({"$set": {"a": 1, "a.$[]": 1}}, [], 40),
        ({"$set": {"a.$[]": 1, "a.0": 1}}, [], 40),
        ({"$set": {"a.$[].b": 1, "a.$.b": 1}}, [], 40),
        ({"$set": {"a.$": 1, "a.$.b": 1}}, [], 40),
        ({"$set": {"a.$[x]": 1}, "$push": {"a.0": 1}}, [{"x": 1}], 40),
    ],
)
def test_a_malformed_positional_update_is_refused_before_any_document_is_seen(
    update: dict[str, Any], array_filters: Any, code: int
) -> None:
    with pytest.raises(WriteError) as caught:
        compile_update(update, array_filters)

    assert caught.value.code == code


@pytest.mark.parametrize("array_filter", [{"x": {"$gt": {"$bad": 1}, "b": 1}}, 5, None, {"$or": 1}])
def test_an_array_filter_that_is_no_filter_is_refused(array_filter: Any) -> None:
    with pytest.raises(OperationFailure):
        compile_update({"$set": {"a.$[x]": 1}}, [array_filter])


elements = st.integers(-5, 5)


@given(st.lists(elements, max_size=6), elements)
def test_array_filters_choose_what_a_filter_on_the_element_matches(
    values: list[int], bound: int
) -> None:
    apply = compile_update({"$set": {"a.$[x]": "changed"}}, [{"x": {"$gt": bound}}])

    assert apply({"a": values}) == {"a": ["changed" if one > bound else one for one in values]}


@given(st.lists(elements, min_size=1, max_size=6), elements)
def test_the_position_is_that_of_the_first_element_that_fits(values: list[int], low: int) -> None:
    filter_ = {"a": {"$gte": low}}
    if not compile_filter(filter_)({"a": values}):
        return

    updated = compile_update({"$set": {"a.$": None}})(
        {"a": values}, compile_position(filter_)({"a": values})
    )

    at = next(index for index, one in enumerate(values) if one >= low)
    assert updated["a"] == [*values[:at], None, *values[at + 1 :]]
