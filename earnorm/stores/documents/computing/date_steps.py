"""The operators that count in units of time: `$dateAdd`, `$dateSubtract`, `$dateDiff`, `$dateTrunc`."""

import calendar
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from bson import Int64

from earnorm.stores.documents.computing.arguments import Named
from earnorm.stores.documents.computing.date_texts import local_date
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    constant,
    nullish,
)
from earnorm.stores.documents.computing.text_operators import text_of
from earnorm.stores.documents.computing.values import date_at, kind_of, milliseconds_of, overflow
from earnorm.stores.documents.computing.zones import zone_of
from earnorm.stores.documents.numbers import whole
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document

__all__ = ["DATE_STEPS"]


def _stepping(name: str, sign: int) -> tuple[str, Compiler]:
    named = Named(
        operator=name,
        required=("startDate", "unit", "amount"),
        optional=("timezone",),
        no_document=5166400,
        unknown=5166401,
        missing=5166402,
    )

    def step(start: Any, unit: Any, amount: Any, timezone: Any) -> Any:
        count = whole(amount)
        if count is None:
            raise bad_value(f"the amount of {name} has to be an integer, not {amount!r}.", 5166405)
        milliseconds = _milliseconds(name, "startDate", start, 5166403)
        return _moved(milliseconds, _unit(name, unit), sign * count, zone_of(timezone))

    return name, _of_named(named, step, {"timezone": "UTC"})


def _difference(start: Any, end: Any, unit: Any, timezone: Any, first_day: Any) -> Any:
    zone, name = zone_of(timezone), "$dateDiff"
    first = _milliseconds(name, "startDate", start, 5166307)
    last = _milliseconds(name, "endDate", end, 5166307)
    counted = _unit(name, unit)
    weekday = _weekday(name, first_day) if counted == "week" else 0
    if counted in _FIXED:
        return Int64(_bin(last, zone, _FIXED[counted]) - _bin(first, zone, _FIXED[counted]))
    numbers = [_number(local_date(one, zone).date(), counted, weekday) for one in (last, first)]
    return Int64(numbers[0] - numbers[1])


def _truncated(moment: Any, unit: Any, size: Any, timezone: Any, first_day: Any) -> Any:
    zone, name = zone_of(timezone), "$dateTrunc"
    milliseconds = _milliseconds(name, "date", moment, 5439012)
    counted = _unit(name, unit)
    count = whole(size)
    if count is None:
        raise bad_value(f"the binSize of $dateTrunc has to be an integer, not {size!r}.", 5439017)
    if count <= 0:
        raise bad_value(f"the binSize of $dateTrunc has to be positive, not {count}.", 5439018)
    weekday = _weekday(name, first_day) if counted == "week" else 0
    if counted in _FIXED:
        start = milliseconds_of(datetime(2000, 1, 1, tzinfo=zone)) or 0
        width = _FIXED[counted] * count
        return date_at(start + (milliseconds - start) // width * width)
    number = _number(local_date(milliseconds, zone).date(), counted, weekday)
    reference = _number(_REFERENCE, counted, weekday) + (counted == "week" and weekday != 5)
    return _start(reference + (number - reference) // count * count, counted, weekday, zone)


def _of_named(named: Named, apply: Callable[..., Any], defaults: Mapping[str, Any]) -> Compiler:
    """The operator of these arguments; null as soon as one of them is."""

    def compile(operand: Any, scope: Scope) -> Evaluate:
        arguments = named.compile(operand, scope)
        ordered = [
            arguments.get(name) or constant(defaults.get(name))
            for name in named.required + named.optional
        ]

        def evaluate(document: Document, variables: Variables) -> Any:
            values = [argument(document, variables) for argument in ordered]
            return None if any(map(nullish, values)) else apply(*values)

        return evaluate

    return compile


DATE_STEPS: Mapping[str, Compiler] = {
    **dict([_stepping("$dateAdd", 1), _stepping("$dateSubtract", -1)]),
    "$dateDiff": _of_named(
        Named(
            operator="$dateDiff",
            required=("startDate", "endDate", "unit"),
            optional=("timezone", "startOfWeek"),
            no_document=5166301,
            unknown=5166302,
            missing=5166303,
        ),
        _difference,
        {"timezone": "UTC", "startOfWeek": "sunday"},
    ),
    "$dateTrunc": _of_named(
        Named(
            operator="$dateTrunc",
            required=("date", "unit"),
            optional=("binSize", "timezone", "startOfWeek"),
            no_document=5439007,
            unknown=5439008,
            missing=5439009,
        ),
        _truncated,
        {"binSize": 1, "timezone": "UTC", "startOfWeek": "sunday"},
    ),
}

# in milliseconds; longer units depend on the calendar, and on the time zone's change to summer time
_FIXED: Final = {"millisecond": 1, "second": 1000, "minute": 60_000, "hour": 3_600_000}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_UNITS: Final = (*_FIXED, "day", "week", *_MONTHS)
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_REFERENCE: Final = date(2000, 1, 1)  # where the manual of $dateTrunc lets bins begin: a Saturday


def _milliseconds(name: str, argument: str, value: Any, code: int) -> int:
    milliseconds = milliseconds_of(value)
    if milliseconds is None:
        raise bad_value(f"the {argument} of {name} has to be a date, not {kind_of(value)}.", code)
    return milliseconds


def _unit(name: str, value: Any) -> str:
    unit = text_of(value, f"the unit of {name}", 5439013)
    if unit not in _UNITS:
        raise bad_value(f"{name} knows no unit {unit!r}. It knows {', '.join(_UNITS)}.", 9)
    return unit


def _weekday(name: str, value: Any) -> int:
    day = text_of(value, f"the startOfWeek of {name}", 5439015).lower()
    for number, full in enumerate(_DAYS):
        if day in (full, full[:3]):
            return number
    raise bad_value(f"the startOfWeek of {name} cannot be {value!r}.", 5439016)


def _moved(milliseconds: int, unit: str, count: int, zone: tzinfo) -> Any:
    if unit in _FIXED:
        return date_at(milliseconds + count * _FIXED[unit])
    local = local_date(milliseconds, zone)
    try:
        if unit in _MONTHS:
            moved = _months_later(local, count * _MONTHS[unit])
        else:
            moved = local + timedelta(days=count * (7 if unit == "week" else 1))
        return moved.astimezone(UTC)
    except (OverflowError, ValueError):
        raise overflow(f"{count} {unit}s lead beyond the years 1 to 9999.") from None


def _months_later(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(local.day, last_day))


def _bin(milliseconds: int, zone: tzinfo, width: int) -> int:
    # minutes and hours begin where the clock of the time zone says so
    offset = local_date(milliseconds, zone).utcoffset() or timedelta(0)
    return (milliseconds + int(offset.total_seconds() * 1000)) // width


def _number(day: date, unit: str, weekday: int) -> int:
    """The number of the day, week, month, quarter or year that a day lies in."""
    if unit in _MONTHS:
        return (day.year * 12 + day.month - 1) // _MONTHS[unit]
    return day.toordinal() if unit == "day" else (day.toordinal() - 1 - weekday) // 7


def _start(number: int, unit: str, weekday: int, zone: tzinfo) -> Any:
    try:
        if unit in _MONTHS:
            year, month = divmod(number * _MONTHS[unit], 12)
            start = datetime(year, month + 1, 1, tzinfo=zone)
        else:
            ordinal = number if unit == "day" else number * 7 + 1 + weekday
            start = datetime.combine(date.fromordinal(ordinal), datetime.min.time(), zone)
        return start.astimezone(UTC)
    except (OverflowError, ValueError):
        raise overflow(f"the start of the {unit} lies beyond the years 1 to 9999.") from None
