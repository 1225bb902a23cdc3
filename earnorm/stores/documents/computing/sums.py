"""Adds, subtracts and multiplies numbers as expressions do: what has more than 64 bits becomes a double."""

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bson import Decimal128, Int64

from earnorm.stores.documents.arithmetic import DECIMAL128, decimal_of
from earnorm.stores.documents.computing.values import within_32_bits

__all__ = ["RunningSum", "integer", "is_decimal", "minus", "plus", "times"]


def plus(first: Any, second: Any) -> Any:
    """The sum of two numbers in the wider of their types."""
    return _combined(first, second, operator.add, DECIMAL128.add)


def minus(first: Any, second: Any) -> Any:
    """The difference of two numbers in the wider of their types."""
    return _combined(first, second, operator.sub, DECIMAL128.subtract)


def times(first: Any, second: Any) -> Any:
    """The product of two numbers in the wider of their types."""
    return _combined(first, second, operator.mul, DECIMAL128.multiply)


def integer(value: int, *operands: Any) -> int:
    """An integer as BSON's `int`, or as its `long` if one of the operands was one or 32 bits are too few."""
    is_long = any(isinstance(one, Int64) for one in operands) or not within_32_bits(value)
    return Int64(value) if is_long else int(value)


def is_decimal(*values: Any) -> bool:
    """Whether one of the values is a decimal."""
    return any(isinstance(value, Decimal128) for value in values)


class RunningSum:
    """A sum that keeps what doubles lose on the way (Knuth's two-sum), and decimals apart, as MongoDB does."""

    __slots__ = ("_decimals", "_double", "_has_double", "_integers", "_lost", "_operand", "count")

    def __init__(self) -> None:
        self.count = 0
        self._integers = 0
        self._operand: int = 0  # becomes a long as soon as a long was added
        self._double = 0.0
        self._lost = 0.0
        self._has_double = False
        self._decimals: Decimal | None = None

    def add(self, number: Any) -> None:
        """Adds a number of any type."""
        self.count += 1
        if isinstance(number, Decimal128):
            self._decimals = DECIMAL128.add(self._decimals or Decimal(0), number.to_decimal())
        elif isinstance(number, float):
            self._has_double = True
            self._add_double(number)
        else:
            self._integers += int(number)
            self._operand = number if isinstance(number, Int64) else self._operand

    def total(self) -> Any:
        """The sum, in the widest type of what was added."""
        if self._decimals is not None:
            rest = (
                Decimal(self._doubles()) + self._integers
                if self._has_double
                else Decimal(self._integers)
            )
            return Decimal128(DECIMAL128.add(self._decimals, rest))
        if self._has_double:
            return self._doubles() + self._integers
        if -(2**63) <= self._integers < 2**63:
            return integer(self._integers, self._operand)
        return float(self._integers)

    def _add_double(self, number: float) -> None:
        total = self._double + number
        if math.isfinite(total):
            part = total - self._double
            self._lost += (self._double - (total - part)) + (number - part)
        self._double = total

    def _doubles(self) -> float:
        return self._double + self._lost if math.isfinite(self._double) else self._double


def _combined(
    first: Any,
    second: Any,
    combine: Callable[[Any, Any], Any],
    combine_decimals: Callable[[Decimal, Decimal], Decimal],
) -> Any:
    if is_decimal(first, second):
        return Decimal128(combine_decimals(decimal_of(first), decimal_of(second)))
    if not isinstance(first, float) and not isinstance(second, float):
        result = combine(int(first), int(second))
        if -(2**63) <= result < 2**63:
            return integer(result, first, second)
    return combine(float(first), float(second))
