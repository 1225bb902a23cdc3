"""What each kind of field stores, in the keywords of MongoDB's `$jsonSchema`, where nothing lies inside."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bson import Decimal128, Int64, ObjectId

from earnorm.schema.walking import exact_number

__all__ = ["KINDS", "PLAIN_CHOICES", "stored_choices"]

Schema = dict[str, Any]
Arguments = Mapping[str, Any]

_INTEGER: Final = ["int", "long"]
_NUMBER: Final = ["double", "int", "long"]


def _text(arguments: Arguments) -> Schema:
    lengths = {"minLength": arguments.get("min_length"), "maxLength": arguments.get("max_length")}
    pattern = arguments.get("pattern")
    schema: Schema = {"bsonType": "string"}
    schema |= {word: int(length) for word, length in lengths.items() if length is not None}
    return {**schema, "pattern": f"^(?:{pattern})$"} if _means_the_same(pattern) else schema


_DIFFERENT: Final = re.compile(
    r"\\[^.\\/+*?()\[\]{}^$|-]"  # classes, which are of Unicode or of ASCII, and all that is rarer
    r"|\(\?[^:]|(?<![\[\\])\^|(?<!\\)\$|[*+?}][+]|\{,|\[\[|\[:"
)
"""What PCRE reads otherwise than Python, or may."""


def _means_the_same(pattern: Any) -> bool:
    """Whether MongoDB's expressions match with the pattern at least what Python's do."""
    return isinstance(pattern, str) and pattern.isprintable() and not _DIFFERENT.search(pattern)


def _integer(arguments: Arguments) -> Schema:
    return {"bsonType": _INTEGER, **_limits(arguments, _whole)}


def _float(arguments: Arguments) -> Schema:
    return {"bsonType": _NUMBER, **_limits(arguments, exact_number)}


def _decimal(arguments: Arguments) -> Schema:
    return {"bsonType": "decimal", **_limits(arguments, _stored_decimal)}


def _duration(arguments: Arguments) -> Schema:
    return {"bsonType": _INTEGER, **_limits(arguments, _milliseconds)}


def _limits(arguments: Arguments, stored: Callable[[Any], Any]) -> Schema:
    given = {name: stored(arguments.get(name)) for name in ("minimum", "maximum")}
    return {name: limit for name, limit in given.items() if limit is not None}


def _whole(form: Any) -> Any:
    number = exact_number(form)
    if number is None or isinstance(number, float):
        return number
    return Int64(number) if abs(number) < _LONGEST else float(number)


_LONGEST: Final = 2**63


def _stored_decimal(form: Any) -> Any:
    return Decimal128(form["$numberDecimal"]) if isinstance(form, dict) else None


def _milliseconds(form: Any) -> Any:
    if not isinstance(form, dict):
        return None
    if "$microseconds" in form:
        return Int64(int(form["$microseconds"]) // 1000)
    return Int64(timedelta(seconds=form["$seconds"]) // timedelta(milliseconds=1))


def _of(*kinds: str) -> Callable[[Arguments], Schema]:
    return lambda arguments: {"bsonType": kinds[0] if len(kinds) == 1 else list(kinds)}


_POINT: Final[Schema] = {
    "bsonType": "object",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"enum": ["Point"]},
        "coordinates": {
            "bsonType": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": [
                {"bsonType": _NUMBER, "minimum": -180, "maximum": 180},
                {"bsonType": _NUMBER, "minimum": -90, "maximum": 90},
            ],
        },
    },
}

KINDS: Final[Mapping[str, Callable[[Arguments], Schema]]] = {
    "StringField": _text,
    "EmailField": _text,
    "URLField": _text,
    "IntegerField": _integer,
    "FloatField": _float,
    "DecimalField": _decimal,
    "TimeDeltaField": _duration,
    "BooleanField": _of("bool"),
    "DateTimeField": _of("date"),
    "DateField": _of("date"),
    "ObjectIdField": _of("objectId"),
    "ReferenceField": _of("objectId"),
    "UUIDField": _of("binData"),
    "BytesField": _of("binData"),
    "VectorField": _of("binData"),
    "PointField": lambda arguments: _POINT,
}
"""The schema of a value of each kind of field in which no others lie, made of its arguments."""

_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "$numberLong": lambda form: Int64(form["$numberLong"]),
    "$numberDecimal": lambda form: Decimal128(form["$numberDecimal"]),
    "$date": lambda form: datetime.fromisoformat(form["$date"]),
    "$day": lambda form: datetime.fromisoformat(f"{form['$day']}T00:00:00+00:00"),
    "$oid": lambda form: ObjectId(form["$oid"]),
}

PLAIN_CHOICES: Final = frozenset(
    {"BooleanField", "DateField", "DateTimeField", "DecimalField", "EmailField", "FloatField", "IntegerField"}
    | {"ObjectIdField", "StringField", "URLField"}
)  # fmt: skip
"""The kinds whose choices are stored as their forms say."""


def stored_choices(forms: list[Any]) -> list[Any] | None:
    """The choices as they are stored; None when one of them cannot be told."""
    found = []
    for form in forms:
        if not isinstance(form, (dict, list)):
            found.append(form)
            continue
        word = next(iter(form), "") if isinstance(form, dict) else ""
        if word not in _READERS:
            return None
        found.append(_READERS[word](form))
    return found
