"""The document that an upsert inserts, as MongoDB makes it."""

import copy
import re
from typing import Any

import bson
import pytest
from bson import ObjectId, Regex
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure, WriteError

from earnorm.errors import InvalidDocumentError, UnsupportedError
from earnorm.stores.documents import compile_filter, upsert_document

UPDATES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"_id": 1}, {"$set": {"a": 2}}, {"_id": 1, "a": 2}),
    ({"_id": 1, "a": 2}, {"$inc": {"a": 3}}, {"_id": 1, "a": 5}),
    ({"_id": 1}, {"$inc": {"n": 1}, "$setOnInsert": {"m": 2}}, {"_id": 1, "m": 2, "n": 1}),
    ({"a": 1}, {"$set": {"_id": 7}}, {"_id": 7, "a": 1}),
    ({"a": 1}, {"$setOnInsert": {"_id": 7}}, {"_id": 7, "a": 1}),
    ({"_id": 7}, {"$set": {"_id": 7, "a": 1}}, {"_id": 7, "a": 1}),
    ({"_id": 7}, {"$setOnInsert": {"_id": 7.0}}, {"_id": 7.0}),
    # what the filter asks for, in the order of its paths, and what follows
    ({"_id": 1, "b": 2, "a": 1}, {"$set": {"c": 3}}, {"_id": 1, "a": 1, "b": 2, "c": 3}),
    ({"_id": {"$eq": 1}, "a": {"$eq": None}}, {"$set": {"c": 3}}, {"_id": 1, "a": None, "c": 3}),
    (
        {"_id": 1, "a.b": 1, "a.c": 2},
        {"$set": {"a.d": 3}},
        {"_id": 1, "a": {"b": 1, "c": 2, "d": 3}},
    ),
    ({"_id": 1, "a.0": 1}, {"$set": {"c": 3}}, {"_id": 1, "a": {"0": 1}, "c": 3}),
    ({"_id": 1, "a": {"b": [1]}}, {"$push": {"a.b": 2}}, {"_id": 1, "a": {"b": [1, 2]}}),
    ({"_id": 1, "a": [1, 2]}, {"$inc": {"a.$[]": 1}}, {"_id": 1, "a": [2, 3]}),
    ({"$and": [{"_id": 1}, {"$and": [{"a": 2}]}]}, {"$set": {"c": 3}}, {"_id": 1, "a": 2, "c": 3}),
    ({"_id": 1, "$or": [{"a": 2}]}, {"$set": {"c": 3}}, {"_id": 1, "a": 2, "c": 3}),
    ({"_id": {"$in": [1]}, "a": {"$in": [2, 2.0]}}, {"$set": {"c": 3}}, {"_id": 1, "a": 2, "c": 3}),
    ({"_id": 1, "a": {"$all": [2]}}, {"$set": {"c": 3}}, {"_id": 1, "a": 2, "c": 3}),
    ({"_id": 1, "a": {"$eq": Regex("x")}}, {"$set": {"c": 3}}, {"_id": 1, "a": Regex("x"), "c": 3}),
    # what is no equality says nothing
    (
        {
            "_id": 1,
            "a": {"$gt": 1},
            "b": {"$in": [1, 2]},
            "d": {"$ne": 1},
            "e": {"$not": {"$eq": 1}},
            "f": {"$elemMatch": {"g": 1}},
            "h": {"$exists": True},
            "i": re.compile("x"),
            "j": {"$in": [re.compile("x")]},
            "k": {"$in": []},
            "l": {"$all": [re.compile("x")]},
            "m": {"$all": [{"$elemMatch": {"a": 1}}]},
            "$or": [{"n": 1}, {"n": 2}],
            "$nor": [{"o": 1}],
        },
        {"$set": {"c": 3}},
        {"_id": 1, "c": 3},
    ),
    ({"_id": 1, "a": 1}, {"$unset": {"a": ""}}, {"_id": 1}),
    ({"_id": 1, "a": 1}, {"$rename": {"a": "b"}}, {"_id": 1, "b": 1}),
    ({"_id": 1}, {"$pull": {"a": 1}}, {"_id": 1}),
    ({"_id": 1, "a": 1, "b": {"$gt": 1}}, {"$set": {"a": 9}}, {"_id": 1, "a": 9}),
]


@pytest.mark.parametrize(("filter_", "update", "expected"), UPDATES)
def test_an_upsert_updates_what_its_filter_asks_for(
    filter_: dict[str, Any], update: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = copy.deepcopy((filter_, update))

    document = upsert_document(filter_, update)

    assert list(document) == list(expected)
    assert bson.encode(document) == bson.encode(expected), document
    assert (filter_, update) == before


def test_array_filters_choose_among_the_elements_that_the_filter_asks_for() -> None:
    document = upsert_document({"_id": 1, "a": [1, 5]}, {"$set": {"a.$[x]": 0}}, [{"x": 5}])

    assert document == {"_id": 1, "a": [1, 0]}


@pytest.mark.parametrize(
    ("filter_", "replacement", "expected"),
    [
        ({"_id": 1, "a": 2}, {"b": 3}, {"_id": 1, "b": 3}),
        ({"_id": 1}, {}, {"_id": 1}),
        ({"a": 2}, {"_id": 5, "b": 3}, {"_id": 5, "b": 3}),
        ({"_id": 5}, {"b": 3, "_id": 5}, {"_id": 5, "b": 3}),
        ({"$and": [{"_id": {"$in": [5]}}]}, {"b": 3}, {"_id": 5, "b": 3}),
        ({"_id": {"$gt": 3}}, {"_id": 5}, {"_id": 5}),
        ({"_id": 5, "a": 1, "a.b": 2}, {"b": 3}, {"_id": 5, "b": 3}),
    ],
)
def test_a_replacement_takes_only_the_id_from_the_filter(
    filter_: dict[str, Any], replacement: dict[str, Any], expected: dict[str, Any]
) -> None:
    document = upsert_document(filter_, replacement)

    assert list(document.items()) == list(expected.items())


@pytest.mark.parametrize("change", [{"$set": {"a": 1}}, {"a": 1}])
def test_an_id_is_made_where_none_is_given_and_comes_first(change: dict[str, Any]) -> None:
    first, second = upsert_document({}, change), upsert_document({}, change)

    assert list(first) == ["_id", "a"]
    assert isinstance(first["_id"], ObjectId)
    assert first["_id"] != second["_id"]


@pytest.mark.parametrize(
    ("filter_", "change", "code"),
    [
        ({"_id": 1}, {"$set": {"_id": 2}}, 66),
        ({"_id": 1}, {"$setOnInsert": {"_id": 2}}, 66),
        ({"_id": 1}, {"$unset": {"_id": ""}}, 66),
        ({"_id": 1}, {"_id": 2}, 66),
        ({"_id": 1}, {"_id": True}, 66),
        ({"a": 1, "a.b": 2}, {"$set": {"c": 1}}, 54),
        ({"a.b": 1, "a": {"b": 1}}, {"$set": {"c": 1}}, 54),
        ({"a": 1, "$and": [{"a": 1}]}, {"$set": {"c": 1}}, 54),
        ({"$and": [{"a": 1}, {"a": 2}]}, {"$set": {"c": 1}}, 54),
        ({"a": {"$all": [1, 2]}}, {"$set": {"c": 1}}, 54),
        ({"_id": 1, "$and": [{"_id": 1}]}, {"c": 1}, 54),
        ({"_id.a": 1}, {"$set": {"c": 1}}, 111),
        ({"_id.a": 1}, {"c": 1}, 111),
        ({"a": [1]}, {"$set": {"a.$": 2}}, 2),
        ({"a": 1}, {"$set": {"b.$[]": 2}}, 2),
        ({"a": 1}, {"$set": {"a.b": 2}}, 28),
        ({"a": "x"}, {"$inc": {"a": 2}}, 14),
        ({"_id": [1]}, {"$set": {"a": 1}}, 53),
        ({}, {"$set": {"_id": [1]}}, 53),
        ({}, {"_id": Regex("x")}, 53),
        ({"$expr": {"$eq": ["$a", 1]}}, {"$set": {"a": 1}}, 224),
        ({"$and": [{"$or": [{"$expr": True}]}]}, {"a": 1}, 224),
        ({"a": 1}, {"a": 1, "$set": {"b": 1}}, 52),
        ({"a": 1}, {"$set": {"b": 1}, "a": 1}, 9),
    ],
)
def test_an_upsert_that_tells_no_single_document_is_refused(
    filter_: dict[str, Any], change: dict[str, Any], code: int
) -> None:
    with pytest.raises(WriteError) as caught:
        upsert_document(filter_, change)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("filter_", "change", "error"),
    [
        ({"a": {"$in": 1}}, {"$set": {"b": 1}}, OperationFailure),
        ({"a": {"$near": 1}}, {"$set": {"b": 1}}, UnsupportedError),
        ("a", {"$set": {"b": 1}}, OperationFailure),
        ({}, [{"$set": {"b": 1}}], UnsupportedError),
        ({}, None, UnsupportedError),
        ({}, {1: 2}, InvalidDocumentError),
        ({}, {"a": {1, 2}}, InvalidDocumentError),
        ({}, {"$set": {"a": {1, 2}}}, InvalidDocumentError),
        ({"a": 1}, {"$frob": {"b": 1}}, UnsupportedError),
    ],
)
def test_hostile_input_is_refused(filter_: Any, change: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        upsert_document(filter_, change)


plain = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=2)


@given(st.dictionaries(st.sampled_from(["_id", "a", "b.c", "b.d"]), plain))
def test_what_was_upserted_is_found_by_its_filter(filter_: dict[str, Any]) -> None:
    document = upsert_document(filter_, {"$set": {"z": 1}})

    assert compile_filter(filter_)(document)
    assert document["z"] == 1
