"""The field that holds exact decimal numbers."""

from __future__ import annotations

import re
from decimal import Decimal, DecimalException
from typing import Any, Literal, TypeVar, Unpack, overload

from bson import Decimal128

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.fields.base import FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import check_bounds
from earnorm.fields.ranged import RangedField

__all__ = ["DecimalField", "is_exact_decimal"]

T = TypeVar("T")


class DecimalField(RangedField[T]):
    """An exact decimal number of up to 34 digits, a `decimal.Decimal`; `minimum` and `maximum` are included.

    An integer and a decimal number as text are converted; a float is refused, since it is not what was
    written. `max_digits` limits all digits, `decimal_places` those after the point; nothing is rounded.
    NaN and infinities are refused.
    """

    expects = "a decimal number"
    is_numeric = True
    exact_types = (Decimal,)
    is_mutable = False

    @overload
    def __init__(
        self: DecimalField[Decimal],
        *,
        required: Literal[True] = ...,
        minimum: Decimal | int | None = ...,
        maximum: Decimal | int | None = ...,
        max_digits: int | None = ...,
        decimal_places: int | None = ...,
        **options: Unpack[FieldOptions[Decimal]],
    ) -> None: ...
    @overload
    def __init__(
        self: DecimalField[Decimal | None],
        *,
        required: Literal[False],
        minimum: Decimal | int | None = ...,
        maximum: Decimal | int | None = ...,
        max_digits: int | None = ...,
        decimal_places: int | None = ...,
        **options: Unpack[OptionalFieldOptions[Decimal]],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = True,
        minimum: Decimal | int | None = None,
        maximum: Decimal | int | None = None,
        max_digits: int | None = None,
        decimal_places: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        self.minimum, self.maximum = _limit("minimum", minimum), _limit("maximum", maximum)
        check_bounds("minimum", self.minimum, "maximum", self.maximum, kind=Decimal)
        check_bounds("decimal_places", decimal_places, "max_digits", max_digits, kind=int)
        self.max_digits, self.decimal_places = max_digits, decimal_places

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        number = _as_decimal(value)
        if number is None:
            faults.append(self.type_fault(path, value))
            return value
        if not number.is_finite():
            faults.append(self.fault(path, "finite", "must be finite", value))
            return value
        try:
            return Decimal128(number).to_decimal()
        except DecimalException:
            message = "has more digits, or a larger exponent, than a 128-bit decimal keeps"
            faults.append(self.fault(path, "range", message, value))
            return value

    def constrain(self, value: Any, path: str, faults: list[FieldFault]) -> None:
        count, places = _count_digits(value)
        if self.decimal_places is not None and places > self.decimal_places:
            message = f"must have at most {self.decimal_places} decimal places, has {places}"
            faults.append(self.fault(path, "decimal_places", message, value))
        if self.max_digits is not None and count > self.max_digits:
            message = f"must have at most {self.max_digits} digits, has {count}"
            faults.append(self.fault(path, "max_digits", message, value))
        super().constrain(value, path, faults)

    def has_fitting_digits(self, value: Decimal) -> bool:
        """Whether the number has no more digits than the limits allow."""
        count, places = _count_digits(value)
        return (self.max_digits is None or count <= self.max_digits) and (
            self.decimal_places is None or places <= self.decimal_places
        )

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        if type(stored) is Decimal128:
            number = stored.to_decimal()
            if number.is_finite():
                return number
        return super().decode(stored, path, faults)

    def encode(self, value: Any) -> Any:
        return Decimal128(value)

    def to_json(self, value: Any) -> Any:
        return str(value)

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        return None if data is None else self.convert(data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        # A limit would be one of numbers, and the form is text: JSON's own numbers lose digits.
        return {"type": "string", "format": "decimal"}


def is_exact_decimal(number: Decimal) -> bool:
    """Whether the field keeps a `Decimal` as it is; what this says no to may still be converted."""
    return (
        number.is_finite()
        and abs(number.adjusted()) < _PLAIN
        and len(number.as_tuple()[1]) < _PLAIN
    )


_PLAIN = 34  # digits; whatever has fewer, near the point, is the same number and the same text in 128 bits
# Python's own parser takes underscores, blanks and the digits of every script besides.
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_MOST_BITS = 20_500  # 10**6144, the largest power of ten in 128 bits, has fewer
_LONGEST = 100  # characters; 34 digits, their zeros and an exponent need fewer


def _as_decimal(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, int) and not isinstance(value, bool):
        # A larger one takes seconds to convert, for a number that is refused all the same.
        return Decimal(value) if value.bit_length() < _MOST_BITS else Decimal("1E+9999")
    if isinstance(value, str) and len(value) <= _LONGEST and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return None


def _count_digits(number: Decimal) -> tuple[int, int]:
    """How many digits the number has when it is written out, and how many of them after the point."""
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # a letter stands there for what is not finite
    places = max(0, -exponent)
    # The zeros of 0.05 count, and so do those that 5E+2 stands for.
    return max(len(digits) + (max(0, exponent) if number else 0), places), places


def _limit(name: str, limit: Any) -> Any:
    if isinstance(limit, int) and not isinstance(limit, bool):
        return Decimal(limit)
    if isinstance(limit, Decimal) and not limit.is_finite():
        raise FieldDefinitionError(f"{name}={limit!r} is not finite, and values are")
    return limit
