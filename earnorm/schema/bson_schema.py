"""MongoDB's `$jsonSchema` of the stored documents of a model."""

from typing import Any, Final

from earnorm.fields import DISCRIMINATOR
from earnorm.metadata import EXTENSION, ModelDocument
from earnorm.schema.bson_kinds import KINDS, PLAIN_CHOICES, stored_choices
from earnorm.schema.walking import definition_name, walk

__all__ = ["to_bson_schema"]

Schema = dict[str, Any]

_REVISION: Final = "_revision"
_MOST_PARTS: Final = 1_000


def to_bson_schema(document: ModelDocument) -> Schema:
    """What MongoDB's `$jsonSchema` can say of the model's stored documents: stored names and types of BSON.

    For a filter, or for the validator of a collection. Documents of the classes that inherit the model fit as well,
    whatever else they have; keys that no field has are refused where the model says `extra = "forbid"`. Raises
    `ModelDocumentError`.
    """
    return walk(document, lambda content: _Walk(content).model())


class _Walk:
    """One document on its way."""

    def __init__(self, content: Schema) -> None:
        self._content = content
        self._inside: list[str] = []  # the embedded models that hold this place
        self._parts = 0

    def model(self) -> Schema:
        facts = self._content[EXTENSION]
        schema = self._object(self._content)
        discriminator = facts["inheritance"].get("discriminator")
        # A model that no other inherits may have a field of its own under that name.
        schema["properties"].setdefault(DISCRIMINATOR, {"bsonType": "string"})
        if discriminator is not None:
            schema["required"] = [DISCRIMINATOR, *schema.get("required", ())]
        if facts["options"].get("revision"):
            schema["properties"][_REVISION] = {"bsonType": ["int", "long", "double"]}
        if facts["extra"] != "forbid":
            return schema
        # A class below this one stores its own fields, and its name.
        own: Schema = {"enum": [discriminator]} if discriminator is not None else {"not": {}}
        is_own: Schema = {"properties": {DISCRIMINATOR: own}}
        closed = {
            "properties": {name: {} for name in schema["properties"]} | is_own["properties"],
            "additionalProperties": False,
        }
        return {**schema, "anyOf": [closed, {"not": is_own}]}

    def _object(self, definition: Schema) -> Schema:
        """The schema of a model or an embedded model, without what it says of other keys."""
        fields = definition[EXTENSION]["fields"]
        names = {name: field.get("stored_name", name) for name, field in fields.items()}
        written = definition["properties"]
        schema: Schema = {
            "bsonType": "object",
            "properties": {
                names[name]: self._field(field, written.get(name, {}))
                for name, field in fields.items()
            },
        }
        required = [names[name] for name in definition.get("required", ()) if name in names]
        return {**schema, "required": required} if required else schema

    def _field(self, field: Schema, written: Any) -> Schema:
        """The schema of a field, `written` being that of its JSON form."""
        arguments = field.get("arguments", {})
        is_optional = arguments.get("required") is False
        value = written["anyOf"][0] if is_optional and "anyOf" in written else written
        schema = self._value(field["kind"], arguments, value)
        if "choices" in arguments and field["kind"] in PLAIN_CHOICES:
            choices = stored_choices(_listed(arguments["choices"]))
            schema = schema if choices is None else {**schema, "enum": choices}
        return {"anyOf": [schema, {"bsonType": "null"}]} if is_optional else schema

    def _value(self, kind: str, arguments: Schema, written: Any) -> Schema:
        if kind in KINDS:
            return KINDS[kind](arguments)
        if kind in ("EnumField", "LiteralField"):
            return (
                {"enum": list(written["enum"])}
                if "enum" in written
                else {"bsonType": ["int", "long"]}
            )
        if kind in ("ListField", "SetField"):
            return self._array(arguments, written, kind)
        if kind == "TupleField":
            return self._tuple(arguments, written)
        if kind == "DictField":
            return self._dictionary(arguments, written)
        if kind == "EmbeddedField":
            return self._embedded(written["$ref"])
        if kind == "EmbeddedUnionField":
            return {"anyOf": [self._embedded(one["$ref"]) for one in written["oneOf"]]}
        # Anything but null, which the optional field adds.
        return {"not": {"bsonType": "null"}} if kind in ("AnyField", "JsonField") else {}

    def _array(self, arguments: Schema, written: Schema, kind: str) -> Schema:
        limits = {"minItems": arguments.get("min_length"), "maxItems": arguments.get("max_length")}
        return {
            "bsonType": "array",
            "items": self._field(arguments["items"], written["items"]),
            **{word: int(limit) for word, limit in limits.items() if limit is not None},
            **({"uniqueItems": True} if kind == "SetField" else {}),
        }

    def _tuple(self, arguments: Schema, written: Schema) -> Schema:
        places = arguments["places"]
        if "prefixItems" not in written:
            return {"bsonType": "array", "items": self._field(places[0], written["items"])}
        each = zip(places, written["prefixItems"], strict=True)
        return {
            "bsonType": "array",
            "items": [self._field(place, one) for place, one in each],
            "additionalItems": False,
            "minItems": len(places),
        }

    def _dictionary(self, arguments: Schema, written: Schema) -> Schema:
        if not isinstance(arguments.get("values"), dict):
            return {"bsonType": "object"}
        values = self._field(arguments["values"], written["additionalProperties"])
        return {"bsonType": "object", "additionalProperties": values}

    def _embedded(self, reference: str) -> Schema:
        """The schema of an embedded model; MongoDB knows no references, so one that holds itself ends there."""
        name = definition_name(reference)
        self._parts += 1
        if name in self._inside or self._parts > _MOST_PARTS:
            return {"bsonType": "object"}
        definition = self._content["$defs"][name]
        self._inside.append(name)
        schema = self._object(definition)
        self._inside.pop()
        mark = definition["properties"].get(DISCRIMINATOR, {})
        if "const" in mark:
            schema["properties"][DISCRIMINATOR] = {"enum": [mark["const"]]}
            schema["required"] = [DISCRIMINATOR, *schema.get("required", ())]
        if definition[EXTENSION]["extra"] == "forbid":
            schema["additionalProperties"] = False
        return schema


def _listed(forms: Any) -> list[Any]:
    """The choices of a list, or of a set."""
    return list(forms["$set"] if isinstance(forms, dict) else forms)
