"""Adds numbers as MongoDB's `$inc` does."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from bson import Decimal128, Int64

from earnorm.stores.documents.refusals import write_error

__all__ = ["add", "is_number"]


def is_number(value: object) -> bool:
    """Whether BSON stores the value as a number; a boolean is none."""
    return isinstance(value, int | float | Decimal128) and not isinstance(value, bool)


def add(first: Any, second: Any) -> Any:
    """The sum of two numbers, in the wider of their types.

    Raises PyMongo's `WriteError` for integers whose sum has more than 64 bits.
    """
    if isinstance(first, Decimal128) or isinstance(second, Decimal128):
        return Decimal128(_DECIMAL128.add(_decimal(first), _decimal(second)))
    if isinstance(first, float) or isinstance(second, float):
        return float(first) + float(second)
    total = int(first) + int(second)
    if not -(2**63) <= total < 2**63:
        raise write_error(
            f"failed to apply $inc: {first} plus {second} has more than 64 bits. Use a float or "
            "a bson.Decimal128."
        )
    return Int64(total) if Int64 in (type(first), type(second)) else total


# the limits of IEEE 754 decimal128, without traps: overflow gives an infinity, as on the server
_DECIMAL128 = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, clamp=1, traps=[])


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, float):
        return Decimal(f"{value:#.15g}")  # the server, too, keeps 15 digits of a double
    return Decimal(int(value))
