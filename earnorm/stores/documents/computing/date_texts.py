"""Dates as text, and texts as dates."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from bson import DatetimeMS

from earnorm.stores.documents.computing.values import date_at
from earnorm.stores.documents.computing.zones import offset_zone
from earnorm.stores.documents.refusals import bad_value, unsupported

__all__ = ["check_format", "date_of_text", "formatted", "iso_text", "local_date"]


def iso_text(milliseconds: int) -> str:
    """The date in UTC, as `2018-03-27T16:58:51.538Z`."""
    return formatted(local_date(milliseconds, UTC), "%Y-%m-%dT%H:%M:%S.%LZ")


def local_date(milliseconds: int, zone: tzinfo) -> datetime:
    """The date in a time zone; raises `UnsupportedError` for one beyond the years 1 to 9999."""
    date = date_at(milliseconds)
    try:
        if not isinstance(date, DatetimeMS):
            return date.astimezone(zone)
    except OverflowError:
        pass
    raise unsupported("computing with a date beyond the years 1 to 9999")


def check_format(format: str) -> None:
    """Raises PyMongo's `OperationFailure` for a format with an unknown specifier."""
    for found in _SPECIFIER.finditer(format):
        if found[1] not in _SPECIFIED:
            code = 18536 if found[1] else 18535
            raise bad_value(f"invalid format character '%{found[1]}' in {format!r}.", code)


def formatted(date: datetime, format: str) -> str:
    """The date as a checked format asks for it."""
    return _SPECIFIER.sub(lambda found: str(_SPECIFIED[found[1]](date)), format)


def date_of_text(text: str) -> datetime | None:
    """The date that an ISO 8601 text names, in UTC unless it says otherwise; None for another text."""
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    *parts, fraction, zone = found.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    microsecond = int((fraction or "").ljust(3, "0")[:3]) * 1000
    try:
        local = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC)
        return local.replace(tzinfo=offset_zone(zone or "Z")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_SPECIFIER: Final = re.compile(r"%(.?)", re.DOTALL)
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)


def _offset_minutes(date: datetime) -> int:
    offset = date.utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // 60


def _offset_text(date: datetime) -> str:
    minutes = _offset_minutes(date)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


_MONTHS: Final[tuple[str, ...]] = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

# the manual's "Format Specifiers" of $dateToString
_SPECIFIED: Final[dict[str, Any]] = {
    "Y": lambda date: f"{date.year:04}",
    "m": lambda date: f"{date.month:02}",
    "d": lambda date: f"{date.day:02}",
    "H": lambda date: f"{date.hour:02}",
    "M": lambda date: f"{date.minute:02}",
    "S": lambda date: f"{date.second:02}",
    "L": lambda date: f"{date.microsecond // 1000:03}",
    "j": lambda date: f"{date.timetuple().tm_yday:03}",
    "w": lambda date: date.isoweekday() % 7 + 1,
    "u": lambda date: date.isoweekday(),
    "U": lambda date: date.strftime("%U"),
    "V": lambda date: f"{date.isocalendar().week:02}",
    "G": lambda date: f"{date.isocalendar().year:04}",
    "b": lambda date: _MONTHS[date.month - 1][:3],
    "B": lambda date: _MONTHS[date.month - 1],
    "z": _offset_text,
    "Z": lambda date: f"{'+' if _offset_minutes(date) >= 0 else ''}{_offset_minutes(date)}",
    "%": lambda date: "%",
}
