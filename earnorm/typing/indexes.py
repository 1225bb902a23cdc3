"""What an index is, for metadata and stores alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from earnorm.typing.aliases import Document, SortKey

__all__ = ["Index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index over stored names.

    `partial` limits it to the documents that a filter matches, as MongoDB's `partialFilterExpression`
    does; `sparse` to those that have one of the fields. With `expire_after`, documents are deleted that many
    seconds after the date in the field. `collation` is MongoDB's mapping. `partial` and `collation` are
    copied, and cannot be changed. `name` defaults to MongoDB's own rule (`email_1_age_-1`).

    Raises `TypeError` for an option of another kind; what a store makes of its value is the store's.
    """

    fields: tuple[SortKey, ...]
    unique: bool = False
    partial: Document | None = None
    sparse: bool = False
    expire_after: float | None = None
    collation: Document | None = None
    name: str = ""
    inherits_collation: bool = field(default=False, compare=False, repr=False)
    """Of one that a server lists: whether its collation is that of its collection, which any gets that names none."""

    def __post_init__(self) -> None:
        if not isinstance(self.fields, tuple | list) or not all(map(_is_key, self.fields)):
            raise _wrong("fields", self.fields, "pairs such as (('email', 1),)")
        object.__setattr__(self, "fields", tuple((path, kind) for path, kind in self.fields))
        for option, (kinds, expected) in _KINDS.items():
            value = getattr(self, option)
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                raise _wrong(option, value, expected)
        if not self.name:
            name = "_".join(f"{field}_{direction}" for field, direction in self.fields)
            object.__setattr__(self, "name", name)
        for mapping in ("partial", "collation"):
            if (value := getattr(self, mapping)) is not None:
                object.__setattr__(self, mapping, _ReadOnly(value))

    def __hash__(self) -> int:
        # The values of `partial` need not be hashable; equal ones have equal names.
        return hash((self.fields, self.unique, self.name, frozenset(self.partial or ())))


_KINDS: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "unique": ((bool,), "True or False"),
    "partial": ((Mapping, type(None)), "a filter such as {'live': True}, or None"),
    "sparse": ((bool,), "True or False"),
    "expire_after": ((int, float, type(None)), "a number of seconds, or None"),
    "collation": (
        (Mapping, type(None)),
        "a mapping such as {'locale': 'en', 'strength': 2}, or None",
    ),
    "name": ((str,), "text; left out, it is made of the fields"),
    "inherits_collation": ((bool,), "True or False"),
}


def _is_key(pair: object) -> bool:
    return isinstance(pair, tuple | list) and len(pair) == _PAIR and isinstance(pair[0], str)


_PAIR: Final = 2


def _wrong(option: str, value: object, expected: str) -> TypeError:
    return TypeError(f"an Index has {option!r}: {value!r}, which must be {expected}")


class _ReadOnly(Mapping[str, Any]):
    """A copy that cannot be changed; unlike a mappingproxy it can itself be copied and pickled."""

    __slots__ = ("_values",)

    def __init__(self, values: Document) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _ReadOnly, (self._values,)
