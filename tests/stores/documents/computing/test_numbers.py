"""Operators over numbers, by the pages of MongoDB's manual; results are held to their BSON types."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import Decimal128, Int64
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.stores.documents import MISSING, encode
from earnorm.stores.documents.computing import compile_expression

DAY = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
DOCUMENT: dict[str, Any] = {
    "price": 10,
    "fee": 2.5,
    "big": Int64(7),
    "exact": Decimal128("0.1"),
    "day": DAY,
    "nothing": None,
    "text": "x",
    "scores": [1, 2, 6],
    "mixed": [1, "x", None, 2.5],
}


def evaluate(expression: Any) -> Any:
    return compile_expression(expression)(DOCUMENT, {})


def as_stored(value: Any) -> Any:
    """Equal only for values of one BSON type; NaN equals NaN."""
    return MISSING if value is MISSING else encode({"value": value})


COMPUTED: list[tuple[Any, Any]] = [
    ({"$add": []}, 0),
    ({"$add": 1}, 1),
    ({"$add": ["$price", 1]}, 11),
    ({"$add": ["$price", "$fee"]}, 12.5),
    ({"$add": ["$price", "$big"]}, Int64(17)),
    ({"$add": ["$price", "$exact"]}, Decimal128("10.1")),
    ({"$add": [0.1, Decimal128("1")]}, Decimal128("1.100000000000000")),
    ({"$add": ["$price", "$nothing"]}, None),
    ({"$add": ["$price", "$gone"]}, None),
    ({"$add": [2**31 - 1, 1]}, Int64(2**31)),
    ({"$add": [Int64(2**63 - 1), 1]}, float(2**63)),
    ({"$add": ["$day", 1000]}, DAY + timedelta(seconds=1)),
    ({"$add": [1.5, "$day"]}, DAY + timedelta(milliseconds=2)),
    ({"$add": ["$day", Decimal128("-0.5")]}, DAY - timedelta(milliseconds=0)),
    ({"$subtract": ["$price", 3]}, 7),
    ({"$subtract": ["$fee", 1]}, 1.5),
    ({"$subtract": ["$day", "$day"]}, Int64(0)),
    ({"$subtract": ["$day", 60_000]}, DAY - timedelta(minutes=1)),
    ({"$subtract": ["$nothing", 1]}, None),
    ({"$subtract": [Int64(-(2**63)), 1]}, float(-(2**63))),
    ({"$subtract": [0, Int64(-(2**63))]}, float(2**63)),
    ({"$multiply": []}, 1),
    ({"$multiply": ["$price", "$fee", 2]}, 50.0),
    ({"$multiply": [2**31 - 1, 2]}, Int64(2**32 - 2)),
    ({"$multiply": [Int64(2**62), 4]}, float(2**64)),
    ({"$multiply": ["$gone", 1]}, None),
    ({"$divide": [10, 4]}, 2.5),
    ({"$divide": [10, 5]}, 2.0),
    ({"$divide": ["$exact", 3]}, Decimal128("0.03333333333333333333333333333333333")),
    ({"$divide": ["$nothing", 0]}, None),
    ({"$mod": [7, 3]}, 1),
    ({"$mod": [-7, 3]}, -1),
    ({"$mod": [7, -3]}, 1),
    ({"$mod": [Int64(7), 3]}, Int64(1)),
    ({"$mod": [7.5, 2]}, 1.5),
    ({"$mod": [math.inf, 2]}, math.nan),
    ({"$mod": [Decimal128("7.5"), 2]}, Decimal128("1.5")),
    ({"$mod": ["$gone", 2]}, None),
    ({"$abs": -3}, 3),
    ({"$abs": Int64(-3)}, Int64(3)),
    ({"$abs": -1.5}, 1.5),
    ({"$abs": -(2**31)}, Int64(2**31)),
    ({"$abs": Decimal128("-1.5")}, Decimal128("1.5")),
    ({"$abs": "$gone"}, None),
    ({"$ceil": 1.2}, 2.0),
    ({"$ceil": -1.2}, -1.0),
    ({"$ceil": 3}, 3),
    ({"$ceil": Decimal128("1.2")}, Decimal128("2")),
    ({"$ceil": math.inf}, math.inf),
    ({"$floor": 1.8}, 1.0),
    ({"$floor": -1.2}, -2.0),
    ({"$floor": Int64(3)}, Int64(3)),
    ({"$floor": "$nothing"}, None),
    ({"$round": 2.5}, 2.0),
    ({"$round": 3.5}, 4.0),
    ({"$round": [1234.5678, 2]}, 1234.57),
    ({"$round": [1234.5678, -2]}, 1200.0),
    ({"$round": [1250, -2]}, 1200),
    ({"$round": [1350, -2]}, 1400),
    ({"$round": [Int64(1350), -2]}, Int64(1400)),
    ({"$round": [2**31 - 1, -1]}, Int64(2147483650)),
    ({"$round": [7, 3]}, 7),
    ({"$round": [1e300, 2]}, 1e300),
    ({"$round": [math.nan, 2]}, math.nan),
    ({"$round": [Decimal128("2.345"), 2]}, Decimal128("2.34")),
    ({"$round": ["$gone", 2]}, None),
    ({"$round": [1.5, None]}, None),
    ({"$trunc": -1.9}, -1.0),
    ({"$trunc": [1.789, 1]}, 1.7),
    ({"$trunc": [1789, -2]}, 1700),
    ({"$pow": [2, 10]}, 1024),
    ({"$pow": [2, 40]}, Int64(2**40)),
    ({"$pow": [2, 63]}, float(2**63)),
    ({"$pow": [Int64(2), 2]}, Int64(4)),
    ({"$pow": [2, -1]}, 0.5),
    ({"$pow": [-1, 7]}, -1),
    ({"$pow": [-1, -2]}, 1),
    ({"$pow": [0, 0]}, 1),
    ({"$pow": [0, 5]}, 0),
    ({"$pow": [-2, 0.5]}, math.nan),
    ({"$pow": [10.0, 400]}, math.inf),
    ({"$pow": [Decimal128("2"), 3]}, Decimal128("8")),
    ({"$pow": [1, Int64(2**62)]}, Int64(1)),
    ({"$pow": ["$gone", 2]}, None),
    ({"$sqrt": 16}, 4.0),
    ({"$sqrt": Decimal128("16")}, Decimal128("4")),
    ({"$sqrt": "$nothing"}, None),
    # folding: one array, or several arguments
    ({"$sum": "$scores"}, 9),
    ({"$sum": "$mixed"}, 3.5),
    ({"$sum": ["$price", "$fee", "$text", "$gone"]}, 12.5),
    ({"$sum": ["$scores", 1]}, 1),
    ({"$sum": "$text"}, 0),
    ({"$sum": [[]]}, 0),
    ({"$sum": [[0.1] * 10]}, 1.0),
    ({"$sum": [[math.inf, 1.0]]}, math.inf),
    ({"$sum": [[Int64(2**63 - 1), 1]]}, float(2**63)),
    ({"$sum": [[Int64(2**63 - 1), 1, -1]]}, Int64(2**63 - 1)),
    ({"$avg": "$scores"}, 3.0),
    ({"$avg": "$mixed"}, 1.75),
    ({"$avg": "$text"}, None),
    ({"$avg": [1, Decimal128("2")]}, Decimal128("1.5")),
    ({"$min": "$scores"}, 1),
    ({"$min": "$mixed"}, 1),
    ({"$max": "$mixed"}, "x"),
    ({"$max": [1, "$gone", None]}, 1),
    ({"$max": ["$scores", 1]}, [1, 2, 6]),
    ({"$min": "$gone"}, None),
    ({"$stdDevPop": "$scores"}, math.sqrt(14 / 3)),
    ({"$stdDevSamp": "$scores"}, math.sqrt(7)),
    ({"$stdDevSamp": [[5]]}, None),
    ({"$stdDevPop": [[5]]}, 0.0),
]


@pytest.mark.parametrize(("expression", "expected"), COMPUTED, ids=str)
def test_numbers_are_computed_in_the_widest_type(expression: Any, expected: Any) -> None:
    assert as_stored(evaluate(expression)) == as_stored(expected)


REFUSED: list[tuple[Any, int]] = [
    ({"$add": ["$text", 1]}, 14),
    ({"$add": ["$day", "$day"]}, 16612),
    ({"$add": ["$day", math.inf]}, 15),
    ({"$subtract": ["$text", 1]}, 14),
    ({"$subtract": [1, "$day"]}, 14),
    ({"$multiply": [True, 1]}, 14),
    ({"$divide": [1, 0]}, 2),
    ({"$divide": [1, Decimal128("0")]}, 2),
    ({"$divide": ["$text", 1]}, 14),
    ({"$mod": [1, 0]}, 16610),
    ({"$mod": ["$text", 1]}, 16611),
    ({"$pow": [0, -1]}, 28764),
    ({"$pow": ["$text", 1]}, 28762),
    ({"$pow": [1, "$text"]}, 28763),
    ({"$abs": "$text"}, 28765),
    ({"$abs": Int64(-(2**63))}, 28680),
    ({"$floor": True}, 28765),
    ({"$sqrt": -1}, 28714),
    ({"$round": "$text"}, 51081),
    ({"$round": [1, 1.5]}, 51082),
    ({"$round": [1, 101]}, 51083),
    ({"$round": [Int64(2**63 - 1), -1]}, 51080),
]


@pytest.mark.parametrize(("expression", "code"), REFUSED, ids=str)
def test_what_is_no_number_for_the_operator_is_refused_with_mongodbs_code(
    expression: Any, code: int
) -> None:
    compiled = compile_expression(expression)
    with pytest.raises(OperationFailure) as caught:
        compiled(DOCUMENT, {})

    assert caught.value.code == code


integers = st.integers(-(2**63), 2**63 - 1).map(Int64) | st.integers(-(2**31), 2**31 - 1)


@given(integers, integers)
def test_integers_are_exact_until_they_have_more_than_64_bits(first: int, second: int) -> None:
    total = evaluate({"$add": [first, second]})

    exact = int(first) + int(second)
    if -(2**63) <= exact < 2**63:
        assert int(total) == exact
        assert not isinstance(total, float)
    else:
        assert total == float(first) + float(second)


@given(st.lists(st.floats(-1e9, 1e9), max_size=30))
def test_a_sum_of_doubles_is_as_good_as_the_exact_one(numbers: list[float]) -> None:
    assert evaluate({"$sum": [{"$literal": numbers}]}) == pytest.approx(
        math.fsum(numbers), abs=1e-6
    )
