"""Which plugins a model has: those that it names, and those that they require."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from earnorm.errors import (
    EarnORMError,
    ModelDefinitionError,
    PluginFaultsError,
    PluginOrderError,
    UnknownPluginError,
    suggestion,
)
from earnorm.plugins.manifest import ResolvedPlugin
from earnorm.plugins.ordering import (
    Placement,
    incompatibilities,
    order_plugins,
    place_plugins,
)

__all__ = ["EnabledPlugins", "enable_plugins", "explain_order", "rearrange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnabledPlugins:
    """The plugins of a model in the order in which they run.

    `implied` maps the names of those that the model does not name to the names of the plugins that require them.
    """

    plugins: tuple[ResolvedPlugin, ...]
    implied: Mapping[str, tuple[str, ...]]


def enable_plugins(
    names: Sequence[str],
    find: Callable[[str], ResolvedPlugin],
    *,
    with_options: Collection[str] = (),
    model: str,
) -> EnabledPlugins:
    """The plugins that `names` and their requirements stand for, checked against each other.

    `with_options` are the names for which the model gives options. Raises the fault that there is, or one
    `PluginFaultsError` with all of them.
    """
    search = _Search(names, find, model)
    faults = list(search.faults)
    for name in with_options:
        if name not in search.seen:
            enabled = [plugin.name for plugin in search.found]
            hint = suggestion(name, enabled) or " Name it in Meta.plugins."
            fault = f"Meta.plugin_options is about the plugin {name!r}, which the model does not enable.{hint}"
            faults.append(ModelDefinitionError(fault, model=model))
    ordered = _combine(search.found, faults, model=model)
    implied = {name: tuple(by) for name, by in search.implied.items()}
    return EnabledPlugins(plugins=ordered, implied=MappingProxyType(implied))


def rearrange(plugins: Sequence[ResolvedPlugin], *, model: str) -> tuple[ResolvedPlugin, ...]:
    """The plugins of a model that is built already, one of them new: in order, and checked against each other.

    Raises as `enable_plugins`, and `UnknownPluginError` for a plugin that one of them requires and the model does not have.
    """
    present = {plugin.name: plugin.source for plugin in plugins}
    for plugin in plugins:
        for name in plugin.manifest.requires.keys() - present.keys():
            raise UnknownPluginError(name, model=model, available=present, required_by=plugin.name)
    return _combine(plugins, model=model)


def explain_order(
    names: Iterable[str], plugins: Iterable[ResolvedPlugin], *, model: str
) -> tuple[Placement, ...]:
    """Why the plugins of a model, which names `names`, run in the order in which they do."""
    known = {plugin.name: plugin for plugin in plugins}
    search = _Search([name for name in names if name in known], known.__getitem__, model)
    return place_plugins(search.found, model=model)


def _combine(
    plugins: Sequence[ResolvedPlugin], faults: Sequence[EarnORMError] = (), *, model: str
) -> tuple[ResolvedPlugin, ...]:
    """The plugins in the order in which they run, checked against each other.

    Raises the fault that there is, those that were found before among them, or one `PluginFaultsError`.
    """
    found = [*faults, *incompatibilities(plugins, model=model)]
    ordered: tuple[ResolvedPlugin, ...] = ()
    try:
        ordered = order_plugins(plugins, model=model)
    except PluginOrderError as error:
        found.append(error)
    if found:
        raise found[0] if len(found) == 1 else PluginFaultsError.of(found, model=model)
    return ordered


class _Search:
    """Looks each plugin up once; what is required stands before whoever requires it first."""

    def __init__(
        self, names: Sequence[str], find: Callable[[str], ResolvedPlugin], model: str
    ) -> None:
        self.found: list[ResolvedPlugin] = []
        self.implied: dict[str, list[str]] = {}
        self.faults: list[EarnORMError] = []
        self._named = dict.fromkeys(names)
        self.seen: set[str] = set()
        self._find = find
        self._model = model
        for name in self._named:
            self._visit(name, required_by=None)

    def _visit(self, name: str, *, required_by: str | None) -> None:
        if name in self.seen:
            return
        self.seen.add(name)
        try:
            plugin = self._find(name)
        except UnknownPluginError as error:
            self.faults.append(error.for_requirement_of(required_by) if required_by else error)
            return
        except EarnORMError as error:
            self.faults.append(error)
            return
        for other in plugin.manifest.requires:
            if other not in self._named:
                self.implied.setdefault(other, []).append(name)
                self._visit(other, required_by=name)
        self.found.append(plugin)
