"""The compiled hooks of one list of plugins."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from earnorm.plugins.hookspecs import HOOKS
from earnorm.plugins.manifest import ResolvedPlugin
from earnorm.plugins.plan import Plan

__all__ = ["Plans"]

_TWINS = {"before_save": "before_update", "after_save": "after_update"}
_REVERSED = {twin: hook for hook, twin in _TWINS.items()}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plans:
    """One plan for each hook, over the same plugins in the same order; immutable."""

    plugins: tuple[ResolvedPlugin, ...]
    contribute_fields: Plan
    on_register: Plan
    before_save: Plan
    after_save: Plan
    before_update: Plan
    after_update: Plan
    before_delete: Plan
    after_delete: Plan
    narrow_query: Plan
    replace_delete: Plan

    @classmethod
    def compile(cls, plugins: Sequence[ResolvedPlugin]) -> Self:
        """The plans of these plugins, which are in the order in which they run."""
        chains = {
            name: Plan(
                hook, [p.implementations[name] for p in plugins if name in p.implementations]
            )
            for name, hook in HOOKS.items()
        }
        return cls(plugins=tuple(plugins), **chains)

    def without(self, names: Collection[str]) -> tuple[ResolvedPlugin, ...]:
        """The plugins that are left when those of these names are taken out."""
        return tuple(plugin for plugin in self.plugins if plugin.name not in names)

    def bypassed(self) -> Iterator[tuple[str, str]]:
        """Plugins whose instance hooks a query update would pass by, each with those hooks."""
        for plugin in self.plugins:
            hooks = [f"{hook} and not {_TWINS[hook]}" for hook in _lone(plugin, _TWINS)]
            if hooks and not plugin.manifest.ignores_query_writes:
                yield plugin.name, ", ".join(hooks)

    def for_lone(self, hook: str) -> tuple[ResolvedPlugin, ...]:
        """The plugins that implement this update hook without its save twin, in their order.

        A write of instances would pass them by. What `ignores_query_writes` says does not count here: it
        gives up save hooks in query writes, while whoever implements an update hook wants to see changes.
        """
        return tuple(plugin for plugin in self.plugins if hook in _lone(plugin, _REVERSED))


def _lone(plugin: ResolvedPlugin, twins: Mapping[str, str]) -> list[str]:
    """The hooks that the plugin implements without their twins."""
    return [
        hook
        for hook, twin in twins.items()
        if hook in plugin.implementations and twin not in plugin.implementations
    ]
