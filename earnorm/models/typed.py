"""The base class for models whose fields are annotated."""

from typing import TYPE_CHECKING, dataclass_transform

from bson import ObjectId

from earnorm.fields import (
    BooleanField,
    DateTimeField,
    DictField,
    EmailField,
    EmbeddedField,
    Field,
    FloatField,
    IntegerField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)
from earnorm.models.base import BaseModel

__all__ = ["TypedModel"]


class _Abstract:
    abstract = True


# On a class of its own: type checkers look for arguments of the constructor only in what inherits it.
@dataclass_transform(
    kw_only_default=True,
    field_specifiers=(
        BooleanField,
        DateTimeField,
        DictField,
        EmailField,
        EmbeddedField,
        Field,
        FloatField,
        IntegerField,
        ListField,
        ObjectIdField,
        ReferenceField,
        StringField,
    ),
)
class _Transformed(BaseModel):
    if not TYPE_CHECKING:
        # Type checkers would hold it against the Meta of a subclass.
        Meta = _Abstract


class TypedModel(_Transformed):
    """A model whose fields are annotated, so that type checkers know its constructor.

    `name: Field[str] = StringField()`. At run time it is a `BaseModel` like any other, and itself
    abstract.
    """

    if TYPE_CHECKING:
        id: Field[ObjectId | None] = ObjectIdField(required=False, default=None)
    else:
        Meta = _Abstract
