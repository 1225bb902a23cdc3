"""Puts the plugins of a model in order, and says why they cannot be."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from packaging.version import Version

from earnorm.errors import (
    EarnORMError,
    PluginCompatibilityError,
    PluginConflictError,
    PluginOrderError,
)
from earnorm.plugins.manifest import CORE_API, ResolvedPlugin

__all__ = ["Constraint", "Placement", "incompatibilities", "order_plugins", "place_plugins"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One plugin runs before another, because one of the two declares it."""

    earlier: str
    later: str
    declared_by: str
    attribute: Literal["requires", "after", "before"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A plugin where it runs, and why it is there.

    `constraints` are those that put it behind other plugins. `previous` is the one that runs directly before it, None
    for the first; `is_as_given` says that it was given behind that one, or first of all. Where it was not, a constraint
    between the two is the reason; where the first was not, each that was given before it has to wait for another.
    """

    plugin: ResolvedPlugin
    previous: str | None
    is_as_given: bool
    constraints: tuple[Constraint, ...]


def order_plugins(plugins: Sequence[ResolvedPlugin], *, model: str) -> tuple[ResolvedPlugin, ...]:
    """The plugins as they are given, each moved behind those that it runs after.

    Of the plugins whose predecessors are all placed, the one given first comes next. Where there is
    none, `PluginOrderError` names a shortest cycle.
    """
    return _ordered(plugins, _predecessors(_constraints(plugins)), model)


def place_plugins(plugins: Sequence[ResolvedPlugin], *, model: str) -> tuple[Placement, ...]:
    """The plugins as `order_plugins` puts them, each with the reasons."""
    constraints = _constraints(plugins)
    ordered = _ordered(plugins, _predecessors(constraints), model)
    given = {plugin.name: number for number, plugin in enumerate(plugins)}
    names = [None, *(plugin.name for plugin in ordered)]
    return tuple(
        Placement(
            plugin=plugin,
            previous=previous,
            is_as_given=_is_as_given(given, previous, plugin.name),
            constraints=tuple(constraints[plugin.name]),
        )
        for previous, plugin in zip(names, ordered, strict=False)
    )


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


def _is_as_given(given: Mapping[str, int], previous: str | None, name: str) -> bool:
    return given[name] == 0 if previous is None else given[previous] < given[name]


def _ordered(
    plugins: Sequence[ResolvedPlugin], earlier: Mapping[str, set[str]], model: str
) -> tuple[ResolvedPlugin, ...]:
    waiting, placed = list(plugins), list[ResolvedPlugin]()
    while waiting:
        done = {plugin.name for plugin in placed}
        ready = next((plugin for plugin in waiting if earlier[plugin.name] <= done), None)
        if ready is None:
            raise PluginOrderError(_shortest_cycle(earlier), model=model)
        waiting.remove(ready)
        placed.append(ready)
    return tuple(placed)


def _constraints(plugins: Sequence[ResolvedPlugin]) -> dict[str, list[Constraint]]:
    """What puts each plugin behind others that are enabled."""
    found: dict[str, list[Constraint]] = {plugin.name: [] for plugin in plugins}
    for constraint in _declared(plugins):
        if constraint.earlier in found and constraint.later in found:
            found[constraint.later].append(constraint)
    return found


def _declared(plugins: Iterable[ResolvedPlugin]) -> Iterator[Constraint]:
    for plugin in plugins:
        name, manifest = plugin.name, plugin.manifest
        for other in manifest.requires:
            yield Constraint(earlier=other, later=name, declared_by=name, attribute="requires")
        for other in sorted(manifest.after):
            yield Constraint(earlier=other, later=name, declared_by=name, attribute="after")
        for other in sorted(manifest.before):
            yield Constraint(earlier=name, later=other, declared_by=name, attribute="before")


def _predecessors(constraints: Mapping[str, Iterable[Constraint]]) -> dict[str, set[str]]:
    """The enabled plugins that each runs after."""
    return {name: {one.earlier for one in found} for name, found in constraints.items()}


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
