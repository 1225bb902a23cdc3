"""Finds the parts of a JSON Schema, and what they are called."""

import re
from collections.abc import Callable, Container, Mapping
from keyword import iskeyword
from typing import Any
from urllib.parse import unquote

from earnorm.fields.identity import OBJECT_ID_SCHEMA
from earnorm.models.table import RESERVED

__all__ = ["ANNOTATIONS", "SchemaParts", "field_name"]

Schema = Mapping[str, Any]

ANNOTATIONS = frozenset(
    {
        "$comment",
        "$defs",
        "$id",
        "$schema",
        "default",
        "definitions",
        "deprecated",
        "description",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
    }
)
"""Keywords that allow no value less."""


class SchemaParts:
    """One JSON Schema; `refuse` is called with a JSON Pointer and what is wrong there."""

    def __init__(self, root: Schema, refuse: Callable[[str, str], None]) -> None:
        self._root = root
        self._refuse = refuse

    def properties(self, schema: Schema, path: str) -> tuple[Mapping[str, Any], set[str]]:
        """The properties of an object, and the names of those that must be there."""
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if not isinstance(properties, Mapping) or not isinstance(required, list):
            self._refuse(path, "has no mapping of properties, or no list of required ones")
            return {}, set()
        for name in required:
            if name not in properties:
                self._refuse(f"{path}/required", f"names {name!r}, which is no property")
        others = schema.get("additionalProperties", True)
        if not isinstance(others, bool):
            where = f"{path}/additionalProperties"
            self._refuse(where, "is a schema beside properties: extra values have no type")
        return properties, set(required)

    def resolve(self, given: Any, path: str) -> tuple[Schema | None, str, bool]:
        """The schema behind references and unions with null, its pointer, and whether null is allowed."""
        is_nullable, seen = False, [path]
        while True:
            if given is _BROKEN:
                return None, path, is_nullable
            if given is True:
                return {}, path, is_nullable
            if not isinstance(given, Mapping):
                self._refuse(path, "is no schema that allows anything")
                return None, path, is_nullable
            given, allows_null = _without_null(given)
            is_nullable = is_nullable or allows_null
            following = self._following(given, path)
            if following is None:
                # Without a type and a constraint, a schema allows null as everything else.
                return given, path, is_nullable or not given.keys() - ANNOTATIONS
            given, path = following
            if given is not _BROKEN and path in seen:
                self._refuse(path, "refers to itself")
                return None, path, is_nullable
            seen.append(path)

    def is_own_id(self, part: Any) -> bool:
        """Whether a schema is that of the id which every model has."""
        bare = _without_null(part)[0] if isinstance(part, Mapping) else {}
        (bare,) = bare["anyOf"] if len(bare.get("anyOf", ())) == 1 else (bare,)
        said: Any = {key: bare[key] for key in bare if key not in ANNOTATIONS}
        return bool(said == OBJECT_ID_SCHEMA)

    def is_any_float(self, schema: Schema) -> bool:
        """Whether it is what `json_schema` says of a float that may be NaN or infinite."""
        number, *words = schema["anyOf"]
        return bool(number == {"type": "number"}) and words == [
            {"enum": ["NaN", "Infinity", "-Infinity"]}
        ]

    def model_name(self, schema: Schema, path: str) -> str:
        """What the class of an object is called: by its title, else by where it stands."""
        title = schema.get("title")
        words = re.findall(
            r"[A-Za-z0-9]+", title if isinstance(title, str) else path.rpartition("/")[2]
        )
        name = "".join(word[0].upper() + word[1:] for word in words)
        return name if name[:1].isalpha() else f"Part{name}"

    def _following(self, given: Schema, path: str) -> tuple[Any, str] | None:
        """What a schema stands for that says nothing itself: the target of a reference, its only part."""
        said = given.keys() - ANNOTATIONS
        if said == {"$ref"}:
            target, where = self._target(given["$ref"], path)
            beside = {key: given[key] for key in ("default", "writeOnly") if key in given}
            return ({**target, **beside} if isinstance(target, Mapping) else target), where
        for keyword in ("allOf", "anyOf", "oneOf"):
            parts = given.get(keyword)
            if said == {keyword} and isinstance(parts, list) and len(parts) == 1:
                inherited = {key: given[key] for key in given if key != keyword}
                only = parts[0]
                merged = {**only, **inherited} if isinstance(only, Mapping) and inherited else only
                return merged, f"{path}/{keyword}/0"
        return None

    def _target(self, reference: Any, path: str) -> tuple[Any, str]:
        if not isinstance(reference, str) or not reference.startswith("#/"):
            self._refuse(
                f"{path}/$ref", f"refers to {reference!r}, which is no part of this schema"
            )
            return _BROKEN, path
        found: Any = self._root
        for part in unquote(reference[2:]).split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or name not in found:
                self._refuse(f"{path}/$ref", f"refers to {reference!r}, which is not there")
                return _BROKEN, path
            found = found[name]
        return found, reference[1:]


def field_name(stored: str, taken: Container[str]) -> str:
    """A name that a field can have, as near to that of a property as can be; its own where that is one."""
    name = re.sub(r"\W", "_", stored).lstrip("_") or "field"
    if name[0].isdigit():
        name = f"field_{name}"
    if iskeyword(name) or name in RESERVED - {"id"} or (name == "id" and stored != "id"):
        name += "_"
    while name != stored and name in taken:
        name += "_"
    return name


_BROKEN = object()


def _without_null(schema: Schema) -> tuple[Schema, bool]:
    """The schema of the values that are not null, and whether null is one."""
    kind = schema.get("type")
    if isinstance(kind, list) and "null" in kind:
        left = [one for one in kind if one != "null"]
        return {**schema, "type": left[0] if len(left) == 1 else left}, True
    if isinstance(kind, list) and len(kind) == 1:
        return {**schema, "type": kind[0]}, False
    values = schema.get("enum")
    if isinstance(values, list) and None in values:
        return schema, True
    for keyword in ("anyOf", "oneOf"):
        parts = schema.get(keyword)
        if isinstance(parts, list) and {"type": "null"} in parts:
            return {**schema, keyword: [one for one in parts if one != {"type": "null"}]}, True
    return schema, False
