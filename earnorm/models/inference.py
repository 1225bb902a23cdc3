"""What a model of given documents would be, with the evidence for each of its fields."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType, new_class
from typing import Any
from uuid import UUID

from bson import Binary, Decimal128, ObjectId
from bson.binary import UUID_SUBTYPE

from earnorm.fields import (
    AnyField,
    BooleanField,
    BytesField,
    DateTimeField,
    DecimalField,
    DictField,
    EmbeddedField,
    Field,
    FloatField,
    IntegerField,
    ListField,
    ObjectIdField,
    StringField,
    UUIDField,
    is_storable_name,
)
from earnorm.models.embedded import EmbeddedModel
from earnorm.models.pickling import reduce_instance
from earnorm.models.rules import DISCRIMINATOR, REVISION
from earnorm.models.schema_parts import field_name

__all__ = ["FieldEvidence", "ModelProposal", "ModelSketch"]

_MOST_NAMES = 200
"""An object with more different keys than this is a map, not one of fields."""

_LONGEST_EXAMPLE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEvidence:
    """What was seen of one field.

    `path` is made of stored names (`address.city`, `tags.[]` for the items of a list). It was there in `seen` of
    `among` objects, and null in `nulls` of these. `types` says how often each type was its value; `example` is one of
    its values, as text of up to 80 characters. `field` is the type of the field that is proposed.
    """

    path: str
    seen: int
    among: int
    nulls: int
    types: Mapping[str, int]
    example: str
    field: str

    @property
    def is_required(self) -> bool:
        """Whether a value was always there."""
        return self.seen == self.among and not self.nulls

    @property
    def null_share(self) -> float:
        """The share of nulls among the values, from 0 to 1."""
        return self.nulls / self.seen if self.seen else 0.0

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.types.items())
        return f"{self.path}: {self.field}, seen {self.seen} of {self.among} ({kinds}), such as {self.example}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProposal:
    """A model that the documents of a collection would fit, for somebody to look at.

    `registry.create_model(name, fields=proposal.fields, meta=proposal.meta)` makes it. `documents` is how many were
    looked at; `evidence` is in the usual order of the fields, and `remarks` say what a model cannot be.
    """

    collection: str
    documents: int
    fields: Mapping[str, Field[Any]]
    meta: Mapping[str, Any]
    evidence: tuple[FieldEvidence, ...]
    remarks: tuple[str, ...]

    def __str__(self) -> str:
        head = f"{self.collection}: {self.documents} documents"
        return "\n  ".join([head, *map(str, self.evidence), *self.remarks])


class ModelSketch:
    """Looks at documents, one after the other; its size depends on their shape, and not on their number."""

    def __init__(self) -> None:
        self._root = _Object()
        self._ids: Counter[str] = Counter()
        self._left_out: dict[str, None] = {}

    def add(self, document: Mapping[str, Any]) -> None:
        """Takes note of a document."""
        self._ids[type(document.get("_id")).__name__] += 1
        fitting = {key: document[key] for key in document if _is_fitting(key)}
        for key in document.keys() - fitting.keys() - _OURS:
            if len(self._left_out) < _MOST_NAMES:
                self._left_out[key] = None
        self._root.add(fitting)

    def propose(self, collection: str) -> ModelProposal:
        """What the documents of the collection that were looked at are like."""
        remarks: list[str] = []
        others = [kind for kind in sorted(self._ids) if kind != ObjectId.__name__]
        if others:
            remarks.append(
                f"_id is of the type {', '.join(others)}, and that of a model is an ObjectId"
            )
        if self._left_out:
            names = ", ".join(map(repr, sorted(self._left_out)))
            remarks.append(f"no field can be stored as {names}; such keys are extras")
        if self._root.is_map:
            remarks.append(
                f"there are more than {_MOST_NAMES} different keys, and others are left to extras"
            )
        evidence: list[FieldEvidence] = []
        title = "".join(part.capitalize() for part in re.findall(r"[A-Za-z0-9]+", collection))
        return ModelProposal(
            collection=collection,
            documents=self._root.count,
            fields=MappingProxyType(self._root.fields("", title or "Model", evidence)),
            meta=MappingProxyType({"collection": collection}),
            evidence=tuple(evidence),
            remarks=tuple(remarks),
        )


_OURS = frozenset({"_id", DISCRIMINATOR, REVISION})


def _is_fitting(key: str) -> bool:
    """Whether a field of a model can be stored under the key: `id` is the name of another one."""
    return key not in _OURS and key != "id" and _is_alias(key)


def _is_alias(key: str) -> bool:
    return "." not in key and is_storable_name(key)


class _Object:
    """The keys of objects that were met in one place."""

    def __init__(self) -> None:
        self.count = 0
        self.is_map = False
        self.values: dict[str, _Value] = {}

    def add(self, document: Mapping[str, Any]) -> None:
        self.count += 1
        for position, (key, value) in enumerate(document.items()):
            if key not in self.values and len(self.values) >= _MOST_NAMES:
                self.is_map = True
            else:
                found = self.values.setdefault(key, _Value())
                found.add(value)
                found.positions += position

    def fields(self, path: str, title: str, evidence: list[FieldEvidence]) -> dict[str, Field[Any]]:
        found: dict[str, Field[Any]] = {}
        # In their usual order: documents that are drawn at random come in none.
        order = sorted(self.values, key=lambda key: (self.values[key].usual_position, key))
        for stored in order:
            value = self.values[stored]
            name = field_name(stored, {*found, *self.values})
            place = len(evidence)
            is_required = value.seen == self.count and not value.nulls
            alias = {} if name == stored else {"alias": stored}
            where = f"{path}{stored}"
            found[name] = value.field(where, f"{title}_{name}", evidence, is_required, alias)
            evidence.insert(place, value.evidence(where, self.count, found[name]))
        return found


class _Value:
    """The values that were met under one key."""

    def __init__(self) -> None:
        self.seen = 0
        self.nulls = 0
        self.positions = 0
        self.types: Counter[str] = Counter()
        self.example: str | None = None
        self.inner = _Object()
        self.items: _Value | None = None

    def add(self, value: Any) -> None:
        self.seen += 1
        self.types[_type_of(value)] += 1
        if value is None:
            self.nulls += 1
            return
        if self.example is None:
            text = repr(value)
            self.example = (
                text if len(text) <= _LONGEST_EXAMPLE else f"{text[: _LONGEST_EXAMPLE - 1]}…"
            )
        if isinstance(value, Mapping):
            self.inner.add(value)
        elif isinstance(value, list):
            self.items = self.items or _Value()
            for item in value:
                self.items.add(item)

    @property
    def usual_position(self) -> float:
        """Where among the keys it stood on average."""
        return self.positions / self.seen

    def evidence(self, path: str, among: int, field: Field[Any]) -> FieldEvidence:
        return FieldEvidence(
            path=path,
            seen=self.seen,
            among=among,
            nulls=self.nulls,
            types=MappingProxyType(dict(sorted(self.types.items()))),
            example=self.example or "null",
            field=type(field).__name__,
        )

    def field(
        self,
        path: str,
        title: str,
        evidence: list[FieldEvidence],
        is_required: bool,  # noqa: FBT001 # private, and one of five
        options: Mapping[str, Any],
    ) -> Field[Any]:
        kinds = {kind for kind in self.types if kind != "null"}
        options = {**options, "required": is_required}
        if kinds == {"object"}:
            return self._object(path, title, evidence, options)
        if kinds == {"array"}:
            return self._list(path, title, evidence, options)
        if kinds == {"int", "double"}:
            return FloatField(**options)
        kind: Any = _FIELDS.get(next(iter(kinds)), AnyField) if len(kinds) == 1 else AnyField
        made: Field[Any] = kind(**options)
        return made

    def _object(
        self, path: str, title: str, evidence: list[FieldEvidence], options: Mapping[str, Any]
    ) -> Field[Any]:
        if self.inner.is_map or not self.inner.values:
            return DictField(**options)
        if not all(map(_is_alias, self.inner.values)):
            return DictField(**options)
        body = {
            "__module__": __name__,
            "__reduce_ex__": reduce_instance,
            **self.inner.fields(f"{path}.", title, evidence),
        }
        name = "".join(part.capitalize() for part in title.split("_") if part)
        embedded: Any = new_class(name, (EmbeddedModel,), {}, lambda space: space.update(body))
        return EmbeddedField(embedded, **options)

    def _list(
        self, path: str, title: str, evidence: list[FieldEvidence], options: Mapping[str, Any]
    ) -> Field[Any]:
        items = self.items or _Value()
        where, place = f"{path}.[]", len(evidence)
        item = items.field(where, title, evidence, not items.nulls and items.seen > 0, {})
        evidence.insert(place, items.evidence(where, items.seen, item))
        return ListField(item, **options)


_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (int, "int"),
    (float, "double"),
    (str, "string"),
    (ObjectId, "objectId"),
    (datetime, "date"),
    (Decimal128, "decimal"),
    (UUID, "uuid"),
    (bytes, "binData"),
    (Mapping, "object"),
    (list, "array"),
)
_FIELDS: Mapping[str, type[Field[Any]]] = {
    "bool": BooleanField,
    "int": IntegerField,
    "double": FloatField,
    "string": StringField,
    "objectId": ObjectIdField,
    "date": DateTimeField,
    "decimal": DecimalField,
    "uuid": UUIDField,
    "binData": BytesField,
}


def _type_of(value: Any) -> str:
    """What MongoDB calls the type of a value; a UUID is told from other binary."""
    if value is None:
        return "null"
    if isinstance(value, Binary) and value.subtype == UUID_SUBTYPE:
        return "uuid"
    return next((name for kind, name in _TYPES if isinstance(value, kind)), type(value).__name__)
