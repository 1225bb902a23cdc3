"""The codec that models use: generated functions first, the interpreted path for all that they give up."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from earnorm.errors import FieldFault
from earnorm.fields import ABSENT, Field
from earnorm.models.assignment import Assign
from earnorm.models.codec import ModelCodec
from earnorm.models.generation.assigning import generate_assign
from earnorm.models.generation.batching import generate_decode_all
from earnorm.models.generation.checking import generate_validate
from earnorm.models.generation.constructing import generate_construct, generate_init
from earnorm.models.generation.decoding import generate_decode
from earnorm.models.generation.encoding import generate_encode
from earnorm.models.generation.picturing import generate_freeze, generate_pictures
from earnorm.models.generation.recording import generate_record
from earnorm.models.generation.stored_values import Decoding
from earnorm.models.generation.values import inner_of, is_folded
from earnorm.models.rules import KEEP_EXTRAS, DocumentRules
from earnorm.models.state import Recorded

__all__ = ["GeneratedCodec"]

Decode = Callable[[Mapping[str, Any]], Any]


class GeneratedCodec(ModelCodec):
    """Gives what `ModelCodec` gives, values and errors alike, and is faster where values are exact.

    Each function is generated on its first use. Two threads may generate it at once; both get the same.
    """

    def __init__(
        self,
        model: type[Any],
        fields: Mapping[str, Field[Any]],
        rules: DocumentRules = KEEP_EXTRAS,
        *,
        plain_init: Callable[..., None],
    ) -> None:
        super().__init__(model, fields, rules)
        self._plain_init = plain_init

    def initialise(self, instance: Any, values: dict[str, Any]) -> None:
        self.init(instance, **values)

    def compile_setter(self, field: Field[Any]) -> Assign:
        return generate_assign(self.model, field, super().compile_setter(field))

    def validate(self, instance: Any, path: str, faults: list[FieldFault]) -> None:
        if not self.is_exact(instance):
            super().validate(instance, path, faults)

    def encode(self, instance: Any) -> dict[str, Any]:
        document: dict[str, Any] | None = self.encode_exact(instance)
        return document if document is not None else super().encode(instance)

    def load(self, document: Mapping[str, Any]) -> Any:
        instance = self.decode_exact(document) if type(document) is dict else None
        return self.load_slowly(document) if instance is None else instance

    def load_trusted(self, document: Mapping[str, Any]) -> Any:
        codec = self.codec_of(document, []) if type(document) is dict else None
        if codec is not None and codec is not self:
            return codec.load_trusted(document)
        instance = self.decode_trusted(document) if codec is not None else None
        return self.load_slowly(document) if instance is None else instance

    def load_all(self, documents: list[Any], *, trusted: bool = False) -> list[Any]:
        return self.decode_all_trusted(documents) if trusted else self.decode_all(documents)

    def decode(self, document: Mapping[str, Any], path: str, faults: list[FieldFault]) -> Any:
        instance = self.decode_exact(document)
        return self.decode_slowly(document, path, faults) if instance is None else instance

    def check_value(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        instance = self.construct_exact(value) if type(value) is dict else None
        return instance if instance is not None else super().check_value(value, path, faults)

    def unfold(self, trace: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(trace) == len(self.mutable):
            return trace
        pictures = []
        for field in self.mutable.values():
            if is_folded(field):
                size = len(inner_of(field))
                pictures.append(trace[:size])
                trace = trace[size:]
            else:
                pictures.append(trace[0])
                trace = trace[1:]
        return tuple(pictures)

    @cached_property
    def pictures(self) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        """The pictures of the values that can change in place, in the order of `mutable`."""
        return generate_pictures(self.model, self.mutable)

    @cached_property
    def freeze(self) -> Callable[[Any], tuple[Any, ...]]:
        """The picture of an embedded instance."""
        return generate_freeze(self.model, self.fields, super().freeze)

    @cached_property
    def init(self) -> Callable[..., None]:
        """The `__init__` of the class, which takes it from here on unless its author wrote one."""
        init = generate_init(self.model, self.fields, self._initialise_slowly)
        init.__qualname__ = f"{self.model.__qualname__}.__init__"
        init.__earnorm__ = True  # type: ignore[attr-defined] # tells it from an author's own
        present = self.model.__init__
        if present is self._plain_init or hasattr(present, "__earnorm__"):
            self.model.__init__ = init
        return init

    @cached_property
    def construct_exact(self) -> Callable[[dict[str, Any]], Any]:
        """A new instance, or None when a value is not exactly what its field keeps."""
        return generate_construct(self.model, self.fields)

    @cached_property
    def is_exact(self) -> Callable[[Any], bool]:
        """Whether every value of the instance is exactly what its field keeps."""
        return generate_validate(self.model, self.fields)

    @cached_property
    def encode_exact(self) -> Callable[[Any], Any]:
        """The document of an instance, or None when a field has no value."""
        return generate_encode(self.model, self.fields, self.rules)

    @cached_property
    def record(self) -> Callable[[Any], Recorded | None]:
        """The document of an instance and the pictures of its values, or None when a value is not exact."""
        return generate_record(self.model, self.fields, self.rules)

    @cached_property
    def decode_exact(self) -> Decode:
        """A stored instance, or None when a stored type is not exact."""
        return (
            _first(self.decode_row, self.fields)
            if self.model.__embedded__
            else self._decode(trusted=False)
        )

    @cached_property
    def decode_trusted(self) -> Decode:
        """The same without a test of the types of single values."""
        if self.model.__embedded__:
            return _first(self.decode_row_trusted, self.fields)
        return self._decode(trusted=True)

    @cached_property
    def decode_row(self) -> Decode:
        """An embedded instance and the pictures of its values, or None when a stored type is not exact."""
        return self._decode(trusted=False)

    @cached_property
    def decode_row_trusted(self) -> Decode:
        """The same without a test of the types of single values."""
        return self._decode(trusted=True)

    @cached_property
    def decode_all(self) -> Callable[[list[Any]], list[Any]]:
        """The list of documents with instances in their place."""
        return self._decode_all(trusted=False)

    @cached_property
    def decode_all_trusted(self) -> Callable[[list[Any]], list[Any]]:
        """The same without a test of the types of single values."""
        return self._decode_all(trusted=True)

    def _decode(self, *, trusted: bool) -> Decode:
        return generate_decode(self._decoding(trusted=trusted))

    def _decode_all(self, *, trusted: bool) -> Callable[[list[Any]], list[Any]]:
        load = self.load_trusted if trusted else self.load
        return generate_decode_all(self._decoding(trusted=trusted), load)

    def _decoding(self, *, trusted: bool) -> Decoding:
        return Decoding(model=self.model, fields=self.fields, rules=self.rules, trusted=trusted)

    def _initialise_slowly(self, instance: Any, values: dict[str, Any]) -> None:
        if instance.__codec__ is self:
            super().initialise(instance, values)
        else:
            instance.__codec__.initialise(
                instance, values
            )  # a subclass that inherits the `__init__`


def _first(decode_row: Decode, names: Iterable[str]) -> Decode:
    def decode(document: Mapping[str, Any]) -> Any:
        row = decode_row(document)
        if row is None:
            return None
        filled = {name: ABSENT for name, one in zip(names, row[1:], strict=False) if one is ABSENT}
        if filled:
            row[0].__state__.changed = filled
        return row[0]

    return decode
