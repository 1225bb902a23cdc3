"""Filters that compute (`$expr`) or describe (`$jsonSchema`), and those that MongoDB refuses."""

from typing import Final

from bson import Regex

from earnorm.testing.stores.filter_case import FilterCase, RefusedFilter, filter_cases

__all__ = ["COMPUTED_FILTERS", "REFUSED_FILTERS"]

# Aggregation compares across types, and takes what is missing for less than all else.
_EXPRESSIONS = filter_cases(
    "$expr",
    [
        {"a": 2, "b": 1},
        {"a": 1, "b": 2},
        {"a": "x", "b": 1},
        {"b": 1},
        {"a": [1, 2, 3], "b": 3},
        {"a": None, "b": None},
    ],
    {
        "two fields": ({"$expr": {"$eq": ["$b", "$a"]}}, [6]),
        "$gt across types": ({"$expr": {"$gt": ["$a", "$b"]}}, [1, 3, 5]),
        "a literal": ({"$expr": {"$eq": ["$a", 2]}}, [1]),
        "$and": ({"$expr": {"$and": [{"$gte": ["$a", 1]}, {"$lt": ["$a", 2]}]}}, [2]),
        "arithmetic": ({"$expr": {"$eq": [{"$add": ["$b", 1]}, 2]}}, [1, 3, 4]),
        "an array is a value": ({"$expr": {"$eq": ["$a", [1, 2, 3]]}}, [5]),
        "$in": ({"$expr": {"$in": ["$b", [1, 3]]}}, [1, 3, 4, 5]),
        "$size": (
            {"$expr": {"$cond": [{"$isArray": "$a"}, {"$eq": [{"$size": "$a"}, "$b"]}, False]}},
            [5],
        ),
        "missing is not null": ({"$expr": {"$eq": ["$a", None]}}, [6]),
        "beside a field": ({"b": 1, "$expr": {"$gt": ["$a", "$b"]}}, [1, 3]),
        "true": ({"$expr": True}, [1, 2, 3, 4, 5, 6]),
        "0": ({"$expr": 0}, []),
    },
)

_SCHEMAS = filter_cases(
    "$jsonSchema",
    [{"a": 1}, {"a": 5, "b": "x"}, {"a": "5"}, {"b": "xyz"}, {"a": [1, 2]}, {"a": {"c": 1}}],
    {
        "required": ({"$jsonSchema": {"required": ["a", "b"]}}, [2]),
        "bsonType": (
            {"$jsonSchema": {"required": ["a"], "properties": {"a": {"bsonType": "int"}}}},
            [1, 2],
        ),
        "what is missing is valid": (
            {"$jsonSchema": {"properties": {"a": {"bsonType": "int"}}}},
            [1, 2, 4],
        ),
        "minimum": (
            {"$jsonSchema": {"properties": {"a": {"bsonType": "int", "minimum": 2}}}},
            [2, 4],
        ),
        "maxLength": ({"$jsonSchema": {"properties": {"b": {"maxLength": 2}}}}, [1, 2, 3, 5, 6]),
        "enum": ({"$jsonSchema": {"properties": {"a": {"enum": [1, "5"]}}}}, [1, 3, 4]),
        "items": (
            {"$jsonSchema": {"properties": {"a": {"bsonType": "array", "minItems": 2}}}},
            [4, 5],
        ),
        "additionalProperties": (
            {"$jsonSchema": {"properties": {"_id": {}, "a": {}}, "additionalProperties": False}},
            [1, 3, 5, 6],
        ),
        "inside a document": (
            {"$jsonSchema": {"properties": {"a": {"bsonType": "object", "required": ["c"]}}}},
            [4, 6],
        ),
    },
)

COMPUTED_FILTERS: Final[list[FilterCase]] = [*_EXPRESSIONS, *_SCHEMAS]

_BAD_VALUE: Final = 2

REFUSED_FILTERS: Final = [
    RefusedFilter(name=f"filters/refused/{name}", filter=filter, code=code)
    for name, filter, code in (
        ("$and without an array", {"$and": {"a": 1}}, _BAD_VALUE),
        ("$or of nothing", {"$or": []}, _BAD_VALUE),
        ("$nor of what is no filter", {"$nor": [1]}, _BAD_VALUE),
        ("$in without an array", {"a": {"$in": 1}}, _BAD_VALUE),
        ("$nin without an array", {"a": {"$nin": "x"}}, _BAD_VALUE),
        ("$in with an operator", {"a": {"$in": [{"$gt": 1}]}}, _BAD_VALUE),
        ("$all without an array", {"a": {"$all": 1}}, _BAD_VALUE),
        ("$not of a value", {"a": {"$not": 1}}, _BAD_VALUE),
        ("$not of nothing", {"a": {"$not": {}}}, _BAD_VALUE),
        ("$elemMatch of a value", {"a": {"$elemMatch": 1}}, _BAD_VALUE),
        ("$size of a text", {"a": {"$size": "1"}}, _BAD_VALUE),
        ("$size below 0", {"a": {"$size": -1}}, _BAD_VALUE),
        ("$mod with one number", {"a": {"$mod": [4]}}, _BAD_VALUE),
        ("$mod by 0", {"a": {"$mod": [0, 0]}}, _BAD_VALUE),
        ("$type that is none", {"a": {"$type": "nope"}}, _BAD_VALUE),
        ("$regex that is none", {"a": {"$regex": "("}}, 51091),
        ("$options without $regex", {"a": {"$options": "i"}}, _BAD_VALUE),
        ("$regex of a number", {"a": {"$regex": 1}}, _BAD_VALUE),
        ("$gt of a regular expression", {"a": {"$gt": Regex("a")}}, _BAD_VALUE),
        ("$ne of a regular expression", {"a": {"$ne": Regex("a")}}, _BAD_VALUE),
    )
]
