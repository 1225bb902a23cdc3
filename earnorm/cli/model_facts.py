"""What the command line tells of a model: plain values, the same for tables and for JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from earnorm.cli.faults import Fault
from earnorm.cli.target import LoadedTarget
from earnorm.errors import AmbiguousModelError
from earnorm.fields import UniqueValidator
from earnorm.metadata import Metadata, Relationship, Validator
from earnorm.model_registry import Model, ModelRegistry
from earnorm.plugins import PluginInfo
from earnorm.typing import Index

__all__ = [
    "FieldFacts",
    "ModelFacts",
    "RelationshipFacts",
    "ValidatorFacts",
    "describe_models",
    "reference_faults",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts:
    """One field; `type` is the class of the field, `contributed_by` the plugin that brought it."""

    name: str
    stored_name: str
    type: str
    required: bool
    contributed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatorFacts:
    """`UniqueValidator` with its fields, or the qualified name of a function, which has none."""

    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipFacts:
    """A reference: `pending` when no registered model has the name, `fault` when several have it.

    `on_delete` is "none" unless the reference has a rule.
    """

    field: str
    target: str
    many: bool
    required: bool
    on_delete: str
    pending: bool
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """One model."""

    key: str
    name: str
    collection: str
    fields: tuple[FieldFacts, ...]
    indexes: tuple[Index, ...]
    validators: tuple[ValidatorFacts, ...]
    plugins: tuple[PluginInfo, ...]
    relationships: tuple[RelationshipFacts, ...]


def describe_models(loaded: LoadedTarget) -> list[ModelFacts]:
    """The models of the target, by key."""
    if loaded.registry is None:
        return []
    return [_describe(model, loaded.registry) for model in loaded.models]


def reference_faults(models: Iterable[ModelFacts]) -> Iterator[Fault]:
    """The references that could mean several models."""
    for model in models:
        for relationship in model.relationships:
            if relationship.fault:
                subject = f"{model.key}.{relationship.field} is ambiguous"
                yield Fault(subject=subject, lines=(relationship.fault,))


def _describe(model: type[Model], registry: ModelRegistry) -> ModelFacts:
    metadata = model.__metadata__
    return ModelFacts(
        key=metadata.key,
        name=metadata.name,
        collection=metadata.collection,
        fields=tuple(_fields(metadata)),
        indexes=metadata.indexes,
        validators=tuple(_describe_validator(validator) for validator in metadata.validators),
        plugins=metadata.plugins,
        relationships=tuple(map(_describe_reference, registry.get_relationships(model))),
    )


def _fields(metadata: Metadata) -> Iterator[FieldFacts]:
    for name, field in metadata.fields.items():
        yield FieldFacts(
            name=name,
            stored_name=field.stored_name,
            type=type(field).__name__,
            required=field.required,
            contributed_by=field.contributed_by,
        )


def _describe_validator(validator: Validator) -> ValidatorFacts:
    if isinstance(validator, UniqueValidator):
        return ValidatorFacts(name=type(validator).__name__, fields=validator.fields)
    # An object that is called has no name of its own, and its repr would differ from run to run.
    named = validator if hasattr(validator, "__qualname__") else type(validator)
    return ValidatorFacts(name=f"{named.__module__}.{named.__qualname__}", fields=())


def _describe_reference(relationship: Relationship) -> RelationshipFacts:
    is_ambiguous = bool(relationship.candidates)
    error = AmbiguousModelError(relationship.target, relationship.candidates)
    return RelationshipFacts(
        field=relationship.field,
        target=relationship.target,
        many=relationship.many,
        required=relationship.required,
        on_delete=relationship.on_delete,
        pending=relationship.pending,
        fault=str(error) if is_ambiguous else None,
    )
