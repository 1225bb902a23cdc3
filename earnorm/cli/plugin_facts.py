"""What the list of plugins tells of each: plain values, the same for tables and for JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from earnorm.cli.plugin_survey import SeenPlugin, survey
from earnorm.cli.target import LoadedTarget
from earnorm.model_registry import Model
from earnorm.plugins import PluginInfo

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
    return [_describe(seen, models) for seen in survey(loaded)]


def _describe(seen: SeenPlugin, models: Sequence[type[Model]] | None) -> PluginFacts:
    info = seen.info
    return PluginFacts(
        name=info.name,
        distribution=info.distribution,
        version=info.version,
        hooks=tuple(seen.resolved.implementations) if seen.resolved else (),
        models=_models_with(info, models),
        fault=seen.fault,
    )


def _models_with(info: PluginInfo, models: Sequence[type[Model]] | None) -> tuple[str, ...] | None:
    if models is None:
        return None
    keys = (model.__metadata__ for model in models)
    return tuple(metadata.key for metadata in keys if info in metadata.plugins)
