"""Paths, variables, comparisons and choices."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Decimal128, Int64, MinKey, ObjectId, Regex
from pymongo.errors import OperationFailure

from earnorm import clock
from earnorm.errors import UnsupportedError
from earnorm.stores.documents import MISSING
from earnorm.stores.documents.computing import EXPRESSIONS, compile_expression

DOCUMENT: dict[str, Any] = {
    "a": 1,
    "n": None,
    "f": False,
    "o": {"x": 1, "y": {"z": 2}},
    "l": [{"b": 1}, {"b": 2}, {"c": 3}, 5, [{"b": 4}]],
    "p": {"0": "zero"},
    "q": [10, 20],
}


def evaluate(expression: Any, **variables: Any) -> Any:
    return compile_expression(expression, tuple(variables))(DOCUMENT, variables)


VALUES: list[tuple[Any, Any]] = [
    # literals
    (1, 1),
    ("text", "text"),
    (None, None),
    ({"$literal": "$a"}, "$a"),
    ({"$literal": {"$add": [1]}}, {"$add": [1]}),
    ([1, "$a", "$gone"], [1, 1, None]),
    ({"x": "$a", "y": "$gone", "z": {"w": "$n"}}, {"x": 1, "z": {"w": None}}),
    ({}, {}),
    # paths
    ("$a", 1),
    ("$gone", MISSING),
    ("$o.y.z", 2),
    ("$o.gone.z", MISSING),
    ("$a.b", MISSING),
    ("$l.b", [1, 2]),
    ("$l.gone", []),
    ("$p.0", "zero"),
    ("$q.0", []),
    ("$$ROOT.a", 1),
    ("$$CURRENT.l.b", [1, 2]),
    ("$$ROOT", DOCUMENT),
    ("$$REMOVE", MISSING),
    ("$$REMOVE.a", MISSING),
    ("$$NOW.a", MISSING),
    # booleans
    ({"$and": []}, True),
    ({"$and": [1, "x", [], {}]}, True),
    ({"$and": [1, "$n"]}, False),
    ({"$or": []}, False),
    ({"$or": [0, "$gone", 0.0, Decimal128("0")]}, False),
    ({"$or": [0, ""]}, True),
    ({"$not": ["$f"]}, True),
    ({"$not": "$a"}, False),
    ({"$not": [[]]}, False),
    # comparison: across types, missing before null
    ({"$eq": [1, 1.0]}, True),
    ({"$eq": [1, Decimal128("1.00")]}, True),
    ({"$eq": ["$gone", None]}, False),
    ({"$eq": ["$gone", "$missing"]}, True),
    ({"$lt": ["$gone", None]}, True),
    ({"$gt": ["$gone", MinKey()]}, True),
    ({"$gt": ["a", 10**9]}, True),
    ({"$lt": [{"a": 1}, [0]]}, True),
    ({"$gt": [True, False]}, True),
    ({"$ne": [[1], [1]]}, False),
    ({"$gte": [2, 2]}, True),
    ({"$lte": [3, 2]}, False),
    ({"$cmp": [1, 2]}, -1),
    ({"$cmp": [2, 2.0]}, 0),
    ({"$cmp": ["b", "a"]}, 1),
    # choices
    ({"$cond": ["$a", "yes", "no"]}, "yes"),
    ({"$cond": {"if": "$n", "then": "yes", "else": "no"}}, "no"),
    ({"$cond": [True, "$a", {"$divide": [1, 0]}]}, 1),
    ({"$ifNull": ["$gone", "$n", 3]}, 3),
    ({"$ifNull": ["$a", 3]}, 1),
    ({"$ifNull": ["$n", "$gone"]}, MISSING),
    ({"$switch": {"branches": [{"case": "$f", "then": 1}, {"case": "$a", "then": 2}]}}, 2),
    ({"$switch": {"branches": [{"case": "$f", "then": 1}], "default": 3}}, 3),
    # variables
    ({"$let": {"vars": {"x": 2, "y": "$a"}, "in": {"$add": ["$$x", "$$y"]}}}, 3),
    ({"$let": {"vars": {"x": "$l"}, "in": "$$x.b"}}, [1, 2]),
    ({"$let": {"vars": {"x": "$o"}, "in": "$$x.y.z"}}, 2),
    ({"$let": {"vars": {"x": 1}, "in": {"$let": {"vars": {"x": 2}, "in": "$$x"}}}}, 2),
    ({"$let": {"vars": {"x": "$gone"}, "in": "$$x"}}, MISSING),
    ({"$let": {"vars": {}, "in": "$a"}}, 1),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=str)
def test_an_expression_has_the_value_of_the_manual(expression: Any, expected: Any) -> None:
    value = evaluate(expression)

    assert value == expected
    assert type(value) is type(expected)


def test_variables_that_are_passed_can_be_read() -> None:
    assert evaluate({"$add": ["$a", "$$more.x"]}, more={"x": 5}) == 6


def test_now_is_the_clocks_time_or_the_one_that_was_noted() -> None:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    compiled = compile_expression("$$NOW")
    with clock.frozen(moment):
        assert compiled({}, {}) == moment
    assert compiled({}, {"NOW": moment}) == moment


def test_a_literal_that_is_given_twice_is_not_the_same_list() -> None:
    compiled = compile_expression({"$literal": [1]})
    first = compiled({}, {})
    first.append(2)

    assert compiled({}, {}) == [1]


MALFORMED: list[tuple[Any, int]] = [
    ({"$add": [1], "$subtract": [1, 2]}, 15983),
    ({"$add": [1], "x": 2}, 15983),
    ({"x": 1, "$add": [1]}, 16410),
    ({"x.y": 1}, 16412),
    ({"": 1}, 15998),
    ("$", 16872),
    ("$$", 16869),
    ("$a.", 40353),
    ("$a..b", 15998),
    ("$.a", 15998),
    ("$a.$b", 16410),
    ("$a.\x00", 16411),
    ("$$gone", 17276),
    ("$$Root", 17276),
    ({"$ad": [1, 2]}, 168),
    ({"$": 1}, 168),
    ({"$eq": [1]}, 16020),
    ({"$eq": 1}, 16020),
    ({"$not": [1, 2]}, 16020),
    ({"$not": []}, 16020),
    ({"$cond": [1, 2]}, 16020),
    ({"$cond": {"if": 1, "then": 2}}, 17080),
    ({"$cond": {"if": 1, "then": 2, "else": 3, "other": 4}}, 17083),
    ({"$ifNull": [1]}, 1257300),
    ({"$ifNull": 1}, 1257300),
    ({"$switch": 1}, 40060),
    ({"$switch": {"branches": 1}}, 40061),
    ({"$switch": {"branches": []}}, 40068),
    ({"$switch": {"branches": [1]}}, 40062),
    ({"$switch": {"branches": [{"case": 1}]}}, 40064),
    ({"$switch": {"branches": [{"case": 1, "then": 1, "x": 1}]}}, 40063),
    ({"$switch": {"branches": [], "x": 1}}, 40067),
    ({"$let": 1}, 16874),
    ({"$let": {"vars": {"x": 1}}}, 16876),
    ({"$let": {"vars": 1, "in": 1}}, 16876),
    ({"$let": {"vars": {}, "in": 1, "x": 1}}, 16875),
    ({"$let": {"vars": {"X": 1}, "in": 1}}, 16867),
    ({"$let": {"vars": {"ROOT": 1}, "in": 1}}, 16867),
    ({"$let": {"vars": {"": 1}, "in": 1}}, 16866),
    ({"$let": {"vars": {"a-b": 1}, "in": 1}}, 16868),
    ({"$let": {"vars": {"x": 1, "y": "$$x"}, "in": 1}}, 17276),
]


@pytest.mark.parametrize(("expression", "code"), MALFORMED, ids=str)
def test_what_is_malformed_is_refused_before_any_document_is_seen(
    expression: Any, code: int
) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_expression(expression)

    assert caught.value.code == code


def test_a_switch_without_default_refuses_a_document_that_no_branch_fits() -> None:
    with pytest.raises(OperationFailure) as caught:
        evaluate({"$switch": {"branches": [{"case": False, "then": 1}]}})

    assert caught.value.code == 40066


@pytest.mark.parametrize("name", ["$rand", "$sortArray", "$regexFindAll", "$function", "$meta"])
def test_an_operator_that_mongodb_has_and_the_store_has_not_is_named(name: str) -> None:
    with pytest.raises(UnsupportedError, match=rf"the expression \{name} is not supported"):
        compile_expression({"x": [{name: {}}]})


def test_a_typo_is_told_from_a_gap_by_near_names() -> None:
    with pytest.raises(OperationFailure, match=r"'\$conct'.*Did you mean '\$concat'"):
        compile_expression({"$conct": ["a"]})
    with pytest.raises(OperationFailure, match=r"'\$tolower'.*Did you mean '\$toLower'"):
        compile_expression({"$tolower": "a"})


@pytest.mark.parametrize("name", ["$$CLUSTER_TIME", "$$USER_ROLES", "$$PRUNE"])
def test_a_variable_that_the_store_has_not_is_named(name: str) -> None:
    with pytest.raises(UnsupportedError, match=r"the variable \$\$"):
        compile_expression(name)


@pytest.mark.parametrize("levels", [40, 90])
def test_deep_expressions_are_computed(levels: int) -> None:
    expression: Any = True
    for _ in range(levels):
        expression = {"$not": expression}

    assert evaluate(expression) is (levels % 2 == 0)


@pytest.mark.parametrize("levels", [101, 5_000])
def test_expressions_that_are_too_deep_are_refused(levels: int) -> None:
    expression: Any = True
    for _ in range(levels):
        expression = {"$not": expression}

    with pytest.raises(OperationFailure, match="levels deep"):
        compile_expression(expression)


@pytest.mark.parametrize("value", [{1}, {1: 2}, 2**64, "\ud800"], ids=ascii)
def test_what_bson_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(OperationFailure, match="cannot be sent"):
        compile_expression(value)


ODD: list[Any] = [
    None,
    [],
    {},
    [[]],
    "x",
    [1, 2, 3, 4, 5],
    ["$gone", "$gone"],
    {"input": "$gone"},
    {"$literal": 1},
    ObjectId("65a1b2c3d4e5f60718293a4b"),
    [Int64(2**63 - 1), Int64(2**63 - 1)],
    [float("nan"), float("inf")],
    ["a\x00", Regex("(")],
    [datetime(1, 1, 1, tzinfo=UTC), -1],
]


@pytest.mark.parametrize("name", sorted(EXPRESSIONS))
def test_odd_operands_have_a_value_or_are_refused_in_mongodbs_way(name: str) -> None:
    for operand in ODD:
        with suppress(OperationFailure):
            compile_expression({"value": {name: operand}})(DOCUMENT, {})
