"""The keywords of `$jsonSchema` that look at a value itself: its type, its size, its text."""

import math
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import Any, Final

from bson import Code, Decimal128

from earnorm.stores.documents.keys import key_bytes
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.numbers import is_number
from earnorm.stores.documents.regexes import compile_regex
from earnorm.stores.documents.schema_operands import count, flag, number, schema_error, text
from earnorm.stores.documents.type_operators import named_types, type_name
from earnorm.stores.documents.value_tests import ValueTest

__all__ = ["VALUE_KEYWORDS", "schema_key"]


def schema_key(value: Any) -> bytes:
    """The key of a value as schemas compare it: the order of the fields of a document does not count."""
    return key_bytes(_ordered(value))


def _ordered(value: Any) -> Any:
    if (document := as_document(value)) is not None:
        return {name: _ordered(document[name]) for name in sorted(document)}
    elements = as_array(value)
    return value if elements is None else [_ordered(element) for element in elements]


_Compiled = ValueTest | None
_JSON_TYPES: Final[Mapping[str, str]] = {
    "object": "object",
    "array": "array",
    "number": "number",
    "boolean": "bool",
    "string": "string",
    "null": "null",
}


def _bson_type(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    names = frozenset(name for one in _type_list("bsonType", operand) for name in named_types(one))
    return lambda value: type_name(value) in names


def _type(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    if "bsonType" in schema:
        raise schema_error("type", "cannot stand beside 'bsonType'", operand)
    wanted = _type_list("type", operand)
    for one in wanted:
        if one not in _JSON_TYPES:
            raise schema_error("type", f"is one of {', '.join(_JSON_TYPES)}", one, 2)
    return _bson_type([_JSON_TYPES[one] for one in wanted], {})


def _type_list(keyword: str, operand: Any) -> list[str]:
    elements = as_array(operand)
    if elements is None:
        elements = [operand]
    if not all(isinstance(one, str) for one in elements):
        raise schema_error(keyword, "is a string or an array of strings", operand, 14)
    if not elements or len(set(elements)) < len(elements):
        raise schema_error(keyword, "has different types, at least one", operand)
    return list(elements)


def _enum(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    elements = as_array(operand)
    if elements is None:
        raise schema_error("enum", "is an array", operand, 14)
    keys = {schema_key(element) for element in elements}
    if not keys or len(keys) < len(elements):
        raise schema_error("enum", "has different values, at least one", operand)
    return lambda value: schema_key(value) in keys


def _minimum(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    bound = key_bytes(number("minimum", operand))
    if flag("exclusiveMinimum", schema.get("exclusiveMinimum", False)):
        return _of_numbers(lambda value: key_bytes(value) > bound)
    return _of_numbers(lambda value: key_bytes(value) >= bound)


def _maximum(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    bound = key_bytes(number("maximum", operand))
    if flag("exclusiveMaximum", schema.get("exclusiveMaximum", False)):
        return _of_numbers(lambda value: _NAN < key_bytes(value) < bound)
    return _of_numbers(lambda value: _NAN < key_bytes(value) <= bound)


_NAN: Final = key_bytes(math.nan)  # the least of numbers in the order, and within no bounds


def _exclusive_minimum(operand: Any, schema: Mapping[str, Any]) -> None:
    _check_beside("exclusiveMinimum", operand, "minimum", schema)


def _exclusive_maximum(operand: Any, schema: Mapping[str, Any]) -> None:
    _check_beside("exclusiveMaximum", operand, "maximum", schema)


def _check_beside(keyword: str, operand: Any, other: str, schema: Mapping[str, Any]) -> None:
    flag(keyword, operand)
    if other not in schema:
        raise schema_error(keyword, f"stands beside {other!r} only", operand)


def _multiple_of(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    divisor = _exact(number("multipleOf", operand))
    if not divisor.is_finite() or divisor <= 0:
        raise schema_error("multipleOf", "is greater than 0", operand)

    def divides(value: Any) -> bool:
        exact = _exact(value)
        return exact.is_finite() and _WIDE.remainder(exact, divisor).is_zero()

    return _of_numbers(divides)


# wide enough for the greatest decimal over the least one
_WIDE: Final = Context(prec=13_000, traps=[])


def _exact(value: Any) -> Decimal:
    return value.to_decimal() if isinstance(value, Decimal128) else Decimal(value)


def _of_numbers(test: ValueTest) -> ValueTest:
    return lambda value: not is_number(value) or test(value)


def _min_length(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    least = count("minLength", operand)
    return _of_texts(lambda value: len(value) >= least)


def _max_length(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    most = count("maxLength", operand)
    return _of_texts(lambda value: len(value) <= most)


def _pattern(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    return _of_texts(compile_regex(text("pattern", operand)).matches)


def _of_texts(test: Callable[[str], bool]) -> ValueTest:
    def fits(value: Any) -> bool:
        return not isinstance(value, str) or isinstance(value, Code) or test(value)

    return fits


def _title(operand: Any, schema: Mapping[str, Any]) -> None:
    text("title", operand)


def _description(operand: Any, schema: Mapping[str, Any]) -> None:
    text("description", operand)


VALUE_KEYWORDS: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], _Compiled]]] = {
    "bsonType": _bson_type,
    "type": _type,
    "enum": _enum,
    "minimum": _minimum,
    "exclusiveMinimum": _exclusive_minimum,
    "maximum": _maximum,
    "exclusiveMaximum": _exclusive_maximum,
    "multipleOf": _multiple_of,
    "minLength": _min_length,
    "maxLength": _max_length,
    "pattern": _pattern,
    "title": _title,
    "description": _description,
}
"""What makes a test of the operand of a keyword, given the schema that it stands in; None where it asks for nothing."""
