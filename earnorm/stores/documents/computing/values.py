"""What expressions ask of any value: its truth, its place in the order, its name of a type, its date."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bson import DatetimeMS, Decimal128, ObjectId, Timestamp

from earnorm.clock import EPOCH
from earnorm.stores.documents.keys import key_bytes
from earnorm.stores.documents.kinds import MISSING
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.type_operators import type_name

__all__ = [
    "comparison_key",
    "date_at",
    "is_true",
    "kind_of",
    "milliseconds_of",
    "overflow",
    "within_32_bits",
]


def is_true(value: Any) -> bool:
    """MongoDB's notion of truth: false, null, a missing value and zero are false, all else is true."""
    if value is None or value is MISSING:
        return False
    if isinstance(value, Decimal128):
        return bool(value.to_decimal())
    return bool(value) if isinstance(value, bool | int | float) else True


def comparison_key(value: Any) -> bytes:
    """Bytes by which values of all types are compared; a missing value comes before null."""
    return _MISSING_KEY if value is MISSING else key_bytes(value)


def kind_of(value: Any) -> str:
    """The name of the value's BSON type, and "missing" for none."""
    return type_name(value) or "missing"


def milliseconds_of(value: Any) -> int | None:
    """The milliseconds since 1970 of a date, or of what has one in it (ObjectId, Timestamp); else None."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return (aware - EPOCH) // _MILLISECOND
    if isinstance(value, DatetimeMS):
        return int(value)
    if isinstance(value, ObjectId):
        return milliseconds_of(value.generation_time)
    return value.time * 1000 if isinstance(value, Timestamp) else None


def date_at(milliseconds: int) -> datetime | DatetimeMS:
    """The date; one beyond the years of Python comes as `DatetimeMS`, as when a document is read."""
    if not -(2**63) <= milliseconds < 2**63:
        raise overflow("the date has more than 64 bits of milliseconds.")
    try:
        return EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return DatetimeMS(milliseconds)


def overflow(message: str) -> Exception:
    """What MongoDB answers to a result that its type cannot hold."""
    return bad_value(message, 15)


def within_32_bits(value: int | None) -> bool:
    """Whether an integer fits BSON's `int`."""
    return value is not None and -(2**31) <= value < 2**31


_MILLISECOND: Final = timedelta(milliseconds=1)
_MISSING_KEY: Final = b"\x04"  # above the key of MinKey, below that of null
