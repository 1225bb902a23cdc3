"""The operators that compute with each element of an array: `$map`, `$filter`, `$reduce`."""

from collections.abc import Mapping
from typing import Any

from earnorm.stores.documents.computing.arguments import Named
from earnorm.stores.documents.computing.array_operators import elements_of
from earnorm.stores.documents.computing.bounds import check_growth
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    nullish,
)
from earnorm.stores.documents.computing.field_paths import check_variable_name
from earnorm.stores.documents.computing.values import is_true, within_32_bits
from earnorm.stores.documents.kinds import MISSING
from earnorm.stores.documents.numbers import whole
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document

__all__ = ["MAPPING_OPERATORS"]


def _compile_map(operand: Any, scope: Scope) -> Evaluate:
    operands = _MAP.operands(operand)
    name = _element_name(operands)
    source = scope.compile(operands["input"])
    inner = scope.defining(name).compile(operands["in"])

    def evaluate(document: Document, variables: Variables) -> Any:
        array = source(document, variables)
        if nullish(array):
            return None
        within = dict(variables)
        values: list[Any] = []
        for within[name] in elements_of(array, "the input of $map", 16883):
            value = inner(document, within)
            values.append(None if value is MISSING else value)
        return values

    return evaluate


_MAP = Named(
    operator="$map",
    required=("input", "in"),
    optional=("as",),
    no_document=16878,
    unknown=16879,
    missing=16882,
)


def _compile_filter(operand: Any, scope: Scope) -> Evaluate:
    operands = _FILTER.operands(operand)
    name = _element_name(operands)
    source = scope.compile(operands["input"])
    condition = scope.defining(name).compile(operands["cond"])
    limit = scope.compile(operands.get("limit"))

    def evaluate(document: Document, variables: Variables) -> Any:
        array = source(document, variables)
        if nullish(array):
            return None
        most = _limit(limit(document, variables))
        within = dict(variables)
        kept: list[Any] = []
        for within[name] in elements_of(array, "the input of $filter", 28651):
            if most is not None and len(kept) == most:
                break
            if is_true(condition(document, within)):
                kept.append(within[name])
        return kept

    return evaluate


_FILTER = Named(
    operator="$filter",
    required=("input", "cond"),
    optional=("as", "limit"),
    no_document=28646,
    unknown=28647,
    missing=28650,
)


def _compile_reduce(operand: Any, scope: Scope) -> Evaluate:
    operands = _REDUCE.operands(operand)
    source = scope.compile(operands["input"])
    initial = scope.compile(operands["initialValue"])
    inner = scope.defining("this", "value").compile(operands["in"])

    def evaluate(document: Document, variables: Variables) -> Any:
        array = source(document, variables)
        if nullish(array):
            return None
        within = {**variables, "value": initial(document, variables)}
        elements = elements_of(array, "the input of $reduce", 40080)
        for count, within["this"] in enumerate(elements, 1):
            within["value"] = inner(document, within)
            # what doubles with each element is noticed in time, and what only grows costs little
            if count & (count - 1) == 0 or count == len(elements):
                check_growth("$reduce", within["value"])
        return within["value"]

    return evaluate


_REDUCE = Named(
    operator="$reduce",
    required=("input", "initialValue", "in"),
    no_document=40075,
    unknown=40076,
    missing=40077,
)

MAPPING_OPERATORS: Mapping[str, Compiler] = {
    "$map": _compile_map,
    "$filter": _compile_filter,
    "$reduce": _compile_reduce,
}


def _element_name(operands: Mapping[str, Any]) -> str:
    name = operands.get("as", "this")
    if not isinstance(name, str):
        raise bad_value(f"'as' has to be the name of a variable, not {name!r}.", 16866)
    check_variable_name(name)
    return name


def _limit(value: Any) -> int | None:
    if nullish(value):
        return None
    number = whole(value)
    if number is None or not within_32_bits(number):
        raise bad_value(f"the limit of $filter has to be an integer, not {value!r}.", 327391)
    if number < 1:
        raise bad_value(f"the limit of $filter has to be greater than 0, not {number}.", 327392)
    return number
