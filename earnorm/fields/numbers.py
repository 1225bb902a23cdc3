"""Fields that hold numbers and truth values."""

from __future__ import annotations

from math import isfinite
from typing import Any, Literal, TypeVar, Unpack, overload

from earnorm.errors import FieldFault
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import LONGEST_INTEGER, check_bounds
from earnorm.fields.ranged import RangedField

__all__ = ["BooleanField", "FloatField", "IntegerField"]

T = TypeVar("T")


class IntegerField(RangedField[T]):
    """A whole number of up to 64 bits; `minimum` and `maximum` are included.

    A float without a fraction (3.0) becomes an integer, as other clients of MongoDB write them; a
    boolean and a string are refused.
    """

    expects = "an integer"
    is_mutable = False
    exact_types = (int,)
    json_is_python = True
    is_numeric = True

    @overload
    def __init__(
        self: IntegerField[int],
        *,
        required: Literal[True] = ...,
        minimum: int | None = ...,
        maximum: int | None = ...,
        **options: Unpack[FieldOptions[int]],
    ) -> None: ...
    @overload
    def __init__(
        self: IntegerField[int | None],
        *,
        required: Literal[False],
        minimum: int | None = ...,
        maximum: int | None = ...,
        **options: Unpack[OptionalFieldOptions[int]],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = True,
        minimum: int | None = None,
        maximum: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        check_bounds("minimum", minimum, "maximum", maximum, kind=(int, float))
        self.minimum, self.maximum = minimum, maximum

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            faults.append(self.type_fault(path, value))
            return value
        if not -LONGEST_INTEGER - 1 <= value <= LONGEST_INTEGER:
            faults.append(self.fault(path, "range", "does not fit in 64 bits", value))
        return int(value)

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        # BSON holds no integer of more than 64 bits.
        return stored if type(stored) is int else super().decode(stored, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        lowest = -LONGEST_INTEGER - 1 if self.minimum is None else self.minimum
        highest = LONGEST_INTEGER if self.maximum is None else self.maximum
        return {"type": "integer", "minimum": lowest, "maximum": highest}


class FloatField(RangedField[T]):
    """A 64-bit floating point number; `minimum` and `maximum` are included.

    An integer becomes a float when that loses nothing. Infinities and NaN are kept, unless a limit
    excludes them (NaN fails every limit).
    """

    expects = "a number"
    is_mutable = False
    exact_types = (float,)
    is_numeric = True

    @overload
    def __init__(
        self: FloatField[float],
        *,
        required: Literal[True] = ...,
        minimum: float | None = ...,
        maximum: float | None = ...,
        **options: Unpack[FieldOptions[float]],
    ) -> None: ...
    @overload
    def __init__(
        self: FloatField[float | None],
        *,
        required: Literal[False],
        minimum: float | None = ...,
        maximum: float | None = ...,
        **options: Unpack[OptionalFieldOptions[float]],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = True,
        minimum: float | None = None,
        maximum: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        check_bounds("minimum", minimum, "maximum", maximum, kind=(int, float))
        self.minimum, self.maximum = minimum, maximum

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            faults.append(self.type_fault(path, value))
            return value
        try:
            number = float(value)
        except OverflowError:
            number = None
        if number is None or (number != value and number == number):  # NaN differs from itself
            faults.append(self.fault(path, "range", "loses digits as a 64-bit float", value))
            return value
        return number

    def to_json(self, value: Any) -> Any:
        return value if isfinite(value) else _WORDS[str(value)]

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        is_word = isinstance(data, str) and data in _NUMBERS
        return _NUMBERS[str(data)] if is_word else super().from_json(data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        limits = {"minimum": self.minimum, "maximum": self.maximum}
        given = {name: limit for name, limit in limits.items() if limit is not None}
        number = {"type": "number", **given}
        # Two limits leave out all three that JSON has no numbers for.
        return number if len(given) == len(limits) else {"anyOf": [number, {"enum": [*_NUMBERS]}]}


class BooleanField(Field[T]):
    """True or False; numbers and strings are refused."""

    expects = "a boolean"
    is_mutable = False
    exact_types = (bool,)
    json_is_python = True

    @overload
    def __init__(
        self: BooleanField[bool],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[bool]],
    ) -> None: ...
    @overload
    def __init__(
        self: BooleanField[bool | None],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[bool]],
    ) -> None: ...
    def __init__(self, *, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, bool):
            faults.append(self.type_fault(path, value))
        return value

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "boolean"}


# The words of the JSON form of protocol buffers (protobuf.dev, "ProtoJSON Format").
_WORDS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_NUMBERS = {word: float(number) for number, word in _WORDS.items()}
