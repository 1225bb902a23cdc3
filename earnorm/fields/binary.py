"""The field that holds bytes."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Literal, TypeVar, Unpack, overload

from bson.binary import BINARY_SUBTYPE, Binary

from earnorm.errors import FieldFault
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import check_bounds

__all__ = ["BytesField"]

T = TypeVar("T")


class BytesField(Field[T]):
    """Bytes; `min_length` and `max_length` count them. A `bytearray` and a `memoryview` are copied.

    Binary values of other subtypes than 0, such as UUIDs and vectors, are refused.
    """

    expects = "bytes"
    exact_types = (bytes,)
    is_mutable = False

    @overload
    def __init__(
        self: BytesField[bytes],
        *,
        required: Literal[True] = ...,
        min_length: int | None = ...,
        max_length: int | None = ...,
        **options: Unpack[FieldOptions[bytes]],
    ) -> None: ...
    @overload
    def __init__(
        self: BytesField[bytes | None],
        *,
        required: Literal[False],
        min_length: int | None = ...,
        max_length: int | None = ...,
        **options: Unpack[OptionalFieldOptions[bytes]],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = True,
        min_length: int | None = None,
        max_length: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        check_bounds("min_length", min_length, "max_length", max_length, kind=int)
        self.min_length, self.max_length = min_length, max_length

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            faults.append(self.type_fault(path, value))
            return value
        if isinstance(value, Binary) and value.subtype != BINARY_SUBTYPE:
            message = f"must be plain bytes, not Binary of the subtype {value.subtype}"
            faults.append(self.fault(path, "type", message, value))
            return value
        return bytes(value)

    def constrain(self, value: Any, path: str, faults: list[FieldFault]) -> None:
        if self.min_length is not None and len(value) < self.min_length:
            message = f"must have at least {self.min_length} bytes, has {len(value)}"
            faults.append(self.fault(path, "min_length", message, value))
        if self.max_length is not None and len(value) > self.max_length:
            message = f"must have at most {self.max_length} bytes, has {len(value)}"
            faults.append(self.fault(path, "max_length", message, value))
        super().constrain(value, path, faults)

    def to_json(self, value: Any) -> Any:
        return base64.b64encode(value).decode("ascii")

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        if isinstance(data, str):
            try:
                return base64.b64decode(data, validate=True)
            except (binascii.Error, ValueError):  # ValueError: letters beyond ASCII
                pass
        faults.append(self.fault(path, "json", "must be bytes as base64 text", data))
        return data

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "string", "contentEncoding": "base64"}
