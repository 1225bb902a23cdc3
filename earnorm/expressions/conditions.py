"""The methods of a path that make conditions."""

import re
from collections.abc import Iterable
from typing import Any, Generic, TypeVar, overload

from earnorm.errors import FilterError
from earnorm.expressions.concealed import Concealed
from earnorm.expressions.expression import Expression
from earnorm.expressions.items import item_condition
from earnorm.expressions.kinds import Referable
from earnorm.expressions.place import Place

__all__ = ["Conditions"]

T_contra = TypeVar("T_contra", contravariant=True)
V = TypeVar("V")


class Conditions(Place, Generic[T_contra]):
    """Compares what is stored at a path.

    A value that does not suit the field raises `ValidationError`, so a mapping can never smuggle an
    operator into a filter.
    """

    __slots__ = ()

    __hash__ = object.__hash__

    def __eq__(self, other: T_contra) -> Expression:  # type: ignore[override] # a condition, not a comparison
        return self._compare("$eq", other)

    def __ne__(self, other: T_contra) -> Expression:  # type: ignore[override] # a condition, not a comparison
        return self._compare("$ne", other)

    def __lt__(self, other: T_contra) -> Expression:
        return self._compare("$lt", other)

    def __le__(self, other: T_contra) -> Expression:
        return self._compare("$lte", other)

    def __gt__(self, other: T_contra) -> Expression:
        return self._compare("$gt", other)

    def __ge__(self, other: T_contra) -> Expression:
        return self._compare("$gte", other)

    def in_(self, values: Iterable[T_contra]) -> Expression:
        """The value is one of these."""
        encode = self.__field__.encode_operand
        return self._condition("$in", [encode(value) for value in self._listed(values)])

    def not_in(self, values: Iterable[T_contra]) -> Expression:
        """The value is none of these; a document without the value fits too."""
        encode = self.__field__.encode_operand
        return self._condition("$nin", [encode(value) for value in self._listed(values)])

    def exists(self, *, present: bool = True) -> Expression:
        """The document has the value, None included; with `present=False`, it does not."""
        return self._condition("$exists", bool(present))

    @overload
    def contains(self: "Conditions[list[V]]", item: "V | Referable") -> Expression: ...
    @overload
    def contains(self: "Conditions[set[V]]", item: "V | Referable") -> Expression: ...
    @overload
    def contains(self: "Conditions[tuple[V, ...]]", item: "V | Referable") -> Expression: ...
    def contains(self, item: Any) -> Expression:
        """The list holds this item; raises `TypeError` for a field that is no list."""
        self._check_list("contains")
        self._check_opened("contains()")
        return self._condition("$eq", self.__field__.encode_item(item))

    @overload
    def contains_all(
        self: "Conditions[list[V]]", items: "Iterable[V | Referable]"
    ) -> Expression: ...
    @overload
    def contains_all(
        self: "Conditions[set[V]]", items: "Iterable[V | Referable]"
    ) -> Expression: ...
    @overload
    def contains_all(
        self: "Conditions[tuple[V, ...]]", items: "Iterable[V | Referable]"
    ) -> Expression: ...
    def contains_all(self, items: Iterable[Any]) -> Expression:
        """The list holds each of these items, in any order; no document fits when there are none."""
        self._check_list("contains_all")
        self._check_opened("contains_all()")
        encode = self.__field__.encode_item
        return self._condition("$all", [encode(item) for item in self._listed(items)])

    def has_length(self, length: int) -> Expression:
        """The list has so many items; raises `TypeError` for a field that is no list."""
        self._check_list("has_length")
        self._check_whole("has_length()")
        if not isinstance(length, int) or isinstance(length, bool) or not 0 <= length <= _LONGEST:
            raise FilterError(
                f"has_length() takes a whole number that is not negative, not {length!r}"
            )
        return self._condition("$size", length)

    def any(self, condition: Expression) -> Expression:
        """One item of the list fits all of this: `Order.lines.any((Line.qty > 3) & (Line.price < 5))`.

        Plain items are described by `each`: `User.scores.any((User.scores.each > 3) & ...)`.
        """
        items = self._items("any")
        self._check_whole("any()")
        return self._condition("$elemMatch", item_condition(self.__stored__, items, condition))

    def startswith(
        self: "Conditions[str] | Conditions[list[str]] | Conditions[set[str]]", prefix: str
    ) -> Expression:
        """The text, or a text of the list, begins with `prefix`, case included."""
        self._check_text(prefix)
        return self._condition("$regex", f"^{re.escape(prefix)}")

    def matches(
        self: "Conditions[str] | Conditions[list[str]] | Conditions[set[str]]",
        pattern: str,
        *,
        ignore_case: bool = False,
    ) -> Expression:
        """The text, or a text of the list, matches the regular expression somewhere.

        Raises `FilterError` for what is no regular expression.
        """
        self._check_text(pattern)
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            if self._is_secret:
                what = f"what {self.__written__!r} was to match is no regular expression"
                raise FilterError(what) from None
            raise FilterError(f"{pattern!r} is not a regular expression: {error}") from error
        return self._expression({"$regex": pattern, "$options": "i" if ignore_case else ""})

    def __bool__(self) -> bool:
        raise TypeError(
            f"the field {self.__written__!r} of a model is neither true nor false: read it from an "
            "instance, or compare it to make an expression"
        )

    def _compare(self, operator: str, value: object) -> Expression:
        return self._condition(operator, self.__field__.encode_operand(value))

    def _condition(self, operator: str, operand: Any) -> Expression:
        return self._expression({operator: operand})

    def _expression(self, condition: dict[str, Any]) -> Expression:
        shown = Concealed(condition) if self._is_secret else condition
        return Expression({self.__stored__: shown})

    def _check_text(self, text: str) -> None:
        if self.__field__.encode_item is not None and not self.__field__.has_keys:
            self._check_opened("texts to match")
        # A field that takes no text could never match: its own error says so.
        (self.__field__.encode_item or self.__field__.encode_operand)(text)

    def _listed(self, values: Iterable[Any]) -> list[Any]:
        # a string is a collection of its letters, and never what was meant
        if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
            got = "a secret" if self._is_secret else repr(values)
            raise TypeError(f"{self.__written__!r} takes a list of values here, not {got}")
        return list(values)


_LONGEST = 2**31 - 1
