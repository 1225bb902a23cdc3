"""The fields that a JSON Schema (2020-12) describes."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.fields import (
    BooleanField,
    BytesField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    EmailField,
    EmbeddedField,
    Field,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    LiteralField,
    ObjectIdField,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    URLField,
    UUIDField,
)
from earnorm.fields.identity import OBJECT_ID_SCHEMA
from earnorm.fields.limits import LONGEST_INTEGER
from earnorm.metadata.json_patch import escaped
from earnorm.models.schema_parts import ANNOTATIONS, SchemaParts, field_name

__all__ = ["SchemaReader"]

Schema = Mapping[str, Any]
Embed = Callable[[str, dict[str, Field[Any]], str], Any]

_FORMATS: Mapping[str, tuple[type[Field[Any]], tuple[str, ...]]] = {
    "date-time": (DateTimeField, ()),
    "date": (DateField, ()),
    "duration": (TimeDeltaField, ()),
    "decimal": (DecimalField, ()),
    "uuid": (UUIDField, ()),
    "email": (EmailField, ()),
    "uri": (URLField, ("maxLength",)),
}
"""The field type of each `format`, and the constraints that it knows."""

_NOT_NULL = {"boolean", "number", "string", "array", "object"}


class SchemaReader:
    """Reads one JSON Schema; what no field can express is added to `faults`, and never left out in silence."""

    def __init__(self, root: Schema, embed: Embed) -> None:
        """`embed` makes an embedded model of a name, fields and what becomes of extra keys."""
        self.faults: list[FieldFault] = []
        self._parts = SchemaParts(root, self._refuse)
        self._embed = embed
        self._embedded: dict[str, Any] = {}  # pointer -> embedded model
        self._open: list[str] = []  # pointers of the objects that are being read

    def root(self, given: Any) -> Schema:
        """The object that the whole schema describes; adds faults for anything but an object with properties."""
        schema, path, is_nullable = self._parts.resolve(given, "")
        if schema is None:
            return {}
        if is_nullable or schema.get("type", "object") != "object" or "properties" not in schema:
            self._refuse(path, "is no object with properties, and a model is one")
        known = ("type", "properties", "required", "additionalProperties")
        self._refuse_unknown(schema, path, known)
        return schema

    def fields(self, schema: Schema, path: str) -> dict[str, Field[Any]]:
        """The fields of an object, under names that Python allows; other names become their aliases."""
        found: dict[str, Field[Any]] = {}
        properties, required = self._parts.properties(schema, path)
        for stored, part in properties.items():
            name = field_name(stored, {*found, *properties})
            if stored in ("id", "_id") and not self._open and self._parts.is_own_id(part):
                continue  # what every model has
            if stored == "id" and not self._open:
                self._refuse(
                    f"{path}/properties/id", "is not the id of a model, which is an ObjectId"
                )
                continue
            alias = {} if name == stored else {"alias": stored}
            where = f"{path}/properties/{escaped(stored)}"
            field = self.field(part, where, is_required=stored in required, **alias)
            if field is not None:
                found[name] = field
        return found

    def field(
        self, given: Any, path: str, *, is_required: bool = True, **options: Any
    ) -> Field[Any] | None:
        """The field of one schema, None with faults for one that has none."""
        found = len(self.faults)
        schema, path, is_nullable = self._parts.resolve(given, path)
        if schema is None:
            return None
        has_default = schema.get("default") is not None or _may_be_empty(schema)
        if schema.get("writeOnly") is True:
            options["secret"] = True
        options["required"] = not is_nullable and (is_required or has_default)
        make, known = self._kind(schema, path)
        if make is None:
            return None
        self._refuse_unknown(schema, path, known)
        if len(self.faults) > found:
            return None
        try:
            return self._with_default(make(options), make, options, schema, path)
        except (FieldDefinitionError, ValueError, TypeError, re.error) as error:
            self._refuse(path, f"makes no field: {error}")
            return None

    def _with_default(
        self, field: Field[Any], make: Any, options: dict[str, Any], schema: Schema, path: str
    ) -> Field[Any]:
        if schema.get("default") is None:
            return field
        faults: list[FieldFault] = []
        default = field.check(field.from_json(schema["default"], "", faults), "", faults)
        if faults:
            self._refuse(f"{path}/default", f"does not fit: {faults[0]}")
            return field
        made: Field[Any] = make({**options, "default": default})
        return made

    def _kind(self, schema: Schema, path: str) -> tuple[Any, tuple[str, ...]]:
        """What makes the field out of options, and the keywords that it took care of."""
        if "enum" in schema or "const" in schema:
            return self._choice(schema, path)
        kind = schema.get("type")
        if kind is None and not schema.keys() - ANNOTATIONS:
            return (lambda options: JsonField(**options)), ()
        if isinstance(kind, list) and set(map(str, kind)) == _NOT_NULL:
            return (lambda options: JsonField(**options)), ("type",)
        if "anyOf" in schema and self._parts.is_any_float(schema):
            return (lambda options: FloatField(**options)), ("anyOf",)
        reader = getattr(self, f"_{kind}", None) if kind in _KINDS else None
        if reader is None:
            self._refuse(path, f"has the type {kind!r}, and a field has one of {', '.join(_KINDS)}")
            return None, ()
        made: tuple[Any, tuple[str, ...]] = reader(schema, path)
        return made

    def _choice(self, schema: Schema, path: str) -> tuple[Any, tuple[str, ...]]:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        values = [one for one in values if one is not None] if isinstance(values, list) else []
        if values and all(isinstance(one, (str, bool, int)) for one in values):
            return (lambda options: LiteralField(*values, **options)), ("const", "enum", "type")
        self._refuse(path, "lists values that are not all strings, integers or booleans")
        return None, ()

    def _string(self, schema: Schema, path: str) -> tuple[Any, tuple[str, ...]]:
        if schema.get("pattern") == OBJECT_ID_SCHEMA["pattern"]:
            return (lambda options: ObjectIdField(**options)), ("type", "pattern")
        if schema.get("contentEncoding") == "base64":
            return (lambda options: BytesField(**options)), ("type", "contentEncoding")
        kind, limits = _FORMATS.get(schema.get("format", ""), (StringField, _TEXT))
        own: dict[str, Any] = {_LIMITS[name]: schema[name] for name in limits if name in schema}
        if "pattern" in own:
            own["pattern"] = _whole(own["pattern"])
        known = ("type", *limits, *(["format"] if kind is not StringField else []))
        if kind is EmailField and schema.get("maxLength", 0) >= _LONGEST_EMAIL:
            known = (*known, "maxLength")  # what the field says anyway
        return (lambda options: kind(**own, **options)), known

    def _integer(self, schema: Schema, path: str) -> tuple[Any, tuple[str, ...]]:
        low = _highest(schema.get("minimum"), _moved(schema.get("exclusiveMinimum"), 1))
        high = _lowest(schema.get("maximum"), _moved(schema.get("exclusiveMaximum"), -1))
        limits: dict[str, Any] = {
            "minimum": None if low is None or low <= -LONGEST_INTEGER - 1 else math.ceil(low),
            "maximum": None if high is None or high >= LONGEST_INTEGER else math.floor(high),
        }
        known = ("type", *_RANGE, *(["multipleOf"] if schema.get("multipleOf") == 1 else []))
        return (lambda options: IntegerField(**limits, **options)), known

    def _number(self, schema: Schema, path: str) -> tuple[Any, tuple[str, ...]]:
        after, before = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        low = None if after is None else math.nextafter(after, math.inf)
        high = None if before is None else math.nextafter(before, -math.inf)
        limits: dict[str, Any] = {
            "minimum": _highest(schema.get("minimum"), low),
            "maximum": _lowest(schema.get("maximum"), high),
        }
        return (lambda options: FloatField(**limits, **options)), ("type", *_RANGE)

    def _boolean(self, schema: Schema, path: str) -> tuple[Any, tuple[str, ...]]:
        return (lambda options: BooleanField(**options)), ("type",)

    def _array(self, schema: Schema, path: str) -> tuple[Any, tuple[str, ...]]:
        if "prefixItems" in schema:
            return self._tuple(schema, path)
        items = self.field(schema.get("items", True), f"{path}/items")
        limits = {_SIZES[name]: schema[name] for name in _SIZES if name in schema}
        kind: Any = SetField if schema.get("uniqueItems") is True else ListField
        known = ("type", "items", *_SIZES, "uniqueItems")
        return (None if items is None else lambda options: kind(items, **limits, **options)), known

    def _tuple(self, schema: Schema, path: str) -> tuple[Any, tuple[str, ...]]:
        given = schema["prefixItems"]
        if schema.get("items") is not False or schema.get("minItems") != len(given):
            self._refuse(
                path, "has prefixItems, and no items: false and minItems to make a tuple of it"
            )
            return None, ()
        places = [self.field(one, f"{path}/prefixItems/{n}") for n, one in enumerate(given)]
        known = ("type", "prefixItems", "items", "minItems")
        if None in places:
            return None, ()
        kind: Any = TupleField
        return (lambda options: kind(*places, **options)), known

    def _object(self, schema: Schema, path: str) -> tuple[Any, tuple[str, ...]]:
        if "properties" in schema:
            model = self._embedded_model(schema, path)
            known = ("type", "properties", "required", "additionalProperties")
            return (
                None if model is None else lambda options: EmbeddedField(model, **options)
            ), known
        others = schema.get("additionalProperties", True)
        if others is False:
            self._refuse(path, "is an object that allows nothing; give it properties")
            return None, ()
        values = None if others is True else self.field(others, f"{path}/additionalProperties")
        if others is not True and values is None:
            return None, ()
        kind: Any = DictField
        return (lambda options: kind(values, **options)), ("type", "additionalProperties")

    def _embedded_model(self, schema: Schema, path: str) -> Any:
        if path in self._open:
            self._refuse(
                path, "holds itself, which a model from a schema cannot. Write it as a class."
            )
            return None
        if path not in self._embedded:
            self._open.append(path)
            found = len(self.faults)
            fields = self.fields(schema, path)
            self._open.pop()
            if len(self.faults) > found:
                return None
            name = self._parts.model_name(schema, path)
            extra = "forbid" if schema.get("additionalProperties") is False else "keep"
            self._embedded[path] = self._embed(name, fields, extra)
        return self._embedded[path]

    def _refuse_unknown(self, schema: Schema, path: str, known: tuple[str, ...]) -> None:
        for keyword in schema:
            if keyword not in known and keyword not in ANNOTATIONS:
                self._refuse(f"{path}/{escaped(keyword)}", "cannot be expressed by this field")

    def _refuse(self, path: str, message: str) -> None:
        self.faults.append(FieldFault(path=path or "/", code="schema", message=message))


_KINDS = ("string", "integer", "number", "boolean", "array", "object")
_LONGEST_EMAIL = 254
_TEXT = ("minLength", "maxLength", "pattern")
_LIMITS = {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"}
_SIZES = {"minItems": "min_length", "maxItems": "max_length"}
_RANGE = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def _may_be_empty(schema: Schema) -> bool:
    """Whether it is an array or a map for which an empty one stands where it is missing, as in every model."""
    is_container = schema.get("type") in ("array", "object")
    return is_container and not (
        schema.keys() & {"properties", "prefixItems", "enum", "const", "minItems"}
    )


def _whole(pattern: str) -> str:
    """A pattern for the whole text that says what a schema's pattern, which may fit a part, says."""
    if pattern.startswith("^(?:") and pattern.endswith(")$"):
        return pattern[4:-2]  # as `json_schema` writes it
    # ECMA 262: "$" is the very end, and "\d" and "\w" are ASCII.
    ended = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)
    return rf"(?s:.*)(?a:{ended})(?s:.*)"


def _moved(limit: Any, by: int) -> Any:
    if limit is None:
        return None
    return math.floor(limit) + 1 if by > 0 else math.ceil(limit) - 1


def _highest(*limits: Any) -> Any:
    return max((one for one in limits if one is not None), default=None)


def _lowest(*limits: Any) -> Any:
    return min((one for one in limits if one is not None), default=None)
