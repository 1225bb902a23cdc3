"""Parts of documents, as MongoDB's `find` gives them."""

from typing import Any

import pytest
from bson import Decimal128
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import compile_projection

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


@pytest.mark.parametrize(
    "projection",
    [
        {"a": {"$slice": 1}},
        {"a": {"$elemMatch": {}}},
        {"a": {"$slice": [1, 2]}},
        {"a.$": 1},
        {"a.$.b": 1},
    ],
    ids=str,
)
def test_what_the_store_does_not_have_is_refused_by_name(projection: Any) -> None:
    with pytest.raises(UnsupportedError, match="the projection"):
        compile_projection(projection)


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
