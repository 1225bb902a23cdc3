"""Filters on arrays, embedded documents and dotted paths, as MongoDB's manual defines them."""

from typing import Any, Final

from bson import Regex

from earnorm.testing.stores.filter_case import FilterCase, filter_cases

__all__ = ["PATH_FILTERS"]


def _a(*values: Any) -> list[dict[str, Any]]:
    return [{"a": value} for value in values]


# An array matches as a whole or by one of its elements; each condition may be met by another element.
_ARRAYS = filter_cases(
    "arrays",
    _a([1, 2, 3], [3, 1], 1, [[1, 2, 3], 4], [], [10, -10], [1, None, "x"]),
    {
        "an element": ({"a": 1}, [1, 2, 3, 7]),
        "the whole": ({"a": [1, 2, 3]}, [1, 4]),
        "in another order": ({"a": [2, 1, 3]}, []),
        "different elements": ({"a": {"$gt": 5, "$lt": -5}}, [6]),
        "$elemMatch one element": ({"a": {"$elemMatch": {"$gt": 5, "$lt": -5}}}, []),
        "$elemMatch": ({"a": {"$elemMatch": {"$gte": 3}}}, [1, 2, 4, 6]),
        "$elemMatch $in": ({"a": {"$elemMatch": {"$in": [2, "x"]}}}, [1, 7]),
        "$elemMatch inside": ({"a": {"$elemMatch": {"$elemMatch": {"$eq": 2}}}}, [4]),
        "$size": ({"a": {"$size": 2}}, [2, 4, 6]),
        "$size of nothing": ({"a": {"$size": 0}}, [5]),
        "$all": ({"a": {"$all": [1, 3]}}, [1, 2]),
        "$all of one": ({"a": {"$all": [1]}}, [1, 2, 3, 7]),
        "$all of nothing": ({"a": {"$all": []}}, []),
        "$all of an array": ({"a": {"$all": [[1, 2, 3]]}}, [1, 4]),
        "$all $elemMatch": (
            {"a": {"$all": [{"$elemMatch": {"$gt": 5}}, {"$elemMatch": {"$lt": 0}}]}},
            [6],
        ),
        "$ne": ({"a": {"$ne": 1}}, [4, 5, 6]),
        "$nin": ({"a": {"$nin": [1, 4]}}, [5, 6]),
        "$not": ({"a": {"$not": {"$gt": 5}}}, [1, 2, 3, 4, 5, 7]),
        "by place": ({"a.1": 2}, [1]),
        "by place, null": ({"a.1": {"$exists": True, "$type": "null"}}, [7]),
        "by a place that is not there": ({"a.2": {"$exists": False}}, [2, 3, 4, 5, 6]),
        "a place in a place": ({"a.0.1": 2}, [4]),
        "null": ({"a": None}, [7]),
    },
)

# Embedded documents are equal with the same keys, in the same order, and equal values.
_EMBEDDED = filter_cases(
    "embedded documents",
    _a({"b": 1, "c": 2}, {"c": 2, "b": 1}, {"b": 1}, [{"b": 1, "c": 2}], {"b": 1.0, "c": 2}, {}),
    {
        "equality": ({"a": {"b": 1, "c": 2}}, [1, 4, 5]),
        "equality of a part": ({"a": {"b": 1}}, [3]),
        "path": ({"a.b": 1}, [1, 2, 3, 4, 5]),
        "two paths": ({"a.b": 1, "a.c": 2}, [1, 2, 4, 5]),
        "empty": ({"a": {}}, [6]),
        "$ne": ({"a": {"$ne": {"b": 1}}}, [1, 2, 4, 5, 6]),
        "$in": ({"a": {"$in": [{"b": 1}, {}]}}, [3, 6]),
        "order": ({"a": {"$gt": {"b": 1}, "$lt": {"b": 2}}}, [1, 4, 5]),
    },
)

_OBJECTS = filter_cases(
    "arrays of documents",
    [
        {"a": [{"b": 1, "c": 1}, {"b": 2, "c": 2}]},
        {"a": [{"b": 1, "c": 2}]},
        {"a": [{"b": [1, 2]}]},
        {"a": [{"b": 1}, 5]},
        {"a": {"b": 1, "c": 2}},
        {"a": [{"b": [{"d": 1}, {"d": 2}]}]},
    ],
    {
        "conditions met apart": ({"a.b": 1, "a.c": 2}, [1, 2, 5]),
        "conditions met together": ({"a": {"$elemMatch": {"b": 1, "c": 2}}}, [2]),
        "path": ({"a.b": 2}, [1, 3]),
        "by place": ({"a.0.b": 1}, [1, 2, 3, 4]),
        "by the second place": ({"a.1.b": 2}, [1]),
        "an element that is no document": ({"a.1": 5}, [4]),
        "$size": ({"a.b": {"$size": 2}}, [3, 6]),
        "$gt": ({"a.b": {"$gt": 1}}, [1, 3]),
        "$ne": ({"a.b": {"$ne": 1}}, [6]),
        "$elemMatch at a path": ({"a.b": {"$elemMatch": {"$eq": 2}}}, [3]),
        "$elemMatch with a range": ({"a": {"$elemMatch": {"b": {"$gte": 2, "$lt": 3}}}}, [1, 3]),
        "$elemMatch $or": ({"a": {"$elemMatch": {"$or": [{"b": 2}, {"c": 2}]}}}, [1, 2, 3]),
        "two arrays deep": ({"a.b.d": 2}, [6]),
        "two arrays deep, together": ({"a.b": {"$elemMatch": {"d": {"$gt": 1}}}}, [6]),
        "$exists": ({"a.c": {"$exists": False}}, [3, 4, 6]),
        "$all": ({"a.b": {"$all": [1, 2]}}, [1, 3]),
        "$in": ({"a.c": {"$in": [2, 7]}}, [1, 2, 5]),
    },
)

# null at a path: also what leads nowhere, but no array without documents.
_NOWHERE = filter_cases(
    "null at a path",
    [
        {"a": {"b": None}},
        {"a": {}},
        {},
        *_a(
            None, [], [{"b": None}], [{"c": 1}], {"b": 1}, 5, [5], [{"b": 1}], [{"b": 1}, {}], [[]]
        ),
    ],
    {
        "null": ({"a.b": None}, [1, 2, 3, 4, 6, 7, 9, 12]),
        "$ne": ({"a.b": {"$ne": None}}, [5, 8, 10, 11, 13]),
        "$exists": ({"a.b": {"$exists": True}}, [1, 6, 8, 11, 12]),
        "$exists not": ({"a.b": {"$exists": False}}, [2, 3, 4, 5, 7, 9, 10, 13]),
        "$in": ({"a.b": {"$in": [None, 1]}}, [1, 2, 3, 4, 6, 7, 8, 9, 11, 12]),
    },
)

_PATHS = filter_cases(
    "paths",
    [
        {"a": {"0": 1}},
        {"a": [1]},
        {"a": {"b": {"c": {"d": [1, {"e": 2}]}}}},
        {"a": [{"0": 1}]},
        {"é": {"ü": "x"}, "a": 0},
        {"a b": {" ": 1}},
    ],
    {
        "a number is a name and a place": ({"a.0": 1}, [1, 2, 4]),
        "five deep": ({"a.b.c.d.e": 2}, [3]),
        "a place on the way": ({"a.b.c.d.1.e": 2}, [3]),
        "letters beyond ASCII": ({"é.ü": "x"}, [5]),
        "spaces": ({"a b. ": 1}, [6]),
        "an _id": ({"_id": {"$gte": 5}}, [5, 6]),
        "some _ids": ({"_id": {"$in": [6, 1, 99]}}, [1, 6]),
        "not an _id": ({"_id": {"$nin": [1, 2, 3, 4]}}, [5, 6]),
        "an _id and more": ({"_id": 2, "a": 2}, []),
    },
)

_LOGIC = filter_cases(
    "logic",
    [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2}, {"b": 2}, {}, {"a": "x", "b": [1, 2]}],
    {
        "nothing": ({}, [1, 2, 3, 4, 5, 6]),
        "two fields": ({"a": 1, "b": 2}, [2]),
        "$and": ({"$and": [{"a": 1}, {"b": 1}]}, [1]),
        "$or": ({"$or": [{"a": 2}, {"b": 2}]}, [2, 3, 4, 6]),
        "$nor": ({"$nor": [{"a": 1}, {"b": 2}]}, [3, 5]),
        "$or beside a field": ({"a": 1, "$or": [{"b": 1}, {"b": 3}]}, [1]),
        "nested": ({"$or": [{"$and": [{"a": 1}, {"b": 1}]}, {"$nor": [{"a": {"$exists": 1}}]}]}, [1, 4, 5]),
        "$not $gt takes what is missing": ({"a": {"$not": {"$gt": 1}}}, [1, 2, 4, 5, 6]),
        "$not $not": ({"a": {"$not": {"$not": {"$eq": 1}}}}, [1, 2]),
        "several operators": ({"a": {"$gte": 1, "$lte": 1, "$ne": 2}}, [1, 2]),
        "$comment": ({"a": 2, "$comment": "why"}, [3]),
        "a field twice in $and": ({"$and": [{"b": 1}, {"b": 2}]}, [6]),
        "a text that looks like an operator": ({"a": "$gt"}, []),
        "$in with an expression": ({"a": {"$in": [2, Regex("^x")]}}, [3, 6]),
    },
)  # fmt: skip

PATH_FILTERS: Final[list[FilterCase]] = [
    *_ARRAYS,
    *_EMBEDDED,
    *_OBJECTS,
    *_NOWHERE,
    *_PATHS,
    *_LOGIC,
]
