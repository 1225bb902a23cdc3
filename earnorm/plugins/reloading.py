"""A plugin that was defined again, as a reloaded module does, in the place of the one before."""

import inspect
import sys
import warnings
from collections.abc import Iterable
from typing import Any

from earnorm.errors import PluginConflictError, PluginReplacedWarning
from earnorm.plugins.enabling import rearrange
from earnorm.plugins.manifest import ResolvedPlugin

__all__ = ["is_reload", "refuse_built", "switched", "warn_of_reload"]


def is_reload(plugin: object, before: ResolvedPlugin) -> bool:
    """Whether the plugin is of the class that the one before is of, defined again at its place in its module."""
    return type(before.plugin) is not _class_of(plugin) and _place(plugin) == _place(before.plugin)


def switched(
    model: Any, before: ResolvedPlugin, after: ResolvedPlugin
) -> tuple[ResolvedPlugin, ...]:
    """The plugins of a model with the one after in the place of the one before, checked against each other."""
    plugins = [after if one is before else one for one in model.__plans__.plugins]
    return rearrange(plugins, model=model.__metadata__.key)


def refuse_built(models: Iterable[Any], before: ResolvedPlugin, after: ResolvedPlugin) -> None:
    """Raises `PluginConflictError` where models that are built have more of the plugin than its hooks."""
    keys = sorted(model.__metadata__.key for model in models)
    if keys and any(map(_is_built_in, (before, after))):
        fault = (
            f"the plugin {after.name!r} was defined again, and {', '.join(keys)} were built with the fields, indexes or "
            "options of the one before. Start the process again, or unregister these models and the plugin first."
        )
        raise PluginConflictError(fault, plugin=after.name)


def warn_of_reload(plugin: object, name: str) -> None:
    """Warns that a plugin was replaced, unless somebody tries things out in an interactive session."""
    module, qualname = _place(plugin)
    if module == "__main__" and hasattr(sys, "ps1"):
        return
    message = (
        f"the plugin {name!r}, {module}.{qualname}, was defined again; the new one takes the place of the old one "
        "in the models that have it"
    )
    warnings.warn(message, PluginReplacedWarning, stacklevel=5)


def _class_of(plugin: object) -> type:
    return plugin if inspect.isclass(plugin) else type(plugin)


def _place(plugin: object) -> tuple[str, str]:
    kind = _class_of(plugin)
    return kind.__module__, kind.__qualname__


def _is_built_in(plugin: ResolvedPlugin) -> bool:
    hooks = {"contribute_fields", "contribute_indexes"}
    return plugin.factory is not None or not hooks.isdisjoint(plugin.implementations)
