"""The operators over documents: `$mergeObjects`, `$objectToArray`, `$getField`, `$setField`."""

from collections.abc import Mapping
from typing import Any

from earnorm.stores.documents.computing.arguments import Named, null_for_null, taking
from earnorm.stores.documents.computing.array_operators import elements_of
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    nullish,
)
from earnorm.stores.documents.computing.values import kind_of
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document

__all__ = ["OBJECT_OPERATORS", "merged"]


def merged(*values: Any) -> dict[str, Any]:
    """One document of the fields of all; a later one wins, null and missing ones count for nothing."""
    result: dict[str, Any] = {}
    for value in values:
        if not nullish(value):
            result.update(_fields(value, "$mergeObjects takes documents", 40400))
    return result


def _merge(*values: Any) -> Any:
    # of one array, as of several arguments, the documents are merged
    elements = as_array(values[0]) if len(values) == 1 else None
    return merged(*(values if elements is None else elements))


def _to_array(value: Any) -> Any:
    fields = _fields(value, "$objectToArray takes a document", 40390)
    return [{"k": name, "v": inner} for name, inner in fields.items()]


def _to_object(array: Any) -> Any:
    elements = elements_of(array, "the argument of $arrayToObject", 40386)
    if not elements:
        return {}
    if as_array(elements[0]) is not None:
        return dict(map(_pair_of_array, elements))
    if as_document(elements[0]) is None:
        raise bad_value(
            f"$arrayToObject takes [key, value] or {{'k': key, 'v': value}}, not {kind_of(elements[0])}.",
            40398,
        )
    return dict(map(_pair_of_document, elements))


def _pair_of_array(element: Any) -> tuple[str, Any]:
    pair = elements_of(element, "each element for $arrayToObject, like the first,", 40396)
    if len(pair) != 2:
        raise bad_value(f"$arrayToObject takes pairs, not arrays of {len(pair)}.", 40397)
    return _key(pair[0], 40395), pair[1]


def _pair_of_document(element: Any) -> tuple[str, Any]:
    fields = _fields(element, "$arrayToObject takes documents only, once the first is one", 40391)
    if len(fields) != 2:
        raise bad_value(f"$arrayToObject takes documents of k and v, not {list(fields)}.", 40392)
    if "k" not in fields or "v" not in fields:
        raise bad_value(f"$arrayToObject takes documents of k and v, not {list(fields)}.", 40393)
    return _key(fields["k"], 40394), fields["v"]


def _key(value: Any, code: int) -> str:
    if type(value) is not str:
        raise bad_value(f"a key for $arrayToObject has to be text, not {kind_of(value)}.", code)
    if "\x00" in value:
        raise bad_value(f"the key {value!r} contains a NUL character.", 4940400)
    return value


def _compile_get_field(operand: Any, scope: Scope) -> Evaluate:
    if as_document(operand) is None or next(iter(operand), "").startswith("$"):
        operand = {"field": operand, "input": "$$CURRENT"}
    arguments = _GET_FIELD.compile(operand, scope)
    field, source = arguments["field"], arguments["input"]

    def evaluate(document: Document, variables: Variables) -> Any:
        name = _field_name(field(document, variables), "$getField", 3041704)
        value = source(document, variables)
        if value is None:
            return None
        fields = as_document(value)
        return MISSING if fields is None else fields.get(name, MISSING)

    return evaluate


_GET_FIELD = Named(
    operator="$getField", required=("field", "input"), unknown=3041701, missing=3041703
)


def _compile_set_field(operand: Any, scope: Scope) -> Evaluate:
    arguments = _SET_FIELD.compile(operand, scope)
    return _setting("$setField", arguments["field"], arguments["input"], arguments["value"])


_SET_FIELD = Named(
    operator="$setField",
    required=("field", "input", "value"),
    no_document=4161100,
    unknown=4161101,
    missing=4161102,
)


def _compile_unset_field(operand: Any, scope: Scope) -> Evaluate:
    arguments = _UNSET_FIELD.compile(operand, scope)
    removed = scope.compile("$$REMOVE")
    return _setting("$unsetField", arguments["field"], arguments["input"], removed)


_UNSET_FIELD = Named(
    operator="$unsetField",
    required=("field", "input"),
    no_document=4161100,
    unknown=4161101,
    missing=4161102,
)


def _setting(operator: str, field: Evaluate, source: Evaluate, new: Evaluate) -> Evaluate:
    def evaluate(document: Document, variables: Variables) -> Any:
        name = _field_name(field(document, variables), operator, 4161107)
        value = source(document, variables)
        if nullish(value):
            return None
        fields = dict(_fields(value, f"{operator} takes a document as its input", 4161105))
        fields[name] = new(document, variables)
        if fields[name] is MISSING:
            del fields[name]
        return fields

    return evaluate


OBJECT_OPERATORS: Mapping[str, Compiler] = {
    "$getField": _compile_get_field,
    "$setField": _compile_set_field,
    "$unsetField": _compile_unset_field,
    **dict(
        [
            taking("$mergeObjects", _merge, least=0, most=None),
            taking("$objectToArray", null_for_null(_to_array)),
            taking("$arrayToObject", null_for_null(_to_object)),
        ]
    ),
}


def _field_name(value: Any, operator: str, code: int) -> str:
    if type(value) is not str:
        raise bad_value(f"the field of {operator} has to be text, not {kind_of(value)}.", code)
    return value


def _fields(value: Any, fault: str, code: int) -> Mapping[str, Any]:
    fields = as_document(value)
    if fields is None:
        raise bad_value(f"{fault}, not {kind_of(value)}.", code)
    return fields
