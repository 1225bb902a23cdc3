import copy
import math
from typing import Any

import bson
import pytest
from bson import Decimal128, Int64
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure, WriteError

from earnorm.errors import InvalidDocumentError, UnsupportedError
from earnorm.stores.documents import apply_update, compile_update

UPDATES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    # $set
    ({"a": 1}, {"$set": {"a": 2}}, {"a": 2}),
    ({}, {"$set": {"a.b.c": 1}}, {"a": {"b": {"c": 1}}}),
    ({"a": {"x": 1}}, {"$set": {"a.b": 2}}, {"a": {"x": 1, "b": 2}}),
    ({"a": [1, 2]}, {"$set": {"a.1": 9}}, {"a": [1, 9]}),
    ({"a": [1]}, {"$set": {"a.3": 9}}, {"a": [1, None, None, 9]}),
    ({"a": [{"b": 1}]}, {"$set": {"a.0.b": 2}}, {"a": [{"b": 2}]}),
    ({"a": [1]}, {"$set": {"a.2.b": 2}}, {"a": [1, None, {"b": 2}]}),
    ({}, {"$set": {"a.0": 1}}, {"a": {"0": 1}}),
    ({"a": 1}, {"$set": {"a": {"b": [1]}}}, {"a": {"b": [1]}}),
    ({"a": 1}, {"$set": {"a": None}}, {"a": None}),
    ({"a": 1}, {"$set": {}}, {"a": 1}),
    ({"_id": 1}, {"$set": {"_id": 1, "a": 2}}, {"_id": 1, "a": 2}),
    ({}, {"$set": {"a": {"$b": 1}}}, {"a": {"$b": 1}}),
    # $unset
    ({"a": 1, "b": 2}, {"$unset": {"a": ""}}, {"b": 2}),
    ({"a": {"b": 1, "c": 2}}, {"$unset": {"a.b": 1}}, {"a": {"c": 2}}),
    ({"a": {"b": 1}}, {"$unset": {"a.b": 1}}, {"a": {}}),
    ({"a": [1, 2, 3]}, {"$unset": {"a.1": 1}}, {"a": [1, None, 3]}),
    ({"a": [1]}, {"$unset": {"a.5": 1}}, {"a": [1]}),
    ({"a": [1]}, {"$unset": {"a.x": 1}}, {"a": [1]}),
    ({"a": 1}, {"$unset": {"a.b": 1, "x.y": 1, "z": 1}}, {"a": 1}),
    ({"a": [{"b": 1}]}, {"$unset": {"a.0.b": 1}}, {"a": [{}]}),
    # $inc
    ({"a": 1}, {"$inc": {"a": 2}}, {"a": 3}),
    ({}, {"$inc": {"a": 2, "b.c": -1}}, {"a": 2, "b": {"c": -1}}),
    ({"a": 1}, {"$inc": {"a": 0.5}}, {"a": 1.5}),
    ({"a": Decimal128("1.10")}, {"$inc": {"a": 1}}, {"a": Decimal128("2.10")}),
    ({"a": 0.1}, {"$inc": {"a": Decimal128("0.1")}}, {"a": Decimal128("0.200000000000000")}),
    ({"a": 2**31 - 1}, {"$inc": {"a": 1}}, {"a": 2**31}),
    ({"a": [1, 2]}, {"$inc": {"a.1": 5}}, {"a": [1, 7]}),
    ({"a": math.inf}, {"$inc": {"a": 1}}, {"a": math.inf}),
    # together
    (
        {"a": 1, "b": 2, "c": 3},
        {"$set": {"a": 5}, "$unset": {"b": 1}, "$inc": {"c": 1}},
        {"a": 5, "c": 4},
    ),
]


@pytest.mark.parametrize(("document", "update", "expected"), UPDATES)
def test_an_update_gives_what_mongodb_would_store(
    document: dict[str, Any], update: dict[str, Any], expected: dict[str, Any]
) -> None:
    before = copy.deepcopy(document)

    updated = apply_update(document, update)

    assert bson.encode(updated) == bson.encode(expected), updated
    assert document == before, "the document that was passed stays as it was"


def test_new_fields_come_in_the_order_of_their_names_and_numbers() -> None:
    updated = apply_update({}, {"$set": {"b": 1, "a": 1, "c.10": 1, "c.9": 1}})

    assert list(updated) == ["a", "b", "c"]
    assert list(updated["c"]) == ["9", "10"]


def test_int64_stays_int64() -> None:
    assert type(apply_update({"a": Int64(1)}, {"$inc": {"a": 1}})["a"]) is Int64


def test_updated_documents_share_nothing_with_the_update() -> None:
    apply = compile_update({"$set": {"tags": ["x"]}})
    first, second = apply({}), apply({})

    first["tags"].append("y")

    assert second == {"tags": ["x"]}


@pytest.mark.parametrize(
    ("document", "update", "code"),
    [
        ({"a": 5}, {"$set": {"a.b": 1}}, 28),
        ({"a": None}, {"$set": {"a.b": 1}}, 28),
        ({"a": [1]}, {"$set": {"a.b": 1}}, 28),
        ({"a": [1]}, {"$set": {"a.01": 1}}, 28),
        ({"a": [1]}, {"$set": {"a.0.b": 1}}, 28),
        ({"a": []}, {"$set": {"a.9999999": 1}}, 2),
        ({"a": "x"}, {"$inc": {"a": 1}}, 14),
        ({"a": None}, {"$inc": {"a": 1}}, 14),
        ({"a": True}, {"$inc": {"a": 1}}, 14),
        ({"a": 2**63 - 1}, {"$inc": {"a": 1}}, 2),
        ({"a": -(2**63)}, {"$inc": {"a": -1}}, 2),
        ({"_id": 1}, {"$set": {"_id": 2}}, 66),
        ({"_id": 1}, {"$unset": {"_id": ""}}, 66),
        ({"_id": {"a": 1}}, {"$set": {"_id.a": 2}}, 66),
        ({"_id": 1}, {"$inc": {"_id": 1}}, 66),
    ],
)
def test_an_update_that_does_not_fit_the_document_is_an_error(
    document: dict[str, Any], update: dict[str, Any], code: int
) -> None:
    apply = compile_update(update)

    with pytest.raises(WriteError) as caught:
        apply(document)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("update", "code"),
    [
        ({}, 9),
        ({"a": 1}, 9),
        ({"$set": {"a": 1}, "b": 2}, 9),
        ({"$set": 1}, 9),
        ({"$set": {"": 1}}, 56),
        ({"$set": {"a..b": 1}}, 56),
        ({"$set": {"a.": 1}}, 56),
        ({"$set": {"$a": 1}}, 52),
        ({"$set": {"a.$b": 1}}, 52),
        ({"$inc": {"a": "1"}}, 14),
        ({"$inc": {"a": True}}, 14),
        ({"$inc": {"a": None}}, 14),
        ({"$set": {"a": 1, "a.b": 2}}, 40),
        ({"$set": {"a": 1}, "$inc": {"a": 1}}, 40),
        ({"$set": {"a.b": 1}, "$unset": {"a": 1}}, 40),
    ],
)
def test_a_malformed_update_is_refused_before_any_document_is_seen(
    update: dict[str, Any], code: int
) -> None:
    with pytest.raises(WriteError) as caught:
        compile_update(update)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("update", "what"),
    [
        ({"$push": {"a": 1}}, "$push"),
        ({"$set": {"a": 1}, "$rename": {"b": "c"}}, "$rename"),
        ({"$set": {"a.$": 1}}, "positional segment $"),
        ({"$set": {"a.$[].b": 1}}, "positional segment $[]"),
        ({"$inc": {"a.$[x]": 1}}, "positional segment $[x]"),
        ([{"$set": {"a": 1}}], "an update of type list"),
    ],
)
def test_an_update_of_a_later_release_is_refused_by_name(update: Any, what: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        compile_update(update)

    assert what in str(caught.value)


def test_values_that_bson_cannot_hold_are_refused_with_their_path() -> None:
    with pytest.raises(InvalidDocumentError, match=r"\$set\.a\.b.*Use a list"):
        compile_update({"$set": {"a": {"b": {1, 2}}}})


names = st.sampled_from(["a", "b", "0", "1"])
paths = st.lists(names, min_size=1, max_size=3).map(".".join)
values = st.recursive(
    st.integers(-5, 5) | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=4,
)
documents = st.dictionaries(names, values, max_size=3)


@given(documents, paths, values)
def test_a_field_that_was_set_is_found_there_and_gone_once_unset(
    document: dict[str, Any], path: str, value: Any
) -> None:
    before = copy.deepcopy(document)
    try:
        updated = apply_update(document, {"$set": {path: value}})
    except OperationFailure:
        return

    assert document == before
    assert reached(updated, path) == value
    removed = apply_update(updated, {"$unset": {path: ""}})
    assert reached(removed, path) is None
    assert apply_update(removed, {"$set": {path: value}}) == updated


def reached(value: Any, path: str) -> Any:
    for segment in path.split("."):
        value = value[int(segment)] if isinstance(value, list) else value.get(segment)
    return value
