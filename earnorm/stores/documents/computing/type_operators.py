"""The operators that ask for types and change them: `$type`, `$isNumber`, `$convert`, `$toString`."""

from collections.abc import Mapping
from typing import Any, Final

from pymongo.errors import OperationFailure

from earnorm.errors.suggestions import suggestion
from earnorm.stores.documents.computing.arguments import Named, taking
from earnorm.stores.documents.computing.conversions import TARGETS, converted
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    constant,
    nullish,
)
from earnorm.stores.documents.computing.values import kind_of
from earnorm.stores.documents.kinds import as_document
from earnorm.stores.documents.numbers import is_number, whole
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.documents.type_operators import NAMES_OF_TYPES, NUMBERS_OF_TYPES
from earnorm.typing import Document

__all__ = ["TYPE_OPERATORS"]


def _compile_convert(operand: Any, scope: Scope) -> Evaluate:
    arguments = _CONVERT.compile(operand, scope)
    source, to = arguments["input"], arguments["to"]
    on_null = arguments.get("onNull", constant(None))
    on_error = arguments.get("onError")

    def evaluate(document: Document, variables: Variables) -> Any:
        value, wanted = source(document, variables), to(document, variables)
        target = None if nullish(wanted) else _target(wanted)
        if nullish(value):
            return on_null(document, variables)
        if target is None:
            return None
        try:
            return converted(value, target)
        except OperationFailure as error:
            if on_error is None or error.code != _CONVERSION_FAILURE:
                raise
            return on_error(document, variables)

    return evaluate


_CONVERSION_FAILURE: Final = 241
_CONVERT = Named(operator="$convert", required=("input", "to"), optional=("onError", "onNull"))


def _target(wanted: Any) -> str:
    """The name of a type that values can be converted to."""
    name = wanted if isinstance(wanted, str) else NUMBERS_OF_TYPES.get(whole(wanted) or 0)
    if as_document(wanted) is not None:
        raise unsupported("$convert with a document as 'to'", "Name the type alone.")
    if name not in NAMES_OF_TYPES:
        near = suggestion(wanted, TARGETS) if isinstance(wanted, str) else ""
        raise bad_value(f"$convert knows no type {wanted!r}.{near}", 2)
    if name not in TARGETS:
        raise unsupported(f"$convert to {name}", f"It converts to {', '.join(TARGETS)}.")
    return str(name)


def _to(name: str, target: str) -> tuple[str, Compiler]:
    return taking(name, lambda value: None if nullish(value) else converted(value, target))


TYPE_OPERATORS: Mapping[str, Compiler] = {
    "$convert": _compile_convert,
    **dict(
        [
            taking("$type", kind_of),
            taking("$isNumber", is_number),
            _to("$toString", "string"),
            _to("$toInt", "int"),
            _to("$toLong", "long"),
            _to("$toDouble", "double"),
            _to("$toDecimal", "decimal"),
            _to("$toBool", "bool"),
            _to("$toDate", "date"),
            _to("$toObjectId", "objectId"),
        ]
    ),
}
