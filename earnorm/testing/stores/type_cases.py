"""Values of every BSON type, their extremes included (bsonspec.org, and MongoDB's limits)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from uuid import UUID

from bson import (
    Binary,
    Code,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

__all__ = ["IDENTITIES", "VALUES", "ValueCase"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCase:
    """A value that comes back as it went in."""

    name: str
    value: Any


def _deep(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = {"d": value} if level % 2 else [value]
    return value


_ID = ObjectId("65a1b2c3d4e5f60718293a4b")
_UUID = UUID("12345678-1234-5678-1234-567812345678")

_GROUPS: Final[dict[str, dict[str, Any]]] = {
    "null and booleans": {"null": None, "true": True, "false": False},
    "int": {"0": 0, "1": 1, "-1": -1, "largest": 2**31 - 1, "smallest": -(2**31)},
    "long": {
        "0": Int64(0),
        "1": Int64(1),
        "beyond int": 2**31,
        "below int": -(2**31) - 1,
        "not a double": Int64(2**53 + 1),
        "largest": 2**63 - 1,
        "smallest": -(2**63),
    },
    "double": {
        "0.0": 0.0,
        "-0.0": -0.0,
        "1.0": 1.0,
        "0.1": 0.1,
        "smallest": 5e-324,
        "largest": 1.7976931348623157e308,
        "infinity": float("inf"),
        "-infinity": float("-inf"),
        "NaN": float("nan"),
    },
    "decimal": {
        text: Decimal128(text)
        for text in (
            "0",
            "-0",
            "1",
            "1.10",
            "0E+3",
            "9.999999999999999999999999999999999E+6144",
            "1E-6176",
            "Infinity",
            "-Infinity",
            "NaN",
        )
    },
    "string": {
        "empty": "",
        "letters": "Ada",
        "NUL": "a\x00b",
        "quotes": "'\"`;--",
        "accents composed": "\u00e9",
        "accents combined": "e\u0301",
        "beyond the basic plane": "\U0001f600",
        "a million characters": "x" * 1_000_000,
    },
    "composite": {
        "empty object": {},
        "empty array": [],
        "array of array": [[]],
        "array of object": [{}],
        "array of null": [None],
        "keys not sorted": {"b": 1, "a": 2, "c": {"z": 1, "y": 2}},
        "odd keys": {"": 1, " ": 2, "0": 3, "é": 4, "a b": 5, "'": 6},
        "mixed array": [1, "1", 1.0, Int64(1), True, None, {"a": [1]}],
        "50 levels": _deep(50),
        "10,000 elements": list(range(10_000)),
    },
    "binary": {
        "empty": b"",
        "bytes": b"\x00\xff'",
        **{
            f"subtype {subtype}": Binary(b"\x00\xff" * 8, subtype)
            for subtype in (1, 2, 5, 6, 128, 255)
        },
        "UUID": _UUID,
    },
    "other": {
        "object id": _ID,
        "regex": Regex("^a.*'$", "im"),
        "regex without flags": Regex("a"),
        "timestamp": Timestamp(1, 1),
        "largest timestamp": Timestamp(2**32 - 1, 2**32 - 1),
        "MinKey": MinKey(),
        "MaxKey": MaxKey(),
        "code": Code("return 1"),
        "code with scope": Code("return x", {"x": 1}),
        "reference": DBRef("users", _ID),
    },
    "date": {
        "epoch": datetime(1970, 1, 1, tzinfo=UTC),
        "milliseconds": datetime(2024, 2, 29, 23, 59, 59, 999000, tzinfo=UTC),
        "before the epoch": datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
        "year 1": datetime(1, 1, 1, tzinfo=UTC),
        "year 9999": datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
        "another zone": datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    },
}

VALUES: Final = [
    ValueCase(name=f"types/{group}/{name}", value=value)
    for group, values in _GROUPS.items()
    for name, value in values.items()
]

_NOT_IDENTITIES: Final = ("array", "10,000 elements", "50 levels", "regex", "million", "odd keys")

IDENTITIES: Final = [
    ValueCase(name=case.name.replace("types/", "types/as _id/", 1), value=case.value)
    for case in VALUES
    # MongoDB refuses arrays and regular expressions as _id, and a reference's names begin with `$`
    if not any(word in case.name for word in (*_NOT_IDENTITIES, "reference"))
]
"""Those that can be an `_id`."""
