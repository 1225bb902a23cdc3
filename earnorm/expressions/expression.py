"""A condition over documents, as a value."""

from collections.abc import Iterator
from dataclasses import dataclass

from earnorm.typing import Document

__all__ = ["Expression"]


@dataclass(frozen=True, slots=True)
class Expression:
    """What `User.age > 3` is: a filter in MongoDB's terms. Combine with `&` and `|`."""

    document: Document

    def __and__(self, other: "Expression") -> "Expression":
        if not isinstance(other, Expression):
            return NotImplemented
        return _joined("$and", self, other)

    def __or__(self, other: "Expression") -> "Expression":
        if not isinstance(other, Expression):
            return NotImplemented
        return _joined("$or", self, other)

    def __bool__(self) -> bool:
        raise TypeError(
            "a query expression is neither true nor false: combine expressions with & and | (not 'and' "
            "and 'or'), and compare values of instances (user.age), not of the model (User.age)"
        )


def _joined(operator: str, left: Expression, right: Expression) -> Expression:
    # One flat list: a loop that joins hundreds of conditions must not nest as deep as that.
    return Expression({operator: [*_clauses(operator, left), *_clauses(operator, right)]})


def _clauses(operator: str, expression: Expression) -> Iterator[Document]:
    clauses = expression.document.get(operator)
    if isinstance(clauses, list) and len(expression.document) == 1:
        yield from clauses
    else:
        yield expression.document
