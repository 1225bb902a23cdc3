"""The field that holds a point in time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Literal, TypeVar, Unpack, overload

from earnorm.clock import utc_milliseconds
from earnorm.errors import FieldFault
from earnorm.fields.base import FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import check_bounds
from earnorm.fields.ranged import RangedField

__all__ = ["DateTimeField"]

T = TypeVar("T")


class DateTimeField(RangedField[T]):
    """A point in time: aware, in UTC, cut to milliseconds, so that what was saved equals what is loaded.

    A naive datetime means local time, as Python's own `datetime.timestamp` reads it. `minimum` and
    `maximum` are included.
    """

    expects = "a datetime"
    is_mutable = False
    exact_types = (datetime,)

    @overload
    def __init__(
        self: DateTimeField[datetime],
        *,
        required: Literal[True] = ...,
        minimum: datetime | None = ...,
        maximum: datetime | None = ...,
        **options: Unpack[FieldOptions[datetime]],
    ) -> None: ...
    @overload
    def __init__(
        self: DateTimeField[datetime | None],
        *,
        required: Literal[False],
        minimum: datetime | None = ...,
        maximum: datetime | None = ...,
        **options: Unpack[OptionalFieldOptions[datetime]],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = True,
        minimum: datetime | None = None,
        maximum: datetime | None = None,
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        self.minimum, self.maximum = _limit(minimum), _limit(maximum)
        check_bounds("minimum", self.minimum, "maximum", self.maximum, kind=datetime)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, datetime):
            faults.append(self.type_fault(path, value))
            return value
        try:
            return utc_milliseconds(value)
        except (OverflowError, OSError, ValueError):
            faults.append(
                self.fault(path, "range", "leaves the years 1 to 9999 when read as UTC", value)
            )
            return value

    def is_exact(self, value: object) -> bool:
        if type(value) is not datetime:
            return False
        return value.tzinfo is not None and not value.microsecond % 1000

    def strict_fault(self, path: str, value: object) -> FieldFault:
        if type(value) is not datetime:
            return super().strict_fault(path, value)
        lacks = "have a time zone" if value.tzinfo is None else "be in whole milliseconds"
        return self.fault(path, "strict", f"must {lacks}: the field is strict", value)

    def to_json(self, value: Any) -> Any:
        return f"{value.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        moment = _read(data)
        if moment is None:
            message = "must be a date and time with its offset, such as '2024-05-01T12:00:00Z'"
            faults.append(self.fault(path, "json", message, data))
            return data
        return self.convert(moment, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


# RFC 3339, section 5.6: what JSON Schema calls "date-time".
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_LONGEST = 50  # characters; nobody measures time to the thirtieth digit


def _read(data: object) -> datetime | None:
    if not isinstance(data, str) or len(data) > _LONGEST or not _TIMESTAMP.fullmatch(data):
        return None
    try:
        return datetime.fromisoformat(data.upper())
    except ValueError:
        return None  # the thirtieth of February


def _limit(moment: datetime | None) -> datetime | None:
    return utc_milliseconds(moment) if isinstance(moment, datetime) else moment
