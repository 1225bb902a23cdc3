"""The base class for models whose fields are annotated."""

from inspect import get_annotations
from typing import TYPE_CHECKING, Any, dataclass_transform

from bson import ObjectId

from earnorm.errors import ModelDefinitionError
from earnorm.fields import (
    AnyField,
    BooleanField,
    BytesField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedUnionField,
    EnumField,
    Field,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    LiteralField,
    ObjectIdField,
    PointField,
    ReferenceField,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    URLField,
    UUIDField,
    VectorField,
)
from earnorm.model_registry import ModelRegistry
from earnorm.models.base import BaseModel

__all__ = ["TypedModel"]


class _Abstract:
    abstract = True


# On a class of its own: type checkers look for arguments of the constructor only in what inherits it.
@dataclass_transform(
    kw_only_default=True,
    field_specifiers=(
        AnyField,
        BooleanField,
        BytesField,
        DateField,
        DateTimeField,
        DecimalField,
        DictField,
        EmailField,
        EmbeddedField,
        EmbeddedUnionField,
        EnumField,
        Field,
        FloatField,
        IntegerField,
        JsonField,
        ListField,
        LiteralField,
        ObjectIdField,
        PointField,
        ReferenceField,
        SetField,
        StringField,
        TimeDeltaField,
        TupleField,
        URLField,
        UUIDField,
        VectorField,
    ),
)
class _Transformed(BaseModel):
    if not TYPE_CHECKING:
        # Type checkers would hold it against the Meta of a subclass.
        Meta = _Abstract


class TypedModel(_Transformed):
    """A model whose fields are annotated, so that type checkers know its constructor.

    `name: Field[str] = StringField()`. At run time it is a `BaseModel` like any other, and itself
    abstract. A field without an annotation, or with an alias, is an error at the class line: type
    checkers would not know the one, and take the other for the name of the argument (PEP 681).
    """

    if TYPE_CHECKING:
        id: Field[ObjectId | None] = ObjectIdField(required=False, default=None)
    else:
        Meta = _Abstract

    def __init_subclass__(cls, *, registry: ModelRegistry | None = None, **kwargs: Any) -> None:
        annotated = get_annotations(cls)
        for name, field in vars(cls).items():
            fault = _fault(name, field, is_annotated=name in annotated)
            if fault is not None:
                key = f"{cls.__module__}.{cls.__qualname__}"
                raise ModelDefinitionError(f"the field {name!r} {fault}", model=key)
        super().__init_subclass__(registry=registry, **kwargs)


def _fault(name: str, field: object, *, is_annotated: bool) -> str | None:
    if not isinstance(field, Field):
        return None
    if not is_annotated:
        return (
            "has no annotation, so type checkers would refuse it in the constructor. Write "
            f"{name}: Field[...] = {type(field).__name__}(...), or inherit BaseModel."
        )
    if field.alias is not None:
        return (
            f"has the alias {field.alias!r}, which type checkers would take for the name of the argument. "
            "Inherit BaseModel for a model with aliases; 'earnorm stubs' types its constructor."
        )
    return None
