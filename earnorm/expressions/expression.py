"""A condition over documents, as a value."""

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
        return Expression({"$and": [self.document, other.document]})

    def __or__(self, other: "Expression") -> "Expression":
        if not isinstance(other, Expression):
            return NotImplemented
        return Expression({"$or": [self.document, other.document]})

    def __bool__(self) -> bool:
        raise TypeError(
            "a query expression is neither true nor false: combine expressions with & and | (not 'and' "
            "and 'or'), and compare values of instances (user.age), not of the model (User.age)"
        )
