"""`$round` and `$trunc`: to a number of decimal places, or of zeros before the point."""

import math
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Any

from bson import Decimal128

from earnorm.stores.documents.arithmetic import DECIMAL128
from earnorm.stores.documents.computing.sums import integer
from earnorm.stores.documents.computing.values import kind_of
from earnorm.stores.documents.numbers import is_number, whole
from earnorm.stores.documents.refusals import bad_value

__all__ = ["rounded", "truncated_to"]


def rounded(number: Any, places: Any = 0) -> Any:
    """The number with so many decimal places; what lies in the middle goes to the even digit."""
    return _cut("$round", number, places, ROUND_HALF_EVEN)


def truncated_to(number: Any, places: Any = 0) -> Any:
    """The number with so many decimal places, the rest cut off."""
    return _cut("$trunc", number, places, ROUND_DOWN)


def _cut(name: str, number: Any, places: Any, rounding: str) -> Any:
    if not is_number(number):
        raise bad_value(f"{name} takes a number, not {kind_of(number)}.", 51081)
    quantum = Decimal((0, (1,), -_checked_places(name, places)))
    if isinstance(number, Decimal128):
        return Decimal128(_quantized(number.to_decimal(), quantum, rounding))
    if isinstance(number, float):
        if not math.isfinite(number):
            return number
        return float(_quantized(DECIMAL128.create_decimal(number), quantum, rounding))
    if quantum.adjusted() <= 0:
        return number
    cut = int(_quantized(Decimal(int(number)), quantum, rounding))
    if not -(2**63) <= cut < 2**63:
        raise bad_value(f"{name} of {number} to {places} places has more than 64 bits.", 51080)
    return integer(cut, number)


def _quantized(number: Decimal, quantum: Decimal, rounding: str) -> Decimal:
    if not number.is_finite():
        return number
    cut = number.quantize(quantum, rounding, DECIMAL128)
    # not a number: the places that are asked for are beyond the 34 digits, and nothing is to be cut
    return number if cut.is_nan() else cut


def _checked_places(name: str, places: Any) -> int:
    count = whole(places)
    if count is None:
        raise bad_value(f"the places of {name} have to be a whole number, not {places!r}.", 51082)
    if not -20 <= count <= 100:
        raise bad_value(f"the places of {name} go from -20 to 100, and {count} is beyond.", 51083)
    return count
