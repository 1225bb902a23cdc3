"""What a plugin says of itself, read from the plugin object before it is used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from earnorm.errors import PluginDefinitionError, suggestion
from earnorm.plugins.plan import Implementation
from earnorm.stores import Capability

__all__ = ["CORE_API", "PluginInfo", "PluginManifest", "ResolvedPlugin", "read_manifest"]

CORE_API = "1.0"
"""The version of the hooks and of what they promise; a plugin states the range that it knows in `api`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginInfo:
    """Which plugin it is: its name, and the distribution and version that it came from.

    A plugin that was registered in the process has no distribution and no version.
    """

    name: str
    distribution: str | None = None
    version: str | None = None

    @property
    def source(self) -> str:
        """Where it came from, for messages: `earnorm-timestamp 1.0.0`, or `this process`."""
        return f"{self.distribution} {self.version}" if self.distribution else "this process"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginManifest:
    """What the plugin object declares as attributes, all of them optional.

    `requires` maps names of other plugins to version ranges (PEP 440): each is enabled too, and
    runs earlier. `after` names plugins to run after, `before` those to run before, where they are
    enabled. `conflicts` names plugins that must not be enabled beside it. `api` is the range of core
    API versions that it knows. `ignores_query_writes` says that its instance hooks may be passed by
    in query writes. `transactional` says that its hooks and the write that they are round belong into one
    transaction, where the store has them. `budget` is how many seconds one of its hooks takes at most, None
    for no promise. `needs` are the capabilities without which it does not work on a store.
    `deprecated` says what to use in its place, None while it is looked after.
    """

    requires: Mapping[str, SpecifierSet]
    after: frozenset[str]
    before: frozenset[str]
    conflicts: frozenset[str]
    api: SpecifierSet
    ignores_query_writes: bool
    transactional: bool
    budget: float | None
    needs: frozenset[Capability]
    deprecated: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResolvedPlugin:
    """A plugin that is ready to run: who it is, what it declares, what it implements.

    One that takes options has the `factory` that makes another one for other options, and those that it runs with.
    """

    info: PluginInfo
    manifest: PluginManifest
    plugin: Any
    implementations: Mapping[str, Implementation]
    factory: type[Any] | None = None
    options: Any = None

    @property
    def name(self) -> str:
        """The name that models use."""
        return self.info.name

    @property
    def source(self) -> str:
        """Where it came from, for messages."""
        return self.info.source


def read_manifest(plugin: object, info: PluginInfo) -> PluginManifest:
    """The plugin's declarations; raises `PluginDefinitionError` for one of a wrong kind."""
    return PluginManifest(
        requires=_requirements(plugin, info),
        after=_names(plugin, "after", info),
        before=_names(plugin, "before", info),
        conflicts=_names(plugin, "conflicts", info),
        api=_specifier(getattr(plugin, "api", ""), "api", info),
        ignores_query_writes=bool(getattr(plugin, "ignores_query_writes", False)),
        transactional=bool(getattr(plugin, "transactional", False)),
        budget=_budget(plugin, info),
        needs=_capabilities(plugin, info),
        deprecated=_notice(plugin, info),
    )


def _requirements(plugin: object, info: PluginInfo) -> dict[str, SpecifierSet]:
    declared = getattr(plugin, "requires", {})
    if not isinstance(declared, Mapping):
        fault = f"requires must map plugin names to version ranges, not be {declared!r}"
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source)
    return {name: _specifier(text, f"requires[{name!r}]", info) for name, text in declared.items()}


def _names(plugin: object, attribute: str, info: PluginInfo) -> frozenset[str]:
    declared = getattr(plugin, attribute, ())
    if isinstance(declared, str) or not isinstance(declared, Iterable):
        fault = f"{attribute} must be a list of names, not {declared!r}"
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source)
    names = list(declared)
    if not all(isinstance(name, str) for name in names):
        fault = f"{attribute} must be a list of names, not {declared!r}"
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source)
    return frozenset(names)


def _capabilities(plugin: object, info: PluginInfo) -> frozenset[Capability]:
    names = _names(plugin, "needs", info)
    known = [one.value for one in Capability]
    for name in sorted(names):
        if name not in known:
            hint = suggestion(name, known) or f" They are: {', '.join(known)}."
            fault = f"needs names {name!r}, which no store can do.{hint}"
            raise PluginDefinitionError(fault, plugin=info.name, source=info.source)
    return frozenset(map(Capability, names))


def _notice(plugin: object, info: PluginInfo) -> str | None:
    declared = getattr(plugin, "deprecated", None)
    if declared is None or (isinstance(declared, str) and declared):
        return declared
    fault = f"deprecated must say in a string what to use in its place, not be {declared!r}"
    raise PluginDefinitionError(fault, plugin=info.name, source=info.source)


def _budget(plugin: object, info: PluginInfo) -> float | None:
    declared = getattr(plugin, "budget", None)
    if declared is None:
        return None
    if isinstance(declared, bool) or not isinstance(declared, int | float) or not declared > 0:
        fault = f"budget must be a number of seconds greater than 0, not {declared!r}"
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source)
    return float(declared)


def _specifier(text: object, attribute: str, info: PluginInfo) -> SpecifierSet:
    try:
        return SpecifierSet(text if isinstance(text, str) else f"? {text!r}", prereleases=True)
    except InvalidSpecifier as error:
        fault = f"{attribute} must be a version range such as '>=1,<2', not {text!r}"
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source) from error
