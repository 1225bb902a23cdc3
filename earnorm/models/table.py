"""The field table of a class: its own fields, those of its bases, those that plugins contribute."""

from collections.abc import Collection, Mapping, Sequence
from keyword import iskeyword
from typing import Any

from earnorm.errors import (
    FieldFault,
    ModelDefinitionError,
    PluginConflictError,
    PluginDefinitionError,
)
from earnorm.fields import MISSING, Field, PluginFields, is_storable_name
from earnorm.metadata import Metadata
from earnorm.models.draft import Draft
from earnorm.plugins import Plans, ResolvedPlugin

__all__ = [
    "RESERVED",
    "build_table",
    "check_mixins",
    "contributed_fields",
    "in_former_order",
    "in_said_order",
    "name_fault",
]

RESERVED = frozenset(
    {
        "id",
        "save",
        "delete",
        "reload",
        "get",
        "find",
        "create",
        "insert_many",
        "to_document",
        "from_document",
    }
)
"""The public names of a model; no field can have one, and no other name will ever be added."""


def build_table(
    model: Any,
    contributed: Mapping[str, tuple[Field[Any], ResolvedPlugin]],
    draft: Draft,
    *,
    key: str,
) -> dict[str, Field[Any]]:
    """The fields of `model`, bound to it: `id` first, contributed ones last."""
    _check_id(model, key)
    _refuse_fieldless(model, draft.namespace(model), key)
    declared = _fields_of(model, draft)
    for name, (field, plugin) in contributed.items():
        present = declared.get(name)
        is_own = present is not None and present.contributed_by == plugin.name
        if present is not None and present.origin is not field.origin and not is_own:
            _refuse_clash(name, present, plugin, key)
        if present is None and hasattr(model, name):
            _refuse_clash(name, None, plugin, key)
    for name, field in declared.items():
        if field.contributed_by is not None and name not in contributed:
            fault = (
                f"inherits the field {name!r} of the plugin {field.contributed_by!r}, which does not contribute it with "
                "the options that this class gives. Give them in the base that enables the plugin."
            )
            raise ModelDefinitionError(fault, model=key)
    table = {
        # From what its author wrote: what a base's options made of it is the base's.
        name: field.origin.bind(model, name, contributed_by=field.contributed_by)
        for name, field in declared.items()
        if name not in contributed
    }
    for name, (field, plugin) in contributed.items():
        table[name] = field.origin.bind(model, name, contributed_by=plugin.name)
    _check_names(table, key, embedded=model.__embedded__)
    _check_defaults(table, key)
    return table


def in_said_order(table: dict[str, Field[Any]], order: Sequence[str]) -> dict[str, Field[Any]]:
    """The table with the fields that `order` names first: a model that is made of its document may have been extended."""
    return {**{name: table[name] for name in order if name in table}, **table}


def in_former_order(
    table: dict[str, Field[Any]], former: Metadata | None, *, key: str
) -> dict[str, Field[Any]]:
    """The table with the fields that an extended model had before first, as its instances know them by their order.

    Raises `ModelDefinitionError` when one of them would be another field, or gone.
    """
    before = {} if former is None else former.fields
    for name, field in before.items():
        now = table.get(name)
        if now is None or now.origin is not field.origin:
            fault = (
                f"the field {name!r} would become another, and an extension only adds. Define the class again, "
                "or leave out what changes it."
            )
            raise ModelDefinitionError(fault, model=key)
    return {**{name: table[name] for name in before}, **table}


def contributed_fields(
    model: type[Any], plans: Plans, *, key: str
) -> dict[str, tuple[Field[Any], ResolvedPlugin]]:
    """What the plugins bring to `model`, each field with its plugin."""
    found: dict[str, tuple[Field[Any], ResolvedPlugin]] = {}
    by_name = {plugin.name: plugin for plugin in plans.plugins}
    for implementation, mixin in plans.contribute_fields.run_sync(model):
        plugin = by_name[implementation.plugin]
        for name, field in _mixin_fields(mixin, plugin).items():
            if name in found:
                other = found[name][1]
                fault = (
                    f"the plugins {other.name!r} ({other.source}) and {plugin.name!r} ({plugin.source}) "
                    f"both contribute the field {name!r}. Take one of them out of Meta.plugins."
                )
                origins = [f"{one.name} ({one.source})" for one in (other, plugin)]
                raise PluginConflictError(
                    fault,
                    plugin=plugin.name,
                    model=key,
                    contested=("field", name),
                    origins=origins,
                )
            found[name] = field, plugin
    return found


def name_fault(name: str) -> str | None:
    """What is wrong with the name of a field, None when nothing is."""
    if not name.isidentifier() or iskeyword(name):
        return "has a name that is no Python identifier. Rename it, and keep the stored name as its alias."
    if name.startswith("_"):
        return "starts with an underscore, and such names are never stored. Rename it, and keep the stored name as its alias."
    return None


def _mixin_fields(mixin: Any, plugin: ResolvedPlugin) -> dict[str, Field[Any]]:
    if not (isinstance(mixin, type) and issubclass(mixin, PluginFields)):
        fault = f"contribute_fields must return a subclass of PluginFields, not {mixin!r}"
        raise PluginDefinitionError(fault, plugin=plugin.name, source=plugin.source)
    if mixin.__plugin__ != plugin.name:
        fault = (
            f"it contributes {mixin.__qualname__}, which says plugin={mixin.__plugin__!r}. "
            f"Write class {mixin.__name__}(PluginFields, plugin={plugin.name!r})."
        )
        raise PluginDefinitionError(fault, plugin=plugin.name, source=plugin.source)
    return _fields_of(mixin, Draft())


def _refuse_fieldless(model: type, namespace: Mapping[str, Any], key: str) -> None:
    """Raises for what looks like a field and is none: a bare annotation, a field type without its call."""
    for name, annotation in vars(model).get("__annotations__", {}).items():
        is_public = not name.startswith("_") and name not in vars(model)
        if is_public and "ClassVar" not in str(annotation):
            fault = f"the annotation {name!r} declares no field. Write {name} = StringField(), or the type you need."
            raise ModelDefinitionError(fault, model=key)
    for name, value in namespace.items():
        if isinstance(value, type) and issubclass(value, Field):
            fault = f"{name!r} is the class {value.__name__}, not a field. Write {name} = {value.__name__}()."
            raise ModelDefinitionError(fault, model=key)


def _fields_of(model: type, draft: Draft) -> dict[str, Field[Any]]:
    """The fields of a class and of its bases; a base's field that is overridden by something else is gone."""
    found: dict[str, Field[Any]] = {}
    for base in reversed(model.__mro__):
        for name, value in draft.namespace(base).items():
            if isinstance(value, Field):
                found[name] = value
            else:
                found.pop(name, None)
    return found


def check_mixins(model: type, enabled: Collection[str], *, key: str) -> None:
    """Raises when `model` inherits the mixin of a plugin that it does not enable."""
    for base in model.__mro__:
        plugin = vars(base).get("__plugin__")
        if plugin and plugin not in enabled:
            fault = (
                f"inherits {base.__qualname__}, which declares the fields of the plugin {plugin!r}, "
                f"and does not enable it. Add {plugin!r} to Meta.plugins."
            )
            raise ModelDefinitionError(fault, model=key)


def _refuse_clash(name: str, present: Field[Any] | None, plugin: ResolvedPlugin, key: str) -> None:
    what = f"the field {name!r}" if present is not None else f"the attribute {name!r}"
    fault = (
        f"{what} clashes with the field of that name that the plugin {plugin.name!r} ({plugin.source}) "
        "contributes. Rename yours, or take the plugin out of Meta.plugins."
    )
    origins = [key, f"{plugin.name} ({plugin.source})"]
    raise PluginConflictError(
        fault, plugin=plugin.name, model=key, contested=("field", name), origins=origins
    )


def _check_id(model: Any, key: str) -> None:
    """A model's `id` is the inherited one; an embedded model may have a field of that name."""
    found = [vars(base)["id"] for base in model.__mro__ if "id" in vars(base)]
    if not model.__embedded__ and len({id(getattr(value, "origin", value)) for value in found}) > 1:
        fault = (
            "redefines id, which is the document's id and works the same for every model. Give yours "
            "another name."
        )
        raise ModelDefinitionError(fault, model=key)


def _check_names(table: Mapping[str, Field[Any]], key: str, *, embedded: bool) -> None:
    stored: dict[str, str] = {}
    for name, field in table.items():
        fault = name_fault(name) or _alias_fault(name, field, embedded=embedded)
        if fault is None:
            other = stored.setdefault(field.stored_name, name)
            if other != name:
                fault = (
                    f"is stored as {field.stored_name!r}, and so is {other!r}. Change one alias."
                )
            elif field.stored_name != name and field.stored_name in table:
                fault = f"has the alias {field.stored_name!r}, which is the name of another field. Change it."
        if fault:
            raise ModelDefinitionError(f"the field {name!r} {fault}", model=key)


def _alias_fault(name: str, field: Field[Any], *, embedded: bool) -> str | None:
    if name == "id":
        return None
    if name in RESERVED:
        return f"has a name that EarnORM reserves. Rename it: {name}_ = ...(alias={name!r}) stores it the same."
    alias = field.alias
    if alias is None:
        return None
    if not isinstance(alias, str) or "." in alias or not is_storable_name(alias):
        return f"has the alias {alias!r}; a stored name is not empty, and has no dot, no NUL and no leading '$'."
    if alias == "_id" and not embedded:
        return "has the alias '_id', which is the document's id. Read it as 'id'."
    return None


def _check_defaults(table: Mapping[str, Field[Any]], key: str) -> None:
    for name, field in table.items():
        if field.default is MISSING or field.default is None:
            continue
        faults: list[FieldFault] = []
        field.check(field.make_default(), name, faults)
        if faults:
            fault = f"the default of the field {name!r} does not fit it: {faults[0]}"
            raise ModelDefinitionError(fault, model=key)
