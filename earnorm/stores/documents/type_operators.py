"""The operator of a filter that looks at BSON types: `$type`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bson import (
    Binary,
    Code,
    DatetimeMS,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.numbers import whole
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.value_tests import Test, any_value

__all__ = ["NAMES_OF_TYPES", "NUMBERS_OF_TYPES", "compile_type", "named_types", "type_name"]


def compile_type(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    """`$type`: values of one of these BSON types, each by its number or its name."""
    wanted = as_array(operand)
    if wanted is None:
        wanted = [operand]
    elif not wanted:
        raise bad_value("$type needs at least one type.", 9)
    names = frozenset(name for one in wanted for name in named_types(one))
    return any_value(lambda value: type_name(value) in names)


NUMBERS_OF_TYPES: Final = {
    1: "double",
    2: "string",
    3: "object",
    4: "array",
    5: "binData",
    6: "undefined",
    7: "objectId",
    8: "bool",
    9: "date",
    10: "null",
    11: "regex",
    12: "dbPointer",
    13: "javascript",
    14: "symbol",
    15: "javascriptWithScope",
    16: "int",
    17: "timestamp",
    18: "long",
    19: "decimal",
    -1: "minKey",
    127: "maxKey",
}
"""BSON's types ("BSON Types" in MongoDB's manual); the deprecated ones come back as other values."""

NAMES_OF_TYPES: Final = frozenset(NUMBERS_OF_TYPES.values())
"""The names of BSON's types."""

_ANY_NUMBER: Final = ("double", "int", "long", "decimal")


def named_types(wanted: Any) -> Iterable[str]:
    """The names of the types that a number or a name stands for; `OperationFailure` for one that stands for none."""
    if isinstance(wanted, str):
        if wanted == "number":
            return _ANY_NUMBER
        if wanted in NAMES_OF_TYPES:
            return (wanted,)
        raise bad_value(f"$type knows no type of the name {wanted!r}.")
    number = whole(wanted)
    if number is None or number not in NUMBERS_OF_TYPES:
        raise bad_value(f"$type takes the number or the name of a BSON type, not {wanted!r}.")
    return (NUMBERS_OF_TYPES[number],)


def type_name(value: Any) -> str:
    """The name of the value's BSON type, and nothing for a missing one."""
    if value is MISSING:
        return ""
    if as_document(value) is not None:
        return "object"
    if as_array(value) is not None:
        return "array"
    name = _BY_TYPE.get(type(value), "")
    return name(value) if callable(name) else name


def _integer(value: int) -> str:
    return "int" if -(2**31) <= value < 2**31 else "long"


def _code(value: Code) -> str:
    return "javascript" if value.scope is None else "javascriptWithScope"


_BY_TYPE: Final[dict[type, str | Callable[[Any], str]]] = {
    str: "string",
    bool: "bool",
    int: _integer,
    Int64: "long",
    float: "double",
    Decimal128: "decimal",
    type(None): "null",
    ObjectId: "objectId",
    datetime: "date",
    DatetimeMS: "date",
    bytes: "binData",
    Binary: "binData",
    UUID: "binData",
    Timestamp: "timestamp",
    Regex: "regex",
    Code: _code,
    MinKey: "minKey",
    MaxKey: "maxKey",
}
