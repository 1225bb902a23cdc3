"""A hook with two implementations, one `def` and one `async def`, against pluggy's own call with two `def`."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pluggy

from earnorm import BaseModel, HookObserver, HookStats, ModelRegistry, StringField
from tests.benchmarks.bars import Bar
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort, race

__all__ = ["run"]

_CALLS = 100

hookspec, hookimpl = pluggy.HookspecMarker("benchmark"), pluggy.HookimplMarker("benchmark")


class Specs:
    @hookspec
    def before_save(self, instance: Any) -> None:
        """Fires."""


def run(effort: Effort) -> list[Bar]:
    """Prints what one call takes, and gives the bar: at most half of pluggy's."""
    scope = {
        "drive": _drive,
        "ours": _planned(),
        "observed": _planned(HookStats()),
        "theirs": _pluggy(),
        "nobody": _unplanned(),
        "empty": _pluggy(0),
    }
    timings = race(
        {
            "EarnORM's plan, one def and one async def": ("drive(ours())", scope),
            "the same, counted in memory": ("drive(observed())", scope),
            "EarnORM's plan, no implementation": ("drive(nobody())", scope),
            "pluggy's call, two def": ("theirs()", scope),
            "pluggy's call, none": ("empty()", scope),
        },
        effort,
    )
    print_title("Hooks", "Microseconds for one call of before_save, in a loop that awaits it.")
    costs = {what: timing.best / _CALLS for what, timing in timings.items()}
    print_table(["", "us"], [[what, f"{cost:.3f}"] for what, cost in costs.items()])
    ours, observed, nobody, theirs, empty = costs.values()
    return [
        Bar(what="a hook's plan, over pluggy's call", factor=ours / theirs, most=0.5),
        Bar(
            what="a hook without plugins, over pluggy's empty call", factor=nobody / empty, most=0.2
        ),
        Bar(
            what="counting, for each implementation, over a plan with two",
            factor=(observed - ours) / 2 / ours,
            most=0.25,
        ),
    ]


def _planned(observer: HookObserver | None = None) -> Callable[[], Coroutine[Any, Any, None]]:
    registry = ModelRegistry("benchmark of plans")

    @registry.plugin("first")
    class First:
        def before_save(self, instance: Any) -> None:
            pass

    @registry.plugin("second")
    class Second:
        async def before_save(self, instance: Any) -> None:
            pass

    class Thing(BaseModel, registry=registry):
        name = StringField()

        class Meta:
            plugins = ["first", "second"]

    if observer is not None:
        registry.observe(observer)
    return _calling(Thing)


def _unplanned() -> Callable[[], Coroutine[Any, Any, None]]:
    class Thing(BaseModel, registry=ModelRegistry("benchmark of no plans")):
        name = StringField()

    return _calling(Thing)


def _calling(model: Any) -> Callable[[], Coroutine[Any, Any, None]]:
    instance, plan = model(name="Ada"), model.__plans__.before_save

    async def call() -> None:
        for _ in range(_CALLS):
            if plan:
                await plan.run(instance)

    return call


def _pluggy(count: int = 2) -> Callable[[], None]:
    class First:
        @hookimpl
        def before_save(self, instance: Any) -> None:
            pass

    class Second:
        @hookimpl
        def before_save(self, instance: Any) -> None:
            pass

    manager = pluggy.PluginManager("benchmark")
    manager.add_hookspecs(Specs)
    for plugin in (First(), Second())[:count]:
        manager.register(plugin)
    hook, instance = manager.hook.before_save, object()

    def call() -> None:
        for _ in range(_CALLS):
            hook(instance=instance)

    return call


def _drive(coroutine: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine that waits for nothing."""
    with suppress(StopIteration):
        coroutine.send(None)
