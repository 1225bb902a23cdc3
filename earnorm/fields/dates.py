"""The field that holds a day of the calendar."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any, Literal, TypeVar, Unpack, overload

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.fields.base import FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import check_bounds
from earnorm.fields.ranged import RangedField

__all__ = ["DateField"]

T = TypeVar("T")


class DateField(RangedField[T]):
    """A day without a time, a `datetime.date`; `minimum` and `maximum` are included.

    It is stored as the midnight, in UTC, with which the day begins. A datetime is refused, since its day
    depends on a time zone: `moment.date()` says which is meant.
    """

    expects = "a date"
    exact_types = (date,)
    is_mutable = False

    @overload
    def __init__(
        self: DateField[date],
        *,
        required: Literal[True] = ...,
        minimum: date | None = ...,
        maximum: date | None = ...,
        **options: Unpack[FieldOptions[date]],
    ) -> None: ...
    @overload
    def __init__(
        self: DateField[date | None],
        *,
        required: Literal[False],
        minimum: date | None = ...,
        maximum: date | None = ...,
        **options: Unpack[OptionalFieldOptions[date]],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = True,
        minimum: date | None = None,
        maximum: date | None = None,
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        for name, limit in (("minimum", minimum), ("maximum", maximum)):
            if isinstance(limit, datetime):  # a date to Python, which compares it with none
                raise FieldDefinitionError(f"{name}={limit!r} is a datetime: take its .date()")
        check_bounds("minimum", minimum, "maximum", maximum, kind=date)
        self.minimum, self.maximum = minimum, maximum

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if isinstance(value, datetime):
            message = "must be a date, not a datetime: take its .date()"
            faults.append(self.fault(path, "type", message, value))
            return value
        if not isinstance(value, date):
            faults.append(self.type_fault(path, value))
            return value
        return value if type(value) is date else date(value.year, value.month, value.day)

    def encode(self, value: Any) -> Any:
        return datetime.combine(value, time(), UTC)

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(stored, datetime):
            return super().decode(stored, path, faults)
        moment = stored if stored.tzinfo is None else stored.astimezone(UTC)
        if moment.time() != time():
            message = "is stored with a time of day, which a date has not: use DateTimeField"
            faults.append(self.fault(path, "time", message, stored))
            return stored
        return moment.date()

    def to_json(self, value: Any) -> Any:
        return value.isoformat()

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        day = _read(data)
        if day is None:
            faults.append(self.fault(path, "json", "must be a date such as '2024-05-01'", data))
            return data
        return day

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # RFC 3339's full-date


def _read(data: object) -> date | None:
    if not isinstance(data, str) or not _DAY.fullmatch(data):
        return None
    try:
        return date.fromisoformat(data)
    except ValueError:
        return None  # the thirtieth of February
