"""Puts the plugins of a model in order, and says why they cannot be."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from packaging.version import Version

from earnorm.errors import (
    EarnORMError,
    PluginCompatibilityError,
    PluginConflictError,
    PluginOrderError,
)
from earnorm.plugins.manifest import CORE_API, ResolvedPlugin

__all__ = ["incompatibilities", "order_plugins"]


def order_plugins(plugins: Sequence[ResolvedPlugin], *, model: str) -> tuple[ResolvedPlugin, ...]:
    """The plugins as they are given, each moved behind those that it runs after.

    Of the plugins whose predecessors are all placed, the one given first comes next. Where there is
    none, `PluginOrderError` names a shortest cycle.
    """
    earlier = _predecessors(plugins)
    waiting, placed = list(plugins), list[ResolvedPlugin]()
    while waiting:
        done = {plugin.name for plugin in placed}
        ready = next((plugin for plugin in waiting if earlier[plugin.name] <= done), None)
        if ready is None:
            raise PluginOrderError(_shortest_cycle(earlier), model=model)
        waiting.remove(ready)
        placed.append(ready)
    return tuple(placed)


def incompatibilities(plugins: Sequence[ResolvedPlugin], *, model: str) -> Iterator[EarnORMError]:
    """What is wrong where a plugin needs another core or version of a plugin, or has one in its way."""
    enabled = {plugin.name: plugin for plugin in plugins}
    told = set[frozenset[str]]()
    for plugin in plugins:
        yield from _core_faults(plugin, model)
        yield from _version_faults(plugin, enabled, model)
        for name in sorted(plugin.manifest.conflicts & enabled.keys()):
            if (pair := frozenset((plugin.name, name))) in told:
                continue
            told.add(pair)
            fault = (
                f"the plugins {plugin.name!r} ({plugin.source}) and {name!r} ({enabled[name].source}) "
                "cannot be enabled together. Take one of them out of Meta.plugins."
            )
            yield PluginConflictError(fault, plugin=plugin.name, model=model)


def _predecessors(plugins: Sequence[ResolvedPlugin]) -> dict[str, set[str]]:
    """The enabled plugins that each runs after."""
    earlier = {
        plugin.name: {*plugin.manifest.requires, *plugin.manifest.after} for plugin in plugins
    }
    for plugin in plugins:
        for name in plugin.manifest.before & earlier.keys():
            earlier[name].add(plugin.name)
    return {name: others & earlier.keys() for name, others in earlier.items()}


def _core_faults(plugin: ResolvedPlugin, model: str) -> Iterator[EarnORMError]:
    if plugin.manifest.api.contains(CORE_API):
        return
    remedy = (
        f"Install a version of {plugin.info.distribution} that was made for it."
        if plugin.info.distribution
        else "Mend its 'api'."
    )
    fault = (
        f"the plugin {plugin.name!r} ({plugin.source}) knows the core API {plugin.manifest.api}, and "
        f"this EarnORM has {CORE_API}. {remedy}"
    )
    yield PluginCompatibilityError(fault, plugin=plugin.name, model=model)


def _version_faults(
    plugin: ResolvedPlugin, enabled: Mapping[str, ResolvedPlugin], model: str
) -> Iterator[EarnORMError]:
    for name, versions in plugin.manifest.requires.items():
        other = enabled.get(name)  # None where it could not be had, which is a fault of its own
        if other is None or other.info.version is None:
            continue
        if not versions.contains(Version(other.info.version)):
            fault = (
                f"the plugin {plugin.name!r} ({plugin.source}) requires {name!r} {versions}, and "
                f"{other.source} is installed. Install a version of {other.info.distribution} in that range."
            )
            yield PluginCompatibilityError(fault, plugin=plugin.name, model=model)


def _shortest_cycle(earlier: Mapping[str, set[str]]) -> list[str]:
    """A ring of plugins, each of which runs after the next; of the shortest the first by the plugins' order."""
    rings = (ring for name in earlier if (ring := _shortest_ring(earlier, name)))
    return min(rings, key=len)


def _shortest_ring(earlier: Mapping[str, set[str]], start: str) -> list[str]:
    """The shortest way from a plugin back to itself; empty when there is none."""
    ways, seen = deque([[start]]), set[str]()
    while ways:
        way = ways.popleft()
        for following in sorted(earlier[way[-1]]):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []
