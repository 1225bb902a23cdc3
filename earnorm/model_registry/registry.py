"""A registry: the models that it knows, how they refer to each other, and their plugins."""

import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeVar

from earnorm.errors import (
    EarnORMError,
    ModelDefinitionError,
    ModelReplacedWarning,
    NotConnectedError,
    PluginDefinitionError,
)
from earnorm.metadata import Explanation, Finding, Metadata, ModelDocument, Relationship, Snapshot
from earnorm.model_registry.binding import overriding_database
from earnorm.model_registry.checks import run_checks
from earnorm.model_registry.checks.subject import describe_subject
from earnorm.model_registry.discovery import import_packages
from earnorm.model_registry.entry import children_first, is_local, metadata_of
from earnorm.model_registry.event_log import EventLog
from earnorm.model_registry.event_source import EventSource
from earnorm.model_registry.events import ModelUnregistered
from earnorm.model_registry.explanation import explain_option
from earnorm.model_registry.factory import calling_module, factory_of, given_name
from earnorm.model_registry.graph import RelationshipGraph
from earnorm.model_registry.graph_building import build_graph
from earnorm.model_registry.history import History
from earnorm.model_registry.leaving import Dependents, take_out
from earnorm.model_registry.listening import Audience, delivering
from earnorm.model_registry.observation import Observation
from earnorm.model_registry.protocol import Model
from earnorm.model_registry.publishing import (
    publish_added,
    publish_binding,
    publish_namesake,
    publish_plugins,
    publish_removed,
)
from earnorm.model_registry.recorded import RecordedModels
from earnorm.model_registry.table import ModelTable
from earnorm.model_registry.temporary import temporarily
from earnorm.plugins import HookObserver, PluginManager
from earnorm.typing import DatabaseLike, Imports, ModelFactory

__all__ = ["ModelRegistry", "registry"]

_lock = threading.Lock()
_all_registries: "weakref.WeakSet[ModelRegistry]" = weakref.WeakSet()

C = TypeVar("C")
R = TypeVar("R", bound=Model)


class ModelRegistry(EventSource, RecordedModels):
    """Knows models by their key, `module.qualname`, and by bare name where that is unambiguous.

    A model is registered on its home registry when its class is defined; other registries can list it
    too. Registering is safe across threads, and reading takes no lock. A class that was defined inside
    a function is held weakly: it is forgotten when nothing else refers to it.
    """

    factory: ClassVar[ModelFactory | None] = None
    """What makes models out of values; `earnorm.models` sets it."""

    def __init__(
        self,
        name: str = "",
        *,
        plugins: Sequence[str] = (),
        plugin_options: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        manager: PluginManager | None = None,
        events_kept: int = 100_000,
    ) -> None:
        """`plugins` are those of every model at home here, before its own, and `plugin_options` theirs.

        `manager` finds them; without it, those registered here, on the default registry, and installed.
        `events_kept` is how many of the newest events are there at least to be read again.
        """
        self.name = name or f"registry {id(self):#x}"
        self.enabled = _names(plugins)
        """The plugins that every model has whose home this is; `Meta` adds to them."""
        self.silenced_checks: frozenset[str] = frozenset()
        """The ids of the checks whose findings nobody wants to see here, for all models."""
        self.plugin_options = plugin_options
        """Their options; what a model says of the same ones comes first."""
        self._database: DatabaseLike | None = None
        self.plugins = manager or PluginManager(self.name, parent=_default_plugins)
        """The plugins that were registered here, and the way to the installed ones."""
        self._table = ModelTable(lambda model: model.__registry__ is self, self._collected)
        # What is asked most often is the look-up itself: a method round it would take as long again.
        self.get_model: Callable[[type[Model] | str], type[Model]] = self._table.models.__getitem__
        """The model with this key, bare name or class.

        Raises `UnknownModelError`, also for a class whose key another class has now, or
        `AmbiguousModelError` for a bare name that fits several.
        """
        self.get_metadata: Callable[[type[Model] | str], Metadata] = (
            self._table.metadata.__getitem__
        )
        """Everything that is known of the model with this key, bare name or class; raises the same."""
        self._events = EventLog(self.name, self._table, keep=events_kept)
        self._audience = Audience()
        self._history = History()
        with _lock:
            _all_registries.add(self)

    @property
    def revision(self) -> int:
        """Grows whenever models are added or taken away: what was computed from the models is stale then."""
        return self._table.revision

    @property
    def database(self) -> DatabaseLike | None:
        """The database of this registry's models, None for none; `connect` sets it."""
        return self._database

    @database.setter
    @delivering
    def database(self, database: DatabaseLike | None) -> None:
        with self._table.lock:
            previous, self._database = self._database, database
            publish_binding(self._events, previous, database)

    @delivering
    def register(self, model: type[R]) -> type[R]:
        """Makes the model known here and runs its plugins' `on_register`; returns the model.

        Idempotent for the same class. Another class with the same key is replaced, with
        `ModelReplacedWarning`. When `on_register` raises, the registry is as it was before. Raises
        `ModelDefinitionError` for a model whose collection is that of another one at home here, unless
        both name it; classes that were defined inside a function may share what they like.
        """
        self._enter([model])
        return model

    @delivering
    def register_many(self, models: Iterable[type[Model]]) -> list[type[Model]]:
        """Registers all of the models or none, at once for whoever reads meanwhile; returns them.

        Their `on_register` run when all are there.
        """
        registered = list(models)
        self._enter(registered)
        return registered

    @delivering
    def unregister(
        self, model: type[Model] | str, *, dependents: Dependents = "ignore"
    ) -> list[type[Model]]:
        """Runs its plugins' `on_unregister` and forgets the model; references to it become pending.

        With `dependents="refuse"`, raises `ModelInUseError` while other models refer to it or inherit it. With
        `"cascade"`, forgets these too, and all that depend on them: their hooks run before its own, and all are gone
        at once. Returns what was forgotten, in that order. Raises `UnknownModelError`. When an `on_unregister` raises,
        every model stays; what the hooks before it did is not undone.
        """
        gone = take_out(
            self._table,
            self.get_model(model),
            dependents,
            lambda one: one.__plans__.on_unregister.run_sync(one, self),
            self._note,
        )
        for one in gone:
            if one.__registry__ is self:
                self.plugins.release(one)
        return gone

    def create_model(  # noqa: PLR0913 # each says another part of a model
        self,
        name: str | None = None,
        *,
        fields: Mapping[str, Any] = MappingProxyType({}),
        meta: Mapping[str, Any] = MappingProxyType({}),
        bases: tuple[type, ...] = (),
        module: str | None = None,
        doc: str | None = None,
        schema: Mapping[str, Any] | None = None,
        document: ModelDocument | None = None,
        imports: Imports = (),
    ) -> type[Any]:
        """The model that a class line with these fields, options of `Meta` and bases would define here.

        Its key is `module.name`, `module` being that of the caller unless it is given, and the registry keeps it until
        it is unregistered. `schema` is a JSON Schema (2020-12) whose properties are fields too. Raises what the class
        line would raise, and one `ModelSchemaError` for all of a schema that no field can express.

        With `document`, and nothing beside it, the model that it describes: with its key, its embedded models, and
        the same fingerprint. `imports` names the modules and packages from which the document may have functions and
        classes imported; without it, a document runs no code but that of plugins. Raises `ModelDocumentError`, which
        has all that stands in the way.
        """
        given = {"fields": fields, "meta": meta, "bases": bases, "doc": doc, "schema": schema}
        called = given_name(name, document, module=module, **given)
        factory = factory_of(self, called)
        if document is not None:
            return factory.create_from_document(document, registry=self, imports=imports)
        return factory.create(
            called,
            registry=self,
            module=module or calling_module(),
            fields=fields,
            meta=meta,
            bases=bases,
            doc=doc,
            schema=schema,
        )

    @delivering
    def extend(
        self,
        model: type[R] | str,
        *,
        fields: Mapping[str, Any] = MappingProxyType({}),
        meta: Mapping[str, Any] = MappingProxyType({}),
    ) -> type[R]:
        """Adds fields and options of `Meta` to a model at home here, and to those that inherit it; returns the class.

        The class stays the same. Its instances get the defaults of the new fields when they are read or saved. Every
        registry that lists the models sees the new metadata of all at once; the `on_register` of plugins that `meta`
        adds run then. Raises what the class line would raise, and `ModelDefinitionError` for a field or an option that
        would change what is there; then all is as it was.
        """
        found: Any = self.get_model(model)
        if found.__registry__ is not self:
            fault = f"belongs to {found.__registry__.name}, which alone can extend it. Call its extend()."
            raise ModelDefinitionError(fault, model=found.__metadata__.key)
        factory, renewal = factory_of(self, found.__metadata__.key), _Renewal()
        factory.extend(found, fields=fields, meta=meta, listings=renewal)
        renewal.tell()
        extended: type[R] = found
        return extended

    @classmethod
    def from_snapshot(
        cls,
        snapshot: Snapshot,
        *,
        name: str = "",
        imports: Imports = (),
        manager: PluginManager | None = None,
    ) -> Self:
        """A registry with the models of a snapshot, each made of its document; raises `ModelDocumentError`.

        It gives its models the plugins that the registry of the snapshot gave. `imports` is that of `create_model`.
        """
        made = cls(name, plugins=snapshot.registry_plugins, manager=manager)
        factory = factory_of(made, made.name)
        factory.create_from_snapshot(snapshot, registry=made, imports=imports)
        return made

    def get_all_models(self) -> list[type[Model]]:
        """Every registered model, in the order of registration."""
        return self._table.lookup.models()

    def explain(self, model: type[Model] | str, option: str) -> Explanation:
        """The value of one of the model's options, and where in `Meta` of which class it comes from.

        Printed, it is a line for each. Raises `UnknownOptionError`.
        """
        return explain_option(self.get_metadata(model), option)

    def get_relationships(self, model: type[Model] | str) -> list[Relationship]:
        """The model's references, each resolved by what is registered now, pending, or ambiguous."""
        return self._table.read(
            lambda models: [models.resolve(one) for one in models.metadata_of(model).relationships]
        )

    def get_references(self, model: type[Model] | str) -> list[type[Model]]:
        """The models that this one refers to, each once; pending and ambiguous ones are left out."""
        return self._table.read(
            lambda models: models.references(models.metadata_of(model).relationships)
        )

    def get_dependents(self, model: type[Model] | str) -> list[type[Model]]:
        """The models that refer to this one, each once; an ambiguous reference counts for nobody."""
        return self._table.read(lambda models: models.dependents(models.metadata_of(model).key))

    def graph(self) -> RelationshipGraph:
        """How the models that are registered now refer to each other: a value, which later ones do not change."""
        return self._table.read(lambda models: build_graph(models.models(), models.resolve))

    def check(self, *, silenced: Iterable[str] = ()) -> list[Finding]:
        """What is wrong with the models, or may be, the worst first; reads no data.

        Leaves out the checks whose ids are `silenced`, here, in `silenced_checks`, or in the `Meta` of a model.
        """
        gone = [event.model for event in self.events(kinds=ModelUnregistered) if event.model]
        subject = self._table.read(lambda models: describe_subject(self.name, models, gone))
        return run_checks(subject, self, self.silenced_checks.union(silenced))

    def discover(self, *packages: str) -> list[type[Model]]:
        """Imports the packages with all that is below them, and returns every registered model.

        Raises one `DiscoveryError` that holds the faults of all modules.
        """
        import_packages(packages)
        return self.get_all_models()

    def plugin(self, name: str) -> Callable[[C], C]:
        """Registers the decorated class, instantiated once, as the plugin `name` of this registry.

        Plain methods with the names of hooks are its implementations. The class is returned as it was.
        """
        if not isinstance(name, str):
            fault = "a plugin needs a name: write @registry.plugin('name') above the class"
            raise PluginDefinitionError(fault, plugin=repr(name), source="this process")

        def decorate(plugin: C) -> C:
            self.plugins.register(name, plugin)
            return plugin

        return decorate

    def observe(self, observer: HookObserver) -> "Observation":
        """Shows `observer` the hooks of every model at home here, now and later, until the result is stopped.

        It is active at once. `with registry.observe(HookStats()) as stats:` stops it at the end of the block.
        """
        return Observation(observer, self)

    @contextmanager
    def temporary(self, name: str, plugin: object) -> Iterator[None]:
        """Within the block every model at home here runs `plugin`, a class or an object: for tests.

        It takes the place of the plugin `name` where a model has one, and runs after the others where not. Its hooks
        round what is read and written run, in every thread; the model is what it was, so `contribute_fields`,
        `on_register` and `on_connect` do not. Models that are defined inside do not have it.
        """
        prepared = self.plugins.prepare(name, plugin)
        with temporarily(prepared, self.models_at_home(), self.plugins):
            yield

    def models_at_home(self) -> list[type[Model]]:
        """The models that were defined on this registry, without those that are only listed here."""
        return [model for model in self.get_all_models() if model.__registry__ is self]

    def get_referenced(self, module: str, qualname: str, target: str) -> type[Model]:
        """The model that the class `qualname` of `module` means by `target`.

        Raises `UnknownModelError`, or `AmbiguousModelError` when several models fit equally well.
        """
        return self._table.read(lambda models: models.referenced(module, qualname, target))

    def current_database(self, model: str) -> DatabaseLike:
        """The database that `model` uses here and now; raises `NotConnectedError`."""
        database = overriding_database() or self._database
        if database is None:
            raise NotConnectedError(model)
        return database

    def finds_database(self, database: DatabaseLike) -> bool:
        """Whether this one is what the models at home here use here and now."""
        return (overriding_database() or self._database) is database

    def __contains__(self, model: object) -> bool:
        return self._table.lookup.has(model)

    def __repr__(self) -> str:
        return f"<ModelRegistry {self.name}: {len(self._table.lookup.entries)} models>"

    def _enter(self, models: Sequence[type[Model]]) -> None:
        for model in models:
            if metadata_of(model).abstract:
                raise ModelDefinitionError(
                    "is abstract, and only concrete models are registered. Register a subclass.",
                    model=model.__metadata__.key,
                )
        try:
            before = self._table.put(models)
        except EarnORMError as error:
            self.tell_conflict(error)
            raise
        try:
            for model, previous in before.items():
                if previous is not None:
                    _warn_of_replacement(model.__metadata__.key)
                model.__plans__.on_register.run_sync(model, self)
                if previous is not None:
                    previous.__plans__.on_unregister.run_sync(previous, self)
        except BaseException:
            self._table.take_back(before)
            raise
        for model, previous in before.items():
            former = None if previous is None else previous.__metadata__
            self._note(model.__metadata__.key, model, former)

    def _note(
        self,
        key: str,
        model: type[Model] | None = None,
        former: Metadata | None = None,
        *,
        reason: str = "redefined",
    ) -> None:
        """Tells that the model is registered now, where another one was, or that it is no longer."""
        with self._table.lock:
            if model is not None and self._table.lookup.current(key) is not model:
                return  # another thread has taken it away since, and has told of that
            self._history.settle(key)
            if model is None:
                publish_removed(self._events, key)
            else:
                publish_added(self._events, model, former, reason=reason)
            if not is_local(key):
                version = self.code_version
                self._history.note(key, model, revision=self.revision, code_version=version)
            if model is not None:
                self._tell_more(model, former)

    def _tell_more(self, model: type[Model], former: Metadata | None) -> None:
        key = model.__metadata__.key
        if model.__registry__ is self:
            publish_plugins(self._events, model, former)
        namesake = (
            self._table.lookup.namesake(key) if former is None and not is_local(key) else None
        )
        if namesake is not None:
            publish_namesake(self._events, key, namesake)

    def _collected(self, key: str) -> None:
        publish_removed(self._events, key, reason="collected")

    def _find(self, model: type[Model] | str) -> type[Model]:
        return self.get_model(model)


def _names(plugins: Sequence[str]) -> tuple[str, ...]:
    if isinstance(plugins, str) or not all(isinstance(name, str) for name in plugins):
        raise TypeError(
            f"a registry takes the names of its models' plugins as a list of strings, not {plugins!r}"
        )
    return tuple(plugins)


_default_plugins = PluginManager("the default registry")

registry = ModelRegistry("the default registry", manager=_default_plugins)
"""The default registry: the home of every model that names no other."""


class _Renewal:
    """Has every registry that lists the models of an extension take part in it."""

    def __init__(self) -> None:
        with _lock:
            self._registries = list(_all_registries)
        self._former: dict[type[Model], dict[ModelRegistry, Metadata]] = {}

    def begin(self, models: Collection[type[Model]]) -> None:
        for one in self._registries:
            with one._table.lock:
                for model in models:
                    if model in one:
                        one._history.settle(model.__metadata__.key)

    def renew(self, models: Collection[type[Model]]) -> None:
        renewed = [(one, *pair) for one in self._registries for pair in one._table.renew(models)]
        for one, model, former in renewed:
            self._former.setdefault(model, {}).setdefault(one, former)
            names = {plugin.name for plugin in former.plugins}
            added = [plugin for plugin in model.__plans__.plugins if plugin.name not in names]
            model.__registry__.plugins.plans(added).on_register.run_sync(model, one)

    def undo(self, models: Collection[type[Model]]) -> None:
        for one in self._registries:
            one._table.renew(models)

    def tell(self) -> None:
        """Notes what has come of it, and tells listeners."""
        for model in children_first(self._former):
            for one, former in self._former[model].items():
                if model in one:
                    one._note(model.__metadata__.key, model, former, reason="extended")
        for one in {one: None for listings in self._former.values() for one in listings}:
            one._audience.tell()


def _warn_of_replacement(key: str) -> None:
    if is_local(key) or (key.startswith("__main__.") and hasattr(sys, "ps1")):
        return
    message = (
        f"{key} was defined again; the new class takes the place of the old one in the registry"
    )
    warnings.warn(message, ModelReplacedWarning, stacklevel=5)
