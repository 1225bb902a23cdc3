"""Probes of what a filter may ask."""

from datetime import datetime

import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from pymongo.database import Database
from pymongo.errors import OperationFailure

from tests.mongodb_servers.probes.probe import Document, fill, ids


def comparison_within_a_type(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}, {"n": 2.5}, {"n": "2"}, {"n": None}, {}])
    assert ids(things, {"n": {"$gt": 1}}) == [2]
    assert ids(things, {"n": {"$lte": Int64(2)}}) == [1]
    assert ids(things, {"n": {"$gte": "1"}}) == [3]
    assert ids(things, {"n": {"$in": [1.0, "2"]}}) == [1, 3]
    assert ids(things, {"n": {"$nin": [1, None]}}) == [2, 3]
    assert ids(things, {"n": {"$ne": 1}}) == [2, 3, 4, 5]


def booleans_are_no_numbers(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}, {"n": True}])
    assert ids(things, {"n": 1}) == [1]
    assert ids(things, {"n": True}) == [2]


def null_matches_missing(database: Database[Document]) -> None:
    things = fill(database, [{"n": None}, {}, {"n": 1}])
    assert ids(things, {"n": None}) == [1, 2]
    assert ids(things, {"n": {"$exists": True}}) == [1, 3]
    assert ids(things, {"n": {"$exists": False}}) == [2]


def null_matches_missing_through_a_scalar(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}, {"a": {"b": 1}}, {"a": {}}, {}])
    assert ids(things, {"a.b": None}) == [1, 3, 4]


def logic(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}, {"n": 2}, {"n": 3}])
    assert ids(things, {"$or": [{"n": 1}, {"n": 3}]}) == [1, 3]
    assert ids(things, {"$nor": [{"n": 1}, {"n": 3}]}) == [2]
    assert ids(things, {"$and": [{"n": {"$gt": 1}}, {"n": {"$lt": 3}}]}) == [2]
    assert ids(things, {"n": {"$not": {"$gt": 1}}}) == [1]


def paths_through_arrays(database: Database[Document]) -> None:
    things = fill(database, [{"a": [{"b": 1}, {"b": 5}]}, {"a": [{"b": 3}]}, {"a": {"b": 5}}])
    assert ids(things, {"a.b": 5}) == [1, 3]
    assert ids(things, {"a.0.b": {"$gt": 2}}) == [2]


def whole_arrays(database: Database[Document]) -> None:
    things = fill(database, [{"a": [1, 2]}, {"a": [2, 1]}, {"a": [[1, 2]]}])
    assert ids(things, {"a": [1, 2]}) == [1, 3]
    assert ids(things, {"a": 2}) == [1, 2]


def nested_arrays(database: Database[Document]) -> None:
    things = fill(database, [{"a": [[1, 2], [3]]}])
    assert things.find_one() == {"_id": 1, "a": [[1, 2], [3]]}
    assert ids(things, {"a.1.0": 3}) == [1]


def array_operators(database: Database[Document]) -> None:
    things = fill(database, [{"a": [1, 5]}, {"a": [3]}, {"a": 3}, {"a": [{"b": 1, "c": 2}]}])
    assert ids(things, {"a": {"$size": 1}}) == [2, 4]
    assert ids(things, {"a": {"$all": [1, 5]}}) == [1]
    assert ids(things, {"a": {"$elemMatch": {"$gt": 2, "$lt": 5}}}) == [2]
    assert ids(things, {"a": {"$elemMatch": {"b": 1, "c": 2}}}) == [4]


def all_with_elem_match(database: Database[Document]) -> None:
    things = fill(database, [{"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}]}])
    both = [{"$elemMatch": {"b": 1}}, {"$elemMatch": {"b": 2}}]
    assert ids(things, {"a": {"$all": both}}) == [1]


def type_operator(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}, {"n": "x"}, {"n": Int64(1)}, {"n": ["x"]}, {"n": 1.5}])
    assert ids(things, {"n": {"$type": "string"}}) == [2, 4]
    assert ids(things, {"n": {"$type": 18}}) == [3]
    assert ids(things, {"n": {"$type": "number"}}) == [1, 3, 5]
    assert ids(things, {"n": {"$type": ["double", "array"]}}) == [4, 5]


def mod_operator(database: Database[Document]) -> None:
    things = fill(database, [{"n": 4}, {"n": 5}, {"n": "x"}, {"n": -4}])
    assert ids(things, {"n": {"$mod": [4, 0]}}) == [1, 4]


def bit_operators(database: Database[Document]) -> None:
    things = fill(database, [{"n": 5}, {"n": 2}])
    assert ids(things, {"n": {"$bitsAllSet": 5}}) == [1]
    assert ids(things, {"n": {"$bitsAnyClear": [0]}}) == [2]


def regular_expressions(database: Database[Document]) -> None:
    things = fill(database, [{"s": "Ada"}, {"s": "ada\nbob"}, {"s": 1}, {"s": Regex("^a", "i")}])
    assert ids(things, {"s": {"$regex": "^a"}}) == [2]
    assert ids(things, {"s": {"$regex": "^A", "$options": "i"}}) == [1, 2]
    assert ids(things, {"s": {"$regex": "^bob", "$options": "m"}}) == [2]
    assert ids(things, {"s": {"$in": [Regex("^Ad")]}}) == [1]
    assert ids(things, {"s": {"$not": Regex("a", "i")}}) == [3]


def stored_regular_expressions(database: Database[Document]) -> None:
    things = fill(database, [{"s": Regex("^a", "i")}, {"s": "abc"}])
    assert things.find_one({"_id": 1}) == {"_id": 1, "s": Regex("^a", "i")}
    assert ids(things, {"s": Regex("^a", "i")}) == [1, 2]


def embedded_documents_by_order(database: Database[Document]) -> None:
    things = fill(database, [{"d": {"a": 1, "b": 2}}, {"d": {"b": 2, "a": 1}}])
    assert ids(things, {"d": {"a": 1, "b": 2}}) == [1]


def expr(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1, "b": 2}, {"a": 3, "b": 2}])
    assert ids(things, {"$expr": {"$gt": ["$a", "$b"]}}) == [2]
    assert ids(things, {"$expr": {"$eq": [{"$add": ["$a", 1]}, "$b"]}}) == [1]


def json_schema(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}, {"n": "x"}, {}])
    schema = {"required": ["n"], "properties": {"n": {"bsonType": "int", "minimum": 1}}}
    assert ids(things, {"$jsonSchema": schema}) == [1]


def comment_operator(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}, {"n": 2}])
    assert ids(things, {"n": 1, "$comment": "from a test"}) == [1]


def let_variables(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}, {"n": 2}])
    assert ids(things, {"$expr": {"$eq": ["$n", "$$wanted"]}}, let={"wanted": 2}) == [2]


def values_of_every_type(database: Database[Document]) -> None:
    values = [
        1,
        Int64(2),
        1.5,
        "x",
        b"\x00\x01",
        True,
        None,
        ObjectId(),
        {"a": {}},
        [1, "x", []],
        datetime(2026, 1, 2, 3, 4, 5, 678000),
        Decimal128("1.10"),
        Timestamp(5, 1),
    ]
    things = fill(database, [{"v": value} for value in values])
    found = [each["v"] for each in things.find().sort("_id")]
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def min_and_max_key(database: Database[Document]) -> None:
    things = fill(database, [{"v": MinKey()}, {"v": MaxKey()}, {"v": 1}])
    assert [each["_id"] for each in things.find().sort("v")] == [1, 3, 2]


def decimals(database: Database[Document]) -> None:
    things = fill(database, [{"v": Decimal128("1.10")}, {"v": Decimal128("20")}, {"v": 3}])
    assert things.find_one({"_id": 1}) == {"_id": 1, "v": Decimal128("1.10")}
    assert ids(things, {"v": {"$gt": Decimal128("2")}}) == [2, 3]


def code(database: Database[Document]) -> None:
    things = fill(database, [{"v": Code("f()")}])
    assert things.find_one() == {"_id": 1, "v": Code("f()")}


def timestamps(database: Database[Document]) -> None:
    things = fill(database, [{"v": Timestamp(5, 1)}])
    assert things.find_one() == {"_id": 1, "v": Timestamp(5, 1)}


def binary_subtypes(database: Database[Document]) -> None:
    things = fill(database, [{"v": Binary(b"x", 128)}, {"v": b"x"}])
    assert [each["v"] for each in things.find().sort("_id")] == [Binary(b"x", 128), b"x"]
    assert ids(things, {"v": Binary(b"x", 128)}) == [1]
    assert ids(things, {"v": b"x"}) == [2]


def uuids(database: Database[Document]) -> None:
    identifier = Binary(bytes(range(16)), 4)
    things = fill(database, [{"v": identifier}])
    assert things.find_one({"v": identifier}) == {"_id": 1, "v": identifier}


def not_a_number(database: Database[Document]) -> None:
    things = fill(database, [{"v": float("nan")}, {"v": 1.0}])
    assert ids(things, {"v": float("nan")}) == [1]
    assert ids(things, {"v": {"$gt": 0}}) == [2]
    assert [each["_id"] for each in things.find().sort("v")] == [1, 2]


def infinity(database: Database[Document]) -> None:
    things = fill(database, [{"v": float("inf")}, {"v": float("-inf")}, {"v": 1.0}])
    assert ids(things, {"v": {"$gt": 2}}) == [1]
    assert ids(things, {"v": float("-inf")}) == [2]


def keys_with_dots_and_dollars(database: Database[Document]) -> None:
    things = fill(database, [{"a.b": 1, "c": {"$d": 2}}])
    assert things.find_one() == {"_id": 1, "a.b": 1, "c": {"$d": 2}}


def identifiers_of_every_type(database: Database[Document]) -> None:
    things = database["things"]
    identifiers = [5, "5", ObjectId(), {"a": 1, "b": 2}, True, b"x", datetime(2026, 1, 1), 1.5]
    for identifier in identifiers:
        things.insert_one({"_id": identifier})
    for identifier in identifiers:
        assert things.find_one({"_id": identifier}) == {"_id": identifier}


def null_identifier(database: Database[Document]) -> None:
    things = database["things"]
    things.insert_one({"_id": None})
    assert things.find_one({"_id": None}) == {"_id": None}


def array_identifier_is_refused(database: Database[Document]) -> None:
    with pytest.raises(OperationFailure):
        database["things"].insert_one({"_id": [1]})


def unknown_operator_is_bad_value(database: Database[Document]) -> None:
    with pytest.raises(OperationFailure) as caught:
        ids(fill(database, [{"n": 1}]), {"n": {"$near_enough": 1}})
    assert caught.value.code == 2


def unknown_top_level_operator_is_bad_value(database: Database[Document]) -> None:
    with pytest.raises(OperationFailure) as caught:
        ids(fill(database, [{"n": 1}]), {"$xor": []})
    assert caught.value.code == 2
