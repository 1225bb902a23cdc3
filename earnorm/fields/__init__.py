"""Field types and validators."""

from earnorm.fields.awaitables import refuse_awaitable
from earnorm.fields.base import (
    MISSING,
    Field,
    FieldOptions,
    OptionalFieldOptions,
    hidden_fault,
)
from earnorm.fields.binary import BytesField
from earnorm.fields.containers import (
    DictField,
    ListField,
)
from earnorm.fields.contributed import (
    PluginFields,
)
from earnorm.fields.dates import DateField
from earnorm.fields.decimals import DecimalField, is_exact_decimal
from earnorm.fields.definitions import Definitions
from earnorm.fields.durations import TimeDeltaField
from earnorm.fields.dynamic import copy_containers, encode_dynamic, recheck_dynamic
from earnorm.fields.embedded import (
    Codec,
    EmbeddedField,
)
from earnorm.fields.enums import EnumField
from earnorm.fields.free_values import AnyField, JsonField
from earnorm.fields.identity import ObjectIdField, UUIDField, as_object_id
from earnorm.fields.json_objects import object_from_json, object_schema, object_to_json
from earnorm.fields.kinds import DISCRIMINATOR
from earnorm.fields.limits import is_nameable, is_storable_name, is_unicode
from earnorm.fields.literals import LiteralField
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
from earnorm.fields.pictures import ABSENT, DYNAMIC, Difference, picture_of
from earnorm.fields.point import Point
from earnorm.fields.points import PointField
from earnorm.fields.reference import (
    OnDelete,
    Reference,
    ReferenceField,
    ReferenceOptions,
    load_reference,
    target_of,
)
from earnorm.fields.reference_path import ReferencePath, find_references
from earnorm.fields.resolution import is_secret_path, item_fields, resolve_path, steps
from earnorm.fields.sets import SetField
from earnorm.fields.stored_values import decoder_of, read_stored
from earnorm.fields.text import (
    EmailField,
    StringField,
    is_email,
    is_plain_email,
)
from earnorm.fields.tuples import TupleField
from earnorm.fields.unions import EmbeddedUnionField
from earnorm.fields.unique import (
    UniqueValidator,
)
from earnorm.fields.urls import URLField, is_url
from earnorm.fields.vectors import VectorField

__all__ = [
    "DISCRIMINATOR",
    "MISSING",
    "ABSENT",
    "AnyField",
    "BooleanField",
    "BytesField",
    "Codec",
    "DYNAMIC",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "Definitions",
    "DictField",
    "Difference",
    "EmailField",
    "EmbeddedField",
    "EmbeddedUnionField",
    "EnumField",
    "Field",
    "FieldOptions",
    "FieldOwner",
    "FloatField",
    "IntegerField",
    "JsonField",
    "ListField",
    "LiteralField",
    "ObjectIdField",
    "OnDelete",
    "OptionalFieldOptions",
    "PluginFields",
    "Point",
    "PointField",
    "Reference",
    "ReferenceField",
    "ReferenceOptions",
    "ReferencePath",
    "SetField",
    "StringField",
    "TimeDeltaField",
    "TupleField",
    "URLField",
    "UUIDField",
    "UniqueValidator",
    "VectorField",
    "as_object_id",
    "copy_containers",
    "decoder_of",
    "encode_dynamic",
    "find_references",
    "is_email",
    "is_exact_decimal",
    "is_plain_email",
    "hidden_fault",
    "is_nameable",
    "is_secret_path",
    "is_storable_name",
    "is_unicode",
    "is_url",
    "item_fields",
    "load_reference",
    "object_from_json",
    "object_schema",
    "object_to_json",
    "picture_of",
    "read_stored",
    "recheck_dynamic",
    "refuse_awaitable",
    "resolve_path",
    "steps",
    "target_of",
]
