"""Holds a JSON value against a JSON Schema: the keywords that the fields write, and no others."""

import re
from typing import Any

TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
SAID_ONLY = {
    "$defs", "$schema", "title", "description", "default", "readOnly", "format",
    "contentEncoding", "discriminator",
}  # fmt: skip


def fits(value: Any, schema: Any, root: Any) -> bool:
    """Whether the value fits; a keyword that this does not know is an error."""
    if isinstance(schema, bool):
        return schema
    unknown = schema.keys() - KEYWORDS.keys() - SAID_ONLY - {"properties", "prefixItems"}
    assert not unknown, unknown
    return all(
        KEYWORDS[word](value, schema, root) for word in schema if word in KEYWORDS
    )  # fmt: skip


def _type(value: Any, schema: Any, root: Any) -> bool:
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    is_boolean = isinstance(value, bool)
    return any(isinstance(value, TYPES[n]) and is_boolean == (n == "boolean") for n in names)


def _enum(value: Any, schema: Any, root: Any) -> bool:
    return any(type(one) is type(value) and one == value for one in schema["enum"])


def _ref(value: Any, schema: Any, root: Any) -> bool:
    target = root
    for part in schema["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return fits(value, target, root)


def _items(value: Any, schema: Any, root: Any) -> bool:
    if not isinstance(value, list):
        return True
    first = schema.get("prefixItems", [])
    below = [*first, *[schema.get("items", True)] * (len(value) - len(first))]
    return all(fits(item, inner, root) for item, inner in zip(value, below, strict=False))


def _properties(value: Any, schema: Any, root: Any) -> bool:
    if not isinstance(value, dict):
        return True
    known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    return all(fits(item, known.get(name, other), root) for name, item in value.items())


def _names(value: Any, schema: Any, root: Any) -> bool:
    return not isinstance(value, dict) or all(fits(n, schema["propertyNames"], root) for n in value)


def _count(value: Any, schema: Any, root: Any) -> int:
    return sum(fits(value, one, root) for one in schema)


KEYWORDS: dict[str, Any] = {
    "type": _type,
    "enum": _enum,
    "const": lambda v, s, r: type(v) is type(s["const"]) and v == s["const"],
    "$ref": _ref,
    "anyOf": lambda v, s, r: _count(v, s["anyOf"], r) > 0,
    "oneOf": lambda v, s, r: _count(v, s["oneOf"], r) == 1,
    "items": _items,
    "additionalProperties": _properties,
    "propertyNames": _names,
    "required": lambda v, s, r: not isinstance(v, dict) or set(s["required"]) <= v.keys(),
    "pattern": lambda v, s, r: not isinstance(v, str) or bool(re.search(s["pattern"], v)),
    "minLength": lambda v, s, r: not isinstance(v, str) or len(v) >= s["minLength"],
    "maxLength": lambda v, s, r: not isinstance(v, str) or len(v) <= s["maxLength"],
    "minItems": lambda v, s, r: not isinstance(v, list) or len(v) >= s["minItems"],
    "maxItems": lambda v, s, r: not isinstance(v, list) or len(v) <= s["maxItems"],
    "minimum": lambda v, s, r: not isinstance(v, (int, float)) or v >= s["minimum"],
    "maximum": lambda v, s, r: not isinstance(v, (int, float)) or v <= s["maximum"],
    "uniqueItems": lambda v, s, r: not isinstance(v, list) or all(v.count(one) == 1 for one in v),
}
