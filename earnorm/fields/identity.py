"""The fields that hold identifiers: ObjectIds and UUIDs."""

from __future__ import annotations

import re
from typing import Any, Literal, TypeVar, Unpack, overload
from uuid import UUID

from bson import ObjectId
from bson.binary import UUID_SUBTYPE, Binary

from earnorm.errors import FieldFault
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions

__all__ = ["OBJECT_ID_SCHEMA", "ObjectIdField", "UUIDField", "as_object_id"]

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


class UUIDField(Field[T]):
    """A `uuid.UUID`; its 32 hexadecimal digits, with or without the hyphens, are accepted and converted.

    It is stored as binary of subtype 4, which every client reads alike. The older subtype 3, which each
    language ordered in its own way, is refused.
    """

    expects = "a UUID"
    exact_types = (UUID,)
    is_mutable = False

    @overload
    def __init__(
        self: UUIDField[UUID],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[UUID]],
    ) -> None: ...
    @overload
    def __init__(
        self: UUIDField[UUID | None],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[UUID]],
    ) -> None: ...
    def __init__(self, *, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if isinstance(value, UUID):
            return value if type(value) is UUID else UUID(int=value.int)
        if isinstance(value, str) and _UUID.fullmatch(value):
            return UUID(value)
        # Whether a driver gives binary or a UUID back is an option of its codec.
        is_binary = isinstance(value, Binary) and value.subtype == UUID_SUBTYPE
        if is_binary and len(value) == _UUID_BYTES:  # type: ignore[arg-type] # it is bytes
            return UUID(bytes=bytes(value))  # type: ignore[call-overload] # it is bytes
        faults.append(self.type_fault(path, value))
        return value

    def encode(self, value: Any) -> Any:
        return Binary.from_uuid(value)

    def to_json(self, value: Any) -> Any:
        return str(value)

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        return None if data is None else self.convert(data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


_UUID_BYTES = 16
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}(\1[0-9a-fA-F]{4}){2}\1[0-9a-fA-F]{12}")
OBJECT_ID_SCHEMA = {"type": "string", "pattern": "^[0-9a-fA-F]{24}$"}
"""The JSON Schema of an ObjectId's digits."""


def as_object_id(value: object) -> ObjectId | None:
    """`value` as an ObjectId, from itself or from 24 hexadecimal digits; None when it is neither."""
    if isinstance(value, ObjectId):
        return value
    return ObjectId(value) if isinstance(value, str) and ObjectId.is_valid(value) else None
