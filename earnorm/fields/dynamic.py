"""Values that no field declares: extras, free dictionaries, and the values in a caller's own filter."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from enum import Enum
from typing import Any

from bson import Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.binary import Binary

from earnorm.clock import utc_milliseconds
from earnorm.errors import FieldFault
from earnorm.fields.depth import refuse_depth, walk, walk_in_place
from earnorm.fields.limits import LONGEST_INTEGER, check_key, is_unicode
from earnorm.fields.point import Point
from earnorm.fields.reference import Reference

__all__ = ["copy_containers", "encode_dynamic", "recheck_dynamic"]

_KEPT_AS_THEY_ARE = (
    bool,
    bytes,
    float,
    ObjectId,
    Decimal128,
    Binary,
    Regex,
    Timestamp,
    Code,
    DBRef,
    MinKey,
    MaxKey,
    uuid.UUID,
    re.Pattern,
)


def encode_dynamic(value: Any, path: str, faults: list[FieldFault]) -> Any:
    """`value` as BSON keeps it; adds a fault, with its path, for what BSON cannot keep.

    A naive datetime means local time; a datetime becomes UTC cut to milliseconds. A tuple becomes a
    list, a reference or a stored instance its id, an embedded instance its document; a date, a time delta,
    a member of an enumeration and a `Point` become what their fields store.
    """
    return walk(_encode, value, path, faults)


def recheck_dynamic(value: Any, path: str, faults: list[FieldFault]) -> Any:
    """Like `encode_dynamic`, for a value that an instance holds already: containers keep their identity."""
    return walk_in_place(_encode, value, path, faults)


def copy_containers(value: Any) -> Any:
    """An encoded value whose dictionaries and lists belong to nobody else."""
    if isinstance(value, dict):
        return {key: copy_containers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_containers(item) for item in value]
    return value


def _encode(value: Any, path: str, faults: list[FieldFault], depth: int) -> Any:
    if value is None or isinstance(value, _KEPT_AS_THEY_ARE):
        return value
    for kinds, encode in _ENCODERS:
        if isinstance(value, kinds):
            return encode(value, path, faults, depth)
    return _encode_object(value, path, faults)


def _encode_integer(value: int, path: str, faults: list[FieldFault], depth: int) -> int:
    if not -LONGEST_INTEGER - 1 <= value <= LONGEST_INTEGER:
        faults.append(_fault(path, "range", "does not fit in 64 bits", value))
    # What is marked as a long stays one; that its class lets larger numbers pass is found by the encoder only.
    return value if type(value) is Int64 else int(value)


def _encode_text(value: str, path: str, faults: list[FieldFault], depth: int) -> str:
    if not is_unicode(value):
        faults.append(_fault(path, "unicode", "holds a lone surrogate, which is not text", value))
    return str.__str__(value)


def _encode_moment(value: datetime, path: str, faults: list[FieldFault], depth: int) -> datetime:
    try:
        return utc_milliseconds(value)
    except (OverflowError, OSError, ValueError):
        faults.append(_fault(path, "range", "leaves the years 1 to 9999 when read as UTC", value))
        return value


def _encode_mapping(
    value: Mapping[Any, Any], path: str, faults: list[FieldFault], depth: int
) -> dict[str, Any]:
    refuse_depth(path, depth)
    return {
        str.__str__(key): _encode(item, f"{path}.{key}", faults, depth + 1)
        for key, item in value.items()
        if check_key(key, path, faults)
    }


def _encode_items(
    value: Sequence[Any], path: str, faults: list[FieldFault], depth: int
) -> list[Any]:
    refuse_depth(path, depth)
    return [_encode(item, f"{path}.{n}", faults, depth + 1) for n, item in enumerate(value)]


def _encode_decimal(value: Decimal, path: str, faults: list[FieldFault], depth: int) -> Any:
    try:
        return Decimal128(value)
    except DecimalException:
        message = "has more digits, or a larger exponent, than a 128-bit decimal keeps"
        faults.append(_fault(path, "range", message, value))
        return value


def _encode_day(value: date, path: str, faults: list[FieldFault], depth: int) -> datetime:
    return datetime.combine(value, time(), UTC)


def _encode_duration(value: timedelta, path: str, faults: list[FieldFault], depth: int) -> Int64:
    return Int64(value // timedelta(milliseconds=1))


def _encode_member(value: Enum, path: str, faults: list[FieldFault], depth: int) -> Any:
    return _encode(value.value, path, faults, depth)


def _encode_place(value: Point, path: str, faults: list[FieldFault], depth: int) -> dict[str, Any]:
    return value.as_geojson()


def _encode_object(value: Any, path: str, faults: list[FieldFault]) -> Any:
    if isinstance(value, Reference):
        return value.id
    codec = getattr(type(value), "__codec__", None)
    if codec is not None:
        found = len(faults)
        if type(value).__embedded__:
            codec.check_value(value, path, faults)  # it may have been changed in place
        return value if len(faults) > found else codec.encode_value(value, path, faults)
    message = f"cannot be kept: BSON has no form for {type(value).__name__}"
    faults.append(_fault(path, "type", message, value))
    return value


def _fault(path: str, code: str, message: str, value: object) -> FieldFault:
    return FieldFault(path=path, code=code, message=message, input=value)


# Kinds of values that are looked at or changed on the way, most frequent first.
_ENCODERS: tuple[tuple[Any, Callable[..., Any]], ...] = (
    (str, _encode_text),
    (int, _encode_integer),
    (datetime, _encode_moment),
    (Mapping, _encode_mapping),
    ((list, tuple), _encode_items),
    (Decimal, _encode_decimal),
    (Enum, _encode_member),
    (date, _encode_day),
    (timedelta, _encode_duration),
    (Point, _encode_place),
)
