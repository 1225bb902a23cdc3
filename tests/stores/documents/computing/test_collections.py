"""Operators over arrays, sets and documents, by the pages of MongoDB's manual."""

from typing import Any

import pytest
from bson import Decimal128, Int64
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.stores.documents import MISSING, key_bytes
from earnorm.stores.documents.computing import compile_expression

DOCUMENT: dict[str, Any] = {
    "n": [1, 2, 3, 4],
    "m": [2, "x", None, 2.0],
    "e": [],
    "o": {"a": 1, "b": [2]},
    "items": [{"price": 10, "qty": 2}, {"price": 5, "qty": 1}, {"qty": 4}],
    "nothing": None,
    "text": "abc",
}


def evaluate(expression: Any) -> Any:
    return compile_expression(expression)(DOCUMENT, {})


VALUES: list[tuple[Any, Any]] = [
    ({"$size": "$n"}, 4),
    ({"$size": [[1, 2]]}, 2),
    ({"$arrayElemAt": ["$n", 0]}, 1),
    ({"$arrayElemAt": ["$n", -1]}, 4),
    ({"$arrayElemAt": ["$n", 2.0]}, 3),
    ({"$arrayElemAt": ["$n", 4]}, MISSING),
    ({"$arrayElemAt": ["$n", -5]}, MISSING),
    ({"$arrayElemAt": ["$gone", 0]}, None),
    ({"$first": "$n"}, 1),
    ({"$last": "$n"}, 4),
    ({"$first": "$e"}, MISSING),
    ({"$last": "$gone"}, None),
    ({"$slice": ["$n", 2]}, [1, 2]),
    ({"$slice": ["$n", -2]}, [3, 4]),
    ({"$slice": ["$n", 0]}, []),
    ({"$slice": ["$n", 9]}, [1, 2, 3, 4]),
    ({"$slice": ["$n", 1, 2]}, [2, 3]),
    ({"$slice": ["$n", -3, 2]}, [2, 3]),
    ({"$slice": ["$n", -9, 1]}, [1]),
    ({"$slice": ["$n", 9, 1]}, []),
    ({"$slice": ["$gone", 1]}, None),
    ({"$in": [2.0, "$n"]}, True),
    ({"$in": [5, "$n"]}, False),
    ({"$in": ["$gone", "$m"]}, False),
    ({"$in": [None, "$m"]}, True),
    ({"$concatArrays": ["$n", ["x"], "$e"]}, [1, 2, 3, 4, "x"]),
    ({"$concatArrays": []}, []),
    ({"$concatArrays": ["$n", "$gone"]}, None),
    ({"$reverseArray": "$n"}, [4, 3, 2, 1]),
    ({"$reverseArray": "$nothing"}, None),
    ({"$isArray": "$n"}, True),
    ({"$isArray": ["$text"]}, False),
    ({"$isArray": "$gone"}, False),
    ({"$range": [0, 5]}, [0, 1, 2, 3, 4]),
    ({"$range": [0, 10, 4]}, [0, 4, 8]),
    ({"$range": [3, 0, -1]}, [3, 2, 1]),
    ({"$range": [0, 5, -1]}, []),
    ({"$range": [0, 2.0]}, [0, 1]),
    ({"$indexOfArray": ["$n", 3]}, 2),
    ({"$indexOfArray": ["$n", 9]}, -1),
    ({"$indexOfArray": ["$n", 1, 1]}, -1),
    ({"$indexOfArray": ["$m", 2, 1, 9]}, 3),
    ({"$indexOfArray": ["$gone", 2]}, None),
    # each element
    ({"$map": {"input": "$n", "in": {"$multiply": ["$$this", 2]}}}, [2, 4, 6, 8]),
    ({"$map": {"input": "$items", "as": "i", "in": "$$i.price"}}, [10, 5, None]),
    ({"$map": {"input": "$e", "in": {"$divide": [1, 0]}}}, []),
    ({"$map": {"input": "$gone", "in": 1}}, None),
    (
        {
            "$map": {
                "input": [1, 2],
                "as": "x",
                "in": {"$map": {"input": [10], "as": "y", "in": {"$add": ["$$x", "$$y"]}}},
            }
        },
        [[11], [12]],
    ),
    ({"$filter": {"input": "$n", "cond": {"$gt": ["$$this", 2]}}}, [3, 4]),
    ({"$filter": {"input": "$items", "as": "i", "cond": "$$i.price"}}, DOCUMENT["items"][:2]),
    ({"$filter": {"input": "$n", "cond": True, "limit": 2}}, [1, 2]),
    ({"$filter": {"input": "$n", "cond": True, "limit": None}}, [1, 2, 3, 4]),
    ({"$filter": {"input": "$nothing", "cond": True}}, None),
    (
        {"$reduce": {"input": "$n", "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}},
        10,
    ),
    (
        {
            "$reduce": {
                "input": [[1], [2]],
                "initialValue": [],
                "in": {"$concatArrays": ["$$value", "$$this"]},
            }
        },
        [1, 2],
    ),
    ({"$reduce": {"input": "$e", "initialValue": "none", "in": 1}}, "none"),
    ({"$reduce": {"input": "$gone", "initialValue": 0, "in": 1}}, None),
    # sets
    ({"$setUnion": [[3, 1], [2, 1.0]]}, [1, 2, 3]),
    ({"$setUnion": []}, []),
    ({"$setUnion": ["$n", None]}, None),
    ({"$setIntersection": ["$n", [4, 2, 9]]}, [2, 4]),
    ({"$setIntersection": ["$n", [9]]}, []),
    ({"$setIntersection": []}, []),
    ({"$setDifference": [[3, 1, 3, 2], [1]]}, [3, 2]),
    ({"$setDifference": ["$gone", [1]]}, None),
    ({"$setEquals": [[1, 2, 2], [2, 1]]}, True),
    ({"$setEquals": [[1], [1, 2]]}, False),
    ({"$setIsSubset": [[1], "$n"]}, True),
    ({"$setIsSubset": [[9], "$n"]}, False),
    ({"$anyElementTrue": [[0, None, 1]]}, True),
    ({"$anyElementTrue": ["$e"]}, False),
    ({"$allElementsTrue": ["$n"]}, True),
    ({"$allElementsTrue": [[1, 0]]}, False),
    ({"$allElementsTrue": ["$e"]}, True),
    # documents
    ({"$mergeObjects": ["$o", {"a": 9, "c": 3}]}, {"a": 9, "b": [2], "c": 3}),
    ({"$mergeObjects": ["$gone", None]}, {}),
    ({"$mergeObjects": "$items"}, {"price": 5, "qty": 4}),
    ({"$objectToArray": "$o"}, [{"k": "a", "v": 1}, {"k": "b", "v": [2]}]),
    ({"$objectToArray": "$gone"}, None),
    ({"$arrayToObject": [[["a", 1], ["b", 2]]]}, {"a": 1, "b": 2}),
    ({"$arrayToObject": [[{"k": "a", "v": 1}, {"v": 2, "k": "a"}]]}, {"a": 2}),
    ({"$arrayToObject": "$e"}, {}),
    ({"$arrayToObject": "$gone"}, None),
    ({"$getField": "text"}, "abc"),
    ({"$getField": {"field": "a", "input": "$o"}}, 1),
    ({"$getField": {"field": {"$literal": "$x"}, "input": {"$literal": {"$x": 5}}}}, 5),
    ({"$getField": {"field": "a.b", "input": {"$literal": {"a.b": 5}}}}, 5),
    ({"$getField": {"field": "z", "input": "$o"}}, MISSING),
    ({"$getField": {"field": "z", "input": "$nothing"}}, None),
    ({"$getField": {"field": "z", "input": "$text"}}, MISSING),
    ({"$setField": {"field": "c.d", "input": "$o", "value": 3}}, {"a": 1, "b": [2], "c.d": 3}),
    ({"$setField": {"field": "a", "input": "$o", "value": "$$REMOVE"}}, {"b": [2]}),
    ({"$setField": {"field": "a", "input": "$gone", "value": 1}}, None),
    ({"$unsetField": {"field": "b", "input": "$o"}}, {"a": 1}),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=str)
def test_an_operator_gives_what_the_manual_says(expression: Any, expected: Any) -> None:
    assert evaluate(expression) == expected


REFUSED: list[tuple[Any, int]] = [
    ({"$size": "$text"}, 17124),
    ({"$size": "$gone"}, 17124),
    ({"$arrayElemAt": ["$text", 0]}, 28689),
    ({"$arrayElemAt": ["$n", "x"]}, 28690),
    ({"$arrayElemAt": ["$n", 1.5]}, 28691),
    ({"$arrayElemAt": ["$n", 2**31]}, 28691),
    ({"$first": "$text"}, 28689),
    ({"$slice": ["$text", 1]}, 28724),
    ({"$slice": ["$n", "x"]}, 28725),
    ({"$slice": ["$n", 1.5]}, 28726),
    ({"$slice": ["$n", 1, "x"]}, 28727),
    ({"$slice": ["$n", 1, 0]}, 28729),
    ({"$in": [1, "$text"]}, 40081),
    ({"$concatArrays": ["$text"]}, 28664),
    ({"$reverseArray": "$text"}, 34435),
    ({"$range": ["x", 1]}, 34443),
    ({"$range": [0.5, 1]}, 34444),
    ({"$range": [0, "$gone"]}, 34445),
    ({"$range": [0, 2**31]}, 34446),
    ({"$range": [0, 1, 0]}, 34449),
    ({"$range": [0, 2**31 - 1]}, 146),
    ({"$indexOfArray": ["$text", 1]}, 40090),
    ({"$indexOfArray": ["$n", 1, -1]}, 9711601),
    ({"$map": {"input": "$text", "in": 1}}, 16883),
    ({"$filter": {"input": "$text", "cond": 1}}, 28651),
    ({"$filter": {"input": "$n", "cond": 1, "limit": 0}}, 327392),
    ({"$filter": {"input": "$n", "cond": 1, "limit": "x"}}, 327391),
    ({"$reduce": {"input": "$text", "initialValue": 1, "in": 1}}, 40080),
    ({"$setUnion": ["$text"]}, 17043),
    ({"$setIntersection": ["$text"]}, 17047),
    ({"$setDifference": ["$text", []]}, 17048),
    ({"$setDifference": [[], "$text"]}, 17049),
    ({"$setEquals": [[], "$gone"]}, 17044),
    ({"$anyElementTrue": ["$nothing"]}, 17041),
    ({"$allElementsTrue": ["$gone"]}, 17040),
    ({"$mergeObjects": ["$text"]}, 40400),
    ({"$objectToArray": "$n"}, 40390),
    ({"$arrayToObject": "$text"}, 40386),
    ({"$arrayToObject": "$n"}, 40398),
    ({"$arrayToObject": [[["a", 1], 2]]}, 40396),
    ({"$arrayToObject": [[["a"]]]}, 40397),
    ({"$arrayToObject": [[[1, 2]]]}, 40395),
    ({"$arrayToObject": [[["a\x00", 2]]]}, 4940400),
    ({"$arrayToObject": [[{"k": "a", "v": 1}, 2]]}, 40391),
    ({"$arrayToObject": [[{"k": "a"}]]}, 40392),
    ({"$arrayToObject": [[{"k": "a", "x": 1}]]}, 40393),
    ({"$arrayToObject": [[{"k": 1, "v": 1}]]}, 40394),
    ({"$getField": 1}, 3041704),
    ({"$setField": {"field": "a", "input": "$text", "value": 1}}, 4161105),
]


@pytest.mark.parametrize(("expression", "code"), REFUSED, ids=str)
def test_values_of_the_wrong_type_are_refused_with_mongodbs_code(
    expression: Any, code: int
) -> None:
    compiled = compile_expression(expression)
    with pytest.raises(OperationFailure) as caught:
        compiled(DOCUMENT, {})

    assert caught.value.code == code


MALFORMED: list[tuple[Any, int]] = [
    ({"$arrayElemAt": [[1]]}, 16020),
    ({"$slice": [[1]]}, 28667),
    ({"$slice": [[1], 1, 1, 1]}, 28667),
    ({"$range": [1]}, 28667),
    ({"$setEquals": [[1]]}, 28667),
    ({"$map": 1}, 16878),
    ({"$map": {"input": [], "in": 1, "x": 1}}, 16879),
    ({"$map": {"input": []}}, 16882),
    ({"$map": {"input": [], "as": "X", "in": 1}}, 16867),
    ({"$map": {"input": [], "as": 1, "in": 1}}, 16866),
    ({"$map": {"input": [], "as": "x", "in": "$$this"}}, 17276),
    ({"$filter": []}, 28646),
    ({"$filter": {"input": [], "cond": 1, "x": 1}}, 28647),
    ({"$filter": {"input": []}}, 28650),
    ({"$reduce": 1}, 40075),
    ({"$reduce": {"input": [], "initialValue": 1, "in": 1, "x": 1}}, 40076),
    ({"$reduce": {"input": []}}, 40077),
    ({"$getField": {"input": 1}}, 3041703),
    ({"$getField": {"field": "a", "input": 1, "x": 1}}, 3041701),
    ({"$setField": {"field": "a", "input": 1}}, 4161102),
]


@pytest.mark.parametrize(("expression", "code"), MALFORMED, ids=str)
def test_what_is_malformed_is_refused_before_any_document_is_seen(
    expression: Any, code: int
) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_expression(expression)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "grown",
    [
        ["$$value", "$$value"],
        {"x": "$$value", "y": "$$value"},
        {"$concatArrays": [["$$value"], ["$$value"]]},
    ],
    ids=str,
)
def test_a_reduction_that_doubles_with_each_element_ends_soon(grown: Any) -> None:
    with pytest.raises(OperationFailure) as caught:
        evaluate({"$reduce": {"input": {"$range": [0, 90]}, "initialValue": 1, "in": grown}})

    assert caught.value.code == 146


def test_a_reduction_that_nests_with_each_element_is_refused() -> None:
    with pytest.raises(OperationFailure) as caught:
        evaluate(
            {"$reduce": {"input": {"$range": [0, 5000]}, "initialValue": 1, "in": ["$$value"]}}
        )

    assert caught.value.code == 15


def test_a_text_that_doubles_with_each_element_ends_soon() -> None:
    doubled = {"$concat": ["$$value", "$$value"]}
    with pytest.raises(OperationFailure) as caught:
        evaluate({"$reduce": {"input": {"$range": [0, 90]}, "initialValue": "x", "in": doubled}})

    assert caught.value.code == 146


elements = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.floats(-9, 9), st.text("ab", max_size=2)
)
arrays = st.lists(elements, max_size=8)


@given(arrays, arrays)
def test_sets_are_those_of_equal_values(first: list[Any], second: list[Any]) -> None:
    document = {"first": first, "second": second}

    def keys(operator: str) -> list[bytes]:
        found = compile_expression({operator: ["$first", "$second"]})(document, {})
        return [key_bytes(value) for value in found]

    one, other = {key_bytes(value) for value in first}, {key_bytes(value) for value in second}
    assert keys("$setUnion") == sorted(one | other)
    assert keys("$setIntersection") == sorted(one & other)
    assert set(keys("$setDifference")) == one - other


@given(arrays)
def test_an_array_reversed_twice_and_filtered_by_true_is_itself(array: list[Any]) -> None:
    document = {"a": array}
    twice = compile_expression({"$reverseArray": {"$reverseArray": "$a"}})
    kept = compile_expression({"$filter": {"input": "$a", "cond": True}})

    assert twice(document, {}) == array
    assert kept(document, {}) == array


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), elements))
def test_a_document_comes_back_from_its_array(fields: dict[str, Any]) -> None:
    back = compile_expression({"$arrayToObject": {"$objectToArray": "$o"}})

    assert back({"o": fields}, {}) == fields


def test_numbers_keep_their_types_inside_of_arrays() -> None:
    document = {"a": [Int64(1), Decimal128("1"), 1.0]}

    assert list(map(type, compile_expression("$a")(document, {}))) == [Int64, Decimal128, float]
    first = compile_expression({"$setUnion": ["$a"]})(document, {})
    assert list(map(type, first)) == [Int64]
