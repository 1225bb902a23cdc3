"""Looks at plugins without a model that names them: each imported and held against the hooks, or its fault."""

import sys
from collections.abc import Collection, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass

from earnorm.cli.faults import describe_error
from earnorm.cli.target import LoadedTarget
from earnorm.errors import EarnORMError
from earnorm.plugins import (
    CORE_API,
    DistributionFacts,
    InstalledPlugin,
    PluginInfo,
    PluginManager,
    ResolvedPlugin,
    installed,
)

__all__ = ["SeenPlugin", "known_plugins", "survey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPlugin:
    """A plugin, or the reason why it is none: `resolved` is None for one that could not be used at all.

    `point` is what its entry point names, `distribution` what its metadata says; both are None for a plugin of the
    process.
    """

    info: PluginInfo
    resolved: ResolvedPlugin | None
    point: str | None = None
    distribution: DistributionFacts | None = None
    fault: str | None = None


def known_plugins(loaded: LoadedTarget | None = None) -> list[str]:
    """The names of all plugins that there are to be looked at; nothing is imported."""
    return sorted({*installed.all(), *(plugin.name for plugin in _in_process(loaded))})


def survey(
    loaded: LoadedTarget | None = None, *, names: Collection[str] | None = None
) -> list[SeenPlugin]:
    """Every installed plugin by name, faulty ones included; then those that the target registered.

    With `names` only those plugins, and no other one is imported.
    """
    # A manager of its own: what a listing imports must not count as resolved by anybody.
    manager = PluginManager("a listing")
    seen = [
        _look(plugin, manager)
        for name, plugins in sorted(installed.all().items())
        if names is None or name in names
        for plugin in sorted(plugins, key=lambda plugin: str(plugin.entry_point))
    ]
    here = [
        SeenPlugin(info=plugin.info, resolved=plugin, fault=_api_fault(plugin))
        for plugin in _in_process(loaded)
        if names is None or plugin.name in names
    ]
    return seen + here


def _in_process(loaded: LoadedTarget | None) -> Iterable[ResolvedPlugin]:
    """Those of the registry, and those that its models found on another one."""
    if loaded is None or loaded.registry is None:
        return ()
    used = (plugin for model in loaded.models for plugin in model.__plans__.plugins)
    known = [*loaded.registry.plugins.registered(), *used]
    distinct = {id(plugin): plugin for plugin in known if plugin.info.distribution is None}
    return sorted(distinct.values(), key=lambda plugin: plugin.name)


def _look(plugin: InstalledPlugin, manager: PluginManager) -> SeenPlugin:
    info = PluginInfo(name=plugin.entry_point.name)
    resolved, fault = None, None
    try:
        info = plugin.info
        installed.find(info.name)  # refuses a name that two distributions advertise
        with redirect_stdout(sys.stderr):
            resolved = manager.try_installed(plugin)
        fault = _api_fault(resolved)
    except Exception as error:  # noqa: BLE001 # a stranger's code may fail in any way
        fault = _describe_fault(info, error)
    return SeenPlugin(
        info=info,
        resolved=resolved,
        point=plugin.entry_point.value,
        distribution=plugin.distribution,
        fault=fault,
    )


def _describe_fault(info: PluginInfo, error: BaseException) -> str:
    if isinstance(error, EarnORMError):
        return str(error)
    source = f" from {info.source}" if info.distribution else ""
    remedy = "Mend, upgrade or reinstall the distribution that brings it."
    return f"the plugin {info.name!r}{source} failed with {describe_error(error)}. {remedy}"


def _api_fault(plugin: ResolvedPlugin) -> str | None:
    known = plugin.manifest.api
    if known.contains(CORE_API):
        return None
    return (
        f"the plugin {plugin.name!r} from {plugin.source} knows the core API {known}, and this EarnORM has "
        f"{CORE_API}. Install a version of it that was made for this one."
    )
