"""A field of the stored document, ready to be compared."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from earnorm.expressions.expression import Expression

__all__ = ["Path"]

T = TypeVar("T")


class Path(Generic[T]):
    """What `User.age` is: a stored name, and the field's own way to check and encode a value.

    A value that does not suit the field raises `ValidationError`, so a mapping can never smuggle an
    operator into a filter.
    """

    __slots__ = ("_encode", "name")

    def __init__(self, name: str, encode: Callable[[object], Any]) -> None:
        self.name = name
        self._encode = encode

    __hash__ = object.__hash__

    def __eq__(self, other: T) -> Expression:  # type: ignore[override] # a condition, not a comparison
        return self._compare("$eq", other)

    def __ne__(self, other: T) -> Expression:  # type: ignore[override] # a condition, not a comparison
        return self._compare("$ne", other)

    def __lt__(self, other: T) -> Expression:
        return self._compare("$lt", other)

    def __le__(self, other: T) -> Expression:
        return self._compare("$lte", other)

    def __gt__(self, other: T) -> Expression:
        return self._compare("$gt", other)

    def __ge__(self, other: T) -> Expression:
        return self._compare("$gte", other)

    def __bool__(self) -> bool:
        raise TypeError(
            f"the field {self.name!r} of a model is neither true nor false: read it from an instance, or "
            "compare it to make an expression"
        )

    def __repr__(self) -> str:
        return f"Path({self.name!r})"

    def _compare(self, operator: str, value: T) -> Expression:
        return Expression({self.name: {operator: self._encode(value)}})
