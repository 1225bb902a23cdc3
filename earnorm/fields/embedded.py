"""The field that holds an embedded model."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, Unpack, overload

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.expressions import EmbeddedPath
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.json_objects import object_from_json, object_schema, object_to_json
from earnorm.fields.pictures import ABSENT, Difference

__all__ = ["Codec", "EmbeddedField", "is_embedded_model"]

T = TypeVar("T")
M = TypeVar("M")
N = TypeVar("N")


class Codec(Protocol):
    """How a class with fields checks, encodes and decodes its instances."""

    @property
    def fields(self) -> Mapping[str, Field[Any]]:
        """The fields by their names."""
        ...

    def check_value(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        """An instance from itself or from a mapping of its values."""
        ...

    def encode_value(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        """What another document keeps of the instance."""
        ...

    def decode_value(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        """An instance from its stored document."""
        ...

    def freeze(self, instance: Any) -> Any:
        """An immutable picture of the instance."""
        ...

    def thaw(self, picture: Any) -> Any:
        """A fresh instance that has this picture."""
        ...

    def differences(
        self, picture: Any, instance: Any, path: str, stored_path: str
    ) -> Iterator[Difference] | None:
        """The fields of the instance that are not as in the picture; None when only a whole one can tell."""
        ...


class EmbeddedField(Field[T], Generic[T, M]):
    """An instance of an embedded model, kept inside the document; a mapping of its values is accepted.

    On the class it reads as a path whose attributes are the paths of its parts: `User.address.city`. To
    type checkers it is the embedded model itself there, whose attributes are the same.
    """

    path_type = EmbeddedPath

    @overload
    def __init__(
        self: EmbeddedField[N, N],
        model: type[N],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[N]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedField[N | None, N],
        model: type[N],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[N]],
    ) -> None: ...
    def __init__(self, model: type[Any], *, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)
        if not is_embedded_model(model):
            raise FieldDefinitionError(
                f"EmbeddedField takes a subclass of EmbeddedModel, not {model!r}. To point at a document "
                "of another collection use ReferenceField."
            )
        self.model = model
        self.models: tuple[type[Any], ...] = (model,)
        self.exact_types = (model,)
        self.expects = f"an instance of {model.__name__} or a mapping of its values"

    if TYPE_CHECKING:

        @overload  # type: ignore[override] # not the Path that it is: see the docstring
        def __get__(self, instance: None, owner: type) -> type[M]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> T: ...
        def __get__(self, instance: object | None, owner: type) -> Any: ...

    @property
    def is_hidden(self) -> bool:
        return self.secret

    @property
    def codec(self) -> Codec:
        """How the embedded model reads and writes its instances."""
        codec: Codec = self.model.__codec__
        return codec

    def variants(self) -> Iterator[tuple[str | None, Any]]:
        """The models that a value may be of, each with the discriminator of its documents, if they have one."""
        yield None, self.model

    def inner_fields(self) -> Iterator[tuple[str, Field[Any]]]:
        for _, model in self.variants():
            yield from model.__codec__.fields.items()

    def find_part(self, name: str) -> tuple[str, Field[Any]] | None:
        part = self.codec.fields.get(name)
        return (part.stored_name, part) if part is not None else None

    def part_names(self) -> Collection[str]:
        return self.codec.fields.keys()

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, (*self.models, Mapping)):
            faults.append(self.type_fault(path, value))
            return value
        return self.codec.check_value(value, path, faults)

    def encode(self, value: Any) -> Any:
        return self.codec.encode_value(value, self.name, [])

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(stored, dict):
            return super().decode(stored, path, faults)
        return self.codec.decode_value(stored, path, faults)

    def freeze(self, value: Any) -> Any:
        return self.codec.freeze(value) if isinstance(value, self.models) else ABSENT

    def thaw(self, picture: Any) -> Any:
        return self.codec.thaw(picture)

    def differences(
        self, picture: Any, value: Any, path: str, stored_path: str
    ) -> Iterator[Difference]:
        """One for each inner field that differs, while there was an instance and there is one."""
        if isinstance(picture, tuple) and isinstance(value, self.models):
            inner = self.codec.differences(picture, value, f"{path}.", f"{stored_path}.")
            if inner is not None:
                return inner
        return super().differences(picture, value, path, stored_path)

    def to_json(self, value: Any) -> Any:
        return object_to_json(self.codec.fields, vars(value))

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        if not isinstance(data, Mapping):
            faults.append(self.type_fault(path, data))
            return data
        return object_from_json(self.codec, data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        fields = self.codec.fields
        return definitions.refer(
            self.model, self.model.__name__, lambda inner: object_schema(fields, inner)
        )


def is_embedded_model(model: object) -> bool:
    """Whether this is a subclass of `EmbeddedModel`, by what makes one."""
    return getattr(model, "__embedded__", False) is True and hasattr(model, "__codec__")
