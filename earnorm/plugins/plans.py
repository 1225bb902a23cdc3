"""The compiled hooks of one list of plugins."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Self

from earnorm.plugins.arguments import Arguments
from earnorm.plugins.hookspecs import HOOKS
from earnorm.plugins.manifest import ResolvedPlugin
from earnorm.plugins.observed_plan import ObservedPlan
from earnorm.plugins.observing import HookObserver
from earnorm.plugins.plan import Implementation, Plan

__all__ = ["Plans"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plans:
    """One plan for each hook, over the same plugins in the same order; immutable.

    Of a bulk write run `before_save_in_bulk` and `after_save_in_bulk` for each instance: those of the plugins that do
    not want the whole list. `watch_commits` says whether any plugin is to be told how writes end, `is_transactional`
    that one of them asks for a transaction round each write.
    """

    plugins: tuple[ResolvedPlugin, ...]
    watch_commits: bool
    is_transactional: bool
    contribute_fields: Plan
    contribute_indexes: Plan
    on_register: Plan
    on_unregister: Plan
    check_model: Plan
    on_connect: Plan
    on_disconnect: Plan
    before_save: Plan
    before_save_many: Plan
    before_save_in_bulk: Plan
    before_validate: Plan
    after_save: Plan
    after_save_many: Plan
    after_save_in_bulk: Plan
    after_load: Plan
    before_find: Plan
    before_update: Plan
    after_update: Plan
    before_delete: Plan
    after_delete: Plan
    before_commit: Plan
    after_commit: Plan
    after_rollback: Plan
    narrow_query: Plan
    replace_delete: Plan

    @classmethod
    def compile(
        cls, plugins: Sequence[ResolvedPlugin], observers: Sequence[HookObserver] = ()
    ) -> Self:
        """The plans of these plugins, which are in the order in which they run."""
        make = partial(ObservedPlan, observers=observers) if observers else Plan
        declared = [plugin.implementations for plugin in plugins]
        found = {name: [one[name] for one in declared if name in one] for name in HOOKS}
        in_bulk = {}
        for hook, many in _MANY.items():
            found[hook] = [*_single(declared, hook, many)]
            in_bulk[f"{hook}_in_bulk"] = make(
                HOOKS[hook], [one[hook] for one in declared if hook in one and many not in one]
            )
        chains = {name: make(HOOKS[name], chosen) for name, chosen in found.items()}
        return cls(
            plugins=tuple(plugins),
            watch_commits=any(found[hook] for hook in _OF_COMMITS),
            is_transactional=any(plugin.manifest.transactional for plugin in plugins),
            **chains,
            **in_bulk,
        )

    def without(self, names: Collection[str]) -> tuple[ResolvedPlugin, ...]:
        """The plugins that are left when those of these names are taken out."""
        return tuple(plugin for plugin in self.plugins if plugin.name not in names)

    def bypassed(self) -> Iterator[tuple[str, str]]:
        """Plugins whose instance hooks a query update would pass by, each with those hooks."""
        for plugin in self.plugins:
            hooks = [
                f"{hook} and not {twin}"
                for twin, of_instances in _OF_INSTANCES.items()
                if twin not in plugin.implementations
                for hook in of_instances
                if hook in plugin.implementations
            ]
            if hooks and not plugin.manifest.ignores_query_writes:
                yield plugin.name, ", ".join(hooks)

    def for_lone(self, hook: str) -> tuple[ResolvedPlugin, ...]:
        """The plugins that implement this update hook without a save twin, in their order.

        A write of instances would pass them by. What `ignores_query_writes` says does not count here: it
        gives up save hooks in query writes, while whoever implements an update hook wants to see changes.
        """
        return tuple(
            plugin
            for plugin in self.plugins
            if hook in plugin.implementations
            and plugin.implementations.keys().isdisjoint(_OF_INSTANCES[hook])
        )


_OF_COMMITS: Final = ("before_commit", "after_commit", "after_rollback")
_MANY: Final[Mapping[str, str]] = MappingProxyType(
    {"before_save": "before_save_many", "after_save": "after_save_many"}
)
_OF_INSTANCES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "before_update": ("before_save", "before_save_many", "before_validate"),
        "after_update": ("after_save", "after_save_many"),
    }
)


def _single(
    declared: Sequence[Mapping[str, Implementation]], hook: str, many: str
) -> Iterator[Implementation]:
    """The implementations for one instance; a plugin that has the one for many only gets a list of one."""
    for implementations in declared:
        if hook in implementations:
            yield implementations[hook]
        elif many in implementations:
            yield _of_one(implementations[many])


def _of_one(implementation: Implementation) -> Implementation:
    function, asked = implementation.function, implementation.arguments

    def of_one(instance: Any) -> Any:
        given = {"model": type(instance), "instances": [instance]}
        positional = [given[name] for name in asked.by_position]
        return function(*positional, **{name: given[name] for name in asked.by_name})

    of_one.__name__, of_one.__qualname__ = function.__name__, function.__qualname__
    return replace(implementation, function=of_one, arguments=Arguments(by_position=("instance",)))
