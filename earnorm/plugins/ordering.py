"""Puts the plugins of a model in order, and says why they cannot be."""

from collections.abc import Mapping, Sequence

from packaging.version import Version

from earnorm.errors import PluginCompatibilityError, PluginConflictError, PluginOrderError
from earnorm.plugins.manifest import CORE_API, ResolvedPlugin

__all__ = ["check_compatibility", "order_plugins"]


def order_plugins(plugins: Sequence[ResolvedPlugin], *, model: str) -> tuple[ResolvedPlugin, ...]:
    """The plugins as `Meta.plugins` names them, each moved behind those that it runs after.

    Of the plugins whose predecessors are all placed, the one named first comes next. A cycle raises
    `PluginOrderError`.
    """
    earlier = {
        plugin.name: {*plugin.manifest.requires, *plugin.manifest.after}
        & {other.name for other in plugins}
        for plugin in plugins
    }
    waiting, placed = list(plugins), list[ResolvedPlugin]()
    while waiting:
        done = {plugin.name for plugin in placed}
        ready = next((plugin for plugin in waiting if earlier[plugin.name] <= done), None)
        if ready is None:
            raise PluginOrderError(_find_cycle(earlier, waiting[0].name, done), model=model)
        waiting.remove(ready)
        placed.append(ready)
    return tuple(placed)


def check_compatibility(plugins: Sequence[ResolvedPlugin], *, model: str) -> None:
    """Raises when a plugin needs another core, lacks a plugin that it requires, or has one in its way."""
    enabled = {plugin.name: plugin for plugin in plugins}
    for plugin in plugins:
        _check_core(plugin, model)
        _check_required(plugin, enabled, model)
        for name in sorted(plugin.manifest.conflicts & enabled.keys()):
            fault = (
                f"the plugins {plugin.name!r} ({plugin.source}) and {name!r} ({enabled[name].source}) "
                "cannot be enabled together. Take one of them out of Meta.plugins."
            )
            raise PluginConflictError(fault, plugin=plugin.name, model=model)


def _check_core(plugin: ResolvedPlugin, model: str) -> None:
    if not plugin.manifest.api.contains(CORE_API):
        remedy = (
            f"Install a version of {plugin.info.distribution} that was made for it."
            if plugin.info.distribution
            else "Mend its 'api'."
        )
        fault = (
            f"the plugin {plugin.name!r} ({plugin.source}) knows the core API {plugin.manifest.api}, and "
            f"this EarnORM has {CORE_API}. {remedy}"
        )
        raise PluginCompatibilityError(fault, plugin=plugin.name, model=model)


def _check_required(
    plugin: ResolvedPlugin, enabled: Mapping[str, ResolvedPlugin], model: str
) -> None:
    for name, versions in plugin.manifest.requires.items():
        other = enabled.get(name)
        if other is None:
            fault = (
                f"the plugin {plugin.name!r} ({plugin.source}) requires the plugin {name!r}, which the "
                f"model does not name. Add {name!r} to Meta.plugins."
            )
        elif other.info.version is not None and not versions.contains(Version(other.info.version)):
            fault = (
                f"the plugin {plugin.name!r} ({plugin.source}) requires {name!r} {versions}, and "
                f"{other.source} is installed. Install a version of {other.info.distribution} in that range."
            )
        else:
            continue
        raise PluginCompatibilityError(fault, plugin=plugin.name, model=model)


def _find_cycle(earlier: Mapping[str, set[str]], start: str, done: set[str]) -> list[str]:
    path = [start]
    while True:
        following = min(earlier[path[-1]] - done)
        if following in path:
            return path[path.index(following) :]
        path.append(following)
