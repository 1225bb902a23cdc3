"""The codec that models use: generated functions first, the interpreted path for all that they give up."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.errors import FieldFault
from earnorm.fields import Field
from earnorm.models.codec import ModelCodec
from earnorm.models.generation.functions import (
    generate_decode,
    generate_encode,
    generate_initialise,
    generate_validate,
)

__all__ = ["GeneratedCodec"]


class GeneratedCodec(ModelCodec):
    """Gives what `ModelCodec` gives, values and errors alike, and is faster where values are exact.

    Each function is generated on its first use. Two threads may generate it at once; both get the same.
    """

    __slots__ = ("_decode", "_encode", "_initialise", "_set_state", "_validate")

    def __init__(
        self,
        model: type[Any],
        fields: Mapping[str, Field[Any]],
        set_state: Callable[[Any, Any], None],
    ) -> None:
        super().__init__(model, fields)
        self._set_state = set_state
        self._initialise: Callable[..., bool] | None = None
        self._validate: Callable[..., bool] | None = None
        self._decode: Callable[..., Any] | None = None
        self._encode: Callable[..., Any] | None = None

    def initialise(self, instance: Any, values: dict[str, Any]) -> None:
        fast = self._initialise or self._generate_initialise()
        if not fast(instance, values):
            super().initialise(instance, values)

    def validate(self, instance: Any, path: str, faults: list[FieldFault]) -> None:
        if not self.is_exact(instance):
            super().validate(instance, path, faults)

    def encode(self, instance: Any) -> dict[str, Any]:
        encode = self._encode
        if encode is None:
            encode = self._encode = generate_encode(self.fields, self.model.__qualname__)
        document: dict[str, Any] | None = encode(instance)
        return document if document is not None else super().encode(instance)

    def decode(self, document: Mapping[str, Any], path: str, faults: list[FieldFault]) -> Any:
        instance = self.decode_exact(document)
        return instance if instance is not None else super().decode(document, path, faults)

    def check_value(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        instance = self.construct_exact(value) if type(value) is dict else None
        return instance if instance is not None else super().check_value(value, path, faults)

    def construct_exact(self, values: dict[str, Any]) -> Any:
        """A new instance, or None when a value is not exactly what its field keeps."""
        instance = object.__new__(self.model)
        fast = self._initialise or self._generate_initialise()
        return instance if fast(instance, values) else None

    def is_exact(self, instance: Any) -> bool:
        """Whether every value of the instance is exactly what its field keeps."""
        validate = self._validate
        if validate is None:
            validate = self._validate = generate_validate(self.fields, self.model.__qualname__)
        return validate(instance)

    def decode_exact(self, document: Mapping[str, Any]) -> Any:
        """A stored instance, or None when a value is not exactly of its field's type."""
        decode = self._decode
        if decode is None:
            title = self.model.__qualname__
            decode = generate_decode(self.model, self.fields, self._set_state, title)
            self._decode = decode
        return decode(document)

    def _generate_initialise(self) -> Callable[..., bool]:
        title = self.model.__qualname__
        self._initialise = generate_initialise(self.fields, self._set_state, title)
        return self._initialise
