"""The keys of dictionaries: any value with a text of its own, which is what documents have for keys."""

import re
from collections.abc import Mapping
from typing import Any

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.fields.base import Field
from earnorm.fields.dates import DateField
from earnorm.fields.definitions import Definitions
from earnorm.fields.enums import EnumField
from earnorm.fields.identity import ObjectIdField, UUIDField
from earnorm.fields.limits import check_key
from earnorm.fields.literals import LiteralField
from earnorm.fields.numbers import IntegerField
from earnorm.fields.text import StringField

__all__ = ["check_key_field", "check_typed_keys", "decode_key", "encode_key", "key_schema"]

_WITH_TEXT = (
    StringField, IntegerField, EnumField, LiteralField, UUIDField, ObjectIdField, DateField
)  # fmt: skip
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")


def check_key_field(keys: object) -> None:
    """Raises `FieldDefinitionError` for keys whose texts would not tell them apart, or that have none."""
    if not isinstance(keys, _WITH_TEXT):
        kinds = ", ".join(kind.__name__ for kind in _WITH_TEXT)
        raise FieldDefinitionError(
            f"keys={keys!r} is no field whose values have a text that a document can have for a key. "
            f"These are: {kinds}."
        )
    if not keys.required:
        raise FieldDefinitionError("a key is never None: leave out required=False")
    if keys.secret:
        raise FieldDefinitionError(
            "a key cannot be secret: it is part of the path to its value. Put what is secret into the values."
        )
    values = list(dict.fromkeys(_values(keys)))
    texts = {encode_key(keys, value) for value in values}
    if len(texts) < len(values):
        raise FieldDefinitionError(
            f"keys={keys!r} has two values of the same text, such as 1 and '1', and documents keep texts"
        )


def check_typed_keys(
    keys: Field[Any], value: Mapping[Any, Any], path: str, faults: list[FieldFault]
) -> dict[str, tuple[Any, Any]]:
    """Under the text of each key, the key as `keys` has it and its value; a fault for each that does not fit."""
    named: dict[str, tuple[Any, Any]] = {}
    for given, item in value.items():
        found: list[FieldFault] = []
        key = keys.check(given, path, found)
        if found:
            message = f"has a key that {found[0].message}"
            faults.append(FieldFault(path=path, code="key", message=message, input=given))
            continue
        text = encode_key(keys, key)
        if not check_key(text, path, faults):
            continue
        if text in named:
            message = "has two keys that mean the same"
            faults.append(FieldFault(path=path, code="key", message=message, input=given))
        named[text] = key, item
    return named


def encode_key(keys: Field[Any], key: Any) -> str:
    """The text of a key: its JSON form, and the digits of a number."""
    form = keys.to_json(key)
    if isinstance(form, bool):
        return "true" if form else "false"
    return form if isinstance(form, str) else str(form)


def decode_key(keys: Field[Any], text: object, path: str, faults: list[FieldFault]) -> Any:
    """The key of a text; a fault for one that no key has, as `007`, so that no two texts are one key."""
    for form in _forms(text) if isinstance(text, str) else []:
        found: list[FieldFault] = []
        key = keys.from_json(form, path, found)
        if not found and encode_key(keys, key) == text:
            return key
    message = f"has a key that is not the text of {keys.expects}"
    faults.append(FieldFault(path=path, code="key", message=message, input=text))
    return text


def key_schema(keys: Field[Any], definitions: Definitions) -> dict[str, Any]:
    """The JSON Schema of the keys' texts."""
    if isinstance(keys, IntegerField):
        return {"pattern": f"^({_INTEGER.pattern})$"}
    values = _values(keys)
    return (
        {"enum": [encode_key(keys, one) for one in values]}
        if values
        else keys.json_schema(definitions)
    )


def _forms(text: str) -> list[Any]:
    words = {"true": True, "false": False}
    numbers = [int(text)] if _INTEGER.fullmatch(text) else []
    return [text, *numbers, *([words[text]] if text in words else [])]


def _values(keys: Field[Any]) -> list[Any]:
    if isinstance(keys, EnumField):
        return list(keys.enum.__members__.values())
    return list(keys.values) if isinstance(keys, LiteralField) else []
