"""Adds and multiplies numbers as MongoDB's `$inc` and `$mul` do."""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from bson import Decimal128, Int64

from earnorm.stores.documents.refusals import write_error

__all__ = ["DECIMAL128", "add", "decimal_of", "multiply"]


def add(first: Any, second: Any) -> Any:
    """The sum of two numbers, in the wider of their types.

    Raises PyMongo's `WriteError` for integers whose sum has more than 64 bits.
    """
    return _combined("$inc", first, second, lambda a, b: a + b, DECIMAL128.add)


def multiply(first: Any, second: Any) -> Any:
    """The product of two numbers, in the wider of their types; raises as `add` does."""
    return _combined("$mul", first, second, lambda a, b: a * b, DECIMAL128.multiply)


def _combined(
    operator: str,
    first: Any,
    second: Any,
    combine: Callable[[Any, Any], Any],
    combine_decimals: Callable[[Decimal, Decimal], Decimal],
) -> Any:
    if isinstance(first, Decimal128) or isinstance(second, Decimal128):
        return Decimal128(combine_decimals(decimal_of(first), decimal_of(second)))
    if isinstance(first, float) or isinstance(second, float):
        return combine(float(first), float(second))
    result = combine(int(first), int(second))
    if not -(2**63) <= result < 2**63:
        raise write_error(
            f"failed to apply {operator}: the result of {first} and {second} has more than 64 bits. "
            "Use a float or a bson.Decimal128."
        )
    # what has grown out of 32 bits is a long from then on, as BSON writes it by itself
    return Int64(result) if Int64 in (type(first), type(second)) else result


DECIMAL128 = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, clamp=1, traps=[])
"""The limits of IEEE 754 decimal128, without traps: overflow gives an infinity, as on the server."""


def decimal_of(value: Any) -> Decimal:
    """The number as a decimal."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, float):
        # as the server does it: 15 digits of a double, and a zero without any
        return Decimal(f"{value:#.15g}" if value else f"{value:.0f}")
    return Decimal(int(value))
