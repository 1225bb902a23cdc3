"""Immutable pictures of values, to tell later whether and where a value was changed in place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = [
    "ABSENT",
    "DYNAMIC",
    "Difference",
    "DictionaryPicture",
    "Pictured",
    "picture_dynamic",
    "picture_of",
    "restore_dynamic",
    "whole_difference",
]


class _Absent:
    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"  # one and the same in copies and pickles


ABSENT: Any = _Absent()
"""Stands for a value that a document does not have at all, because None is a value."""


class Pictured(Protocol):
    """How values are pictured and stored: what a field does, and `DYNAMIC` where there is none."""

    def freeze(self, value: Any) -> Any:
        """An immutable picture of a value: equal pictures, equal values."""
        ...

    def differences(
        self, picture: Any, value: Any, path: str, stored_path: str
    ) -> "Iterator[Difference]":
        """The parts of `value` that are not as in `picture`; either may be None or `ABSENT`."""
        ...

    def thaw(self, picture: Any) -> Any:
        """A fresh value that has this picture."""
        ...

    def encode(self, value: Any) -> Any:
        """A value as BSON keeps it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One part of a value that is not as it was; `picture` or `value` is `ABSENT` where it was or is missing.

    `path` is under field names and `stored_path` under stored names.
    """

    path: str
    stored_path: str
    field: Pictured
    picture: Any
    value: Any

    @property
    def before(self) -> Any:
        """The value as it was, fresh; None also where there was none."""
        absent = self.picture is None or self.picture is ABSENT
        return None if absent else self.field.thaw(self.picture)

    @property
    def after(self) -> Any:
        """The value as it is; None also where there is none."""
        return None if self.value is ABSENT else self.value

    @property
    def encoded(self) -> Any:
        """The value as BSON keeps it, or `ABSENT`."""
        absent = self.value is None or self.value is ABSENT
        return self.value if absent else self.field.encode(self.value)


class DictionaryPicture(tuple[tuple[str, Any], ...]):
    """The keys of a dictionary in their order, each with the picture of its value."""

    __slots__ = ()


def picture_of(field: Pictured, value: Any) -> Any:
    """The picture of a value that may be None or `ABSENT`, which stand for themselves."""
    return value if value is None or value is ABSENT else field.freeze(value)


def whole_difference(
    field: Pictured, picture: Any, value: Any, path: str, stored_path: str
) -> Iterator[Difference]:
    """One difference for the whole value, if it is not as in the picture."""
    if picture != picture_of(field, value):
        yield Difference(
            path=path, stored_path=stored_path, field=field, picture=picture, value=value
        )


def picture_dynamic(value: Any) -> Any:
    """The picture of a value as BSON keeps it."""
    if isinstance(value, Mapping):
        return DictionaryPicture((key, picture_dynamic(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return _Array(map(picture_dynamic, value))
    # 1, 1.0 and True are equal to Python, and three different values to BSON.
    return (type(value), value) if isinstance(value, (bool, int, float)) else value


def restore_dynamic(picture: Any) -> Any:
    """A fresh value that has this picture."""
    if isinstance(picture, DictionaryPicture):
        return {key: restore_dynamic(item) for key, item in picture}
    if isinstance(picture, _Array):
        return [restore_dynamic(item) for item in picture]
    return picture[1] if isinstance(picture, tuple) else picture


class _Array(tuple[Any, ...]):
    """The pictures of a list's items."""

    __slots__ = ()


class _Dynamic:
    """How a value that no field declares is pictured."""

    __slots__ = ()

    def freeze(self, value: Any) -> Any:
        return picture_dynamic(value)

    def differences(
        self, picture: Any, value: Any, path: str, stored_path: str
    ) -> Iterator[Difference]:
        return whole_difference(self, picture, value, path, stored_path)

    def thaw(self, picture: Any) -> Any:
        return restore_dynamic(picture)

    def encode(self, value: Any) -> Any:
        return value


DYNAMIC: Pictured = _Dynamic()
"""Stands for the field of a value that no field declares."""
