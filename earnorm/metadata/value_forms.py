"""What the arguments of fields and the options of models are in JSON."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from earnorm.fields import Point
from earnorm.fields.extended_json import to_extended_json

__all__ = ["EMBEDDED", "IMPORT", "OPAQUE", "SECRET_FORM", "import_path", "value_form"]

IMPORT: Final = "$import"
"""What can be imported: a class, a function, a member of an enumeration."""

OPAQUE: Final = "$opaque"
"""What can only be named: a lambda, a function inside a function, an object of a class that JSON does not know."""

EMBEDDED: Final = "$embedded"
"""An instance of an embedded model: beside its class stand its values."""

SECRET_FORM: Mapping[str, Any] = {"$secret": True}
"""In the place of a value that is shown nowhere."""

_MICROSECOND: Final = timedelta(microseconds=1)
_LARGEST_EXACT: Final = 2**53 - 1


def value_form(value: Any, describe: Callable[[Any], Any]) -> Any:
    """The JSON form of a value; `describe` says what becomes of fields and models, and gives None for others."""
    described = describe(value)
    if described is not None:
        return described
    if value is None or (isinstance(value, (bool, str)) and not isinstance(value, Enum)):
        return value
    for kinds, form in _FORMS:
        if isinstance(value, kinds):
            return form(value, describe)
    if callable(value):
        return import_path(value)
    faults: list[Any] = []
    try:
        return to_extended_json(value, "", faults)
    except TypeError:
        return {OPAQUE: _named(type(value))}


def import_path(thing: Any) -> dict[str, str]:
    """Where a class or function is found, or what it is called when it cannot be."""
    if not hasattr(thing, "__qualname__"):
        return {OPAQUE: _named(type(thing))}
    name = _named(thing)
    return {OPAQUE if "<" in name else IMPORT: name}


def _named(thing: Any) -> str:
    return f"{thing.__module__}:{thing.__qualname__}"


Describe = Callable[[Any], Any]


def _of_member(value: Enum, describe: Describe) -> Any:
    return {IMPORT: f"{_named(type(value))}.{value.name}"}


def _of_integer(value: int, describe: Describe) -> Any:
    return int(value) if abs(value) <= _LARGEST_EXACT else {"$numberLong": str(int(value))}


def _of_float(value: float, describe: Describe) -> Any:
    if math.isfinite(value):
        return float(value)
    names = {math.inf: "Infinity", -math.inf: "-Infinity"}
    return {"$numberDouble": names.get(value, "NaN")}


def _of_pattern(value: re.Pattern[Any], describe: Describe) -> Any:
    if isinstance(value.pattern, str) and value.flags == re.compile(value.pattern).flags:
        return value.pattern  # its text says all of it, flags within included
    return {"$pattern": str(value.pattern), "flags": value.flags}


def _of_duration(value: timedelta) -> Any:
    try:
        if timedelta(seconds=value.total_seconds()) == value:
            return {"$seconds": value.total_seconds()}
    except OverflowError:
        pass
    return {"$microseconds": str(value // _MICROSECOND)}  # a double does not hold so many digits


def _of_mapping(value: Mapping[Any, Any], describe: Describe) -> Any:
    looks_like_a_field = "type" in value and "kind" in value
    if not looks_like_a_field and all(
        isinstance(key, str) and not key.startswith("$") for key in value
    ):
        return {key: value_form(item, describe) for key, item in value.items()}
    pairs = [[value_form(key, describe), value_form(item, describe)] for key, item in value.items()]
    return {"$map": pairs}


def _of_set(value: set[Any], describe: Describe) -> Any:
    return {"$set": sorted((value_form(item, describe) for item in value), key=repr)}


_FORMS: list[tuple[Any, Callable[[Any, Describe], Any]]] = [
    (Enum, _of_member),
    (int, _of_integer),
    (float, _of_float),
    (Decimal, lambda value, describe: {"$numberDecimal": str(value)}),
    (datetime, lambda value, describe: {"$date": value.isoformat()}),
    (date, lambda value, describe: {"$day": value.isoformat()}),
    (timedelta, lambda value, describe: _of_duration(value)),
    (re.Pattern, _of_pattern),
    (Point, lambda value, describe: value.as_geojson()),
    (Mapping, _of_mapping),
    ((list, tuple), lambda value, describe: [value_form(item, describe) for item in value]),
    ((set, frozenset), _of_set),
]
