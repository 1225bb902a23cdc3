"""A field of the stored document, ready to be compared, sorted by and changed."""

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from earnorm.errors import SECRET, FilterError, suggestion
from earnorm.expressions.conditions import Conditions
from earnorm.expressions.kinds import EmbeddedLike
from earnorm.expressions.sort_order import SortOrder
from earnorm.expressions.updates import Updates

__all__ = ["EmbeddedPath", "Path"]

T_contra = TypeVar("T_contra", contravariant=True)
V = TypeVar("V")
E = TypeVar("E", bound=EmbeddedLike)
K = TypeVar("K")

_MOST = 2**31 - 1  # items of a list


class _Each:
    """Makes `path.each` what the items of a list are to a type checker."""

    @overload
    def __get__(self, instance: "Path[list[E]]", owner: Any) -> type[E]: ...
    @overload
    def __get__(
        self, instance: "Path[list[V]] | Path[set[V]] | Path[tuple[V, ...]]", owner: Any
    ) -> "Path[V]": ...
    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        # To a store, a path to a list leads into every item already.
        items = instance._items("each")
        instance._check_opened("each")
        return instance._lead(
            instance.__stored__,
            items,
            f"{instance.__written__}.each",
            item="each",
        )


class Path(Conditions[T_contra], Updates[T_contra], Generic[T_contra]):
    """What `User.age` is: a path in stored documents, and the field that checks and encodes what it is compared with.

    Attributes lead on to the parts of embedded models, into every item of a list too
    (`SortOrder.lines.sku`), and keys into dictionaries (`User.notes["key"]`).
    """

    __slots__ = ()

    each = _Each()
    """A list's items, each on its own: `User.scores.each > 3`, `SortOrder.lines.each.sku == "x"`."""

    @overload
    def at(self: "Path[list[E]]", position: int) -> type[E]: ...
    @overload
    def at(self: "Path[list[V]]", position: int) -> "Path[V]": ...
    @overload
    def at(self: "Path[tuple[V, ...]]", position: int) -> "Path[V]": ...
    def at(self, position: int) -> Any:
        """The item at this position of a list, the first one at 0; raises `TypeError` for a field that is no list."""
        self._check_list("at")
        self._check_whole("at()")
        is_number = isinstance(position, int) and not isinstance(position, bool)
        found = self._find_part(str(position)) if is_number and 0 <= position <= _MOST else None
        if found is None:
            raise FilterError(
                f"at() counts the items of {self.__written__!r} from 0 on, and {position!r} is none of them"
            )
        return found

    @overload
    def __getitem__(self: "Path[dict[K, E]]", key: "K | str") -> type[E]: ...
    @overload
    def __getitem__(self: "Path[dict[K, V]]", key: "K | str") -> "Path[V]": ...
    @overload
    def __getitem__(self, key: str) -> "Path[Any]": ...
    def __getitem__(self, key: Any) -> Any:
        """A dictionary's value under this key; or a part whose name is also that of a method (`["exists"]`)."""
        name = self.__field__.key_text(key)
        if name is None:
            raise TypeError(
                f"{self.__written__!r} takes a key that is a string, not {key!r}. An item of a list is .at(0)."
            )
        found = self._find_part(name)
        if found is None:
            raise FilterError(self._no_part(name))
        return found

    def asc(self) -> SortOrder:
        """For `sort`: the smallest first."""
        return SortOrder(self.__stored__, 1)

    def desc(self) -> SortOrder:
        """For `sort`: the largest first."""
        return SortOrder(self.__stored__, -1)

    if not TYPE_CHECKING:
        # Type checkers see the parts of embedded models as attributes of their classes.
        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name, name=name, obj=self)
            if self.__field__.has_keys:
                raise AttributeError(
                    f"{self.__written__!r} is a dictionary, whose keys are no attributes: write [{name!r}]",
                    name=name,
                    obj=self,
                )
            found = self._find_part(name)
            if found is None:
                raise AttributeError(self._no_part(name), name=name, obj=self)
            return found

    # Without these two, `in` and `for` would ask for the keys 0, 1, 2 ...
    __iter__ = None

    def __contains__(self, item: object) -> NoReturn:
        raise TypeError(
            f"'in' cannot ask a store whether {self.__written__!r} holds a value: use contains(), or in_()"
        )

    def _find_part(self, name: str) -> Any:
        found = self.__field__.find_part(name)
        if found is None:
            return None
        stored, field = found
        _check_key(self.__written__, stored, SECRET if self.__hidden__ else stored)
        is_list = self.__field__.encode_item is not None
        if is_list and not self.__field__.has_keys:
            self._check_whole(name)
        return self._lead(
            f"{self.__stored__}.{stored}",
            field,
            f"{self.__written__}.{name}",
            item="at" if is_list and name.isdecimal() else None,
        )

    def _no_part(self, name: str) -> str:
        known = [*self.__field__.part_names(), *(one for one in dir(Path) if one[0] != "_")]
        what = f"{self.__written__!r} is {self.__field__.expects}"
        return f"{what}, and has no {name!r}.{suggestion(name, known)}"


class EmbeddedPath(Path[T_contra]):
    """The path of an embedded model: its parts come before the methods of paths that have the same name."""

    __slots__ = ()

    if TYPE_CHECKING:
        # Of a union of embedded models checkers know no parts; of one model, the class itself is what they see.
        def __getattr__(self, name: str) -> Path[Any]: ...
    else:

        def __getattribute__(self, name: str) -> Any:
            part = None if name.startswith("_") else self._find_part(name)
            return part if part is not None else object.__getattribute__(self, name)


def _check_key(path: str, key: str, shown: object) -> None:
    is_text = key.isascii() or key.encode(errors="ignore").decode() == key  # no lone surrogate
    if not key or "." in key or key.startswith("$") or "\0" in key or not is_text:
        raise FilterError(
            f"no path leads to the key {shown!r} of {path!r}: a path is split at its dots, '$' begins operators, "
            "and names are text without a NUL. Compare the whole dictionary."
        )
