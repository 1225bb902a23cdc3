"""The documents that come after one in the order of `_id`, over all types of values."""

import math
from decimal import Decimal
from typing import Any, Final

from bson import Code, DatetimeMS, Decimal128, MaxKey, MinKey, ObjectId, Timestamp

from earnorm.stores.documents import key_bytes

__all__ = ["after"]


def after(id: Any) -> dict[str, Any]:
    """A filter for the documents whose `_id` is greater.

    `$gt` alone finds those whose `_id` is of the same type (MongoDB's manual, Comparison/Sort Order).
    """
    place = key_bytes(id)[:1]
    later = [name for name, sample in _SAMPLES if key_bytes(sample)[:1] > place]
    same = {"$gte": float("-inf")} if _is_nan(id) else {"$gt": id}
    clauses: list[dict[str, Any]] = [{"_id": same}]
    if later:
        clauses.append({"_id": {"$type": later}})
    return {"$or": clauses}


_SAMPLES: Final[tuple[tuple[str, Any], ...]] = (
    ("minKey", MinKey()),
    ("null", None),
    ("int", 0),
    ("long", 0),
    ("double", 0.0),
    ("decimal", Decimal128("0")),
    ("string", ""),
    ("object", {}),
    ("binData", b""),
    ("objectId", ObjectId("0" * 24)),
    ("bool", False),
    ("date", DatetimeMS(0)),
    ("timestamp", Timestamp(0, 0)),
    ("javascript", Code("")),
    ("javascriptWithScope", Code("", {})),
    ("maxKey", MaxKey()),
)
"""MongoDB's names of the types that an `_id` may have, each with a value whose key says where they sort."""


def _is_nan(id: Any) -> bool:
    if isinstance(id, Decimal128):
        number: Decimal = id.to_decimal()
        return number.is_nan()
    return isinstance(id, float) and math.isnan(id)
