"""A condition over documents, as a value."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from earnorm.typing import Document

__all__ = ["Expression"]


@dataclass(frozen=True, slots=True)
class Expression:
    """What `User.age > 3` is: a filter in MongoDB's terms. Combine with `&` and `|`, negate with `~`."""

    document: Document

    def __and__(self, other: "Expression") -> "Expression":
        if not isinstance(other, Expression):
            return NotImplemented
        return _joined("$and", self, other)

    def __or__(self, other: "Expression") -> "Expression":
        if not isinstance(other, Expression):
            return NotImplemented
        return _joined("$or", self, other)

    def __invert__(self) -> "Expression":
        negated = self._clauses("$nor")
        if negated is not None:
            return Expression({"$or": negated} if len(negated) > 1 else negated[0])
        return Expression({"$nor": self._clauses("$or") or [self.document]})

    def __bool__(self) -> bool:
        raise TypeError(
            "a query expression is neither true nor false: combine expressions with & and |, negate them with ~ "
            "(not 'and', 'or', 'not'), and compare values of instances (user.age), not of the model (User.age)"
        )

    def _clauses(self, operator: str) -> list[Any] | None:
        """The clauses, if the expression consists of this operator and nothing else."""
        clauses = self.document.get(operator)
        if not isinstance(clauses, list) or not clauses or len(self.document) > 1:
            return None
        return list(clauses)


def _joined(operator: str, left: Expression, right: Expression) -> Expression:
    # One flat list: a loop that joins hundreds of conditions must not nest as deep as that.
    return Expression({operator: [*_parts(operator, left), *_parts(operator, right)]})


def _parts(operator: str, expression: Expression) -> Iterator[Document]:
    yield from expression._clauses(operator) or [expression.document]
