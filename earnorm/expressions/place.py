"""Where a path leads: a stored name or several, and the field at the end."""

from collections.abc import Callable, Collection
from copy import copy
from typing import Any, ClassVar, Literal, Protocol, Self

from earnorm.errors import FilterError

__all__ = ["Place", "Target"]

Item = Literal["at", "each"] | None


class Target(Protocol):
    """A field as the path that leads to it sees it; `earnorm.fields.Field` is one."""

    expects: str
    has_keys: bool
    is_numeric: bool
    encode_item: Callable[[object], Any] | None
    path_type: ClassVar[Any]

    def encode_operand(self, value: object) -> Any:
        """The other side of a comparison, as BSON keeps it; raises `ValidationError`."""
        ...

    def assign(self, value: object) -> Any:
        """The value as an instance would keep it; raises `ValidationError`."""
        ...

    secret: bool

    @property
    def holds_secrets(self) -> bool:
        """Whether the value, or a part of it, is secret."""
        ...

    def find_part(self, name: str) -> tuple[str, Self] | None:
        """The stored name and the field of a part of the value; None when it has no such part."""
        ...

    def item_field(self) -> Self | None:
        """The field of every item; None for a value that is no list of one kind of items."""
        ...

    def key_text(self, key: object) -> str | None:
        """The name of the part under a key; None for what is no key."""
        ...

    def part_names(self) -> Collection[str]:
        """The names of the parts that every value has."""
        ...


class Place:
    """A path in stored documents. Its own attributes begin with an underscore, as no field's name does.

    `__stored__` is the path under stored names, `__written__` the same under field names; `__hidden__` says
    that it leads to a secret, or into one, `__through__` that it leads through every item of a list, and
    `__item__` whether what stands there is itself an item of a list: the one at a position, or each.
    """

    __slots__ = ("__field__", "__hidden__", "__item__", "__stored__", "__through__", "__written__")

    def __init__(
        self,
        stored: str,
        field: Target,
        written: str | None = None,
        *,
        is_hidden: bool = False,
        item: Item = None,
        is_through_items: bool = False,
    ) -> None:
        self.__stored__ = stored
        self.__written__ = written if written is not None else stored
        self.__field__: Any = field
        self.__hidden__ = is_hidden or field.secret
        self.__item__ = item
        self.__through__ = is_through_items

    def __repr__(self) -> str:
        return f"Path({self.__stored__!r})"

    @property
    def _is_secret(self) -> bool:
        """Whether nothing is to be shown of what it is compared with, or set to."""
        return self.__hidden__ or bool(self.__field__.holds_secrets)

    def _lead(
        self,
        stored: str,
        field: Target,
        written: str,
        *,
        item: Item = None,
    ) -> Any:
        """The path to a part, to an item, or to every item."""
        if self.__hidden__ and not field.secret:
            field = copy(field)
            field.secret = True  # so that its errors show nothing either
        return field.path_type(
            stored,
            field,
            written,
            is_hidden=self.__hidden__,
            item=item,
            is_through_items=self.__through__ or item == "each",
        )

    def _check_opened(self, method: str) -> None:
        """Raises `FilterError` for a list in a list: a path opens one list, and a position in it none."""
        if self.__item__ is not None:
            raise self._unopened(method)

    def _check_whole(self, method: str) -> None:
        """Raises `FilterError` where the path stands for the list around: each of a list of lists."""
        if self.__item__ == "each":
            raise self._unopened(method)

    def _unopened(self, method: str) -> FilterError:
        one = "{'$elemMatch': {...}}"
        wanted = one if self.__item__ == "at" else f"{{'$elemMatch': {one}}}"
        return FilterError(
            f"{self.__written__!r} leads to a list in a list, and no path leads to the items of both, so it has "
            f"no {method}. Write a mapping that opens each list: {{{self.__stored__!r}: {wanted}}}."
        )

    def _check_list(self, method: str) -> None:
        if self.__field__.encode_item is None:
            raise TypeError(self._no_list(method))

    def _items(self, method: str) -> Target:
        """The field of the items; raises `TypeError` for a field that is no list."""
        items: Target | None = self.__field__.item_field()
        if items is None:
            raise TypeError(self._no_list(method))
        return items

    def _no_list(self, method: str) -> str:
        return (
            f"{self.__written__!r} is no list but {self.__field__.expects}, so it has no {method}()"
        )
