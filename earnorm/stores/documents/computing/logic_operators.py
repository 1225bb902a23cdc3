"""`$and`, `$cond`, `$eq` and the other operators that ask, compare and choose."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.stores.documents.computing.arguments import Named, positional, taking
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    constant,
    nullish,
)
from earnorm.stores.documents.computing.field_paths import check_variable_name
from earnorm.stores.documents.computing.values import comparison_key, is_true
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document

__all__ = ["LOGIC_OPERATORS"]


def _compile_and(operand: Any, scope: Scope) -> Evaluate:
    arguments = positional("$and", operand, scope, least=0, most=None)
    return lambda document, variables: all(
        is_true(argument(document, variables)) for argument in arguments
    )


def _compile_or(operand: Any, scope: Scope) -> Evaluate:
    arguments = positional("$or", operand, scope, least=0, most=None)
    return lambda document, variables: any(
        is_true(argument(document, variables)) for argument in arguments
    )


def _not(value: Any) -> bool:
    return not is_true(value)


def _compile_cond(operand: Any, scope: Scope) -> Evaluate:
    if as_document(operand) is not None:
        arguments = _COND.compile(operand, scope)
        condition, then, otherwise = (arguments[name] for name in _COND.required)
    else:
        condition, then, otherwise = positional("$cond", operand, scope, least=3, most=3)

    def evaluate(document: Document, variables: Variables) -> Any:
        chosen = then if is_true(condition(document, variables)) else otherwise
        return chosen(document, variables)

    return evaluate


_COND = Named(operator="$cond", required=("if", "then", "else"), unknown=17083, missing=17080)


def _compile_if_null(operand: Any, scope: Scope) -> Evaluate:
    elements = as_array(operand)
    if elements is None or len(elements) < 2:
        raise bad_value("$ifNull takes at least two arguments.", 1257300)
    *tried, last = positional("$ifNull", operand, scope, least=2, most=None)

    def evaluate(document: Document, variables: Variables) -> Any:
        for argument in tried:
            if not nullish(value := argument(document, variables)):
                return value
        return last(document, variables)

    return evaluate


def _compile_switch(operand: Any, scope: Scope) -> Evaluate:
    operands = _SWITCH.operands(operand)
    branches = as_array(operands["branches"])
    if branches is None:
        raise bad_value("the branches of $switch have to be an array.", 40061)
    compiled = [_compile_branch(branch, scope) for branch in branches]
    default = scope.compile(operands["default"]) if "default" in operands else None
    if not compiled and default is None:
        raise bad_value("$switch needs at least one branch.", 40068)

    def evaluate(document: Document, variables: Variables) -> Any:
        for case, then in compiled:
            if is_true(case(document, variables)):
                return then(document, variables)
        if default is None:
            raise bad_value("$switch found no branch that fits, and it has no default.", 40066)
        return default(document, variables)

    return evaluate


_SWITCH = Named(
    operator="$switch",
    required=("branches",),
    optional=("default",),
    no_document=40060,
    unknown=40067,
    missing=40068,
)
_BRANCH = Named(
    operator="a branch of $switch",
    required=("case", "then"),
    no_document=40062,
    unknown=40063,
    missing=40064,
)


def _compile_branch(branch: Any, scope: Scope) -> tuple[Evaluate, Evaluate]:
    arguments = _BRANCH.compile(branch, scope)
    return arguments["case"], arguments["then"]


def _compile_let(operand: Any, scope: Scope) -> Evaluate:
    operands = _LET.operands(operand)
    fields = as_document(operands["vars"])
    if fields is None:
        raise bad_value("the vars of $let have to be a document.", 16876)
    for name in fields:
        check_variable_name(name)
    values = {name: scope.compile(value) for name, value in fields.items()}
    inner = scope.defining(*fields).compile(operands["in"])

    def evaluate(document: Document, variables: Variables) -> Any:
        found = {name: value(document, variables) for name, value in values.items()}
        return inner(document, {**variables, **found})

    return evaluate


_LET = Named(
    operator="$let", required=("vars", "in"), no_document=16874, unknown=16875, missing=16876
)


def _compile_literal(operand: Any, scope: Scope) -> Evaluate:
    return constant(operand)


def _comparing(name: str, holds: Callable[[bytes, bytes], Any]) -> tuple[str, Compiler]:
    def compare(first: Any, second: Any) -> Any:
        return holds(comparison_key(first), comparison_key(second))

    return taking(name, compare, least=2, most=2)


LOGIC_OPERATORS: Mapping[str, Compiler] = {
    "$literal": _compile_literal,
    "$let": _compile_let,
    "$cond": _compile_cond,
    "$ifNull": _compile_if_null,
    "$switch": _compile_switch,
    "$and": _compile_and,
    "$or": _compile_or,
    **dict(
        [
            taking("$not", _not),
            _comparing("$eq", lambda a, b: a == b),
            _comparing("$ne", lambda a, b: a != b),
            _comparing("$gt", lambda a, b: a > b),
            _comparing("$gte", lambda a, b: a >= b),
            _comparing("$lt", lambda a, b: a < b),
            _comparing("$lte", lambda a, b: a <= b),
            _comparing("$cmp", lambda a, b: (a > b) - (a < b)),
        ]
    ),
}
