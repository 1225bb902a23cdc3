"""What the command line tells of a plugin: plain values, the same for tables and for JSON."""

import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass

from earnorm.cli.faults import describe_error
from earnorm.cli.target import LoadedTarget
from earnorm.errors import EarnORMError
from earnorm.model_registry import Model
from earnorm.plugins import (
    CORE_API,
    InstalledPlugin,
    PluginInfo,
    PluginManager,
    ResolvedPlugin,
    installed,
)

__all__ = ["PluginFacts", "describe_plugins"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFacts:
    """One plugin; `models` are the keys of those that use it, None when no target was asked about.

    A plugin that was registered in the process has no distribution and no version.
    """

    name: str
    distribution: str | None
    version: str | None
    hooks: tuple[str, ...]
    models: tuple[str, ...] | None
    fault: str | None = None


def describe_plugins(loaded: LoadedTarget | None = None) -> list[PluginFacts]:
    """Every installed plugin by name, faulty ones included; then those that the target registered."""
    models = loaded.models if loaded is not None else None
    # A manager of its own: what a listing imports must not count as resolved by anybody.
    manager = PluginManager("a listing")
    facts = []
    for _, plugins in sorted(installed.all().items()):
        for plugin in sorted(plugins, key=lambda plugin: str(plugin.entry_point)):
            facts.append(_describe_installed(plugin, manager, models))
    return facts + [_describe(plugin, models) for plugin in _in_process(loaded)]


def _in_process(loaded: LoadedTarget | None) -> Iterable[ResolvedPlugin]:
    """Those of the registry, and those that its models found on another one."""
    if loaded is None or loaded.registry is None:
        return ()
    used = (plugin for model in loaded.models for plugin in model.__plans__.plugins)
    known = [*loaded.registry.plugins.registered(), *used]
    distinct = {id(plugin): plugin for plugin in known if plugin.info.distribution is None}
    return sorted(distinct.values(), key=lambda plugin: plugin.name)


def _describe_installed(
    plugin: InstalledPlugin, manager: PluginManager, models: Sequence[type[Model]] | None
) -> PluginFacts:
    info = PluginInfo(name=plugin.entry_point.name)
    try:
        info = plugin.info
        installed.find(info.name)  # refuses a name that two distributions advertise
        with redirect_stdout(sys.stderr):
            resolved = manager.try_installed(plugin)
        return _describe(resolved, models)
    except Exception as error:  # noqa: BLE001 # a stranger's code may fail in any way
        fault = _describe_fault(info, error)
    return PluginFacts(
        name=info.name,
        distribution=info.distribution,
        version=info.version,
        hooks=(),
        models=_models_with(info, models),
        fault=fault,
    )


def _describe(plugin: ResolvedPlugin, models: Sequence[type[Model]] | None) -> PluginFacts:
    return PluginFacts(
        name=plugin.name,
        distribution=plugin.info.distribution,
        version=plugin.info.version,
        hooks=tuple(plugin.implementations),
        models=_models_with(plugin.info, models),
        fault=_api_fault(plugin),
    )


def _models_with(info: PluginInfo, models: Sequence[type[Model]] | None) -> tuple[str, ...] | None:
    if models is None:
        return None
    keys = (model.__metadata__ for model in models)
    return tuple(metadata.key for metadata in keys if info in metadata.plugins)


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
