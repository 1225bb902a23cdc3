"""The plugins of one registry: those registered on it, and the way to all others."""

import threading
import warnings
import weakref
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from types import MappingProxyType
from typing import Any

import pluggy

from earnorm.errors import (
    EarnORMError,
    PluginConflictError,
    PluginDefinitionError,
    PluginLoadError,
    PluginShadowedWarning,
    UnknownPluginError,
)
from earnorm.plugins.arguments import Arguments
from earnorm.plugins.discovery import Catalogue, InstalledPlugin, installed
from earnorm.plugins.enabling import EnabledPlugins, enable_plugins
from earnorm.plugins.hookspecs import HOOKS, Hook
from earnorm.plugins.manifest import PluginInfo, PluginManifest, ResolvedPlugin, read_manifest
from earnorm.plugins.marker import is_async_wrapper
from earnorm.plugins.observing import HookObserver
from earnorm.plugins.options import MadePlugin, key_of, make_plugin, make_with_options
from earnorm.plugins.plan import Implementation
from earnorm.plugins.plans import Plans
from earnorm.plugins.reloading import is_reload, refuse_built, switched, warn_of_reload
from earnorm.plugins.switches import AUTOLOAD, autoloads, check_enabled, without_ignored
from earnorm.plugins.validation import HookManager, validate_plugin

__all__ = ["PluginManager", "observe_everywhere"]

_all_managers: "weakref.WeakSet[PluginManager]" = weakref.WeakSet()
_numbers = count(1)
_everywhere: list[HookObserver] = []


def observe_everywhere(observer: HookObserver) -> None:
    """Shows the observer the calls of all plans of this process that are compiled from now on, whatever the registry."""
    _everywhere.append(observer)


class PluginManager:
    """Finds plugins by name: registered here, then on `parent`, then installed.

    Installed plugins are kept by the manager that has no parent, so that each is imported and
    instantiated once for a process. Registering and resolving are safe across threads.
    """

    def __init__(
        self, label: str, *, parent: "PluginManager | None" = None, catalogue: Catalogue = installed
    ) -> None:
        self.label = label
        self._parent = parent
        self._catalogue = catalogue
        self._hooks = HookManager()
        self._registered: dict[str, ResolvedPlugin] = {}
        self._installed: dict[str, ResolvedPlugin] = {}
        # a plugin that is registered here -> the models that have it, as long as they live
        self._users: dict[str, weakref.WeakSet[type]] = {}
        # thread and plugin name -> the model whose class line is importing the plugin there
        self._importing: dict[tuple[int, str], str] = {}
        # names that a model here found beyond this manager
        self._resolved_elsewhere: set[str] = set()
        # a plugin and a set of options -> the plugin that runs with these
        self._with_options: dict[tuple[ResolvedPlugin, Hashable], ResolvedPlugin] = {}
        self._plans: dict[tuple[ResolvedPlugin, ...], Plans] = {}
        self._observers: tuple[HookObserver, ...] = ()
        self._lock = threading.RLock()
        _all_managers.add(self)

    def register(self, name: str, plugin: object) -> ResolvedPlugin:
        """Makes `plugin` (a class, which is instantiated, or an object) known here as `name`.

        A class that was defined again, as a reloaded module does, takes the place of the one before in all models that
        have it, with `PluginReplacedWarning`; `PluginConflictError` where they were built with more of it than hooks.
        Taking an installed plugin's name gives `PluginShadowedWarning`, or raises
        `PluginConflictError` once a model has resolved that name to the installed one.
        """
        info = PluginInfo(name=name)
        with self._lock:
            before = self._registered.get(name)
            if before is not None and is_reload(plugin, before):
                return self._replace(before, plugin)
            self._refuse_taken(name)
            if shadowed := self._catalogue.all().get(name):
                sources = " and ".join(sorted(point.source for point in shadowed))
                message = (
                    f"the plugin {name!r} registered on {self.label} takes the place of the installed "
                    f"one from {sources} for the models of this registry; give it another name to use both"
                )
                warnings.warn(message, PluginShadowedWarning, stacklevel=3)
            resolved = self._add(_made(plugin, info), info)
            self._registered[name] = resolved
            return resolved

    def unregister(self, name: str) -> None:
        """Forgets a plugin that was registered here; raises `PluginConflictError` while models have it.

        Raises `UnknownPluginError` where there is none.
        """
        with self._lock:
            if (found := self._registered.get(name)) is None:
                raise UnknownPluginError(name, model=self.label, available=self._available())
            if users := sorted(map(_key_of, self._users.get(name, ()))):
                fault = (
                    f"the plugin {name!r} cannot be unregistered, as models have it: {', '.join(users)}. "
                    "Unregister these first, or use registry.temporary() to put another plugin in its "
                    "place for a while."
                )
                raise PluginConflictError(fault, plugin=name)
            del self._registered[name]
            self._hooks.unregister(found.plugin)

    def hold(self, model: type, plugins: Iterable[ResolvedPlugin]) -> None:
        """Takes note that a model has these plugins; those that were registered stay while it does."""
        chain = self._chain()
        for plugin in plugins:
            owner = next((one for one in chain if plugin.name in one._registered), None)
            if owner is not None:
                with owner._lock:
                    owner._users.setdefault(plugin.name, weakref.WeakSet()).add(model)

    def release(self, model: type) -> None:
        """Takes note that a model is gone, so that its plugins may go too."""
        for manager in self._chain():
            for users in manager._users.values():
                users.discard(model)

    def resolve(
        self,
        names: Sequence[str],
        options: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        defaults: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        *,
        model: str,
    ) -> EnabledPlugins:
        """The named plugins and those that they require, in order, checked against each other.

        `options` are those of the model, which has all these plugins, and `defaults` what holds where it says nothing.
        Raises the fault that there is, or one `PluginFaultsError` with all of them.
        """
        left = without_ignored(names, model=model)
        own = [name for name in options if name in left or name not in names]

        def find(name: str) -> ResolvedPlugin:
            given = {**defaults.get(name, {}), **options.get(name, {})}
            return self._find(name, given, model=model)

        enabled = enable_plugins(left, find, with_options=own, model=model)
        # Only now: a class line that failed keeps no plugin, so it takes no name either.
        self._note_resolved([plugin.name for plugin in enabled.plugins])
        return enabled

    def prepare(self, name: str, plugin: object) -> ResolvedPlugin:
        """The plugin (a class, which is instantiated, or an object), validated, and known to nobody."""
        info = PluginInfo(name=name)
        made = _made(plugin, info)
        with self._lock:
            return self._add(made, info)

    def forget_plans(self, plugin: ResolvedPlugin) -> None:
        """Drops what was compiled for the plugin, which nobody uses any longer."""
        with self._lock:
            self._hooks.unregister(plugin.plugin)
            for key in [key for key in self._plans if plugin in key]:
                del self._plans[key]

    def plans(self, plugins: Sequence[ResolvedPlugin]) -> Plans:
        """The compiled hooks of these plugins, shared by every model with the same list."""
        key = tuple(plugins)
        found = self._plans.get(key)
        if found is None:
            observers = (*_everywhere, *self._observers)
            found = self._plans.setdefault(key, Plans.compile(key, observers))
        return found

    def observe(self, observers: Sequence[HookObserver]) -> None:
        """Shows these observers, and no others, the calls of plans that are asked for from now on."""
        with self._lock:
            self._observers = tuple(observers)
            self._plans = {}

    @property
    def observers(self) -> tuple[HookObserver, ...]:
        """Who is shown the calls of hooks."""
        return self._observers

    def registered(self) -> list[ResolvedPlugin]:
        """The plugins that were registered here, by name."""
        return [self._registered[name] for name in sorted(self._registered)]

    def try_installed(self, plugin: InstalledPlugin) -> ResolvedPlugin:
        """The installed plugin, imported and validated; raises what is wrong with it. For listings."""
        return self._load(plugin, model=None)

    def _replace(self, before: ResolvedPlugin, plugin: object) -> ResolvedPlugin:
        after = self.prepare(before.name, plugin)
        models: list[Any] = list(self._users.get(before.name, ()))
        try:
            refuse_built(models, before, after)
            plugins = {model: switched(model, before, after) for model in models}
        except EarnORMError:
            self._hooks.unregister(after.plugin)
            raise
        for model in models:
            model.__plans__ = model.__registry__.plugins.plans(plugins[model])
        self._registered[before.name] = after
        self.forget_plans(before)
        warn_of_reload(plugin, before.name)
        return after

    def _find(self, name: str, given: Mapping[str, Any], *, model: str) -> ResolvedPlugin:
        check_enabled(name, model=model)
        chain = self._chain()
        for manager in chain:
            if (found := manager._registered.get(name)) is not None:
                return manager._configured(found, given, model)
        last = chain[-1]
        if autoloads() and (found := last._find_installed(name, model)) is not None:
            return last._configured(found, given, model)
        raise UnknownPluginError(
            name,
            model=model,
            available=self._available(),
            elsewhere=_registries_with(name),
            hidden_by=last._catalogue.hides(name) if autoloads() else AUTOLOAD,
        )

    def _configured(
        self, plugin: ResolvedPlugin, given: Mapping[str, Any], model: str
    ) -> ResolvedPlugin:
        """The plugin as it runs with these options: instantiated once for all equal ones."""
        if not given:
            return plugin
        key: tuple[ResolvedPlugin, Hashable] | None = None
        with suppress(TypeError):  # options without a hash are nobody else's
            key = plugin, key_of(given)
        if key is not None and (found := self._with_options.get(key)) is not None:
            return found
        made = make_with_options(plugin.factory, given, plugin.info, model=model)
        with self._lock:
            found = self._add(made, plugin.info)
            return found if key is None else self._with_options.setdefault(key, found)

    def _chain(self) -> "list[PluginManager]":
        """The manager itself and those above it; the last keeps the installed plugins."""
        return [self, *(self._parent._chain() if self._parent is not None else ())]

    def _note_resolved(self, names: Iterable[str]) -> None:
        with self._lock:
            elsewhere = {name for name in names if name not in self._registered}
            self._resolved_elsewhere |= elsewhere
        if self._parent is not None:
            self._parent._note_resolved(elsewhere)

    def _find_installed(self, name: str, model: str) -> ResolvedPlugin | None:
        if (found := self._installed.get(name)) is not None:
            return found
        point = self._catalogue.find(name, model=model)
        return self._load(point, model=model) if point is not None else None

    def _load(self, point: InstalledPlugin, *, model: str | None) -> ResolvedPlugin:
        name = point.entry_point.name
        key = threading.get_ident(), name
        if (importing := self._importing.get(key)) is not None:
            fault = (
                f"is still being imported ({importing} -> {name} -> {model}): a model that the plugin itself "
                "defines must not name it. Define that model abstract, and build on it in on_register."
            )
            raise PluginLoadError(fault, plugin=name, source=point.source, model=model)
        self._importing[key] = model or "a listing"
        try:
            # Never under the lock: a plugin that defines models would deadlock two importing threads.
            made = point.load(model=model)
        finally:
            del self._importing[key]
        with self._lock:
            if (found := self._installed.get(name)) is None:
                found = self._installed[name] = self._add(made, point.info)
            return found

    def _refuse_taken(self, name: str) -> None:
        if name in self._registered:
            fault = f"the plugin name {name!r} is registered on {self.label} already. Give this one another name."
        elif name in self._resolved_elsewhere:
            fault = (
                f"a model of {self.label} has resolved the plugin name {name!r} already, and would keep the "
                "other plugin. Register this one before the first model that names it, or rename it."
            )
        else:
            return
        raise PluginConflictError(fault, plugin=name)

    def _add(self, made: MadePlugin, info: PluginInfo) -> ResolvedPlugin:
        plugin = made.plugin
        validate_plugin(plugin, info)
        manifest = read_manifest(plugin, info)
        # pluggy wants a name for each, also for those of one class with other options
        key = f"{info.source}: {info.name}, number {next(_numbers)}"
        try:
            self._hooks.register(plugin, key)
        except (pluggy.PluginValidationError, ValueError) as error:
            with suppress(AssertionError):
                self._hooks.unregister(plugin)
            raise PluginDefinitionError(str(error), plugin=info.name, source=info.source) from error
        return ResolvedPlugin(
            info=info,
            manifest=manifest,
            plugin=plugin,
            implementations=MappingProxyType(dict(self._implementations(plugin, info, manifest))),
            factory=made.factory,
            options=made.options,
        )

    def _implementations(
        self, plugin: object, info: PluginInfo, manifest: PluginManifest
    ) -> Iterator[tuple[str, Implementation]]:
        for name in HOOKS:
            for impl in getattr(self._hooks.hook, name).get_hookimpls():
                if impl.plugin is plugin:
                    yield name, _implementation(info, HOOKS[name], impl, manifest.budget)

    def _available(self) -> dict[str, str]:
        names: dict[str, str] = {}
        chain = self._chain()
        for manager in chain:
            names |= dict.fromkeys(manager._registered, "registered in this process")
        for name, points in chain[-1]._catalogue.all().items() if autoloads() else ():
            names.setdefault(name, " and ".join(sorted(point.info.source for point in points)))
        return names


def _made(plugin: Any, info: PluginInfo) -> MadePlugin:
    """The plugin of a registered object or class."""
    try:
        return make_plugin(plugin, info)
    except EarnORMError:
        raise
    except Exception as error:
        fault = (
            f"the class could not be instantiated without arguments: {error!r}. Give its constructor "
            f"defaults, or register an object: registry.plugin({info.name!r})({plugin.__name__}(...))."
        )
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source) from error


def _implementation(
    info: PluginInfo, hook: Hook, impl: pluggy.HookImpl, budget: float | None
) -> Implementation:
    return Implementation(
        plugin=info.name,
        source=info.source,
        function=impl.function,
        arguments=Arguments.read(impl.function, hook),
        is_wrapper=impl.wrapper or is_async_wrapper(impl.function),
        tryfirst=impl.tryfirst,
        trylast=impl.trylast,
        budget=budget,
    )


def _key_of(model: type) -> str:
    return f"{model.__module__}.{model.__qualname__}"


def _registries_with(name: str) -> list[str]:
    return sorted(manager.label for manager in _all_managers if name in manager._registered)
