"""Turns `{"$expr": {"$eq": ["$field", "$$variable"]}}` into a filter that an index can serve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from earnorm.stores.documents.computing import compile_expression
from earnorm.stores.documents.computing.expression import Evaluate
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.typing import Document

__all__ = ["Correlation", "correlations"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """A field that has to equal what is computed from variables alone."""

    path: str
    value: Evaluate

    def filter_for(self, variables: Mapping[str, Any]) -> Document | None:
        """A filter that matches what the expression does, and perhaps more; None if there is no such."""
        value = self.value({}, variables)
        # an expression makes an array of what a path finds in an array, and a filter looks at each
        if value is MISSING or ("." in self.path and as_array(value) is not None):
            return None
        return {self.path: {"$eq": value}}


def correlations(stages: Sequence[tuple[str, Any]], variables: frozenset[str]) -> list[Correlation]:
    """What the `$match` stages that a pipeline begins with demand of single fields."""
    found: list[Correlation] = []
    for name, operand in stages:
        if name != "$match":
            break
        found += _of_filter(operand, variables)
    return found


def _of_filter(filter: Any, variables: frozenset[str]) -> list[Correlation]:
    fields = as_document(filter) or {}
    found = _of_expression(fields.get("$expr"), variables)
    for clause in as_array(fields.get("$and")) or ():
        found += _of_filter(clause, variables)
    return found


def _of_expression(expression: Any, variables: frozenset[str]) -> list[Correlation]:
    fields = as_document(expression)
    if fields is None or len(fields) != 1:
        return []
    ((operator, operand),) = fields.items()
    arguments = as_array(operand)
    if operator == "$and" and arguments is not None:
        return [one for argument in arguments for one in _of_expression(argument, variables)]
    if operator != "$eq" or arguments is None or len(arguments) != 2:
        return []
    first, second = arguments
    return _of_sides(first, second, variables) or _of_sides(second, first, variables)


def _of_sides(field: Any, variable: Any, variables: frozenset[str]) -> list[Correlation]:
    if not _is_path(field) or not isinstance(variable, str) or not variable.startswith("$$"):
        return []
    if variable[2:].split(".")[0] not in variables:
        return []
    return [Correlation(path=field[1:], value=compile_expression(variable, variables))]


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("$") and not value.startswith("$$")
