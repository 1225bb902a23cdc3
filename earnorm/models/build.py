"""The walk of a class: options, plugins, fields, metadata."""

import time
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from earnorm.errors import ModelDefinitionError, PluginConflictError, UnbackedUniqueWarning
from earnorm.fields import Field, ReferenceField, UniqueValidator, find_references
from earnorm.metadata import Metadata, Relationship, Validator
from earnorm.model_registry import ModelRegistry
from earnorm.models.codec import AbstractCodec, ModelCodec
from earnorm.models.collection_name import collection_name
from earnorm.models.draft import Draft
from earnorm.models.generation import ExtendedCodec, GeneratedCodec
from earnorm.models.indexes import (
    contributed_indexes,
    limit_to_child,
    read_indexes,
    read_validators,
)
from earnorm.models.lineage import check_child, check_plugins, check_tree_fields, concrete_base
from earnorm.models.options import Options, read_options, read_store_options
from earnorm.models.references import check_references
from earnorm.models.rules import DISCRIMINATOR, EXTRA, DocumentRules, Extra
from earnorm.models.structure import Structure
from earnorm.models.table import (
    build_table,
    check_mixins,
    contributed_fields,
    in_former_order,
    in_said_order,
)
from earnorm.models.tree import Tree
from earnorm.models.validates import find_validators
from earnorm.plugins import EnabledPlugins, Plans

__all__ = [
    "build_embedded",
    "build_model",
    "checked_registry",
    "complete",
    "design_model",
    "warn_of_races",
]

AnyReference = ReferenceField[Any, Any]


def build_model(model: type[Any], home: ModelRegistry) -> None:
    """Completes a model class: `__plans__`, `__codec__` and `__metadata__`; registers nothing."""
    started = time.perf_counter()
    parent, known = None, None
    while not isinstance(vars(model).get("__metadata__"), Metadata) or (
        parent is not None and parent.__metadata__ is not known
    ):  # built again when another thread has extended the parent meanwhile
        parent = concrete_base(model, key=f"{model.__module__}.{model.__qualname__}")
        known = None if parent is None else parent.__metadata__
        complete(model, design_model(model, home, Draft()))
    _own_init(model)
    home.plugins.hold(model, model.__plans__.plugins)
    model.__build_seconds__ = time.perf_counter() - started
    if not model.__metadata__.abstract:
        warn_of_races(model.__metadata__, () if known is None else known.validators)


def design_model(model: type[Any], home: ModelRegistry, draft: Draft) -> dict[str, Any]:
    """What is to be set on a model class, by name, the codec last; the class stays as it is."""
    key = f"{model.__module__}.{model.__qualname__}"
    parent = concrete_base(model, key=key)
    options = read_options(model, draft, key=key)
    _check_plugin_names(options["plugins"], key)
    names = [*home.enabled, *options["plugins"]]
    enabled = home.plugins.resolve(names, options["plugin_options"], home.plugin_options, model=key)
    plans = home.plugins.plans(enabled.plugins)
    check_plugins(parent, plans.plugins, draft, key=key)
    check_mixins(model, {plugin.name for plugin in plans.plugins}, key=key)
    model.__strict__ = options.given.get(
        "strict"
    )  # read as fields are bound; no extension changes it
    table = _table(model, plans, home, draft, key)
    table = in_said_order(table, vars(model).get("__field_order__", ()))
    fields = in_former_order(table, vars(model).get("__metadata__"), key=key)
    design: dict[str, Any] = {**fields, "__plans__": plans}
    design["__validators__"] = find_validators(model, fields, key=key)
    if parent is None and not options["abstract"]:
        design["__tree__"] = vars(model).get("__tree__") or Tree(model)
    tree = design.get("__tree__") or getattr(model, "__tree__", None)
    _check_place(parent, tree, options, home, fields, draft, key)
    check_references(model, fields, draft, key=key)
    design["__metadata__"] = _metadata(model, key, parent, options, home, enabled, design, draft)
    design["__codec__"] = _codec(model, design["__metadata__"], options)
    return design


def complete(model: Any, design: Mapping[str, Any]) -> None:
    """Sets what was designed for a class."""
    for name, value in design.items():
        setattr(model, name, value)


def build_embedded(model: type[Any], extra: Extra) -> None:
    """Completes an embedded model class, which has fields and nothing else."""
    key = f"{model.__module__}.{model.__qualname__}"
    if extra not in EXTRA:
        fault = f"says extra={extra!r}, which is none of {', '.join(map(repr, EXTRA))}"
        raise ModelDefinitionError(fault, model=key)
    for name in ("Meta", "_collection"):
        if name in vars(model):
            fault = f"is embedded and has no {name}: collections, indexes and plugins belong to the model that holds it"
            raise ModelDefinitionError(fault, model=key)
    fields = MappingProxyType(build_table(model, {}, Draft(), key=key))
    complete(model, fields)
    model.__validators__ = find_validators(model, fields, key=key)
    check_references(model, fields, Draft(), key=key)
    model.__codec__ = _generated(model, fields, DocumentRules(extra=extra))
    _own_init(model)


def checked_registry(registry: object, model: type) -> ModelRegistry:
    """The registry that a class line names; raises `ModelDefinitionError` for anything else."""
    if not isinstance(registry, ModelRegistry):
        fault = f"names the registry {registry!r}, which is none. Give a ModelRegistry."
        raise ModelDefinitionError(fault, model=f"{model.__module__}.{model.__qualname__}")
    return registry


def _own_init(model: Any) -> None:
    """Gives a class an `__init__` that is none of its base's generated ones, which fill in the base's defaults."""
    if model.__init__ is Structure.__init__ or hasattr(model.__init__, "__earnorm__"):
        model.__init__ = Structure.__init__


def _table(
    model: type[Any], plans: Plans, home: ModelRegistry, draft: Draft, key: str
) -> dict[str, Field[Any]]:
    """The field table; where two bring one field, the registry tells of it too."""
    try:
        return build_table(model, contributed_fields(model, plans, key=key), draft, key=key)
    except PluginConflictError as error:
        home.tell_conflict(error)
        raise


def _generated(
    model: type[Any], fields: Mapping[str, Field[Any]], rules: DocumentRules
) -> GeneratedCodec:
    former = vars(model).get("__codec__")
    if isinstance(former, GeneratedCodec):
        return ExtendedCodec(model, fields, rules, plain_init=Structure.__init__, former=former)
    return GeneratedCodec(model, fields, rules, plain_init=Structure.__init__)


def _check_place(
    parent: Any,
    tree: Tree | None,
    options: Options,
    home: ModelRegistry,
    fields: Mapping[str, Field[Any]],
    draft: Draft,
    key: str,
) -> None:
    """Raises when the documents of a model would not lie where they belong."""
    if options["abstract"]:
        if options["discriminator"] is not None:
            fault = (
                "is abstract, so it has no documents for a discriminator. Leave that option out."
            )
            raise ModelDefinitionError(fault, model=key)
        return
    _check_registries(fields, home, key)
    if parent is not None:
        check_child(parent, options["collection"], home, key=key)
    if tree is not None and (parent is not None or options["discriminator"] is not None):
        check_tree_fields(tree, fields, draft, key=key)


def _codec(model: Any, metadata: Metadata, options: Options) -> ModelCodec:
    if metadata.abstract:
        return AbstractCodec(model, metadata.fields)
    kind = metadata.discriminator
    constants = MappingProxyType({} if kind is None else {DISCRIMINATOR: kind})
    rules = DocumentRules(
        extra=options["extra"], has_revision=options["revision"], constants=constants
    )
    return _generated(model, metadata.fields, rules)


def _metadata(
    model: Any,
    key: str,
    parent: Any,
    options: Options,
    home: ModelRegistry,
    enabled: EnabledPlugins,
    design: Mapping[str, Any],
    draft: Draft,
) -> Metadata:
    fields = {name: field for name, field in design.items() if isinstance(field, Field)}
    root = None if parent is None else draft.part(model.__tree__.root, "__metadata__")
    is_child = parent is not None and not options["abstract"]
    discriminator = options["discriminator"] or (model.__name__ if is_child else None)
    brought = contributed_indexes(model, design["__plans__"])
    indexes = read_indexes([*options["indexes"], *brought], fields, key=key)
    if discriminator and root is not None:
        indexes = limit_to_child(indexes, root.indexes, discriminator)
    return Metadata(
        key=key,
        module=model.__module__,
        name=model.__name__,
        collection=(
            root.collection
            if root is not None
            else collection_name(model, options["collection"], key=key)
        ),
        abstract=options["abstract"],
        fields=MappingProxyType(fields),
        indexes=indexes,
        validators=read_validators(options["validators"], fields, key=key),
        methods=MappingProxyType({one.name: one.fields for one in design["__validators__"]}),
        plugins=tuple(plugin.info for plugin in enabled.plugins),
        implied_plugins=enabled.implied,
        registry_plugins=home.enabled,
        plugin_options=MappingProxyType(
            {one.name: one.options for one in enabled.plugins if one.options is not None}
        ),
        relationships=tuple(_relationships(key, fields)),
        options=_read_only(options.given),
        sources=MappingProxyType(dict(options.sources)),
        root=root.key if root is not None else None,
        discriminator=discriminator,
        store_options=read_store_options(options["store_options"], key=key),
    )


def warn_of_races(metadata: Metadata, inherited: Collection[Validator]) -> None:
    """Warns of each `UniqueValidator` that no unique index backs, in the class that brings it."""
    for validator in metadata.validators:
        if not isinstance(validator, UniqueValidator) or validator in inherited:
            continue
        if not metadata.has_index_behind(validator):
            keys = [(name, 1) for name in validator.fields]
            message = (
                f"{metadata.key}: {validator!r} has no unique index behind it, so two writers at the same time can "
                f"both store the value. Add {{'fields': {keys!r}, 'unique': True}} to Meta.indexes."
            )
            warnings.warn(message, UnbackedUniqueWarning, stacklevel=4)


def _relationships(key: str, fields: Mapping[str, Field[Any]]) -> Iterator[Relationship]:
    for found in find_references(fields):
        field, to, owner = found.field, found.field.to, _owner(found.field)
        yield Relationship(
            source=key,
            field=found.path,
            target=to if isinstance(to, str) else f"{to.__module__}.{to.__qualname__}",
            many=found.many,
            required=field.required,
            module=owner.__module__,
            qualname=owner.__qualname__,
            on_delete=field.on_delete,
        )


def _check_registries(fields: Mapping[str, Field[Any]], home: ModelRegistry, key: str) -> None:
    """Raises when a name in an embedded model would be looked up in another registry than the model's."""
    for found in find_references(fields):
        path, field, owner = found.path, found.field, _owner(found.field)
        if isinstance(field.to, str) and owner.__registry__ is not home:
            fault = (
                f"{path!r} refers to {field.to!r} from {owner.__qualname__}, which belongs to "
                f"{owner.__registry__.name}, and the model to {home.name}. Define the embedded model on the "
                f"registry of the model: class {owner.__name__}(EmbeddedModel, registry=...)."
            )
            raise ModelDefinitionError(fault, model=key)


def _owner(reference: AnyReference) -> Any:
    """The class that looks the target up: the model, or the embedded model that holds the reference."""
    return reference.owner


def _read_only(value: Any) -> Any:
    """A copy without anything that can be changed."""
    if isinstance(value, Mapping):
        return MappingProxyType({name: _read_only(item) for name, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(map(_read_only, value))
    return value


def _check_plugin_names(names: Iterable[object], key: str) -> None:
    for name in names:
        if not isinstance(name, str):
            fault = f"Meta.plugins holds {name!r}; name the plugin by a string, the one it is registered under"
            raise ModelDefinitionError(fault, model=key)
