"""The JSON form of objects with fields: under the fields' names, closed."""

from collections.abc import Mapping
from typing import Any, Protocol

from earnorm.errors import FieldFault
from earnorm.fields.base import Field, hidden_fault
from earnorm.fields.definitions import Definitions

__all__ = ["object_from_json", "object_schema", "object_to_json"]


class Checking(Protocol):
    """A class whose instances are made of checked values."""

    @property
    def fields(self) -> Mapping[str, Field[Any]]:
        """The fields by their names."""
        ...

    def check_value(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        """An instance from a mapping of its values."""
        ...


def object_to_json(fields: Mapping[str, Field[Any]], values: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON form of the values that there are; a secret one is left out, and a plugin's that is None."""
    return {
        name: None if values[name] is None else field.to_json(values[name])
        for name, field in fields.items()
        if name in values
        and not field.is_hidden
        # What a plugin sets is no argument, not even as None.
        and (values[name] is not None or field.contributed_by is None)
    }


def object_from_json(
    codec: Checking, data: Mapping[Any, Any], path: str, faults: list[FieldFault]
) -> Any:
    """An instance from its JSON form, made and checked as the constructor does."""
    below = f"{path}." if path else ""
    values: dict[str, Any] = {}
    broken: set[str] = set()
    for name, item in data.items():
        found = len(faults)
        value = _value_from_json(codec.fields, name, item, f"{below}{name}", faults)
        if len(faults) > found:
            broken.add(f"{below}{name}")
        else:
            values[name] = value
    others: list[FieldFault] = []
    instance = codec.check_value(values, path, others)
    faults += [fault for fault in others if fault.path not in broken]
    return instance


def object_schema(fields: Mapping[str, Field[Any]], definitions: Definitions) -> dict[str, Any]:
    """The JSON Schema of what the constructor takes; nothing but the fields is allowed."""
    required = [
        name
        for name, field in fields.items()
        if not field.has_default and field.contributed_by is None
    ]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: field.json_schema(definitions) for name, field in fields.items()},
        "additionalProperties": False,
    }
    return {**schema, "required": required} if required else schema


def _value_from_json(
    fields: Mapping[str, Field[Any]],
    name: object,
    item: object,
    path: str,
    faults: list[FieldFault],
) -> Any:
    if not isinstance(name, str):
        message = f"has a key of type {type(name).__name__}, and the keys of JSON are strings"
        faults.append(FieldFault(path=path, code="key", message=message, input=name))
        return item
    field = fields.get(name)
    if field is None or field.contributed_by is not None:
        return item  # the constructor will refuse it
    found = len(faults)
    value = field.from_json(item, path, faults)
    if field.is_hidden:
        faults[found:] = [hidden_fault(fault, item) for fault in faults[found:]]
    return value
