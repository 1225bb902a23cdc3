"""Field types and validators."""

from earnorm.fields.base import (
    MISSING,
    Field,
    FieldOptions,
    OptionalFieldOptions,
    refuse_awaitable,
)
from earnorm.fields.containers import (
    DictField,
    ListField,
)
from earnorm.fields.contributed import (
    PluginFields,
)
from earnorm.fields.decimals import DecimalField
from earnorm.fields.definitions import Definitions
from earnorm.fields.dynamic import copy_containers, encode_dynamic, recheck_dynamic
from earnorm.fields.embedded import (
    Codec,
    EmbeddedField,
)
from earnorm.fields.enums import EnumField
from earnorm.fields.identity import ObjectIdField, as_object_id
from earnorm.fields.json_objects import object_from_json, object_schema, object_to_json
from earnorm.fields.limits import is_storable_name, is_unicode
from earnorm.fields.moments import (
    DateTimeField,
)
from earnorm.fields.numbers import (
    BooleanField,
    FloatField,
    IntegerField,
)
from earnorm.fields.owner import (
    FieldOwner,
)
from earnorm.fields.pictures import ABSENT, DYNAMIC, Difference
from earnorm.fields.reference import (
    Reference,
    ReferenceField,
    ReferenceOptions,
)
from earnorm.fields.resolution import resolve_path
from earnorm.fields.sets import SetField
from earnorm.fields.text import (
    EmailField,
    StringField,
    is_email,
    is_plain_email,
)
from earnorm.fields.unique import (
    UniqueValidator,
)

__all__ = [
    "ABSENT",
    "BooleanField",
    "Codec",
    "DYNAMIC",
    "DateTimeField",
    "DecimalField",
    "Definitions",
    "DictField",
    "Difference",
    "EmailField",
    "EmbeddedField",
    "EnumField",
    "Field",
    "FieldOptions",
    "FieldOwner",
    "FloatField",
    "IntegerField",
    "ListField",
    "MISSING",
    "ObjectIdField",
    "OptionalFieldOptions",
    "PluginFields",
    "Reference",
    "ReferenceField",
    "ReferenceOptions",
    "SetField",
    "StringField",
    "UniqueValidator",
    "as_object_id",
    "copy_containers",
    "encode_dynamic",
    "is_email",
    "is_plain_email",
    "is_storable_name",
    "is_unicode",
    "object_from_json",
    "object_schema",
    "object_to_json",
    "recheck_dynamic",
    "refuse_awaitable",
    "resolve_path",
]
