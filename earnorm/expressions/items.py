"""Conditions on one item of a list, from expressions that were written for items."""

from collections.abc import Iterator, Mapping
from typing import Any

from earnorm.errors import FilterError, suggestion
from earnorm.expressions.expression import Expression
from earnorm.expressions.place import Target
from earnorm.typing import Document, MutableDocument

__all__ = ["item_condition"]

_CLAUSES = ("$and", "$or", "$nor")


def item_condition(path: str, items: Target, condition: Expression) -> Document:
    """What `$elemMatch` and `$pull` take: a filter for items that have parts, operators for plain ones.

    The conditions are on the parts of an item (`Line.qty > 3`), or on plain items themselves
    (`User.scores.each > 3`). Raises `FilterError` for conditions on anything else.
    """
    if not isinstance(condition, Expression):
        raise FilterError(
            f"an item of {path!r} is described by an expression such as Line.quantity > 3, not by a "
            f"{type(condition).__name__}"
        )
    if items.part_names():
        _check_parts(path, items, condition.document)
        return condition.document
    return _operators(path, condition.document)


def _check_parts(path: str, items: Target, filter: Document) -> None:
    known = {part[0] for name in items.part_names() if (part := items.find_part(name))}
    for name, operand in filter.items():
        if name in _CLAUSES:
            for clause in operand:
                _check_parts(path, items, clause)
        elif name.partition(".")[0] not in known:
            raise FilterError(
                f"the items of {path!r} have no {name!r}: describe an item by the fields of its own "
                f"class.{suggestion(name, items.part_names())}"
            )


def _operators(path: str, filter: Document) -> Document:
    """The conditions on a plain item as one mapping of operators."""
    merged: MutableDocument = {}
    for operators in _conditions(path, filter):
        for operator, operand in operators.items():
            if operator in merged:
                raise FilterError(
                    f"an item of {path!r} is held against {operator} twice. Give each operator once."
                )
            merged[operator] = operand
    return merged


def _conditions(path: str, filter: Document) -> Iterator[Mapping[str, Any]]:
    for name, operand in filter.items():
        if name == "$and":
            for clause in operand:
                yield from _conditions(path, clause)
        elif name == "$nor" and len(operand) == 1:
            yield {"$not": _operators(path, operand[0])}
        elif name == path:
            yield operand
        else:
            raise FilterError(
                f"an item of {path!r} is described by conditions on .each, joined by & and negated by ~, "
                f"and {name!r} is none"
            )
