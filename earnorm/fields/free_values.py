"""The fields whose values have no type of their own: anything of BSON, anything of JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, overload

from earnorm.errors import FieldFault
from earnorm.expressions import Path
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.dynamic import copy_containers, encode_dynamic, recheck_dynamic
from earnorm.fields.json_values import check_json, recheck_json
from earnorm.fields.stored_values import read_stored
from earnorm.typing import JsonInput, JsonValue

__all__ = ["AnyField", "JsonField", "free_value"]

T = TypeVar("T")


class AnyField(Field[T]):
    """Any value that BSON keeps; it comes back as BSON gives it.

    A tuple becomes a list, a datetime is cut to milliseconds in UTC, an embedded instance becomes its
    document. Nesting ends at 100 levels. None needs `required=False` here too.
    """

    expects = "a value that BSON keeps"
    has_keys = True
    is_numeric = True

    @overload
    def __init__(
        self: AnyField[Any],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[Any]],
    ) -> None: ...
    @overload
    def __init__(
        self: AnyField[Any],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[Any]],
    ) -> None: ...
    def __init__(self, *, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        return encode_dynamic(value, path, faults)

    def recheck(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        return _rechecked(self, recheck_dynamic, value, path, faults)

    def find_part(self, name: str) -> tuple[str, Field[Any]] | None:
        return name, free_value(self)

    def item_field(self) -> Field[Any] | None:
        return free_value(self)

    def encode_item(self, item: object) -> Any:
        """An item to look for, where the value is a list."""
        return self.encode_operand(item)

    def encode(self, value: Any) -> Any:
        return copy_containers(value)

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        return super().decode(stored, path, faults) if stored is None else read_stored(stored)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return dict(_NOT_NULL)


class JsonField(Field[T]):
    """Any value of JSON: booleans, numbers, strings, and lists and dictionaries of these and of None.

    Integers have up to 64 bits; NaN and infinities, which JSON has not, are refused. Nesting ends at 100
    levels. None needs `required=False` here too.
    """

    expects = "a value of JSON"
    has_keys = True
    is_numeric = True
    exact_types = (bool, int, float, str, list, dict)

    @overload
    def __init__(
        self: JsonField[JsonValue],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[JsonValue]],
    ) -> None: ...
    @overload
    def __init__(
        self: JsonField[JsonValue],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[JsonValue]],
    ) -> None: ...
    def __init__(self, *, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)

    if TYPE_CHECKING:
        # Takes more than it gives: a list[int] is none of JSON's lists, as it could not take a string.
        @overload
        def __get__(self, instance: None, owner: type) -> Path[T]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> T: ...
        def __get__(self, instance: object | None, owner: type) -> Any: ...
        def __set__(self, instance: object, value: JsonInput) -> None: ...  # type: ignore[override]

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        return check_json(value, path, faults)

    def recheck(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        return _rechecked(self, recheck_json, value, path, faults)

    def find_part(self, name: str) -> tuple[str, Field[Any]] | None:
        return name, _inside(JsonField(required=False), self)

    def item_field(self) -> Field[Any] | None:
        return _inside(JsonField(required=False), self)

    def encode(self, value: Any) -> Any:
        return copy_containers(value)

    def encode_item(self, item: object) -> Any:
        """An item to look for, where the value is a list."""
        return self.encode_operand(item)

    def to_json(self, value: Any) -> Any:
        return copy_containers(value)

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        return None if data is None else self.convert(data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return dict(_NOT_NULL)


def free_value(holder: Field[Any]) -> Field[Any]:
    """What lies inside a value of `holder` of which nobody knows more: anything, with any parts."""
    return _inside(AnyField(required=False), holder)


def _inside(field: Field[Any], holder: Field[Any]) -> Field[Any]:
    field.owner, field.name = holder.owner, holder.name
    return field


_NOT_NULL = {"type": ["boolean", "number", "string", "array", "object"]}
Recheck = Callable[[Any, str, list[FieldFault]], Any]


def _rechecked(
    field: Field[Any], recheck: Recheck, value: Any, path: str, faults: list[FieldFault]
) -> Any:
    if type(value) not in (list, dict):
        return field.check(value, path, faults)
    found = len(faults)
    checked = recheck(value, path, faults)
    if len(faults) == found:
        field.constrain(checked, path, faults)
    return checked
