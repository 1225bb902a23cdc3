"""The plain JSON Schema of a model document."""

from typing import Any, Final
from urllib.parse import quote

from earnorm.metadata import EXTENSION, ModelDocument
from earnorm.schema.walking import definition_name, exact_number, walk

__all__ = ["to_json_schema"]

Schema = dict[str, Any]


def to_json_schema(document: ModelDocument, *, closed: bool = True) -> Schema:
    """The JSON Schema (2020-12) of what the model's constructor takes, which any validator reads.

    It says what `earnorm.json_schema` says of the model. With `closed=False`, keys that no field has are allowed.
    Raises `ModelDocumentError`.
    """
    return walk(document, lambda content: _of_content(content, closed=closed))


def _of_content(content: Schema, *, closed: bool) -> Schema:
    parts = {name: _plain(part, closed=closed) for name, part in content.get("$defs", {}).items()}
    root = _plain({name: part for name, part in content.items() if name != "$defs"}, closed=closed)
    root["$id"] = quote(root["$id"], safe=":._")  # a class of a function has < and > in its key
    needed = _needed(root, parts)
    return (
        {**root, "$defs": {name: parts[name] for name in parts if name in needed}}
        if needed
        else root
    )


def _needed(root: Schema, parts: Schema) -> set[str]:
    """The names of the parts that the root refers to, also by way of others."""
    needed: set[str] = set()
    left: list[Any] = [root]
    while left:
        place = left.pop()
        left += (
            place.values() if isinstance(place, dict) else place if isinstance(place, list) else ()
        )
        reference = place.get("$ref") if isinstance(place, dict) else None
        name = definition_name(reference) if isinstance(reference, str) else None
        if name in parts and name not in needed:
            needed.add(name)
            left.append(parts[name])
    return needed


def _plain(schema: Schema, *, closed: bool) -> Schema:
    """The schema of one model, or of another part, without what only EarnORM reads."""
    if EXTENSION not in schema:
        return schema
    fields = schema[EXTENSION]["fields"]
    plain = {name: part for name, part in schema.items() if name != EXTENSION}
    plain["properties"] = {
        name: _exact(part, fields.get(name, {})) for name, part in schema["properties"].items()
    }
    if not closed:
        plain.pop("additionalProperties", None)
    return plain


def _exact(schema: Any, field: Schema) -> Any:
    """The schema with the limits that a document, whose numbers are doubles, leaves to the arguments."""
    if not isinstance(schema, dict) or not field:
        return schema
    arguments = field.get("arguments", {})
    exact = dict(schema)
    if schema.get("type") in ("integer", "number"):
        exact |= _limits(field["kind"], arguments)
    if "anyOf" in schema:
        exact["anyOf"] = [_exact(one, field) for one in schema["anyOf"]]
    for keyword, inner in (
        ("items", _items(arguments)),
        ("additionalProperties", arguments.get("values")),
    ):
        if keyword in schema and isinstance(inner, dict):
            exact[keyword] = _exact(schema[keyword], inner)
    if "prefixItems" in schema:
        pairs = zip(schema["prefixItems"], arguments["places"], strict=False)
        exact["prefixItems"] = [_exact(one, place) for one, place in pairs]
    return exact


def _items(arguments: Schema) -> Any:
    """The field of every item: that of a list, or of an open tuple."""
    places = arguments.get("places")
    return arguments.get("items", places[0] if places else None)


_LONGEST: Final = {"minimum": -(2**63), "maximum": 2**63 - 1}


def _limits(kind: str, arguments: Schema) -> Schema:
    if kind not in ("IntegerField", "FloatField"):
        return {}
    given = {name: exact_number(arguments.get(name)) for name in _LONGEST}
    found = {name: limit for name, limit in given.items() if limit is not None}
    return {**_LONGEST, **found} if kind == "IntegerField" else found
