"""`$jsonSchema` in a filter, keyword by keyword as MongoDB's manual has them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Code, Decimal128, Int64, ObjectId
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import compile_filter


def fits(schema: dict[str, Any], value: Any) -> bool:
    return compile_filter({"$jsonSchema": {"properties": {"a": schema}}})({"a": value})


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({}, [1, None, "x", {}], []),
        ({"bsonType": "string"}, ["x"], [1, Code("x"), None, ["x"]]),
        ({"bsonType": ["int", "null"]}, [1, None], [Int64(1), "x", 1.0, True]),
        ({"bsonType": "number"}, [1, Int64(1), 1.5, Decimal128("1")], ["1", True]),
        ({"bsonType": "date"}, [datetime(2024, 1, 1, tzinfo=UTC)], ["2024-01-01"]),
        ({"bsonType": "objectId"}, [ObjectId("65a1b2c3d4e5f60718293a4b")], ["5f"]),
        ({"type": "object"}, [{}], [[], None]),
        ({"type": ["boolean", "null"]}, [True, None], [0]),
        ({"type": "number"}, [1, 1.5, Decimal128("1")], ["1"]),
        ({"enum": [1, "x", None]}, [1.0, "x", None], [2, "y", False]),
        ({"enum": [{"x": 1, "y": [2]}]}, [{"y": [2.0], "x": 1}], [{"x": 1}, {"x": 1, "y": [2, 2]}]),
        # numbers
        ({"minimum": 2}, [2, 2.5, Decimal128("2"), "1", None], [1, 1.9, Int64(-9), float("nan")]),
        ({"minimum": 2, "exclusiveMinimum": True}, [3, "x"], [2, 2.0]),
        ({"minimum": 2, "exclusiveMinimum": False}, [2], [1]),
        ({"maximum": 2}, [2, float("-inf")], [3, Decimal128("2.1"), 2**60, float("nan")]),
        ({"maximum": 2, "exclusiveMaximum": True}, [1], [2]),
        ({"multipleOf": 3}, [9, -3, 0, 6.0, "x"], [10, 3.5, float("inf"), float("nan")]),
        ({"multipleOf": 0.5}, [1, 2.5], [0.3]),
        ({"multipleOf": Decimal128("0.1")}, [Decimal128("0.3"), 5], [Decimal128("0.35")]),
        ({"multipleOf": 3}, [Decimal128("3E+6000")], [Decimal128("1E+6000")]),
        # text
        ({"minLength": 2}, ["ab", "éé", 1], ["a", ""]),
        ({"maxLength": 2}, ["ab", "éé", [1, 2, 3]], ["abc"]),
        ({"maxLength": 2.0}, ["ab"], ["abc"]),
        ({"pattern": "^a+$"}, ["aa", 5, Code("b")], ["ab"]),
        ({"pattern": "^(a+)+$"}, ["a" * 5_000], ["a" * 5_000 + "b"]),
        # arrays
        ({"items": {"bsonType": "int"}}, [[1, 2], [], "x"], [[1, "x"]]),
        (
            {"items": [{"bsonType": "int"}, {"bsonType": "string"}]},
            [[1, "x", 5], [1]],
            [["x"], [1, 1]],
        ),
        ({"items": [{}], "additionalItems": False}, [[1], []], [[1, 2]]),
        ({"items": [{}], "additionalItems": {"type": "string"}}, [[1, "x"]], [[1, 2]]),
        ({"items": {}, "additionalItems": False}, [[1, 2, 3]], []),
        ({"additionalItems": False}, [[1, 2]], []),
        ({"minItems": 1}, [[1], {}, "x"], [[]]),
        ({"maxItems": 1}, [[1], []], [[1, 2]]),
        (
            {"uniqueItems": True},
            [[1, "1", True], []],
            [[1, 1.0], [{"x": 1, "y": 2}, {"y": 2, "x": 1}]],
        ),
        ({"uniqueItems": False}, [[1, 1]], []),
        # documents
        ({"required": ["x", "y"]}, [{"x": 1, "y": None}, 5], [{"x": 1}]),
        ({"properties": {"x": {"type": "string"}}}, [{"x": "a"}, {}, {"y": 1}, 5], [{"x": 1}]),
        ({"patternProperties": {"^s_": {"type": "string"}}}, [{"s_a": "x", "n": 1}], [{"s_a": 1}]),
        (
            {
                "properties": {"x": {}},
                "patternProperties": {"^s_": {}},
                "additionalProperties": False,
            },
            [{"x": 1, "s_a": 2}, {}],
            [{"y": 1}, {"x": 1, "z": 2}],
        ),
        ({"additionalProperties": {"type": "string"}}, [{"y": "x"}], [{"y": 1}]),
        ({"additionalProperties": True}, [{"y": 1}], []),
        ({"minProperties": 1}, [{"x": 1}, []], [{}]),
        ({"maxProperties": 1}, [{"x": 1}], [{"x": 1, "y": 2}]),
        ({"dependencies": {"x": ["y"]}}, [{"x": 1, "y": 1}, {"y": 1}, {}], [{"x": 1}]),
        ({"dependencies": {"x": {"required": ["y"]}}}, [{"x": 1, "y": 1}, {}], [{"x": 1}]),
        # logic
        ({"allOf": [{"minimum": 1}, {"maximum": 3}]}, [2], [0, 4]),
        ({"anyOf": [{"type": "string"}, {"minimum": 3}]}, ["x", 4], [1]),
        ({"oneOf": [{"minimum": 1}, {"minimum": 3}]}, [2], [0, 4]),
        ({"not": {"type": "string"}}, [1], ["x"]),
        ({"not": {}}, [], [1]),
        # words about it
        ({"title": "A", "description": "what it is"}, [1], []),
    ],
    ids=str,
)
def test_a_value_fits_or_not(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    assert [fits(schema, value) for value in good] == [True] * len(good)
    assert [fits(schema, value) for value in bad] == [False] * len(bad)


def test_a_schema_is_of_the_document_and_stands_among_other_clauses() -> None:
    schema = {"required": ["name"], "properties": {"name": {"bsonType": "string"}}}
    filter_ = {"$or": [{"$jsonSchema": schema}, {"age": {"$gt": 3}}]}

    assert compile_filter(filter_)({"name": "Ada"})
    assert compile_filter(filter_)({"age": 4})
    assert not compile_filter(filter_)({"name": 1})
    assert compile_filter({"$nor": [{"$jsonSchema": schema}]})({"name": 1})
    assert compile_filter({"$jsonSchema": {"bsonType": "object"}})({})
    assert not compile_filter({"$jsonSchema": {"type": "array"}})({})


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        (1, 14),
        ([], 14),
        ({"frob": 1}, 9),
        ({"$ref": "#/x"}, 9),
        ({"default": 1}, 9),
        ({"format": "email"}, 9),
        ({"id": "x"}, 9),
        ({"properties": {"a": {"frob": 1}}}, 9),
        ({"bsonType": 2}, 14),
        ({"bsonType": "text"}, 2),
        ({"bsonType": []}, 9),
        ({"bsonType": ["int", "int"]}, 9),
        ({"type": "integer"}, 2),
        ({"type": "int"}, 2),
        ({"type": 1}, 14),
        ({"type": "string", "bsonType": "string"}, 9),
        ({"enum": 1}, 14),
        ({"enum": []}, 9),
        ({"enum": [1, 1.0]}, 9),
        ({"minimum": "1"}, 14),
        ({"exclusiveMinimum": True}, 9),
        ({"minimum": 1, "exclusiveMinimum": 2}, 14),
        ({"exclusiveMaximum": 1}, 14),
        ({"multipleOf": 0}, 9),
        ({"multipleOf": "x"}, 14),
        ({"multipleOf": float("nan")}, 9),
        ({"minLength": -1}, 9),
        ({"minLength": 1.5}, 9),
        ({"maxLength": "1"}, 14),
        ({"maxItems": True}, 14),
        ({"pattern": 1}, 14),
        ({"pattern": "("}, 51091),
        ({"items": 1}, 14),
        ({"additionalItems": 1}, 14),
        ({"uniqueItems": 1}, 14),
        ({"required": "a"}, 14),
        ({"required": []}, 9),
        ({"required": ["a", "a"]}, 9),
        ({"required": [1]}, 14),
        ({"properties": []}, 14),
        ({"properties": {"a": 1}}, 14),
        ({"patternProperties": {"(": {}}}, 51091),
        ({"additionalProperties": 1}, 14),
        ({"dependencies": 1}, 14),
        ({"dependencies": {"a": []}}, 9),
        ({"allOf": []}, 2),
        ({"allOf": {}}, 14),
        ({"anyOf": [1]}, 14),
        ({"not": []}, 14),
        ({"title": 1}, 14),
        ({"description": None}, 14),
    ],
    ids=str,
)
def test_what_is_no_schema_is_refused_before_any_document_is_seen(schema: Any, code: int) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_filter({"$jsonSchema": schema})

    assert caught.value.code == code


def test_what_is_of_encryption_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedError, match="encryptMetadata"):
        compile_filter({"$jsonSchema": {"encryptMetadata": {}}})


values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner, max_size=2)
    ),
    max_leaves=4,
)
schemas = st.recursive(
    st.sampled_from(
        [
            {"type": "string"},
            {"minimum": 0},
            {"required": ["x"]},
            {"minItems": 1},
            {"enum": [1, "a", None]},
            {"maxLength": 1},
        ]
    ),
    lambda inner: (
        inner.map(lambda one: {"items": one}) | inner.map(lambda one: {"properties": {"x": one}})
    ),
    max_leaves=3,
)


@given(values, schemas, schemas)
def test_schemas_combine_as_their_words_say(value: Any, one: Any, other: Any) -> None:
    first, second = fits(one, value), fits(other, value)

    assert fits({"allOf": [one, other]}, value) == (first and second)
    assert fits({"anyOf": [one, other]}, value) == (first or second)
    assert fits({"oneOf": [one, other]}, value) == (first != second)
    assert fits({"not": one}, value) != first
    assert fits({"enum": [value]}, value)
