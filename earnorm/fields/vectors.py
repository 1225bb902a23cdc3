"""The field that holds a vector of numbers, for search by nearness."""

from __future__ import annotations

import math
import struct
from array import array
from numbers import Integral, Real
from typing import Any, Literal, TypeVar, Unpack, overload

from bson.binary import VECTOR_SUBTYPE, Binary, BinaryVector, BinaryVectorDtype

from earnorm.errors import FieldDefinitionError, FieldFault, suggestion
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions

__all__ = ["VectorField"]

T = TypeVar("T")
Floats = tuple[float, ...]
Integers = tuple[int, ...]


class VectorField(Field[T]):
    """A vector as a tuple of numbers, stored as BSON's binary vector (subtype 9).

    `dtype` is what a number takes: `"float32"` (the default; the values are rounded to it), `"int8"`
    (-128 to 127) or `"packed_bit"` (0 and 1). `dimensions` is how many there must be. Lists, tuples,
    arrays of `array` and of numpy, and PyMongo's `BinaryVector` are accepted.
    """

    expects = "a vector of numbers"
    exact_types = (tuple,)
    is_mutable = False

    @overload
    def __init__(
        self: VectorField[Floats],
        *,
        dimensions: int | None = ...,
        dtype: Literal["float32"] = ...,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[Floats]],
    ) -> None: ...
    @overload
    def __init__(
        self: VectorField[Floats | None],
        *,
        dimensions: int | None = ...,
        dtype: Literal["float32"] = ...,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[Floats]],
    ) -> None: ...
    @overload
    def __init__(
        self: VectorField[Integers],
        *,
        dimensions: int | None = ...,
        dtype: Literal["int8", "packed_bit"],
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[Integers]],
    ) -> None: ...
    @overload
    def __init__(
        self: VectorField[Integers | None],
        *,
        dimensions: int | None = ...,
        dtype: Literal["int8", "packed_bit"],
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[Integers]],
    ) -> None: ...
    def __init__(
        self,
        *,
        dimensions: int | None = None,
        dtype: str = "float32",
        required: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        self.dimensions = _read_dimensions(dimensions)
        self.dtype = _read_dtype(dtype)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        numbers = self._numbers(value)
        if numbers is None:
            faults.append(self.type_fault(path, value))
            return value
        position = next((n for n, one in enumerate(numbers) if not self._fits(one)), None)
        if position is not None:
            message = f"must be {_KINDS[self.dtype]}, as dtype={self.dtype!r} says"
            faults.append(self.fault(f"{path}.{position}", "vector", message, numbers[position]))
            return value
        # What is kept is what will be loaded, to the last bit.
        return tuple(array("f", numbers)) if self.dtype == "float32" else tuple(map(int, numbers))

    def constrain(self, value: Any, path: str, faults: list[FieldFault]) -> None:
        if self.dimensions is not None and len(value) != self.dimensions:
            message = f"must have {self.dimensions} dimensions, has {len(value)}"
            faults.append(self.fault(path, "dimensions", message, value))
        super().constrain(value, path, faults)

    def encode(self, value: Any) -> Any:
        kind = BinaryVectorDtype[self.dtype.upper()]
        if kind is not BinaryVectorDtype.PACKED_BIT:
            return Binary.from_vector(list(value), kind)
        padding = -len(value) % _BYTE
        bits = "".join(map(str, value)) + "0" * padding
        packed = [int(bits[n : n + _BYTE], 2) for n in range(0, len(bits), _BYTE)]
        return Binary.from_vector(packed, kind, padding=padding)

    def to_json(self, value: Any) -> Any:
        return list(value)

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        return None if data is None else self.convert(data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        schema = {"type": "array", "items": dict(_ITEMS[self.dtype])}
        if self.dimensions is None:
            return schema
        return {**schema, "minItems": self.dimensions, "maxItems": self.dimensions}

    def _numbers(self, value: object) -> list[Any] | tuple[Any, ...] | None:
        """The numbers of whatever holds a vector of this dtype; None for anything else."""
        if isinstance(value, Binary):
            value = _read_binary(value)
        if isinstance(value, BinaryVector):
            return _unpacked(value) if value.dtype.name == self.dtype.upper() else None
        if isinstance(value, (list, tuple)):
            return value
        return None if isinstance(value, (bytes, bytearray, str)) else _read_buffer(value)

    def _fits(self, number: Any) -> bool:
        if self.dtype == "float32":
            is_number = isinstance(number, Real) and not isinstance(number, bool)
            return is_number and abs(number) <= _LARGEST_FLOAT32
        if not isinstance(number, Integral) or (isinstance(number, bool) and self.dtype == "int8"):
            return False
        lowest, highest = _RANGES[self.dtype]
        return lowest <= int(number) <= highest


_BYTE = 8
_MOST_DIMENSIONS = 8192  # of MongoDB Atlas Vector Search
_LARGEST_FLOAT32 = math.ldexp(2 - 2**-23, 127)
_DTYPES = ("float32", "int8", "packed_bit")
_RANGES = {"int8": (-128, 127), "packed_bit": (0, 1)}
_KINDS = {
    "float32": "a finite number of 32 bits",
    "int8": "an integer from -128 to 127",
    "packed_bit": "0 or 1",
}
_ITEMS: dict[str, dict[str, Any]] = {
    "float32": {"type": "number"},
    "int8": {"type": "integer", "minimum": -128, "maximum": 127},
    "packed_bit": {"type": "integer", "minimum": 0, "maximum": 1},
}


def _read_dimensions(dimensions: Any) -> int | None:
    if dimensions is None:
        return None
    is_count = isinstance(dimensions, int) and not isinstance(dimensions, bool)
    if not is_count or not 1 <= dimensions <= _MOST_DIMENSIONS:
        raise FieldDefinitionError(
            f"dimensions={dimensions!r} must be a number from 1 to {_MOST_DIMENSIONS}"
        )
    return int(dimensions)


def _read_dtype(dtype: object) -> str:
    if dtype not in _DTYPES:
        hint = suggestion(str(dtype), _DTYPES) or f" Use one of {', '.join(map(repr, _DTYPES))}."
        raise FieldDefinitionError(f"dtype={dtype!r} is no type of vectors.{hint}")
    return str(dtype)


def _read_binary(value: Binary) -> BinaryVector | None:
    if value.subtype != VECTOR_SUBTYPE:
        return None
    try:
        return value.as_vector()
    except (ValueError, struct.error):
        return None  # its bytes are no vector


def _unpacked(vector: BinaryVector) -> list[Any]:
    if vector.dtype is not BinaryVectorDtype.PACKED_BIT:
        return list(vector.data)
    bits = [int(bit) for byte in vector.data for bit in f"{byte:08b}"]
    return bits[: len(bits) - vector.padding]


def _read_buffer(value: Any) -> list[Any] | None:
    """The numbers of an array of `array` or numpy, which show their memory."""
    try:
        memory = memoryview(value)
        return list(memory.tolist()) if memory.ndim == 1 else None
    except (TypeError, NotImplementedError):  # no memory to show, or of things that are no numbers
        return None
