"""The operator of a filter that computes: `$expr`."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.clock import now
from earnorm.stores.documents.computing import compile_normalized_expression, is_true
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document

__all__ = ["matches_expression", "refuse_expression"]


def matches_expression(expression: Any) -> Callable[[Document], bool]:
    """Documents for which the expression is true; its `$$NOW` is the time of this call."""
    evaluate = compile_normalized_expression(expression)
    variables = {"NOW": now()}
    return lambda document: is_true(evaluate(document, variables))


def refuse_expression(filter: Mapping[str, Any]) -> None:
    """Raises PyMongo's `OperationFailure` for a filter of array elements that has an `$expr` in it."""
    for name, condition in filter.items():
        if name == "$expr":
            raise bad_value("$expr is about the whole document: it cannot stand inside $elemMatch.")
        if name in ("$and", "$or", "$nor"):
            for clause in as_array(condition) or ():
                refuse_expression(as_document(clause) or {})
