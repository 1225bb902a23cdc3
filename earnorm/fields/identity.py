"""The field that holds an ObjectId."""

from __future__ import annotations

from typing import Any, Literal, TypeVar, Unpack, overload

from bson import ObjectId

from earnorm.errors import FieldFault
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions

__all__ = ["OBJECT_ID_SCHEMA", "ObjectIdField", "as_object_id"]

T = TypeVar("T")


class ObjectIdField(Field[T]):
    """A `bson.ObjectId`; its form of 24 hexadecimal digits is accepted and converted."""

    expects = "an ObjectId"
    is_mutable = False
    exact_types = (ObjectId,)

    @overload
    def __init__(
        self: ObjectIdField[ObjectId],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[ObjectId]],
    ) -> None: ...
    @overload
    def __init__(
        self: ObjectIdField[ObjectId | None],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[ObjectId]],
    ) -> None: ...
    def __init__(self, *, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        converted = as_object_id(value)
        if converted is None:
            faults.append(self.type_fault(path, value))
            return value
        return converted

    def to_json(self, value: Any) -> Any:
        return str(value)

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        return None if data is None else self.convert(data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return dict(OBJECT_ID_SCHEMA)


OBJECT_ID_SCHEMA = {"type": "string", "pattern": "^[0-9a-fA-F]{24}$"}
"""The JSON Schema of an ObjectId's digits."""


def as_object_id(value: object) -> ObjectId | None:
    """`value` as an ObjectId, from itself or from 24 hexadecimal digits; None when it is neither."""
    if isinstance(value, ObjectId):
        return value
    return ObjectId(value) if isinstance(value, str) and ObjectId.is_valid(value) else None
