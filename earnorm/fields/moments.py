"""The field that holds a point in time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeVar, Unpack, overload

from earnorm.clock import utc_milliseconds
from earnorm.errors import FieldFault
from earnorm.fields.base import FieldOptions, OptionalFieldOptions
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


def _limit(moment: datetime | None) -> datetime | None:
    return utc_milliseconds(moment) if isinstance(moment, datetime) else moment
