"""Operators over texts, regular expressions and types, by the pages of MongoDB's manual."""

import math
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import encode
from earnorm.stores.documents.computing import compile_expression

ID = ObjectId("65a1b2c3d4e5f60718293a4b")
DAY = datetime(2024, 2, 29, 12, 30, 5, 123000, tzinfo=UTC)
DOCUMENT: dict[str, Any] = {
    "t": "Grüße, Ada",
    "n": None,
    "i": 5,
    "d": DAY,
    "id": ID,
    "pattern": Regex("^gr", "i"),
}


def evaluate(expression: Any) -> Any:
    return compile_expression(expression)(DOCUMENT, {})


VALUES: list[tuple[Any, Any]] = [
    ({"$concat": ["$t", "!", ""]}, "Grüße, Ada!"),
    ({"$concat": []}, ""),
    ({"$concat": ["a", "$n"]}, None),
    ({"$toLower": "ABC Ü"}, "abc Ü"),
    ({"$toUpper": "abc ü"}, "ABC ü"),
    ({"$toUpper": "$n"}, ""),
    ({"$toLower": 1.50}, "1.5"),
    ({"$toLower": "$d"}, "2024-02-29t12:30:05.123z"),
    ({"$substrCP": ["$t", 2, 3]}, "üße"),
    ({"$substrCP": ["$t", 0, 99]}, "Grüße, Ada"),
    ({"$substrCP": ["$t", 99, 1]}, ""),
    ({"$substrCP": ["$gone", 0, 1]}, ""),
    ({"$substrCP": ["$i", 0, 1]}, "5"),
    ({"$strLenCP": "$t"}, 10),
    ({"$strLenBytes": "$t"}, 12),
    ({"$split": ["a-b--c", "-"]}, ["a", "b", "", "c"]),
    ({"$split": ["abc", "x"]}, ["abc"]),
    ({"$split": ["$n", "x"]}, None),
    ({"$trim": {"input": " \t\u2003x y\n"}}, "x y"),
    ({"$trim": {"input": "xxaxbxx", "chars": "x"}}, "axb"),
    ({"$trim": {"input": "abc", "chars": "ca"}}, "b"),
    ({"$trim": {"input": "$n"}}, None),
    ({"$trim": {"input": "x", "chars": "$n"}}, None),
    ({"$ltrim": {"input": "  x "}}, "x "),
    ({"$rtrim": {"input": "  x "}}, "  x"),
    ({"$indexOfCP": ["$t", "ß"]}, 3),
    ({"$indexOfCP": ["$t", "z"]}, -1),
    ({"$indexOfCP": ["$t", "d", 0, 5]}, -1),
    ({"$indexOfCP": ["$t", "", 3]}, 3),
    ({"$indexOfCP": ["abc", "b", 9]}, -1),
    ({"$indexOfCP": ["abc", "c", 2, 1]}, -1),
    ({"$indexOfCP": ["$n", "b"]}, None),
    ({"$strcasecmp": ["ABC", "abc"]}, 0),
    ({"$strcasecmp": ["a", "B"]}, -1),
    ({"$replaceOne": {"input": "aa", "find": "a", "replacement": "b"}}, "ba"),
    ({"$replaceAll": {"input": "aa", "find": "a", "replacement": "b"}}, "bb"),
    ({"$replaceAll": {"input": "$n", "find": "a", "replacement": "b"}}, None),
    # regular expressions
    ({"$regexMatch": {"input": "$t", "regex": "^Gr"}}, True),
    ({"$regexMatch": {"input": "$t", "regex": "^gr"}}, False),
    ({"$regexMatch": {"input": "$t", "regex": "^gr", "options": "i"}}, True),
    ({"$regexMatch": {"input": "$t", "regex": "$pattern"}}, True),
    ({"$regexMatch": {"input": "$t", "regex": re.compile("^gr", re.IGNORECASE)}}, True),
    ({"$regexMatch": {"input": "$n", "regex": "x"}}, False),
    ({"$regexMatch": {"input": "x", "regex": "$n"}}, False),
    # types
    ({"$type": "$t"}, "string"),
    ({"$type": "$gone"}, "missing"),
    ({"$type": "$n"}, "null"),
    ({"$type": "$i"}, "int"),
    ({"$type": [[]]}, "array"),
    ({"$type": {"$literal": {}}}, "object"),
    ({"$type": {"$literal": Int64(1)}}, "long"),
    ({"$isNumber": "$i"}, True),
    ({"$isNumber": Decimal128("NaN")}, True),
    ({"$isNumber": True}, False),
    ({"$isNumber": "$gone"}, False),
    # to text
    ({"$toString": "$gone"}, None),
    ({"$toString": True}, "true"),
    ({"$toString": 2.5}, "2.5"),
    ({"$toString": 2.0}, "2"),
    ({"$toString": 1e21}, "1e+21"),
    ({"$toString": math.inf}, "Infinity"),
    ({"$toString": math.nan}, "NaN"),
    ({"$toString": -0.0}, "-0"),
    ({"$toString": Int64(7)}, "7"),
    ({"$toString": Decimal128("1.50")}, "1.50"),
    ({"$toString": "$id"}, str(ID)),
    ({"$toString": "$d"}, "2024-02-29T12:30:05.123Z"),
    ({"$toString": UUID(int=1)}, str(UUID(int=1))),
    # to numbers
    ({"$toInt": "-42"}, -42),
    ({"$toInt": 2.9}, 2),
    ({"$toInt": -2.9}, -2),
    ({"$toInt": True}, 1),
    ({"$toInt": Decimal128("5.5")}, 5),
    ({"$toInt": Int64(5)}, 5),
    ({"$toLong": "9223372036854775807"}, Int64(2**63 - 1)),
    ({"$toLong": 5}, Int64(5)),
    ({"$toLong": "$d"}, Int64(1709209805123)),
    ({"$toDouble": "1e3"}, 1000.0),
    ({"$toDouble": "-.5"}, -0.5),
    ({"$toDouble": "$i"}, 5.0),
    ({"$toDouble": False}, 0.0),
    ({"$toDouble": "$d"}, 1709209805123.0),
    ({"$toDecimal": "0.10"}, Decimal128("0.10")),
    ({"$toDecimal": 1}, Decimal128("1")),
    ({"$toDecimal": 0.1}, Decimal128("0.100000000000000")),
    ({"$toDecimal": "$n"}, None),
    # to truth
    ({"$toBool": "false"}, True),
    ({"$toBool": ""}, True),
    ({"$toBool": 0}, False),
    ({"$toBool": 0.1}, True),
    ({"$toBool": "$id"}, True),
    ({"$toBool": "$d"}, True),
    ({"$toBool": [[]]}, True),
    ({"$toBool": MinKey()}, True),
    ({"$toBool": "$gone"}, None),
    # to dates and identifiers
    ({"$toDate": "2024-02-29"}, datetime(2024, 2, 29, tzinfo=UTC)),
    ({"$toDate": "2024-02-29T12:30:05.123Z"}, DAY),
    ({"$toDate": "2024-02-29T13:30:05.123+01:00"}, DAY),
    ({"$toDate": "2024-02-29 12:30:05.1239"}, DAY),
    ({"$toDate": Int64(1709209805123)}, DAY),
    ({"$toDate": 1709209805123.7}, DAY),
    ({"$toDate": "$id"}, ID.generation_time),
    ({"$toDate": Timestamp(1709209805, 1)}, DAY.replace(microsecond=0)),
    ({"$toObjectId": str(ID)}, ID),
    ({"$toObjectId": "$id"}, ID),
    # the long form
    ({"$convert": {"input": "5", "to": "int"}}, 5),
    ({"$convert": {"input": "5", "to": 16}}, 5),
    ({"$convert": {"input": "5", "to": 1}}, 5.0),
    ({"$convert": {"input": "x", "to": "int", "onError": "$i"}}, 5),
    ({"$convert": {"input": "$gone", "to": "int", "onNull": "none"}}, "none"),
    ({"$convert": {"input": "5", "to": "$n"}}, None),
    ({"$convert": {"input": [1], "to": "int", "onError": None}}, None),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=str)
def test_an_operator_gives_what_the_manual_says(expression: Any, expected: Any) -> None:
    assert encode({"value": evaluate(expression)}) == encode({"value": expected})


REFUSED: list[tuple[Any, int]] = [
    ({"$concat": ["a", 1]}, 16702),
    ({"$toLower": "$id"}, 16007),
    ({"$toUpper": True}, 16007),
    ({"$substrCP": ["a", "x", 1]}, 34450),
    ({"$substrCP": ["a", 0.5, 1]}, 34451),
    ({"$substrCP": ["a", 0, "x"]}, 34452),
    ({"$substrCP": ["a", 0, 0.5]}, 34453),
    ({"$substrCP": ["a", 0, -1]}, 34454),
    ({"$substrCP": ["a", -1, 0]}, 34455),
    ({"$strLenCP": "$n"}, 34471),
    ({"$strLenBytes": 5}, 34473),
    ({"$split": [1, "x"]}, 40085),
    ({"$split": ["x", 1]}, 40086),
    ({"$split": ["x", ""]}, 40087),
    ({"$indexOfCP": [1, "x"]}, 40093),
    ({"$indexOfCP": ["x", "$gone"]}, 40094),
    ({"$indexOfCP": ["x", "x", "a"]}, 40096),
    ({"$indexOfCP": ["x", "x", -1]}, 40097),
    ({"$trim": {"input": 1}}, 50699),
    ({"$trim": {"input": "x", "chars": 1}}, 50700),
    ({"$replaceOne": {"input": 1, "find": "a", "replacement": "b"}}, 51746),
    ({"$replaceOne": {"input": "a", "find": 1, "replacement": "b"}}, 51745),
    ({"$replaceOne": {"input": "a", "find": "a", "replacement": 1}}, 51744),
    ({"$regexMatch": {"input": 1, "regex": "x"}}, 51104),
    ({"$regexMatch": {"input": "x", "regex": 1}}, 51105),
    ({"$regexMatch": {"input": "x", "regex": "x", "options": 1}}, 51106),
    ({"$regexMatch": {"input": "x", "regex": "$pattern", "options": "i"}}, 51107),
    ({"$regexMatch": {"input": "x", "regex": "x", "options": "z"}}, 51108),
    ({"$regexMatch": {"input": "x", "regex": "("}}, 51091),
    ({"$toInt": "1.5"}, 241),
    ({"$toInt": " 1"}, 241),
    ({"$toInt": "1_000"}, 241),
    ({"$toInt": "0x1f"}, 241),
    ({"$toInt": "٣"}, 241),
    ({"$toInt": ""}, 241),
    ({"$toInt": "9" * 5000}, 241),
    ({"$toInt": 2**31}, 241),
    ({"$toInt": math.nan}, 241),
    ({"$toInt": math.inf}, 241),
    ({"$toInt": "$d"}, 241),
    ({"$toLong": 1e19}, 241),
    ({"$toLong": [[1]]}, 241),
    ({"$toDouble": "x"}, 241),
    ({"$toDouble": "1e999"}, 241),
    ({"$toDouble": Decimal128("1E+6000")}, 241),
    ({"$toDecimal": "1e9999"}, 241),
    ({"$toDecimal": "$id"}, 241),
    ({"$toString": [[]]}, 241),
    ({"$toString": {"$literal": {}}}, 241),
    ({"$toString": {"$literal": Binary(b"x", 5)}}, 241),
    ({"$toString": MaxKey()}, 241),
    ({"$toString": {"$literal": Code("x")}}, 241),
    ({"$toDate": 5}, 241),
    ({"$toDate": "tomorrow"}, 241),
    ({"$toDate": "2024-02-30"}, 241),
    ({"$toObjectId": "x"}, 241),
    ({"$toObjectId": 5}, 241),
    ({"$convert": {"input": 1, "to": "number"}}, 2),
    ({"$convert": {"input": 1, "to": 99}}, 2),
    ({"$convert": {"input": 1, "to": 1.5}}, 2),
]


@pytest.mark.parametrize(("expression", "code"), REFUSED, ids=lambda value: str(value)[:80])
def test_values_that_do_not_fit_are_refused_with_mongodbs_code(expression: Any, code: int) -> None:
    compiled = compile_expression(expression)
    with pytest.raises(OperationFailure) as caught:
        compiled(DOCUMENT, {})

    assert caught.value.code == code


MALFORMED: list[tuple[Any, int]] = [
    ({"$split": ["a"]}, 16020),
    ({"$substrCP": ["a", 1]}, 16020),
    ({"$indexOfCP": ["a"]}, 28667),
    ({"$trim": "x"}, 50696),
    ({"$trim": {"input": "x", "char": "y"}}, 50694),
    ({"$trim": {"chars": "y"}}, 50695),
    ({"$replaceOne": 1}, 51751),
    ({"$replaceOne": {"input": "x"}}, 51749),
    ({"$regexMatch": "x"}, 51103),
    ({"$regexMatch": {"input": "x", "regex": "x", "flags": "i"}}, 31024),
    ({"$convert": {"input": 1}}, 9),
    ({"$convert": {"input": 1, "to": "int", "x": 1}}, 9),
    ({"$toInt": [1, 2]}, 16020),
]


@pytest.mark.parametrize(("expression", "code"), MALFORMED, ids=str)
def test_what_is_malformed_is_refused_before_any_document_is_seen(
    expression: Any, code: int
) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_expression(expression)

    assert caught.value.code == code


@pytest.mark.parametrize("to", ["binData", "array", {"type": "int"}], ids=str)
def test_a_conversion_that_the_store_has_not_is_named(to: Any) -> None:
    with pytest.raises(UnsupportedError, match=r"\$convert"):
        evaluate({"$convert": {"input": 1, "to": {"$literal": to}}})


@given(st.integers(-(2**31), 2**31 - 1) | st.floats(allow_nan=False) | st.booleans())
def test_numbers_come_back_from_their_texts(value: Any) -> None:
    target = {int: "$toInt", float: "$toDouble", bool: "$toString"}[type(value)]
    back = compile_expression({target: {"$toString": "$v"}})({"v": value}, {})

    assert back == (str(value).lower() if isinstance(value, bool) else value)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))
def test_dates_come_back_from_their_texts_and_numbers(moment: datetime) -> None:
    value = moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
    document = {"v": value}

    assert compile_expression({"$toDate": {"$toString": "$v"}})(document, {}) == value
    assert compile_expression({"$toDate": {"$toLong": "$v"}})(document, {}) == value
