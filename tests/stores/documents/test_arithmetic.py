"""Numbers of several types, computed with as the server does."""

import pytest
from bson import Decimal128

from earnorm.stores.documents.arithmetic import add, decimal_of, multiply


@pytest.mark.parametrize(
    ("number", "decimal"),
    [
        (0.5, "0.500000000000000"),
        (0.1 + 0.2, "0.300000000000000"),
        (123456789.0, "123456789.000000"),
        (0.0, "0"),
        (-0.0, "-0"),
        (float("inf"), "Infinity"),
        (7, "7"),
    ],
)
def test_a_double_becomes_a_decimal_of_15_digits_and_a_zero_one_of_none(
    number: float, decimal: str
) -> None:
    assert str(decimal_of(number)) == decimal


def test_a_decimal_stays_one_whatever_it_is_computed_with() -> None:
    one = Decimal128("1.0")

    assert str(multiply(one, 0.0)) == "0.0"
    assert str(add(one, 2)) == "3.0"
