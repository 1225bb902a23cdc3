"""Numbers as MongoDB reads them in operators."""

import math
from typing import Any

from bson import Decimal128

__all__ = ["is_number", "is_true", "truncated", "whole"]


def is_number(value: object) -> bool:
    """Whether BSON stores the value as a number; a boolean is none."""
    return isinstance(value, int | float | Decimal128) and not isinstance(value, bool)


def is_true(value: object) -> bool:
    """MongoDB's notion of truth: a number is true unless it is zero, null is false, all else is true."""
    if isinstance(value, Decimal128):
        return bool(value.to_decimal())
    return bool(value) if value is None or isinstance(value, int | float) else True


def whole(value: Any) -> int | None:
    """The integer that a number stands for (3.0 is 3), or None for what is no whole number of 64 bits."""
    number = truncated(value)
    if number is None:
        return None
    exact = value.to_decimal() if isinstance(value, Decimal128) else value
    return number if exact == number else None


def truncated(value: Any) -> int | None:
    """The number without its fraction, or None for what is no number or has more than 64 bits."""
    if not is_number(value):
        return None
    number = value.to_decimal() if isinstance(value, Decimal128) else value
    if not isinstance(number, int) and not math.isfinite(number):
        return None
    cut = int(number)
    return cut if -(2**63) <= cut < 2**63 else None
