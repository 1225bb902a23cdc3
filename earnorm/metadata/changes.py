"""What is different between two versions of a model, as values."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from earnorm.metadata.json_patch import make_patch
from earnorm.metadata.model_document import EXTENSION, ModelDocument

__all__ = [
    "FactChanged",
    "FieldAdded",
    "FieldChanged",
    "FieldRemoved",
    "IndexAdded",
    "IndexRemoved",
    "ModelChange",
    "PluginAdded",
    "PluginChanged",
    "PluginRemoved",
    "ValidatorAdded",
    "ValidatorRemoved",
    "compare_documents",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChange:
    """One difference; `path` says where: a field (`address.city`), an index, a plugin, or a fact of the model."""

    verb: ClassVar[str] = "changed"

    path: str

    def __str__(self) -> str:
        return f"{self.path}: {self.verb}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Added(ModelChange):
    """`after` is what was added, as the model document has it."""

    verb: ClassVar[str] = "added"

    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Removed(ModelChange):
    """`before` is what was taken away, as the model document had it."""

    verb: ClassVar[str] = "removed"

    before: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changed(ModelChange):
    """`aspect` is what of it changed; None stands for nothing, before as after."""

    aspect: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.path}: {self.aspect} was {self.before!r}, is {self.after!r}"


class FieldAdded(_Added):
    """The model, or an embedded one, got a field."""

    __slots__ = ()


class FieldRemoved(_Removed):
    """A field is gone."""

    __slots__ = ()


class FieldChanged(_Changed):
    """A field has another type, stored name, plugin, or another argument."""

    __slots__ = ()


class IndexAdded(_Added):
    """An index was declared; one whose options changed is removed and added."""

    __slots__ = ()


class IndexRemoved(_Removed):
    """An index is declared no longer."""

    __slots__ = ()


class ValidatorAdded(_Added):
    """A validator of the model, or a method under `validates`, was added."""

    __slots__ = ()


class ValidatorRemoved(_Removed):
    """A validator of the model, or a method under `validates`, is gone."""

    __slots__ = ()


class PluginAdded(_Added):
    """A plugin was enabled."""

    __slots__ = ()


class PluginRemoved(_Removed):
    """A plugin is enabled no longer."""

    __slots__ = ()


class PluginChanged(_Changed):
    """A plugin has another version, distribution, or other options."""

    __slots__ = ()


class FactChanged(_Changed):
    """Another fact of the model: its collection, its place in a tree of models, an option, its documentation."""

    __slots__ = ()


def compare_documents(before: ModelDocument, after: ModelDocument) -> tuple[ModelChange, ...]:
    """Every difference, fields first; none for equal documents.

    What changed in an embedded model is told once, at the first field that holds it.
    """
    if before == after:
        return ()
    found = tuple(_compare(before.content, after.content))
    return found or (
        FactChanged(
            path="document", aspect="the rest", before=before.fingerprint, after=after.fingerprint
        ),
    )


def _compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ModelChange]:
    one, other = old[EXTENSION], new[EXTENSION]
    pairs = list(_pairs(old, new))
    for at, before, after in pairs:
        yield from _fields(at, _fields_of(before), _fields_of(after))
    for at, before, after in pairs:
        if before is not None and after is not None:
            yield from _structure(at, before, after)
    yield from _named(_indexes(one), _indexes(other), IndexAdded, IndexRemoved)
    yield from _named(_validators(one), _validators(other), ValidatorAdded, ValidatorRemoved)
    yield from _plugins(_plugins_of(one), _plugins_of(other))
    for named, path, aspect in _ORDERED:
        first, then = list(named(one)), list(named(other))
        if first != then and set(first) == set(then):
            yield FactChanged(path=path, aspect=aspect, before=first, after=then)
    yield from _facts("", one, other, ("collection", "inheritance", "options"))


Structure = Mapping[str, Any]
"""What a document says of a model, or of an embedded one."""


def _pairs(
    old: Structure, new: Structure
) -> Iterator[tuple[str, Structure | None, Structure | None]]:
    """The model before and after, and each of its embedded models, with what stands before the names of its fields.

    Each pair comes once, since there may be more paths than could ever be compared. None stands for an
    embedded model that a field took only before, or only after.
    """
    before, after = old.get("$defs", {}), new.get("$defs", {})
    waiting: deque[tuple[str, Structure | None, Structure | None]] = deque([("", old, new)])
    seen: set[tuple[str | None, str | None]] = set()
    while waiting:
        at, one, other = waiting.popleft()
        yield at, one, other
        fields, others = _fields_of(one), _fields_of(other)
        for name in (name for name in fields if name in others):
            for kind, was, now in _embedded(fields[name], others[name]):
                if (was, now) not in seen:
                    seen.add((was, now))
                    pair = before.get(was), after.get(now)
                    waiting.append((f"{at}{name}{kind}.", *pair))


def _embedded(old: Any, new: Any) -> Iterator[tuple[str, str | None, str | None]]:
    """The embedded models that a field took and takes, each with what tells it from others of the field."""
    was, now = dict.fromkeys(_references(old)), dict.fromkeys(_references(new))
    if len(was) == len(now) == 1:
        yield "", next(iter(was)), next(iter(now))
        return
    for name in was | now:
        kind = f"[{name}]" if len(was | now) > 1 else ""
        yield kind, name if name in was else None, name if name in now else None


def _fields_of(structure: Structure | None) -> dict[str, Any]:
    """The fields in the order of the constructor."""
    facts = {"fields": {}, "order": ()} if structure is None else structure[EXTENSION]
    return {name: facts["fields"][name] for name in facts["order"]}


def _structure(at: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ModelChange]:
    """What a model or an embedded model has beside its fields."""
    one, other = old[EXTENSION], new[EXTENSION]
    for change in _named(one["methods"], other["methods"], ValidatorAdded, ValidatorRemoved):
        yield replace(change, path=f"{at}{change.path}")
    is_reordered = set(one["order"]) == set(other["order"])  # else the fields say it
    yield from _facts(at, one, other, ("extra", *(("order",) if is_reordered else ())))
    if at:
        yield from _facts(at, one, other, ("key", "discriminator", "bases"))
    before, after = old.get("description"), new.get("description")
    if before != after:
        yield FactChanged(
            path=f"{at}documentation", aspect="documentation", before=before, after=after
        )


def _references(value: Any) -> Iterator[str]:
    """The embedded models that a field's arguments name."""
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].removeprefix("#/$defs/")
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _fields(at: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ModelChange]:
    for name, field in old.items():
        if name not in new:
            yield FieldRemoved(path=f"{at}{name}", before=field)
            continue
        for aspect, before, after in _aspects(_flat(field), _flat(new[name])):
            yield FieldChanged(path=f"{at}{name}", aspect=aspect, before=before, after=after)
    for name, field in new.items():
        if name not in old:
            yield FieldAdded(path=f"{at}{name}", after=field)


def _flat(field: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in field.items() if name not in ("arguments", "kind")}
    flat = {**own, **field.get("arguments", {})}
    if "default_factory" in flat:
        flat["default"] = {"factory": flat.pop("default_factory")}
    return flat


def _aspects(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        if make_patch(before, after):
            yield name, before, after


def _indexes(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {index["name"]: index for index in facts["indexes"]}


def _validators(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {_validator_name(one): one for one in facts["validators"]}


def _validator_name(validator: Mapping[str, Any]) -> str:
    if "unique" in validator:
        return f"unique({', '.join(validator['unique'])})"
    return str(next(iter(validator.values())))


def _named(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    added: type[_Added],
    removed: type[_Removed],
) -> Iterator[ModelChange]:
    for name, one in old.items():
        if make_patch(one, new.get(name)):
            yield removed(path=name, before=one)
    for name, one in new.items():
        if make_patch(old.get(name), one):
            yield added(path=name, after=one)


def _plugins_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {one["name"]: one for one in facts["plugins"]}


def _plugins(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ModelChange]:
    for name, plugin in old.items():
        if name not in new:
            yield PluginRemoved(path=name, before=plugin)
            continue
        for aspect, before, after in _aspects(plugin, new[name]):
            yield PluginChanged(path=name, aspect=aspect, before=before, after=after)
    for name, plugin in new.items():
        if name not in old:
            yield PluginAdded(path=name, after=plugin)


_ORDERED = (
    (_indexes, "indexes", "order"),
    (_validators, "validators", "validator_order"),
    (_plugins_of, "plugins", "plugin_order"),
)
"""The lists, with where their order is told and as which aspect: not every order means something."""


def _facts(
    at: str, old: Mapping[str, Any], new: Mapping[str, Any], names: Iterable[str]
) -> Iterator[ModelChange]:
    for name in names:
        before, after = old.get(name), new.get(name)
        if make_patch(before, after):
            yield FactChanged(path=f"{at}{name}", aspect=name, before=before, after=after)
