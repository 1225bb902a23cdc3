"""Filters on single values, as MongoDB's manual defines their operators."""

from datetime import UTC, datetime
from typing import Any, Final

from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

from earnorm.testing.stores.filter_case import FilterCase, filter_cases

__all__ = ["VALUE_FILTERS"]

_DATE: Final = datetime(2024, 5, 1, tzinfo=UTC)
_ID: Final = ObjectId("65a1b2c3d4e5f60718293a4b")
_NAN: Final = float("nan")
_INFINITE: Final = float("inf")


def _a(*values: Any) -> list[dict[str, Any]]:
    return [{"a": value} for value in values]


# Numbers are compared by value across int, long, double and decimal.
_NUMBERS = filter_cases(
    "numbers",
    _a(1, Int64(1), 1.0, Decimal128("1"), "1", True, Decimal128("1.00"), 1.5),
    {
        "equality": ({"a": 1}, [1, 2, 3, 4, 7]),
        "equality to a decimal": ({"a": Decimal128("1.5")}, [8]),
        "booleans are no numbers": ({"a": True}, [6]),
        "texts are no numbers": ({"a": "1"}, [5]),
        "$gt": ({"a": {"$gt": 1}}, [8]),
        "$gte and $lt": ({"a": {"$gte": Int64(1), "$lt": Decimal128("1.5")}}, [1, 2, 3, 4, 7]),
        "$ne": ({"a": {"$ne": 1}}, [5, 6, 8]),
        "$in": ({"a": {"$in": [1.0, "1"]}}, [1, 2, 3, 4, 5, 7]),
        "$nin": ({"a": {"$nin": [1.0, "1"]}}, [6, 8]),
        "$in of nothing": ({"a": {"$in": []}}, []),
        "$nin of nothing": ({"a": {"$nin": []}}, range(1, 9)),
    },
)

# No number is rounded to compare it, and NaN equals NaN only.
_EXTREMES = filter_cases(
    "extreme numbers",
    _a(
        Int64(2**53),
        Int64(2**53 + 1),
        float(2**53),
        _INFINITE,
        _NAN,
        -_INFINITE,
        Decimal128("9007199254740993"),
        -0.0,
        0,
        Decimal128("NaN"),
        Int64(2**63 - 1),
    ),
    {
        "a long beyond a double": ({"a": Int64(2**53 + 1)}, [2, 7]),
        "a double": ({"a": float(2**53)}, [1, 3]),
        "above a double": ({"a": {"$gt": float(2**53)}}, [2, 4, 7, 11]),
        "above all longs": ({"a": {"$gte": 2.0**63}}, [4]),
        "both zeros": ({"a": 0}, [8, 9]),
        "the other zero": ({"a": -0.0}, [8, 9]),
        "below zero": ({"a": {"$lt": 0}}, [6]),
        "NaN": ({"a": _NAN}, [5, 10]),
        "$gte NaN": ({"a": {"$gte": _NAN}}, [5, 10]),
        "$lte NaN": ({"a": {"$lte": Decimal128("NaN")}}, [5, 10]),
        "$gt NaN": ({"a": {"$gt": _NAN}}, []),
        "$lt NaN": ({"a": {"$lt": _NAN}}, []),
        "infinity": ({"a": _INFINITE}, [4]),
    },
)

# null equals null and what is missing; what is missing equals nothing else.
_NULL = filter_cases(
    "null and missing",
    [{"a": None}, {}, *_a(0, "", [], [None], [1], False, {})],
    {
        "null": ({"a": None}, [1, 2, 6]),
        "$eq": ({"a": {"$eq": None}}, [1, 2, 6]),
        "$ne": ({"a": {"$ne": None}}, [3, 4, 5, 7, 8, 9]),
        "$not": ({"a": {"$not": {"$eq": None}}}, [3, 4, 5, 7, 8, 9]),
        "$in": ({"a": {"$in": [None, 0]}}, [1, 2, 3, 6]),
        "$nin": ({"a": {"$nin": [None]}}, [3, 4, 5, 7, 8, 9]),
        "$gte": ({"a": {"$gte": None}}, [1, 2, 6]),
        "$lte": ({"a": {"$lte": None}}, [1, 2, 6]),
        "$gt": ({"a": {"$gt": None}}, []),
        "$lt": ({"a": {"$lt": None}}, []),
        "$exists": ({"a": {"$exists": True}}, [1, 3, 4, 5, 6, 7, 8, 9]),
        "$exists not": ({"a": {"$exists": False}}, [2]),
        "$type": ({"a": {"$type": "null"}}, [1, 6]),
        "there and null": ({"a": {"$eq": None, "$exists": True}}, [1, 6]),
        "an empty array": ({"a": []}, [5]),
        "an empty object": ({"a": {}}, [9]),
        "an empty text": ({"a": ""}, [4]),
        "false": ({"a": False}, [8]),
    },
)

# "Comparison operators only perform comparisons on fields where the BSON type matches" (type bracketing).
_BRACKETS = filter_cases(
    "comparison within a type",
    _a(1, "1", _DATE, _ID, True, None, [2], {"x": 1}, MinKey(), MaxKey(), b"a", Timestamp(5, 1)),
    {
        "numbers": ({"a": {"$gt": 0}}, [1, 7]),
        "texts": ({"a": {"$lt": "2"}}, [2]),
        "dates": ({"a": {"$gte": _DATE}}, [3]),
        "dates are not timestamps": ({"a": {"$gt": datetime(1970, 1, 1, tzinfo=UTC)}}, [3]),
        "timestamps": ({"a": {"$gt": Timestamp(4, 9)}}, [12]),
        "object ids": ({"a": {"$lte": _ID}}, [4]),
        "booleans": ({"a": {"$gt": False}}, [5]),
        "objects": ({"a": {"$gt": {}}}, [8]),
        "arrays": ({"a": {"$gte": [2]}}, [7]),
        "binary": ({"a": {"$gte": b""}}, [11]),
        "all but MaxKey": ({"a": {"$lt": MaxKey()}}, [*range(1, 10), 11, 12]),
        "all but MinKey": ({"a": {"$gt": MinKey()}}, [*range(1, 9), 10, 11, 12]),
        "MinKey": ({"a": MinKey()}, [9]),
        "MaxKey": ({"a": {"$gte": MaxKey()}}, [10]),
    },
)

_EACH_TYPE: Final[list[Any]] = [
    1.5, "s", {}, [], Binary(b"x", 5), _ID, True, _DATE, None, Regex("a"),
    Code("c"), 1, Timestamp(1, 1), Int64(1), Decimal128("1"), MinKey(), MaxKey(), [1, "s"],
]  # fmt: skip
_TYPE_NAMES: Final[dict[str, tuple[int, list[int]]]] = {
    "double": (1, [1]),
    "string": (2, [2, 18]),
    "object": (3, [3]),
    "array": (4, [4, 18]),
    "binData": (5, [5]),
    "objectId": (7, [6]),
    "bool": (8, [7]),
    "date": (9, [8]),
    "null": (10, [9]),
    "regex": (11, [10]),
    "javascript": (13, [11]),
    "int": (16, [12, 18]),
    "timestamp": (17, [13]),
    "long": (18, [14]),
    "decimal": (19, [15]),
    "minKey": (-1, [16]),
    "maxKey": (127, [17]),
}
_TYPES = filter_cases(
    "$type",
    [*_a(*_EACH_TYPE), {}],
    {
        **{name: ({"a": {"$type": name}}, found) for name, (_, found) in _TYPE_NAMES.items()},
        **{
            f"{code} ({name})": ({"a": {"$type": code}}, found)
            for name, (code, found) in _TYPE_NAMES.items()
        },
        "number": ({"a": {"$type": "number"}}, [1, 12, 14, 15, 18]),
        "several": ({"a": {"$type": ["string", 10]}}, [2, 9, 18]),
        "$not": ({"a": {"$not": {"$type": "number"}}}, [*range(2, 12), 13, 16, 17, 19]),
    },
)

_TEXTS = filter_cases(
    "$regex",
    [
        *_a("Abc", "abc", "xabc", "a\nb", ["zzz", "abc"], 5, "a.c", "Éa"),
        {},
        {"a": Regex("^a")},
    ],
    {
        # a stored expression matches the same expression
        "at the start": ({"a": {"$regex": "^a"}}, [2, 4, 5, 7, 10]),
        "as a value": ({"a": Regex("^a")}, [2, 4, 5, 7, 10]),
        "without case": ({"a": {"$regex": "^aB", "$options": "i"}}, [1, 2, 5]),
        "lines": ({"a": {"$regex": "^b", "$options": "m"}}, [4]),
        "no lines": ({"a": {"$regex": "^b"}}, []),
        "a dot and a line": ({"a": {"$regex": "a.b", "$options": "s"}}, [4]),
        "a dot and no line": ({"a": {"$regex": "a.b"}}, []),
        "spaces": ({"a": {"$regex": "x a b c # all", "$options": "x"}}, [3]),
        "escaped": ({"a": {"$regex": "a\\.c"}}, [7]),
        "in $in": ({"a": {"$in": [Regex("^x"), "Abc"]}}, [1, 3]),
        "in $nin": ({"a": {"$nin": [Regex("a")]}}, [1, 6, 9, 10]),
        "in $not": ({"a": {"$not": {"$regex": "a"}}}, [1, 6, 9, 10]),
        "in $not as a value": ({"a": {"$not": Regex("^a")}}, [1, 3, 6, 8, 9]),
        "anything": ({"a": {"$regex": ""}}, [1, 2, 3, 4, 5, 7, 8]),
        "with other operators": ({"a": {"$regex": "^a", "$ne": "abc"}}, [4, 7, 10]),
    },
)

_MOD = filter_cases(
    "$mod",
    _a(4, 5, 4.9, "4", [3, 8], -4, Int64(8), _NAN, None),
    {
        "no rest": ({"a": {"$mod": [4, 0]}}, [1, 3, 5, 6, 7]),
        "a rest": ({"a": {"$mod": [4, 1]}}, [2]),
        "a negative rest": ({"a": {"$mod": [3, -1]}}, [6]),
        "$not": ({"a": {"$not": {"$mod": [4, 0]}}}, [2, 4, 8, 9]),
    },
)

# The manual's own example: 54 is 00110110, 20 is 00010100.
_BITS = filter_cases(
    "bits",
    _a(54, 20, 20.0, b"f", 1.5, "54", -1),
    {
        "$bitsAllSet positions": ({"a": {"$bitsAllSet": [1, 5]}}, [1, 4, 7]),
        "$bitsAllSet mask": ({"a": {"$bitsAllSet": 50}}, [1, 7]),
        "$bitsAllClear positions": ({"a": {"$bitsAllClear": [1, 5]}}, [2, 3]),
        "$bitsAllClear mask": ({"a": {"$bitsAllClear": 35}}, [2, 3]),
        "$bitsAnySet": ({"a": {"$bitsAnySet": [1, 5]}}, [1, 4, 7]),
        "$bitsAnyClear": ({"a": {"$bitsAnyClear": [1, 5]}}, [2, 3]),
    },
)

VALUE_FILTERS: Final[list[FilterCase]] = [
    *_NUMBERS,
    *_EXTREMES,
    *_NULL,
    *_BRACKETS,
    *_TYPES,
    *_TEXTS,
    *_MOD,
    *_BITS,
]
