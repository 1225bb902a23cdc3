"""Values that no field declares: extras, free dictionaries, and the values in a caller's own filter."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from bson import Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.binary import Binary

from earnorm.clock import utc_milliseconds
from earnorm.errors import FieldFault
from earnorm.fields.limits import LONGEST_INTEGER, is_unicode
from earnorm.fields.reference import Reference

__all__ = ["check_key", "encode_dynamic"]

_DEEPEST = 100  # MongoDB's limit on nesting (manual: "MongoDB Limits and Thresholds")
_KEPT_AS_THEY_ARE = (
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
)


def encode_dynamic(value: Any, path: str, faults: list[FieldFault], depth: int = 1) -> Any:
    """`value` as BSON keeps it; adds a fault, with its path, for what BSON cannot keep.

    A naive datetime means local time; a datetime becomes UTC cut to milliseconds. A tuple becomes a
    list, a reference or a stored instance its id, an embedded instance its document.
    """
    if value is None or isinstance(value, (bool, Int64)):
        return value
    if isinstance(value, int):
        return _encode_integer(value, path, faults)
    if isinstance(value, str):
        return _encode_text(value, path, faults)
    if isinstance(value, _KEPT_AS_THEY_ARE):
        return value
    if isinstance(value, datetime):
        return _encode_moment(value, path, faults)
    if depth >= _DEEPEST and isinstance(value, (Mapping, list, tuple)):
        faults.append(_fault(path, "depth", f"is nested deeper than {_DEEPEST} levels", None))
        return None
    if isinstance(value, Mapping):
        return {
            key: encode_dynamic(item, f"{path}.{key}", faults, depth + 1)
            for key, item in value.items()
            if check_key(key, path, faults)
        }
    if isinstance(value, (list, tuple)):
        return [
            encode_dynamic(item, f"{path}.{n}", faults, depth + 1) for n, item in enumerate(value)
        ]
    return _encode_object(value, path, faults)


def check_key(key: object, path: str, faults: list[FieldFault]) -> bool:
    """Whether BSON can keep this key of a dictionary; adds a fault when it cannot."""
    if not isinstance(key, str):
        faults.append(_fault(path, "key", f"has the key {key!r}, and keys must be strings", key))
    elif "\0" in key:
        faults.append(
            _fault(path, "key", "has a key with a NUL character, which BSON ends names with", key)
        )
    elif not is_unicode(key):
        faults.append(
            _fault(path, "key", "has a key with a lone surrogate, which is not text", key)
        )
    else:
        return True
    return False


def _encode_integer(value: int, path: str, faults: list[FieldFault]) -> int:
    if not -LONGEST_INTEGER - 1 <= value <= LONGEST_INTEGER:
        faults.append(_fault(path, "range", "does not fit in 64 bits", value))
    return int(value)


def _encode_text(value: str, path: str, faults: list[FieldFault]) -> str:
    if not is_unicode(value):
        faults.append(_fault(path, "unicode", "holds a lone surrogate, which is not text", value))
    return value


def _encode_moment(value: datetime, path: str, faults: list[FieldFault]) -> datetime:
    try:
        return utc_milliseconds(value)
    except (OverflowError, OSError, ValueError):
        faults.append(_fault(path, "range", "leaves the years 1 to 9999 when read as UTC", value))
        return value


def _encode_object(value: Any, path: str, faults: list[FieldFault]) -> Any:
    if isinstance(value, Reference):
        return value.id
    if isinstance(value, Decimal):
        return Decimal128(value)
    codec = getattr(type(value), "__codec__", None)
    if codec is not None:
        return codec.encode_value(value, path, faults)
    message = f"cannot be kept: BSON has no form for {type(value).__name__}"
    faults.append(_fault(path, "type", message, value))
    return None


def _fault(path: str, code: str, message: str, value: object) -> FieldFault:
    return FieldFault(path=path, code=code, message=message, input=value)
