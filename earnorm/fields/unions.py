"""The field that holds an instance of one of several embedded models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, overload

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.expressions import EmbeddedPath
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.embedded import EmbeddedField, is_embedded_model
from earnorm.fields.json_objects import object_from_json, object_schema, object_to_json
from earnorm.fields.kinds import DISCRIMINATOR, Kinds
from earnorm.fields.union_codec import UnionCodec

__all__ = ["EmbeddedUnionField"]

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class EmbeddedUnionField(EmbeddedField[T, Any]):
    """An instance of one of several embedded models, or of a subclass of one of them.

    What it is of is stored beside its values, under `_type`: the name of the class, unless the class line
    says `discriminator="..."`. A mapping of the values that has `_type` is accepted. Type checkers know the
    types of up to four models.
    """

    @overload
    def __init__(
        self: EmbeddedUnionField[A],
        first: type[A],
        /,
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[A]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedUnionField[A | None],
        first: type[A],
        /,
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[A]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedUnionField[A | B],
        first: type[A],
        second: type[B],
        /,
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[A | B]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedUnionField[A | B | None],
        first: type[A],
        second: type[B],
        /,
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[A | B]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedUnionField[A | B | C],
        first: type[A],
        second: type[B],
        third: type[C],
        /,
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[A | B | C]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedUnionField[A | B | C | None],
        first: type[A],
        second: type[B],
        third: type[C],
        /,
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[A | B | C]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedUnionField[A | B | C | D],
        first: type[A],
        second: type[B],
        third: type[C],
        fourth: type[D],
        /,
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[A | B | C | D]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedUnionField[A | B | C | D | None],
        first: type[A],
        second: type[B],
        third: type[C],
        fourth: type[D],
        /,
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[A | B | C | D]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmbeddedUnionField[Any],
        *models: type[Any],
        required: bool = ...,
        **options: Unpack[OptionalFieldOptions[Any]],
    ) -> None: ...
    def __init__(self, *models: type[Any], required: bool = True, **options: Any) -> None:
        Field.__init__(self, required=required, **options)
        _check_models(models)
        self.models = models
        names = " or ".join(model.__name__ for model in models)
        self.expects = f"an instance of {names}, or a mapping of its values with {DISCRIMINATOR!r}"

    if TYPE_CHECKING:

        @overload  # type: ignore[override] # no class has the parts of all
        def __get__(self, instance: None, owner: type) -> EmbeddedPath[T]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> T: ...
        def __get__(self, instance: object | None, owner: type) -> Any: ...

    @property
    def kinds(self) -> Kinds:
        """The models and their subclasses, as they are defined by now."""
        return Kinds(self.models)

    def arguments(self) -> dict[str, Any]:
        return {name: one for name, one in super().arguments().items() if name != "model"}

    @property
    def codec(self) -> UnionCodec:
        return UnionCodec(self.kinds)

    def is_exact(self, value: object) -> bool:
        return isinstance(value, self.models)

    def strict_fault(self, path: str, value: object) -> FieldFault:
        names = " or ".join(model.__name__ for model in self.models)
        message = f"must be an instance of {names}, not {type(value).__name__}: the field is strict"
        return self.fault(path, "strict", message, value)

    def variants(self) -> Iterator[tuple[str | None, Any]]:
        for model in self.kinds.models():
            yield model.__discriminator__, model

    def to_json(self, value: Any) -> Any:
        model: Any = type(value)
        values = object_to_json(model.__codec__.fields, vars(value))
        return {DISCRIMINATOR: model.__discriminator__, **values}

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        if not isinstance(data, Mapping):
            faults.append(self.type_fault(path, data))
            return data
        model = self.kinds.model_of(data, path, faults)
        if model is None:
            return data
        rest = {name: item for name, item in data.items() if name != DISCRIMINATOR}
        return object_from_json(model.__codec__, rest, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        variants = {kind: _variant(model, definitions) for kind, model in self.variants()}
        mapping = {name: variant["$ref"] for name, variant in variants.items()}
        return {
            "oneOf": list(variants.values()),
            # OpenAPI's keyword; JSON Schema knows it not and passes over it.
            "discriminator": {"propertyName": DISCRIMINATOR, "mapping": mapping},
        }


def _check_models(models: tuple[Any, ...]) -> None:
    if not models:
        raise FieldDefinitionError(
            "EmbeddedUnionField takes the embedded models, as in EmbeddedUnionField(Circle, Square)"
        )
    names: dict[str, Any] = {}
    for model in models:
        if not is_embedded_model(model):
            raise FieldDefinitionError(
                f"EmbeddedUnionField takes subclasses of EmbeddedModel, not {model!r}"
            )
        _refuse_own_discriminator(model)
        other = names.setdefault(model.__discriminator__, model)
        if other is not model:
            raise FieldDefinitionError(
                f"{other.__qualname__} and {model.__qualname__} are both stored with {DISCRIMINATOR!r} "
                f"{model.__discriminator__!r}. Write class {model.__name__}(EmbeddedModel, "
                'discriminator="...").'
            )


def _refuse_own_discriminator(model: Any) -> None:
    fields: Iterable[Field[Any]] = model.__codec__.fields.values()
    for field in fields:
        if field.stored_name == DISCRIMINATOR:
            raise FieldDefinitionError(
                f"{model.__qualname__}.{field.name} is stored as {DISCRIMINATOR!r}, under which a union "
                "keeps what the instance is of. Change its alias."
            )


def _variant(model: Any, definitions: Definitions) -> dict[str, Any]:
    """The schema of the model as a part of a union: with its discriminator."""

    def build(inner: Definitions) -> dict[str, Any]:
        schema = object_schema(model.__codec__.fields, inner)
        mark = {DISCRIMINATOR: {"const": model.__discriminator__}}
        return {
            **schema,
            "properties": {**mark, **schema["properties"]},
            "required": [DISCRIMINATOR, *schema.get("required", ())],
        }

    return definitions.refer((model, DISCRIMINATOR), f"{model.__name__}Variant", build)
