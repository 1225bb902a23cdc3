import copy
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import pytest
from bson import Decimal128, Int64, Regex
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure, WriteError

from earnorm.errors import InvalidDocumentError, UnsupportedError
from earnorm.stores.documents import apply_update, compile_update, key_bytes
from earnorm.testing import frozen

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
    ({"a": 2**40}, {"$inc": {"a": -(2**40)}}, {"a": Int64(0)}),
    # $mul
    ({"a": 3}, {"$mul": {"a": 2}}, {"a": 6}),
    ({"a": 3}, {"$mul": {"a": 0.5}}, {"a": 1.5}),
    ({"a": 1.5}, {"$mul": {"a": 2}}, {"a": 3.0}),
    ({"a": 3}, {"$mul": {"a": Int64(2)}}, {"a": Int64(6)}),
    ({"a": 2**20}, {"$mul": {"a": 2**20}}, {"a": 2**40}),
    ({"a": Decimal128("1.5")}, {"$mul": {"a": 2}}, {"a": Decimal128("3.0")}),
    ({}, {"$mul": {"a": 5}}, {"a": 0}),
    ({}, {"$mul": {"a": 5.5}}, {"a": 0.0}),
    ({}, {"$mul": {"a": Int64(5)}}, {"a": Int64(0)}),
    ({}, {"$mul": {"a.b": Decimal128("5")}}, {"a": {"b": Decimal128("0")}}),
    # $min and $max
    ({"a": 5}, {"$min": {"a": 3}}, {"a": 3}),
    ({"a": 5}, {"$min": {"a": 9}}, {"a": 5}),
    ({"a": 5}, {"$max": {"a": 9}}, {"a": 9}),
    ({"a": 5}, {"$max": {"a": 5.0}}, {"a": 5}),
    ({}, {"$min": {"a": 3}, "$max": {"b": {"c": 1}}}, {"a": 3, "b": {"c": 1}}),
    ({"a": None}, {"$min": {"a": 3}}, {"a": None}),
    ({"a": None}, {"$max": {"a": 3}}, {"a": 3}),
    ({"a": "x"}, {"$min": {"a": 3}}, {"a": 3}),
    ({"a": 9}, {"$max": {"a": "x"}}, {"a": "x"}),
    ({"a": [1]}, {"$max": {"a": {"b": 9}}}, {"a": [1]}),
    # $setOnInsert
    ({"a": 1}, {"$setOnInsert": {"a": 2, "b": 3}}, {"a": 1}),
    # $rename
    ({"a": 1, "b": 2}, {"$rename": {"a": "c"}}, {"b": 2, "c": 1}),
    ({"a": 1, "b": 2}, {"$rename": {"a": "b"}}, {"b": 1}),
    ({"a": {"b": 1}}, {"$rename": {"a.b": "c.d"}}, {"a": {}, "c": {"d": 1}}),
    ({"a": 1}, {"$rename": {"x": "a"}}, {"a": 1}),
    ({"a": [1]}, {"$rename": {"a": "b"}}, {"b": [1]}),
    # $push
    ({"a": [1]}, {"$push": {"a": 2}}, {"a": [1, 2]}),
    ({}, {"$push": {"a": 2, "b.c": [1]}}, {"a": [2], "b": {"c": [[1]]}}),
    ({"a": [1]}, {"$push": {"a": [2, 3]}}, {"a": [1, [2, 3]]}),
    ({"a": [1]}, {"$push": {"a": {"$each": [2, 3]}}}, {"a": [1, 2, 3]}),
    ({}, {"$push": {"a": {"$each": []}}}, {"a": []}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": 0}}}, {"a": [9, 1, 2]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9, 8], "$position": 1}}}, {"a": [1, 9, 8, 2]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": 99}}}, {"a": [1, 2, 9]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": -1}}}, {"a": [1, 9, 2]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": -9}}}, {"a": [9, 1, 2]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [3, 4], "$slice": 3}}}, {"a": [1, 2, 3]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [3, 4], "$slice": -3}}}, {"a": [2, 3, 4]}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [3], "$slice": 0}}}, {"a": []}),
    ({"a": [1, 2]}, {"$push": {"a": {"$each": [], "$slice": -1}}}, {"a": [2]}),
    ({"a": [2, 1]}, {"$push": {"a": {"$each": [3], "$sort": -1}}}, {"a": [3, 2, 1]}),
    ({"a": ["x", 1]}, {"$push": {"a": {"$each": [None], "$sort": 1.0}}}, {"a": [None, 1, "x"]}),
    (
        {"a": [{"b": 2, "c": 1}, {"b": 1}]},
        {"$push": {"a": {"$each": [{"b": 2}, 5], "$sort": {"b": -1, "c": 1}, "$slice": 3}}},
        {"a": [{"b": 2}, {"b": 2, "c": 1}, {"b": 1}]},
    ),
    (
        {"a": [{"b": {"c": 2}}, {"b": {"c": 1}}, {}]},
        {"$push": {"a": {"$each": [], "$sort": {"b.c": 1}}}},
        {"a": [{}, {"b": {"c": 1}}, {"b": {"c": 2}}]},
    ),
    ({"a": [[1]]}, {"$push": {"a.0": 2}}, {"a": [[1, 2]]}),
    # $addToSet
    ({"a": [1]}, {"$addToSet": {"a": 2}}, {"a": [1, 2]}),
    ({"a": [1]}, {"$addToSet": {"a": 1.0}}, {"a": [1]}),
    ({"a": [1, 1]}, {"$addToSet": {"a": 1}}, {"a": [1, 1]}),
    ({}, {"$addToSet": {"a": {"$each": [1, 2, 1]}}}, {"a": [1, 2]}),
    ({"a": [1]}, {"$addToSet": {"a": [1]}}, {"a": [1, [1]]}),
    (
        {"a": [{"b": 1, "c": 2}]},
        {"$addToSet": {"a": {"$each": [{"c": 2, "b": 1}, {"b": 1.0, "c": 2}]}}},
        {"a": [{"b": 1, "c": 2}, {"c": 2, "b": 1}]},
    ),
    ({"a": []}, {"$addToSet": {"a": {"b": 1, "$each": [1]}}}, {"a": [{"b": 1, "$each": [1]}]}),
    # $pop
    ({"a": [1, 2, 3]}, {"$pop": {"a": 1}}, {"a": [1, 2]}),
    ({"a": [1, 2, 3]}, {"$pop": {"a": -1.0}}, {"a": [2, 3]}),
    ({"a": []}, {"$pop": {"a": 1}}, {"a": []}),
    ({"b": 5}, {"$pop": {"a": 1, "b.c": 1}}, {"b": 5}),
    # $pull
    ({"a": [1, 2, 1.0]}, {"$pull": {"a": 1}}, {"a": [2]}),
    ({"a": [1, 5, 9, "x"]}, {"$pull": {"a": {"$gt": 3}}}, {"a": [1, "x"]}),
    ({"a": ["x", "y"]}, {"$pull": {"a": {"$in": ["x", "z"]}}}, {"a": ["y"]}),
    ({"a": ["ab", "b"]}, {"$pull": {"a": Regex("^a")}}, {"a": ["b"]}),
    ({"a": [[1], 1, [1, 2]]}, {"$pull": {"a": [1]}}, {"a": [1, [1, 2]]}),
    ({"a": [[9], 1]}, {"$pull": {"a": {"$gt": 3}}}, {"a": [1]}),
    ({"a": [{"b": 1, "c": 2}, {"b": 2}, 5]}, {"$pull": {"a": {"b": 1}}}, {"a": [{"b": 2}, 5]}),
    ({"a": [{"b": 1, "c": 2}]}, {"$pull": {"a": {"c": 2, "b": 1}}}, {"a": []}),
    ({"a": [{"b": 5}, {"b": 1}]}, {"$pull": {"a": {"b": {"$gt": 3}}}}, {"a": [{"b": 1}]}),
    ({"a": [{"b": 1}, {"b": 2}]}, {"$pull": {"a": {"$or": [{"b": 2}]}}}, {"a": [{"b": 1}]}),
    ({"a": [{}, 1]}, {"$pull": {"a": {}}}, {"a": [1]}),
    ({"a": [None, 1]}, {"$pull": {"a": None}}, {"a": [1]}),
    ({"a": []}, {"$pull": {"a": 1, "b": 1, "c.d": 1}}, {"a": []}),
    # $pullAll
    ({"a": [1, 2, 3, 1.0]}, {"$pullAll": {"a": [1, 3]}}, {"a": [2]}),
    ({"a": [{"b": 1, "c": 2}]}, {"$pullAll": {"a": [{"b": 1}]}}, {"a": [{"b": 1, "c": 2}]}),
    ({"a": [{"b": 1}, [1]]}, {"$pullAll": {"a": [{"b": 1.0}, [1]], "x": [1]}}, {"a": []}),
    # $bit
    ({"a": 13}, {"$bit": {"a": {"and": 10}}}, {"a": 8}),
    ({"a": 3}, {"$bit": {"a": {"or": 4, "xor": 1}}}, {"a": 6}),
    ({}, {"$bit": {"a.b": {"xor": 5}}}, {"a": {"b": 5}}),
    ({"a": -1}, {"$bit": {"a": {"and": 2**40}}}, {"a": 2**40}),
    ({"a": Int64(7)}, {"$bit": {"a": {"and": 1}}}, {"a": Int64(1)}),
    ({"a": 7}, {"$bit": {"a": {"and": Int64(1)}}}, {"a": Int64(1)}),
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


def test_the_current_date_is_that_of_the_clock() -> None:
    moment = datetime(2024, 5, 1, 12, 30, 15, 123_000, tzinfo=UTC)
    with frozen(moment):
        updated = apply_update({"a": 1}, {"$currentDate": {"a": True, "b.c": {"$type": "date"}}})

    assert updated == {"a": moment, "b": {"c": moment}}


def test_a_current_timestamp_grows_with_the_clock() -> None:
    update = {"$currentDate": {"a": {"$type": "timestamp"}}}
    moment = datetime(2024, 5, 1, 12, 30, 15, 123_000, tzinfo=UTC)
    with frozen(moment):
        first = apply_update({}, update)["a"]
    with frozen(moment + timedelta(milliseconds=1)):
        second = apply_update({}, update)["a"]

    assert first.time == int(moment.timestamp())
    assert first < second


@pytest.mark.parametrize(
    "update",
    [
        {"$push": {"a": {"b": []}}},
        {"$addToSet": {"a": {"$each": [{"b": []}]}}},
        {"$min": {"a": {"b": []}}},
    ],
)
def test_what_an_update_puts_in_belongs_to_one_document(update: dict[str, Any]) -> None:
    apply = compile_update(update)
    first, second = apply({}), apply({})

    (first["a"] if isinstance(first["a"], dict) else first["a"][0])["b"].append(1)

    assert second == apply({})


def test_a_malformed_condition_of_pull_is_refused_before_any_document_is_seen() -> None:
    with pytest.raises(OperationFailure, match="needs an array"):
        compile_update({"$pull": {"a": {"$in": 1}}})
    with pytest.raises(UnsupportedError, match=r"\$near"):
        compile_update({"$pull": {"a": {"b": {"$near": 1}}}})


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
        ({"a": "x"}, {"$mul": {"a": 1}}, 14),
        ({"a": [1]}, {"$mul": {"a": 1}}, 14),
        ({"a": 2**62}, {"$mul": {"a": 2}}, 2),
        ({"a": 5}, {"$push": {"a": 1}}, 2),
        ({"a": None}, {"$push": {"a": 1}}, 2),
        ({"a": {"0": 1}}, {"$push": {"a": 1}}, 2),
        ({"a": 5}, {"$push": {"a.b": 1}}, 28),
        ({"a": "x"}, {"$addToSet": {"a": 1}}, 2),
        ({"a": {}}, {"$pull": {"a": 1}}, 2),
        ({"a": None}, {"$pullAll": {"a": [1]}}, 2),
        ({"a": 5}, {"$pop": {"a": 1}}, 14),
        ({"a": [{"b": 1}]}, {"$rename": {"a.0.b": "c"}}, 2),
        ({"a": 1.0}, {"$bit": {"a": {"and": 1}}}, 2),
        ({"a": True}, {"$bit": {"a": {"and": 1}}}, 2),
        ({"a": None}, {"$bit": {"a": {"and": 1}}}, 2),
        ({"_id": 1}, {"$bit": {"_id": {"xor": 1}}}, 66),
        ({"a": 1, "b": [{}]}, {"$rename": {"a": "b.0.c"}}, 2),
        ({"a": 1, "b": 2}, {"$rename": {"a": "b.c"}}, 28),
        ({"_id": 1, "a": 2}, {"$rename": {"a": "_id"}}, 66),
        ({"_id": 1}, {"$rename": {"_id": "a"}}, 66),
        ({"_id": 1}, {"$mul": {"_id": 2}}, 66),
        ({"_id": 1}, {"$currentDate": {"_id": True}}, 66),
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
        ({"$mul": {"a": "1"}}, 14),
        ({"$push": {"a": {"$each": 1}}}, 2),
        ({"$push": {"a": {"$each": [], "b": 1}}}, 2),
        ({"$push": {"a": {"$each": [], "$slice": 1.5}}}, 2),
        ({"$push": {"a": {"$each": [], "$slice": "1"}}}, 2),
        ({"$push": {"a": {"$each": [], "$position": None}}}, 2),
        ({"$push": {"a": {"$each": [], "$sort": 2}}}, 2),
        ({"$push": {"a": {"$each": [], "$sort": {}}}}, 2),
        ({"$push": {"a": {"$each": [], "$sort": {"b": "x"}}}}, 2),
        ({"$push": {"a": {"$each": [], "$sort": {"b.": 1}}}}, 2),
        ({"$addToSet": {"a": {"$each": 1}}}, 2),
        ({"$addToSet": {"a": {"$each": [], "$slice": 1}}}, 2),
        ({"$pop": {"a": 0}}, 9),
        ({"$pop": {"a": True}}, 9),
        ({"$pop": {"a": "1"}}, 9),
        ({"$pullAll": {"a": 1}}, 2),
        ({"$pullAll": {"a": {"b": 1}}}, 2),
        ({"$bit": {"a": 1}}, 2),
        ({"$bit": {"a": {}}}, 2),
        ({"$bit": {"a": {"nand": 1}}}, 2),
        ({"$bit": {"a": {"and": 1.0}}}, 2),
        ({"$bit": {"a": {"and": True}}}, 2),
        ({"$bit": {"a": {"and": "1"}}}, 2),
        ({"$currentDate": {"a": 1}}, 2),
        ({"$currentDate": {"a": {"$type": "time"}}}, 2),
        ({"$rename": {"a": 1}}, 2),
        ({"$rename": {"a": "a"}}, 2),
        ({"$rename": {"a": "a.b"}}, 2),
        ({"$rename": {"a.b": "a"}}, 2),
        ({"$rename": {"a": ""}}, 56),
        ({"$rename": {"a": "$b"}}, 52),
        ({"$rename": {"a": "b"}, "$set": {"a": 1}}, 40),
        ({"$rename": {"a": "b"}, "$inc": {"b.c": 1}}, 40),
        ({"$push": {"a": 1}, "$pull": {"a": 2}}, 40),
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
        ({"$pushAll": {"a": [1]}}, "$pushAll"),
        ({"$set": {"a": 1}, "$where": {"b": 2}}, "$where"),
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


elements = st.recursive(
    st.integers(-3, 3) | st.sampled_from([0.0, 1.0, "a", None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=3,
)
arrays = st.lists(elements, max_size=5)


def keys(values: list[Any]) -> list[bytes]:
    return [key_bytes(value) for value in values]


@given(arrays, arrays)
def test_what_is_added_to_a_set_is_there_once_and_can_be_pulled(
    present: list[Any], added: list[Any]
) -> None:
    grown = apply_update({"a": present}, {"$addToSet": {"a": {"$each": added}}})["a"]

    assert grown[: len(present)] == present
    new = keys(grown[len(present) :])
    assert len(set(new)) == len(new)
    assert set(keys(grown)) == set(keys(present)) | set(keys(added))
    pulled = apply_update({"a": grown}, {"$pullAll": {"a": added}})["a"]
    assert pulled == [one for one in present if key_bytes(one) not in keys(added)]


@given(arrays, arrays, st.integers(-7, 7), st.integers(-7, 7))
def test_a_push_is_an_insertion_a_sort_and_a_cut(
    present: list[Any], pushed: list[Any], position: int, size: int
) -> None:
    modifiers = {"$each": pushed, "$position": position, "$sort": 1, "$slice": size}
    result = apply_update({"a": present}, {"$push": {"a": modifiers}})["a"]

    inserted = list(present)
    inserted[position:position] = pushed
    ordered = sorted(inserted, key=key_bytes)
    assert result == (ordered[size:] if size < 0 else ordered[:size])
    popped = apply_update({"a": result}, {"$pop": {"a": 1}})["a"]
    assert popped == result[:-1]


@given(elements, elements)
def test_min_and_max_follow_the_order_of_all_values(old: Any, new: Any) -> None:
    lesser = apply_update({"a": old}, {"$min": {"a": new}})["a"]
    greater = apply_update({"a": old}, {"$max": {"a": new}})["a"]

    assert key_bytes(lesser) == min(key_bytes(old), key_bytes(new))
    assert key_bytes(greater) == max(key_bytes(old), key_bytes(new))
