"""The JSON form of values that no field type describes: MongoDB's Extended JSON (v2, relaxed).

It is used for what JSON has no form for (`{"$oid": "65f0…"}`); everything else is plain.
"""

import math
import re
import uuid
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from bson import Regex, json_util
from bson.binary import Binary, UuidRepresentation

from earnorm.errors import FieldFault
from earnorm.fields.depth import refuse_depth, walk

__all__ = ["from_extended_json", "to_extended_json"]

_OPTIONS: json_util.JSONOptions = json_util.JSONOptions(
    json_mode=json_util.JSONMode.RELAXED,
    uuid_representation=UuidRepresentation.STANDARD,
    tz_aware=True,
    tzinfo=UTC,
)


def to_extended_json(value: Any, path: str, faults: list[FieldFault]) -> Any:
    """An encoded value as JSON keeps it; dictionaries and lists are copied.

    Adds a fault for a dictionary that would be read back as something else, such as `{"$date": "x"}`.
    """
    if isinstance(value, Mapping):
        _refuse_wrapper(value, path, faults)
        return {key: to_extended_json(item, f"{path}.{key}", faults) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_extended_json(item, f"{path}.{n}", faults) for n, item in enumerate(value)]
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, int):
        return int(value)  # Int64 is an int to Python alone
    if isinstance(value, float) and math.isfinite(value):
        return value
    return json_util.default(_bson_form(value), _OPTIONS)


def from_extended_json(data: Any, path: str, faults: list[FieldFault]) -> Any:
    """The BSON value of a JSON form; adds a fault for a wrapper such as `$oid` that is not one."""
    return walk(_read, data, path, faults)


def _read(data: Any, path: str, faults: list[FieldFault], depth: int) -> Any:
    if not isinstance(data, (dict, list)):
        return data
    refuse_depth(path, depth)
    if isinstance(data, list):
        return [_read(item, f"{path}.{n}", faults, depth + 1) for n, item in enumerate(data)]
    inner = {key: _read(item, f"{path}.{key}", faults, depth + 1) for key, item in data.items()}
    is_wrapper = any(isinstance(key, str) and key.startswith("$") for key in inner)
    return _unwrapped(inner, path, faults) if is_wrapper else inner


def _bson_form(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return Binary.from_uuid(value)
    return Regex.from_native(value) if isinstance(value, re.Pattern) else value


def _refuse_wrapper(value: Mapping[str, Any], path: str, faults: list[FieldFault]) -> None:
    if not any(key.startswith("$") for key in value):
        return
    refused: list[FieldFault] = []
    if _unwrapped(dict(value), path, refused) != value or refused:
        message = "has keys that Extended JSON would read as a type of BSON; rename them, or use a JsonField"
        faults.append(FieldFault(path=path, code="json", message=message, input=value))


def _unwrapped(inner: dict[str, Any], path: str, faults: list[FieldFault]) -> Any:
    try:
        return json_util.object_hook(inner, _OPTIONS)
    except Exception as error:  # noqa: BLE001 # PyMongo's parser meets hostile input with any of a dozen errors
        message = f"is not Extended JSON: {type(error).__name__}: {error}"
        faults.append(FieldFault(path=path, code="json", message=message, input=inner))
        return inner
