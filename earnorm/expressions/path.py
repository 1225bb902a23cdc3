"""A field of the stored document, ready to be compared."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from earnorm.errors import FilterError
from earnorm.expressions.concealed import Concealed
from earnorm.expressions.expression import Expression
from earnorm.expressions.order import Order

__all__ = ["Path"]

T = TypeVar("T")


class Path(Generic[T]):
    """What `User.age` is: a stored name, and the field's own way to check and encode a value.

    A value that does not suit the field raises `ValidationError`, so a mapping can never smuggle an
    operator into a filter.
    """

    __slots__ = ("_encode", "_encode_item", "_is_secret", "name")

    def __init__(
        self,
        name: str,
        encode: Callable[[object], Any],
        encode_item: Callable[[object], Any] | None = None,
        *,
        is_secret: bool = False,
    ) -> None:
        self.name = name
        self._encode = encode
        self._encode_item = encode_item
        self._is_secret = is_secret

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

    def in_(self, values: Iterable[T]) -> Expression:
        """The value is one of these."""
        return self._condition("$in", [self._encode(value) for value in values])

    def not_in(self, values: Iterable[T]) -> Expression:
        """The value is none of these; a document without the value fits too."""
        return self._condition("$nin", [self._encode(value) for value in values])

    def exists(self, *, present: bool = True) -> Expression:
        """The document has the value, None included; with `present=False`, it does not."""
        return self._condition("$exists", present)

    def contains(self, item: Any) -> Expression:
        """The list holds this item; raises `TypeError` for a field that is no list."""
        if self._encode_item is None:
            raise TypeError(f"{self.name!r} is no list, so it contains nothing; compare it with ==")
        return self._condition("$eq", self._encode_item(item))

    def startswith(self, prefix: str) -> Expression:
        """The text, or a text of the list, begins with `prefix`, case included."""
        self._check_text(prefix)
        return self._condition("$regex", f"^{re.escape(prefix)}")

    def matches(self, pattern: str, *, ignore_case: bool = False) -> Expression:
        """The text, or a text of the list, matches the regular expression somewhere.

        Raises `FilterError` for what is no regular expression.
        """
        self._check_text(pattern)
        try:
            re.compile(pattern)
        except re.error as error:
            if self._is_secret:
                raise FilterError(
                    f"what {self.name!r} was to match is no regular expression"
                ) from None
            raise FilterError(f"{pattern!r} is not a regular expression: {error}") from error
        return self._expression({"$regex": pattern, "$options": "i" if ignore_case else ""})

    def asc(self) -> Order:
        """For `sort`: the smallest first."""
        return Order(self.name, 1)

    def desc(self) -> Order:
        """For `sort`: the largest first."""
        return Order(self.name, -1)

    def __bool__(self) -> bool:
        raise TypeError(
            f"the field {self.name!r} of a model is neither true nor false: read it from an instance, or "
            "compare it to make an expression"
        )

    def __repr__(self) -> str:
        return f"Path({self.name!r})"

    def _compare(self, operator: str, value: T) -> Expression:
        return self._condition(operator, self._encode(value))

    def _condition(self, operator: str, operand: Any) -> Expression:
        return self._expression({operator: operand})

    def _expression(self, condition: dict[str, Any]) -> Expression:
        return Expression({self.name: Concealed(condition) if self._is_secret else condition})

    def _check_text(self, text: str) -> None:
        # A field that takes no text could never match: its own error says so.
        (self._encode_item or self._encode)(text)
