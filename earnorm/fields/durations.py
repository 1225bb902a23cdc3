"""The field that holds a length of time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Literal, TypeVar, Unpack, overload

from bson import Int64

from earnorm.errors import FieldFault
from earnorm.fields.base import FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import check_bounds
from earnorm.fields.ranged import RangedField

__all__ = ["TimeDeltaField"]

T = TypeVar("T")


class TimeDeltaField(RangedField[T]):
    """A length of time, a `datetime.timedelta` cut to milliseconds; `minimum` and `maximum` are included.

    BSON has no type for it, so it is stored as a 64-bit integer of milliseconds: the unit of BSON's own
    dates, and what the difference of two of them is in MongoDB (manual, "$subtract").
    """

    expects = "a timedelta"
    exact_types = (timedelta,)
    is_mutable = False

    @overload
    def __init__(
        self: TimeDeltaField[timedelta],
        *,
        required: Literal[True] = ...,
        minimum: timedelta | None = ...,
        maximum: timedelta | None = ...,
        **options: Unpack[FieldOptions[timedelta]],
    ) -> None: ...
    @overload
    def __init__(
        self: TimeDeltaField[timedelta | None],
        *,
        required: Literal[False],
        minimum: timedelta | None = ...,
        maximum: timedelta | None = ...,
        **options: Unpack[OptionalFieldOptions[timedelta]],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = True,
        minimum: timedelta | None = None,
        maximum: timedelta | None = None,
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        check_bounds("minimum", minimum, "maximum", maximum, kind=timedelta)
        self.minimum, self.maximum = minimum, maximum

    def is_exact(self, value: object) -> bool:
        return type(value) is timedelta and not value.microseconds % 1000

    def strict_fault(self, path: str, value: object) -> FieldFault:
        if type(value) is not timedelta:
            return super().strict_fault(path, value)
        message = "must be in whole milliseconds: the field is strict"
        return self.fault(path, "strict", message, value)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, timedelta):
            faults.append(self.type_fault(path, value))
            return value
        # Towards the past, as a datetime is cut; so a moment and its distance from the epoch agree.
        return value // _MILLISECOND * _MILLISECOND

    def encode(self, value: Any) -> Any:
        return Int64(value // _MILLISECOND)

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        # Other clients of MongoDB write whole numbers as floats.
        count = int(stored) if isinstance(stored, float) and stored.is_integer() else stored
        if not isinstance(count, int) or isinstance(count, bool):
            return super().decode(stored, path, faults)
        try:
            return timedelta(milliseconds=count)
        except OverflowError:
            message = "is a number of milliseconds that no timedelta holds"
            faults.append(self.fault(path, "range", message, stored))
            return stored

    def to_json(self, value: Any) -> Any:
        return _written(value)

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        duration = _read(data)
        if duration is None:
            message = "must be a duration of ISO 8601 such as 'P1DT2H30M' or 'PT0.5S'"
            faults.append(self.fault(path, "json", message, data))
            return data
        return self.convert(duration, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "string", "format": "duration"}


_MILLISECOND = timedelta(milliseconds=1)
# ISO 8601-1, 5.5.2; without years and months, which have no length of their own.
_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<weeks>[0-9]{1,9})W)?(?:(?P<days>[0-9]{1,10})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,12})H)?(?:(?P<minutes>[0-9]{1,12})M)?"
    r"(?:(?P<seconds>[0-9]{1,14}(?:[.,][0-9]{1,9})?)S)?)?"
)


def _written(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta() else ("", value)
    seconds, milliseconds = value.seconds, value.microseconds // 1000
    fraction = f".{milliseconds:03}" if milliseconds else ""
    days = f"{value.days}D" if value.days else ""
    time = f"T{seconds}{fraction}S" if seconds or fraction or not days else ""
    return f"{sign}P{days}{time}"


def _read(data: object) -> timedelta | None:
    match = _DURATION.fullmatch(data) if isinstance(data, str) else None
    if match is None or match.end() <= len(match["sign"]) + 1:
        return None
    parts = {name: part for name, part in match.groupdict().items() if part and name != "sign"}
    try:
        duration = _duration(parts)
        return -duration if match["sign"] == "-" else duration
    except OverflowError:
        return None


def _duration(parts: dict[str, str]) -> timedelta:
    # A float would lose the milliseconds of a long duration.
    whole, _, fraction = parts.pop("seconds", "0").replace(",", ".").partition(".")
    counts = {name: int(part) for name, part in parts.items()}
    microseconds = int(fraction.ljust(6, "0")[:6])
    return timedelta(**counts, seconds=int(whole), microseconds=microseconds)
