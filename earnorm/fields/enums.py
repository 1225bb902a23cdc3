"""The field that holds a member of an enumeration."""

from __future__ import annotations

from enum import Enum, Flag
from typing import Any, Literal, TypeVar, Unpack, overload

from earnorm.errors import FieldDefinitionError, FieldFault, suggestion
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import LONGEST_INTEGER, is_unicode

__all__ = ["EnumField"]

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class EnumField(Field[T]):
    """A member of an enumeration, stored as its value; the value is accepted and converted.

    The values must be strings, numbers or booleans, which BSON and JSON keep as they are. A name is no
    value: `Colour["RED"]` says it.
    """

    is_mutable = False

    @overload
    def __init__(
        self: EnumField[E],
        enum: type[E],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[E]],
    ) -> None: ...
    @overload
    def __init__(
        self: EnumField[E | None],
        enum: type[E],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[E]],
    ) -> None: ...
    def __init__(self, enum: type[Any], *, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)
        _check_enum(enum)
        self.enum = enum
        self._by_text = {one.value: one for one in enum if type(one.value) is str}
        self.expects = f"a {enum.__name__} or its value"

    def is_exact(self, value: object) -> bool:
        return isinstance(value, self.enum)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if isinstance(value, self.enum):
            return value
        if not isinstance(value, (str, int, float)):
            faults.append(self.type_fault(path, value))
            return value
        member = self._member(value)
        if member is None:
            faults.append(self.fault(path, "enum", self._unknown(value), value))
            return value
        return member

    def encode(self, value: Any) -> Any:
        return value.value

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        member = self._by_text.get(stored) if type(stored) is str else None
        return super().decode(stored, path, faults) if member is None else member

    def to_json(self, value: Any) -> Any:
        return value.value

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        return None if data is None else self.convert(data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        if issubclass(self.enum, Flag):
            return {"type": "integer"}  # any of its members together are a value too
        return {"enum": [member.value for member in self.enum]}

    def strict_fault(self, path: str, value: object) -> FieldFault:
        message = f"must be a member of {self.enum.__name__}, not {type(value).__name__}: the field is strict"
        return self.fault(path, "strict", message, value)

    def _member(self, value: Any) -> Any:
        try:
            member = self.enum(value)
        except (
            ValueError,
            TypeError,
        ):  # TypeError comes from a `_missing_` that gives what is none
            return None
        # True equals 1 and is its key, yet whoever writes it means something else.
        is_same_kind = isinstance(member.value, bool) == isinstance(value, bool)
        return member if is_same_kind else None

    def _unknown(self, value: object) -> str:
        values = [member.value for member in self.enum]
        shown = ", ".join(repr(one) for one in values[:_MOST_SHOWN])
        more = f" and {len(values) - _MOST_SHOWN} more" if len(values) > _MOST_SHOWN else ""
        texts = [one for one in values if isinstance(one, str)]
        is_near = isinstance(value, str) and len(value) <= _LONGEST_GUESSED
        hint = suggestion(str(value), texts) if is_near else ""
        return f"must be one of {shown}{more}.{hint}" if hint else f"must be one of {shown}{more}"


_MOST_SHOWN = 10
_LONGEST_GUESSED = 100


def _check_enum(enum: object) -> None:
    if not (isinstance(enum, type) and issubclass(enum, Enum)):
        raise FieldDefinitionError(
            f"EnumField takes an enumeration, a subclass of enum.Enum, not {enum!r}"
        )
    members = list(enum.__members__.values())
    if not members:
        raise FieldDefinitionError(f"{enum.__name__} has no members, so no value would fit")
    for member in members:
        if not _is_storable(member.value):
            raise FieldDefinitionError(
                f"{enum.__name__}.{member.name} has the value {member.value!r}, and EnumField stores "
                "strings, 64-bit integers, finite floats and booleans only. Give the members such values."
            )


def _is_storable(value: Any) -> bool:
    if type(value) is str:
        return is_unicode(value)
    if type(value) is int:
        return -LONGEST_INTEGER - 1 <= value <= LONGEST_INTEGER
    return type(value) is bool or (type(value) is float and value - value == 0)
