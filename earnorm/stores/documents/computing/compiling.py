"""Compiles expressions: paths, literals, arrays, documents of expressions, and operators."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo.errors import DocumentTooLarge, OperationFailure

from earnorm.errors import InvalidDocumentError
from earnorm.errors.suggestions import suggestion
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    constant,
)
from earnorm.stores.documents.computing.field_paths import check_field_name, compile_field_path
from earnorm.stores.documents.computing.foreign_names import FOREIGN_EXPRESSIONS
from earnorm.stores.documents.computing.operator_table import EXPRESSIONS
from earnorm.stores.documents.encoding import decode, encode
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.typing import Document

__all__ = ["compile_expression", "compile_normalized_expression", "normalized_value"]


def compile_expression(value: Any, variables: Collection[str] = ()) -> Evaluate:
    """A function that gives the value of an expression, for a document and the values of variables.

    `variables` are the names that may be read besides MongoDB's own (`$$ROOT`, `$$CURRENT`,
    `$$REMOVE`, `$$NOW`). The whole expression is checked here: `UnsupportedError` names an operator that
    this release does not have, PyMongo's `OperationFailure` (168) one that MongoDB does not know, and
    what else is malformed. The function gives `MISSING` where the expression has no value, and raises
    `OperationFailure` for documents that it cannot compute with.
    """
    return compile_normalized_expression(normalized_value(value, "the expression"), variables)


def compile_normalized_expression(value: Any, variables: Collection[str] = ()) -> Evaluate:
    """As `compile_expression`, for a value in BSON's types only."""
    return _compile(value, Scope(compile_in=_compile, variables=frozenset(variables)))


def normalized_value(value: Any, what: str) -> Any:
    """The value as MongoDB would receive it: in BSON's types only, no deeper than it allows."""
    try:
        return decode(encode({"value": value}))["value"]
    except (InvalidDocumentError, DocumentTooLarge) as error:
        raise OperationFailure(f"{what} cannot be sent: {error}", 2) from error


def _compile(value: Any, scope: Scope) -> Evaluate:
    if type(value) is str:
        return compile_field_path(value, scope) if value.startswith("$") else constant(value)
    if (elements := as_array(value)) is not None:
        return _compile_array(elements, scope)
    if (document := as_document(value)) is not None:
        first = next(iter(document), "")
        if first.startswith("$"):
            return _compile_operator(document, scope)
        return _compile_document(document, scope)
    return constant(value)


def _compile_array(elements: Sequence[Any], scope: Scope) -> Evaluate:
    compiled = [scope.compile(element) for element in elements]

    def evaluate(document: Document, variables: Variables) -> Any:
        values = (element(document, variables) for element in compiled)
        return [None if value is MISSING else value for value in values]

    return evaluate


def _compile_document(fields: Mapping[str, Any], scope: Scope) -> Evaluate:
    for name in fields:
        check_field_name(name)
    compiled = [(name, scope.compile(value)) for name, value in fields.items()]

    def evaluate(document: Document, variables: Variables) -> Any:
        values = ((name, field(document, variables)) for name, field in compiled)
        return {name: value for name, value in values if value is not MISSING}

    return evaluate


def _compile_operator(document: Mapping[str, Any], scope: Scope) -> Evaluate:
    if len(document) != 1:
        raise bad_value(
            f"an expression is a document of exactly one operator, and {list(document)} are several names.",
            15983,
        )
    ((name, operand),) = document.items()
    return _operator(name)(operand, scope)


def _operator(name: str) -> Compiler:
    compiler = EXPRESSIONS.get(name)
    if compiler is not None:
        return compiler
    if name in FOREIGN_EXPRESSIONS:
        raise unsupported(f"the expression {name}")
    raise bad_value(f"unrecognized expression {name!r}.{suggestion(name, EXPRESSIONS)}", 168)
