"""Puts a plugin on the models of a registry for a while."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from earnorm.errors import PluginDefinitionError
from earnorm.plugins import PluginManager, ResolvedPlugin, rearrange

__all__ = ["temporarily"]


@contextmanager
def temporarily(
    plugin: ResolvedPlugin, models: Iterable[Any], manager: PluginManager
) -> Iterator[None]:
    """Within the block the models run the plugin, in the place of theirs of that name, else after their own.

    Raises what is wrong with it beside their plugins before any model has changed.
    """
    before = {model: model.__plans__ for model in models}
    after = {model: _with(plugin, model) for model in before}
    for model, plugins in after.items():
        model.__plans__ = manager.plans(plugins)
    try:
        yield
    finally:
        for model, plans in before.items():
            model.__plans__ = plans
        manager.forget_plans(plugin)


def _with(plugin: ResolvedPlugin, model: Any) -> tuple[ResolvedPlugin, ...]:
    present: tuple[ResolvedPlugin, ...] = model.__plans__.plugins
    key = model.__metadata__.key
    if any(one.name == plugin.name for one in present):
        plugins = [plugin if one.name == plugin.name else one for one in present]
        return rearrange(plugins, model=key)
    for hook in ("contribute_fields", "contribute_indexes"):
        if hook in plugin.implementations:
            fault = f"it implements {hook}, and {key} is built already. Define the model with the plugin instead."
            raise PluginDefinitionError(fault, plugin=plugin.name, source=plugin.source)
    return rearrange([*present, plugin], model=key)
