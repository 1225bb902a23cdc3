"""Time zones as expressions name them: `+05:30`, `UTC`, `Europe/Berlin`."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from earnorm.stores.documents.computing.values import kind_of
from earnorm.stores.documents.refusals import bad_value

__all__ = ["offset_zone", "zone_of"]


def zone_of(value: Any) -> tzinfo:
    """The time zone of an offset or of a name in the IANA database; raises for another value."""
    if type(value) is not str:
        raise bad_value(f"a timezone has to be text, not {kind_of(value)}.", 40517)
    zone = offset_zone(value)
    if zone is not None:
        return zone
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise bad_value(
            f"unrecognized time zone {value!r}. Write an offset such as '+05:30', or a name such as "
            "'Europe/Berlin' (which needs the system's time zones, or the package tzdata).",
            40485,
        ) from None


def offset_zone(text: str) -> tzinfo | None:
    """The time zone of an offset (`+05:30`, `-0800`, `+01`), of `Z`, `UTC` or `GMT`; None for another text."""
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-offset if found[1] == "-" else offset)


_OFFSET: Final = re.compile(r"([+-])([01]\d|2[0-3]):?([0-5]\d)?", re.ASCII)
