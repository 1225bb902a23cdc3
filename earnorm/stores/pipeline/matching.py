"""`$match`."""

from typing import Any

from earnorm.stores.documents.computing import compile_normalized_expression, is_true
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.matcher import compile_normalized, normalized_filter
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.pipeline.stage import Documents, Run, Stage, StageScope

__all__ = ["compile_match", "reads_variables"]

_Filter = dict[str, Any]


def compile_match(operand: Any, scope: StageScope) -> Stage:
    """The documents that match a filter."""
    if as_document(operand) is None:
        raise bad_value(f"$match takes a filter, not {operand!r}.", 15959)
    filter = normalized_filter(operand)
    if not reads_variables(filter):
        matches = compile_normalized(filter)
        return lambda documents, run: (one for one in documents if matches(one))
    if set(filter) == {"$expr"}:
        return _computing(filter["$expr"], scope)
    compile_normalized(_bound(filter, dict.fromkeys(scope.variables)))

    def match(documents: Documents, run: Run) -> Documents:
        matches = compile_normalized(_bound(filter, run.variables))
        return (one for one in documents if matches(one))

    return match


def reads_variables(filter: Any) -> bool:
    """Whether there is an `$expr` in the filter, which may read variables."""
    fields = as_document(filter) or {}
    return "$expr" in fields or any(
        reads_variables(clause)
        for name in ("$and", "$or", "$nor")
        for clause in as_array(fields.get(name)) or ()
    )


def _computing(expression: Any, scope: StageScope) -> Stage:
    evaluate = compile_normalized_expression(expression, scope.variables)

    def match(documents: Documents, run: Run) -> Documents:
        variables = run.variables
        return (document for document in documents if is_true(evaluate(document, variables)))

    return match


def _bound(filter: Any, variables: Any) -> _Filter:
    """The filter with the values of variables written into its expressions."""
    bound: _Filter = dict(filter)
    if "$expr" in bound:
        values = {name: _literal(value) for name, value in variables.items() if name != "NOW"}
        bound["$expr"] = {"$let": {"vars": values, "in": bound["$expr"]}}
    for name in ("$and", "$or", "$nor"):
        if (clauses := as_array(bound.get(name))) is not None:
            bound[name] = [
                clause if as_document(clause) is None else _bound(clause, variables)
                for clause in clauses
            ]
    return bound


def _literal(value: Any) -> Any:
    return "$$REMOVE" if value is MISSING else {"$literal": value}
