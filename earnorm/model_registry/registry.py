"""A registry: the models that it knows, how they refer to each other, and their plugins."""

import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from earnorm.errors import (
    AmbiguousModelError,
    ModelDefinitionError,
    ModelReplacedWarning,
    NotConnectedError,
    PluginDefinitionError,
    UnknownModelError,
)
from earnorm.metadata import Explanation, Metadata, Relationship
from earnorm.model_registry.binding import overriding_database
from earnorm.model_registry.collections import CollectionIndex
from earnorm.model_registry.discovery import import_packages
from earnorm.model_registry.explanation import explain_option
from earnorm.model_registry.factory import calling_module, factory_of
from earnorm.model_registry.history import History
from earnorm.model_registry.lookup import NameIndex
from earnorm.model_registry.observation import Observation
from earnorm.model_registry.protocol import Model
from earnorm.model_registry.recorded import RecordedModels
from earnorm.model_registry.temporary import temporarily
from earnorm.plugins import HookObserver, PluginManager
from earnorm.typing import DatabaseLike, ModelFactory

__all__ = ["ModelRegistry", "registry"]

C = TypeVar("C")
R = TypeVar("R", bound=Model)


class ModelRegistry(RecordedModels):
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
    ) -> None:
        """`plugins` are those of every model at home here, before its own, and `plugin_options` theirs.

        `manager` finds them; without it, those registered here, on the default registry, and installed.
        """
        self.name = name or f"registry {id(self):#x}"
        self.enabled = _names(plugins)
        """The plugins that every model has whose home this is; `Meta` adds to them."""
        self.plugin_options = plugin_options
        """Their options; what a model says of the same ones comes first."""
        self.database: DatabaseLike | None = None
        """The database of this registry's models; `connect` sets it."""
        self.plugins = manager or PluginManager(self.name, parent=_default_plugins)
        """The plugins that were registered here, and the way to the installed ones."""
        self.revision = 0
        """Grows whenever a model is added or taken away: what was computed from the models is stale then."""
        self._history = History()
        self._models: dict[str, Callable[[], type[Model] | None]] = {}
        self._names = NameIndex()
        self._collections = CollectionIndex()
        self._referring: dict[
            str, dict[str, None]
        ] = {}  # bare name of a target -> keys that refer to it
        self._lock = threading.RLock()

    def register(self, model: type[R]) -> type[R]:
        """Makes the model known here and runs its plugins' `on_register`; returns the model.

        Idempotent for the same class. Another class with the same key is replaced, with
        `ModelReplacedWarning`. When `on_register` raises, the registry is as it was before. Raises
        `ModelDefinitionError` for a model whose collection is that of another one at home here, unless
        both name it; classes that were defined inside a function may share what they like.
        """
        metadata = _metadata_of(model)
        if metadata.abstract:
            raise ModelDefinitionError(
                "is abstract, and only concrete models are registered. Register a subclass.",
                model=metadata.key,
            )
        with self._lock:
            previous = self._current(metadata.key)
            if previous is model:
                return model
            self._refuse_shared_collection(model)
            if previous is not None:
                _warn_of_replacement(metadata.key)
                self._remove(previous)
            self._add(model)
        try:
            model.__plans__.on_register.run_sync(model, self)
            if previous is not None:
                previous.__plans__.on_unregister.run_sync(previous, self)
        except BaseException:
            with self._lock:
                self._take_back(model, previous)
            raise
        self._note(metadata.key, model)
        return model

    def register_many(self, models: Iterable[type[Model]]) -> list[type[Model]]:
        """Registers all of the models or none; returns them."""
        registered = list(models)
        with self._lock:
            before = {
                _metadata_of(model).key: self._current(_metadata_of(model).key)
                for model in registered
            }
            try:
                for model in registered:
                    self.register(model)
            except BaseException:
                self._restore(before)
                raise
        return registered

    def unregister(self, model: type[Model] | str) -> None:
        """Runs its plugins' `on_unregister` and forgets the model; references to it become pending.

        Raises `UnknownModelError`. When `on_unregister` raises, the model stays.
        """
        found = self.get_model(model)
        found.__plans__.on_unregister.run_sync(found, self)
        with self._lock:
            if self._current(found.__metadata__.key) is found:
                self._remove(found)
                if found.__registry__ is self:
                    self.plugins.release(found)
                self._note(found.__metadata__.key, None)

    def create_model(
        self,
        name: str,
        *,
        fields: Mapping[str, Any] = MappingProxyType({}),
        meta: Mapping[str, Any] = MappingProxyType({}),
        bases: tuple[type, ...] = (),
        module: str | None = None,
        doc: str | None = None,
    ) -> type[Any]:
        """The model that a class line with these fields, options of `Meta` and bases would define here.

        Its key is `module.name`, `module` being that of the caller unless it is given, and the registry keeps it until
        it is unregistered. Raises what the class line would raise.
        """
        return factory_of(self, name).create(
            name,
            registry=self,
            module=module or calling_module(),
            fields=fields,
            meta=meta,
            bases=bases,
            doc=doc,
        )

    def get_model(self, name: type[Model] | str) -> type[Model]:
        """The model with this key, bare name or class.

        Raises `UnknownModelError`, also for a class whose key another class has now, or
        `AmbiguousModelError` for a bare name that fits several.
        """
        if not isinstance(name, str):
            return self._get_registered(name)
        model = self._current(self._names.find(name))
        if model is None:
            raise UnknownModelError(name, known=list(self._models))
        return model

    def get_all_models(self) -> list[type[Model]]:
        """Every registered model, in the order of registration."""
        found = (held() for held in list(self._models.values()))
        return [model for model in found if model is not None]

    def get_metadata(self, model: type[Model] | str) -> Metadata:
        """Everything that is known of the model."""
        return self.get_model(model).__metadata__

    def explain(self, model: type[Model] | str, option: str) -> Explanation:
        """The value of one of the model's options, and where in `Meta` of which class it comes from.

        Printed, it is a line for each. Raises `UnknownOptionError`.
        """
        return explain_option(self.get_metadata(model), option)

    def get_relationships(self, model: type[Model] | str) -> list[Relationship]:
        """The model's references, each resolved by what is registered now, pending, or ambiguous."""
        return [
            self._resolve(relationship) for relationship in self.get_metadata(model).relationships
        ]

    def get_references(self, model: type[Model] | str) -> list[type[Model]]:
        """The models that this one refers to, each once; pending and ambiguous ones are left out."""
        relationships = self.get_relationships(model)
        targets = {rel.target: None for rel in relationships if not (rel.pending or rel.candidates)}
        return [self.get_model(target) for target in targets]

    def get_dependents(self, model: type[Model] | str) -> list[type[Model]]:
        """The models that refer to this one, each once; an ambiguous reference counts for nobody."""
        key = self.get_metadata(model).key
        candidates = list(self._referring.get(key.rpartition(".")[2], ()))
        return [
            self.get_model(candidate)
            for candidate in candidates
            if self._refers_to(self.get_metadata(candidate), key)
        ]

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
        return self.get_model(self._names.find_from(module, qualname, target))

    def current_database(self, model: str) -> DatabaseLike:
        """The database that `model` uses here and now; raises `NotConnectedError`."""
        database = overriding_database() or self.database
        if database is None:
            raise NotConnectedError(model)
        return database

    def finds_database(self, database: DatabaseLike) -> bool:
        """Whether this one is what the models at home here use here and now."""
        return (overriding_database() or self.database) is database

    def __contains__(self, model: object) -> bool:
        if isinstance(model, str):
            return self._current(model) is not None
        metadata = getattr(model, "__metadata__", None)
        return isinstance(metadata, Metadata) and self._current(metadata.key) is model

    def __repr__(self) -> str:
        return f"<ModelRegistry {self.name}: {len(self._models)} models>"

    def _find(self, model: type[Model] | str) -> type[Model]:
        return self.get_model(model)

    def _current(self, key: str) -> type[Model] | None:
        held = self._models.get(key)
        return held() if held is not None else None

    def _get_registered(self, model: type[Model]) -> type[Model]:
        """The class itself; raises when it is not what is registered under its key."""
        key = _metadata_of(model).key
        found = self._current(key)
        if found is None:
            raise UnknownModelError(key, known=list(self._models))
        if found is not model:
            raise _replaced(key)
        return found

    def _refuse_shared_collection(self, model: type[Model]) -> None:
        metadata = model.__metadata__
        other = self._collections.find_clash(metadata) if self._keeps(model) else None
        if other is not None:
            fault = (
                f"keeps its documents in the collection {metadata.collection!r}, and so does {other.key}: "
                "each would find, change and delete those of the other. Give one of them another "
                f"Meta.collection, or write collection = {metadata.collection!r} in both if they are to "
                "share it."
            )
            raise ModelDefinitionError(fault, model=metadata.key)

    def _keeps(self, model: type[Model]) -> bool:
        """Whether the model's documents are this registry's concern: at home here, and there to stay."""
        # A local class is garbage at some time or other, and until then would be in the way of the next.
        return model.__registry__ is self and not _is_local(model.__metadata__.key)

    def _add(self, model: type[Model]) -> None:
        metadata = model.__metadata__
        self.revision += 1
        self._models[metadata.key] = self._hold(model, metadata.key)
        self._names.add(metadata.key)
        if self._keeps(model):
            self._collections.add(metadata)
        for name in _target_names(metadata):
            self._referring.setdefault(name, {})[metadata.key] = None

    def _remove(self, model: type[Model]) -> None:
        metadata = model.__metadata__
        self._collections.discard(metadata.key, metadata.collection)
        self._forget(metadata.key, _target_names(metadata))

    def _note(self, key: str, model: type[Model] | None) -> None:
        """Writes down that the model is registered now, or with None that it is no longer."""
        if _is_local(key):
            return
        with self._lock:
            self._history.settle(key)
            self.revision += 1
            self._history.note(key, model, revision=self.revision, code_version=self.code_version)

    def _take_back(self, model: type[Model], previous: type[Model] | None) -> None:
        """Undoes a registration, unless another thread has replaced or removed the model since."""
        if self._current(model.__metadata__.key) is model:
            self._remove(model)
            if previous is not None:
                self._add(previous)

    def _forget(self, key: str, target_names: Iterable[str]) -> None:
        self.revision += 1
        self._models.pop(key, None)
        self._names.discard(key)
        for name in target_names:
            self._referring.get(name, {}).pop(key, None)

    def _restore(self, before: dict[str, type[Model] | None]) -> None:
        for key, previous in before.items():
            current = self._current(key)
            if current is not None and current is not previous:
                self._remove(current)
            if previous is not None and current is not previous:
                self._add(previous)

    def _hold(self, model: type[Model], key: str) -> Callable[[], type[Model] | None]:
        if not _is_local(key):
            return lambda: model
        # Names only: metadata would lead back to the class and keep it alive.
        target_names, home = _target_names(model.__metadata__), weakref.ref(self)

        def forget(dead: "weakref.ref[type[Model]]") -> None:
            alive = home()
            if alive is not None:
                with alive._lock:
                    if alive._models.get(key) is dead:
                        alive._forget(key, target_names)

        return weakref.ref(model, forget)

    def _refers_to(self, metadata: Metadata, key: str) -> bool:
        resolved = map(self._resolve, metadata.relationships)
        return any(rel.target == key and not rel.candidates for rel in resolved)

    def _resolve(self, relationship: Relationship) -> Relationship:
        module, qualname = relationship.module, relationship.qualname
        try:
            target = self._names.find_from(module, qualname, relationship.target)
        except UnknownModelError:
            return replace(relationship, pending=True)
        except AmbiguousModelError as error:
            return replace(relationship, candidates=error.candidates)
        return replace(relationship, target=target)


def _names(plugins: Sequence[str]) -> tuple[str, ...]:
    if isinstance(plugins, str) or not all(isinstance(name, str) for name in plugins):
        raise TypeError(
            f"a registry takes the names of its models' plugins as a list of strings, not {plugins!r}"
        )
    return tuple(plugins)


_default_plugins = PluginManager("the default registry")

registry = ModelRegistry("the default registry", manager=_default_plugins)
"""The default registry: the home of every model that names no other."""


def _metadata_of(model: Any) -> Metadata:
    metadata = getattr(model, "__metadata__", None)
    if not isinstance(metadata, Metadata):
        raise ModelDefinitionError(
            "is not a model. Pass a subclass of BaseModel, or its name.", model=repr(model)
        )
    return metadata


def _is_local(key: str) -> bool:
    """Whether the class was defined inside a function."""
    return "<locals>" in key


def _replaced(key: str) -> UnknownModelError:
    error = UnknownModelError(key)
    message = (
        f"the class {key} is not registered: another class has this key now, as after a module was "
        f"reloaded. Use the one that registry.get_model({key!r}) gives."
    )
    error.args = (message,)
    return error


def _target_names(metadata: Metadata) -> tuple[str, ...]:
    """The bare names of what the model refers to."""
    return tuple({rel.target.rpartition(".")[2]: None for rel in metadata.relationships})


def _warn_of_replacement(key: str) -> None:
    if _is_local(key) or (key.startswith("__main__.") and hasattr(sys, "ps1")):
        return
    message = (
        f"{key} was defined again; the new class takes the place of the old one in the registry"
    )
    warnings.warn(message, ModelReplacedWarning, stacklevel=4)
