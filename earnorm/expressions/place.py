"""Where a path leads: a stored name or several, and the field at the end."""

from collections.abc import Callable, Collection
from copy import copy
from typing import Any, ClassVar, Protocol, Self

__all__ = ["Place", "Target"]


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
    that it leads to a secret, or into one.
    """

    __slots__ = ("__field__", "__hidden__", "__stored__", "__written__")

    def __init__(
        self, stored: str, field: Target, written: str | None = None, *, is_hidden: bool = False
    ) -> None:
        self.__stored__ = stored
        self.__written__ = written if written is not None else stored
        self.__field__: Any = field
        self.__hidden__ = is_hidden or field.secret

    def __repr__(self) -> str:
        return f"Path({self.__stored__!r})"

    @property
    def _is_secret(self) -> bool:
        """Whether nothing is to be shown of what it is compared with, or set to."""
        return self.__hidden__ or bool(self.__field__.holds_secrets)

    def _lead(self, stored: str, field: Target, written: str) -> Any:
        """The path to a part, or to the items."""
        if self.__hidden__ and not field.secret:
            field = copy(field)
            field.secret = True  # so that its errors show nothing either
        return field.path_type(stored, field, written, is_hidden=self.__hidden__)

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
