"""What numbers, dates and identifiers are as text."""

import math
from typing import Any

from bson import Decimal128

from earnorm.stores.documents.computing.date_texts import iso_text
from earnorm.stores.documents.computing.expression import nullish
from earnorm.stores.documents.computing.values import kind_of, milliseconds_of
from earnorm.stores.documents.numbers import is_number
from earnorm.stores.documents.refusals import bad_value

__all__ = ["as_text", "number_text"]


def as_text(value: Any) -> str:
    """The text that the operators over texts read a value as: nothing for null, numbers and dates written out."""
    if nullish(value):
        return ""
    if type(value) is str:
        return value
    if is_number(value):
        return number_text(value)
    if kind_of(value) in ("date", "timestamp"):
        return iso_text(milliseconds_of(value) or 0)
    raise bad_value(f"cannot convert {kind_of(value)} to a text.", 16007)


def number_text(value: Any) -> str:
    """A number as MongoDB writes it: a double as short as it can be, without `.0`."""
    if not isinstance(value, float):
        return str(value.to_decimal() if isinstance(value, Decimal128) else int(value))
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "-Infinity" if value < 0 else "Infinity"
    return repr(value).removesuffix(".0")
