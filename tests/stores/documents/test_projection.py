"""Parts of documents, as MongoDB's `find` gives them."""

import copy
from typing import Any

import pytest
from bson import Decimal128
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import compile_collation, compile_filter, compile_projection

DOCUMENT: dict[str, Any] = {
    "_id": 1,
    "a": {"b": 1, "c": {"d": 2, "e": 3}},
    "l": [{"x": 1, "y": 2}, 5, [{"x": 3, "y": 4}], {"y": 6}],
    "s": 3,
}


@pytest.mark.parametrize(
    ("projection", "expected"),
    [
        ({}, DOCUMENT),
        ({"s": 1}, {"_id": 1, "s": 3}),
        ({"s": True, "_id": 0}, {"s": 3}),
        ({"_id": 1}, {"_id": 1}),
        ({"s": Decimal128("1.0")}, {"_id": 1, "s": 3}),
        ({"gone": 1}, {"_id": 1}),
        ({"a.b": 1}, {"_id": 1, "a": {"b": 1}}),
        ({"a.c.d": 1, "a.b": 1}, {"_id": 1, "a": {"b": 1, "c": {"d": 2}}}),
        ({"a.gone": 1}, {"_id": 1, "a": {}}),
        ({"s.gone": 1}, {"_id": 1}),
        ({"l.x": 1}, {"_id": 1, "l": [{"x": 1}, [{"x": 3}], {}]}),
        ({"l.0": 1}, {"_id": 1, "l": [{}, [{}], {}]}),
        ({"_id": 0}, {name: value for name, value in DOCUMENT.items() if name != "_id"}),
        ({"a": 0, "l": False}, {"_id": 1, "s": 3}),
        ({"a.c.d": 0, "l": 0}, {"_id": 1, "a": {"b": 1, "c": {"e": 3}}, "s": 3}),
        ({"t": "$s"}, {"_id": 1, "t": 3}),
        ({"_id": 0, "t": {"$add": ["$s", "$a.b"]}}, {"t": 4}),
        ({"s": 1, "t": None, "u": "text"}, {"_id": 1, "s": 3, "t": None, "u": "text"}),
        ({"t": "$gone", "s": 1}, {"_id": 1, "s": 3}),
        ({"a": {"b": 1}}, {"_id": 1, "a": {"b": 1}}),
        ({"a": {"b": "$s", "c": {"e": 1}}}, {"_id": 1, "a": {"c": {"e": 3}, "b": 3}}),
        ({"a.b": "$s"}, {"_id": 1, "a": {"b": 3}}),
        ({"s.b": "$s"}, {"_id": 1, "s": {"b": 3}}),
        ({"l.z": "$s"}, {"_id": 1, "l": [{"z": 3}, {"z": 3}, [{"z": 3}], {"z": 3}]}),
        (
            {"l.z": "$s", "l.x": 1},
            {"_id": 1, "l": [{"x": 1, "z": 3}, {"z": 3}, [{"x": 3, "z": 3}], {"z": 3}]},
        ),
        ({"l": {"$slice": ["$l", 1]}}, {"_id": 1, "l": [{"x": 1, "y": 2}]}),
        (
            {"l.x": 0, "a": 0, "s": 0},
            {"_id": 1, "l": [{"y": 2}, 5, [{"y": 4}], {"y": 6}]},
        ),
    ],
    ids=str,
)
def test_a_projection_gives_the_parts_that_are_asked_for(
    projection: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert compile_projection(projection)(DOCUMENT) == expected


def test_parts_come_in_the_order_of_the_document() -> None:
    assert list(compile_projection({"s": 1, "a": 1})(DOCUMENT)) == ["_id", "a", "s"]


def test_what_is_computed_comes_last_in_the_order_of_the_projection() -> None:
    project = compile_projection({"s": "$a.b", "n": 1, "l": "$l", "a": 1})

    assert list(project(DOCUMENT)) == ["_id", "a", "s", "l"]
    assert project({"_id": 1, "s": 5}) == {"_id": 1}


@pytest.mark.parametrize(
    ("projection", "code"),
    [
        ({"a": 1, "b": 0}, 31254),
        ({"a": 0, "b": 1}, 31253),
        ({"a": 1, "a.b": 1}, 31249),
        ({"a.b": 1, "a.b.c": 1}, 31249),
        ({"a.b": 1, "a": 1}, 31250),
        ({"": 1}, 40352),
        ({"a..b": 1}, 15998),
        ({"$a": 1}, 16410),
        ({"a": {}}, 51270),
        ({"a": 0, "b": "$c"}, 31310),
        ({"a": 0, "b": {"$add": [1]}}, 31252),
        ({1: 1}, 2),
        ("a", 2),
    ],
    ids=str,
)
def test_what_is_no_projection_is_refused(projection: Any, code: int) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_projection(projection)

    assert caught.value.code == code


ARRAYS: dict[str, Any] = {
    "_id": 1,
    "n": [1, 2, 3, 4],
    "d": [{"x": 1, "y": [1, 2]}, {"x": 2, "y": [3, 4]}, {"x": 2}],
    "o": {"n": [5, 6], "s": 1},
    "s": 3,
}
REST = {name: value for name, value in ARRAYS.items() if name != "n"}


@pytest.mark.parametrize(
    ("projection", "expected"),
    [
        # $slice alone leaves the rest as it is
        ({"n": {"$slice": 2}}, {**ARRAYS, "n": [1, 2]}),
        ({"n": {"$slice": -1}}, {**ARRAYS, "n": [4]}),
        ({"n": {"$slice": 0}}, {**ARRAYS, "n": []}),
        ({"n": {"$slice": 9}}, ARRAYS),
        ({"n": {"$slice": -9}}, ARRAYS),
        ({"n": {"$slice": 1.9}}, {**ARRAYS, "n": [1]}),
        ({"n": {"$slice": [1, 2]}}, {**ARRAYS, "n": [2, 3]}),
        ({"n": {"$slice": [-3, 2]}}, {**ARRAYS, "n": [2, 3]}),
        ({"n": {"$slice": [-9, 2]}}, {**ARRAYS, "n": [1, 2]}),
        ({"n": {"$slice": [9, 2]}}, {**ARRAYS, "n": []}),
        ({"n": {"$slice": [0, 2**40]}}, ARRAYS),
        ({"s": {"$slice": 1}}, ARRAYS),
        ({"gone": {"$slice": 1}}, ARRAYS),
        ({"o.n": {"$slice": 1}}, {**ARRAYS, "o": {"n": [5], "s": 1}}),
        (
            {"d.y": {"$slice": 1}},
            {**ARRAYS, "d": [{"x": 1, "y": [1]}, {"x": 2, "y": [3]}, {"x": 2}]},
        ),
        # beside others it goes with them
        ({"n": {"$slice": 1}, "_id": 0, "d": 0, "o": 0}, {"n": [1], "s": 3}),
        ({"n": {"$slice": 1}, "s": 1}, {"_id": 1, "n": [1], "s": 3}),
        ({"_id": 1, "n": {"$slice": 1}}, {"_id": 1, "n": [1]}),
        ({"_id": 0, "n": {"$slice": 1}}, {**ARRAYS, "n": [1]} | {"_id": None}),
        ({"o.n": {"$slice": 1}, "s": 1}, {"_id": 1, "o": {"n": [5]}, "s": 3}),
        # an expression computes
        ({"n": {"$slice": ["$n", 1, 2]}}, {"_id": 1, "n": [2, 3]}),
        # $elemMatch
        ({"n": {"$elemMatch": {"$gt": 2}}}, {"_id": 1, "n": [3]}),
        ({"d": {"$elemMatch": {"x": 2}}}, {"_id": 1, "d": [{"x": 2, "y": [3, 4]}]}),
        ({"d": {"$elemMatch": {"x": 9}}}, {"_id": 1}),
        ({"s": {"$elemMatch": {"$gt": 2}}}, {"_id": 1}),
        ({"_id": 0, "n": {"$elemMatch": {"$gt": 2}}}, {"n": [3]}),
        ({"n": {"$elemMatch": {"$gt": 2}}, "s": 1}, {"_id": 1, "s": 3, "n": [3]}),
        ({"n": {"$elemMatch": {"$gt": 2}}, "d": 0, "o": 0}, {"_id": 1, "n": [3], "s": 3}),
        ({"n": {"$elemMatch": {"$gt": 9}}, "d": 0, "o": 0}, {"_id": 1, "s": 3}),
        (
            {"n": {"$elemMatch": {"$gt": 2}}, "d": {"$slice": 1}},
            {**ARRAYS, "n": [3], "d": [{"x": 1, "y": [1, 2]}]},
        ),
    ],
    ids=str,
)
def test_a_projection_gives_parts_of_arrays(
    projection: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = copy.deepcopy(ARRAYS)
    if expected.get("_id", 0) is None:
        expected = {name: value for name, value in expected.items() if name != "_id"}

    projected = compile_projection(projection)(ARRAYS)

    assert list(projected.items()) == list(expected.items())
    assert before == ARRAYS


@pytest.mark.parametrize(
    ("filter_", "projection", "expected"),
    [
        ({"n": {"$gt": 2}}, {"n.$": 1}, {"_id": 1, "n": [3]}),
        ({"n": 3}, {"n.$": True, "_id": 0, "s": 1}, {"n": [3], "s": 3}),
        ({"d.x": 2}, {"d.$": 1}, {"_id": 1, "d": [{"x": 2, "y": [3, 4]}]}),
        ({"d": {"$elemMatch": {"x": 2}}}, {"d.$.x": 1}, {"_id": 1, "d": [{"x": 2, "y": [3, 4]}]}),
        ({"o.n": 6}, {"o.n.$": 1}, {"_id": 1, "o": {"n": [6]}}),
        ({"$and": [{"n": 2}, {"s": 3}]}, {"n.$": 1}, {"_id": 1, "n": [2]}),
        ({"s": 3}, {"s.$": 1}, {"_id": 1, "s": 3}),
        (
            {"n": 2, "s": 3},
            {"n.$": 1, "d": {"$slice": 1}},
            {"_id": 1, "n": [2], "d": [{"x": 1, "y": [1, 2]}]},
        ),
    ],
    ids=str,
)
def test_a_positional_projection_gives_the_element_that_the_filter_matched(
    filter_: dict[str, Any], projection: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert compile_filter(filter_)(ARRAYS)
    assert compile_projection(projection, filter_)(ARRAYS) == expected


def test_array_projections_compare_texts_by_their_collation() -> None:
    key_of = compile_collation({"locale": "en", "strength": 2})
    document = {"t": ["a", "B"]}

    matched = compile_projection({"t": {"$elemMatch": {"$eq": "b"}}}, None, key_of)
    by_filter = compile_projection({"t.$": 1}, {"t": "b"}, key_of)

    assert matched(document) == by_filter(document) == {"t": ["B"]}


@pytest.mark.parametrize(
    ("projection", "code"),
    [
        ({"n": {"$slice": "1"}}, 31273),
        ({"n": {"$slice": None}}, 31273),
        ({"n": {"$slice": []}}, 31272),
        ({"n": {"$slice": [1]}}, 31272),
        ({"n": {"$slice": [1, 2, 3]}}, 31272),
        ({"n": {"$slice": [1, "2"]}}, 31258),
        ({"n": {"$slice": [1, 0]}}, 31259),
        ({"n": {"$slice": [1, -1]}}, 31259),
        ({"n": {"$elemMatch": 1}}, 31274),
        ({"n": {"$elemMatch": [1]}}, 31274),
        ({"o.n": {"$elemMatch": {"$gt": 1}}}, 31275),
        ({"n.$": 1, "d.$": 1}, 31276),
        ({"n.$": 1, "d": {"$elemMatch": {"x": 1}}}, 31256),
        ({"d": {"$elemMatch": {"x": 1}}, "n.$": 1}, 31256),
        ({"s.$": 1}, 31277),
        ({"n.$.$": 1}, 31287),
        ({"n.$.a.$": 1}, 31287),
        ({"n.$.": 1}, 31270),
        ({"n.$": {"$slice": 1}}, 31271),
        ({"n.$": {"a": 1}}, 31271),
        ({"n.$": "x"}, 31308),
        ({"n.$": 0}, 16410),
        ({"$": 1}, 40352),
        ({"n": 1, "n.$": 1}, 31250),
        ({"n.$": 1, "s": 0}, 31254),
        ({"o": 1, "o.n": {"$slice": 1}}, 31249),
        ({"o": 0, "o.n": {"$slice": 1}}, 31249),
        ({"o.n": {"$slice": 1}, "o": {"$slice": 1}}, 31249),
        ({"d": {"$elemMatch": {}}, "d.x": 1}, 31249),
        ({"n": {"$slice": 1}, "s": 1, "o": 0}, 31254),
    ],
    ids=str,
)
def test_what_is_no_projection_of_arrays_is_refused(projection: Any, code: int) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_projection(projection, {"n": 3})

    assert caught.value.code == code


def test_a_positional_projection_needs_a_filter_that_matched_by_an_element() -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_projection({"n.$": 1})
    assert caught.value.code == 51050
    whole = {"n": [1, 2, 3, 4]}
    with pytest.raises(OperationFailure) as caught:
        compile_projection({"n.$": 1}, whole)(ARRAYS)
    assert caught.value.code == 51246
    other = {"n": 4, "d": {"$exists": True}}
    with pytest.raises(OperationFailure) as caught:
        compile_projection({"o.n.$": 1}, {**other, "o.n": {"$size": 2}})(
            ARRAYS | {"d": 1, "n": [1, 1, 4]}
        )
    assert caught.value.code == 51247


def test_the_score_of_a_search_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="meta"):
        compile_projection({"a": {"$meta": "textScore"}})


names = st.sampled_from(["a", "b", "c"])
values = st.recursive(
    st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
paths = st.lists(names, min_size=1, max_size=3).map(".".join)


@given(st.dictionaries(names, values, max_size=3), paths)
def test_what_is_included_and_what_is_left_make_the_document(
    document: dict[str, Any], path: str
) -> None:
    included = compile_projection({path: 1})(document)
    excluded = compile_projection({path: 0})(document)

    assert compile_projection({path: 0})(included) == compile_projection({path: 1})(excluded)
    assert compile_projection({path: 1})(included) == included
    assert compile_projection({path: 0})(excluded) == excluded
