"""The methods of a path that make updates."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar, overload

from earnorm.errors import UpdateError
from earnorm.expressions.expression import Expression
from earnorm.expressions.items import item_condition
from earnorm.expressions.kinds import Referable
from earnorm.expressions.place import Place
from earnorm.expressions.update import Update

__all__ = ["Updates"]

Set = set  # inside the class below, `set` is a method

T_contra = TypeVar("T_contra", contravariant=True)
V = TypeVar("V")


class Updates(Place, Generic[T_contra]):
    """Changes what is stored at a path, once it is given to `Query.update`.

    A value that does not suit the field raises `ValidationError` at once. What only the whole document
    can tell (a sum that breaks a limit) is found by `update`, which then asks for `each=True`.
    """

    __slots__ = ()

    def set(self, value: T_contra) -> Update:
        """The value becomes this."""
        return self._update("$set", self.__field__.assign(value))

    def unset(self) -> Update:
        """The value is taken out of the document; `update` refuses it for a required field."""
        return self._update("$unset", "")

    @overload
    def inc(self: "Updates[int]", by: int = ...) -> Update: ...
    @overload
    def inc(self: "Updates[float]", by: float) -> Update: ...
    @overload
    def inc(self: "Updates[Decimal]", by: Decimal | int) -> Update: ...
    def inc(self, by: Any = 1) -> Update:
        """The number grows by this; a missing one becomes this. Raises `UpdateError` for what is no number."""
        return self._compute("$inc", by)

    @overload
    def mul(self: "Updates[int]", by: int) -> Update: ...
    @overload
    def mul(self: "Updates[float]", by: float) -> Update: ...
    @overload
    def mul(self: "Updates[Decimal]", by: Decimal | int) -> Update: ...
    def mul(self, by: Any) -> Update:
        """The number is multiplied by this; a missing one becomes 0. Raises as `inc` does."""
        return self._compute("$mul", by)

    def min(self, value: T_contra) -> Update:
        """The value becomes this if this is less, or if the document lacks it; null is the least of all."""
        return self._update("$min", self.__field__.assign(value))

    def max(self, value: T_contra) -> Update:
        """The value becomes this if this is greater, or if the document lacks it."""
        return self._update("$max", self.__field__.assign(value))

    def set_now(self: "Updates[datetime]") -> Update:
        """The value becomes the store's present time."""
        return self._update("$currentDate", {"$type": "date"})

    def push(
        self: "Updates[list[V]]",
        *items: "V | Referable",
        position: int | None = None,
        keep_first: int | None = None,
        keep_last: int | None = None,
    ) -> Update:
        """The list grows by these items, at its end or at `position` (-1 is before the last item).

        `keep_first` and `keep_last` cut it afterwards to so many items. Raises `TypeError` for a field
        that is no list.
        """
        operand: dict[str, Any] = {"$each": self._checked("push", items)}
        if position is not None:
            operand["$position"] = _whole("position", position, -_MOST)
        if keep_first is not None and keep_last is not None:
            raise UpdateError("push() takes keep_first or keep_last, not both")
        if keep_first is not None:
            operand["$slice"] = _whole("keep_first", keep_first, 0)
        if keep_last is not None:
            operand["$slice"] = -_whole("keep_last", keep_last, 0)
        return self._update("$push", operand)

    @overload
    def add_to_set(self: "Updates[list[V]]", *items: "V | Referable") -> Update: ...
    @overload
    def add_to_set(self: "Updates[Set[V]]", *items: "V | Referable") -> Update: ...
    def add_to_set(self, *items: Any) -> Update:
        """The list grows by those of these items that it does not hold yet."""
        return self._update("$addToSet", {"$each": self._checked("add_to_set", items)})

    @overload
    def pull(self: "Updates[list[V]]", *items: "V | Referable | Expression") -> Update: ...
    @overload
    def pull(self: "Updates[Set[V]]", *items: "V | Referable | Expression") -> Update: ...
    def pull(self, *items: Any) -> Update:
        """The list loses every item that equals one of these, or that fits the one expression given.

        The expression is on the item: `Order.lines.pull(Line.qty == 0)`, `User.scores.pull(User.scores.each < 3)`.
        """
        field = self._items("pull")
        if len(items) == 1 and isinstance(items[0], Expression):
            condition = item_condition(self.__stored__, field, items[0])
            if next(iter(condition), None) == "$not":
                # MongoDB reads what $pull is given as operators only if the first one is not $not
                condition = {"$exists": True, **condition}
            return self._update("$pull", condition)
        for item in items:
            if isinstance(item, Expression):
                raise UpdateError(
                    "pull() takes items, or one expression. Join expressions with & and |."
                )
            self.__field__.encode_item(item)
        # not $pull, which would read an item that is a mapping as a filter
        return self._update("$pullAll", list(items))

    def pop(self: "Updates[list[Any]]") -> Update:
        """The list loses its last item."""
        self._check_list("pop")
        return self._update("$pop", 1)

    def pop_first(self: "Updates[list[Any]]") -> Update:
        """The list loses its first item."""
        self._check_list("pop_first")
        return self._update("$pop", -1)

    def _update(self, operator: str, operand: Any) -> Update:
        if self.__through__:
            raise UpdateError(
                f"{self.__written__!r} leads into every item of a list, and an update changes one place. "
                "Give the position, as in .at(0)."
            )
        return Update(operator, self.__stored__, operand, is_secret=self._is_secret)

    def _compute(self, operator: str, by: object) -> Update:
        if not self.__field__.is_numeric:
            raise UpdateError(
                f"{operator} computes with numbers, and {self.__written__!r} is {self.__field__.expects}"
            )
        self.__field__.encode_operand(by)
        if by is None:
            raise UpdateError(
                f"{operator} of {self.__written__!r} needs a number, and None is none"
            )
        return self._update(operator, by)

    def _checked(self, method: str, items: tuple[Any, ...]) -> list[Any]:
        field = self._items(method)
        return [field.assign(item) for item in items]


_MOST = 2**31 - 1


def _whole(name: str, value: object, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST:
        raise UpdateError(f"push() takes a whole number from {least} on as {name}, not {value!r}")
    return value
