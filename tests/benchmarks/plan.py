"""A hook with two implementations, one `def` and one `async def`, against pluggy's own call with two `def`."""

import importlib
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

import pluggy

from earnorm import BaseModel, HookObserver, HookStats, ModelRegistry, StringField
from tests.benchmarks.bars import Bar
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort, race

__all__ = ["CALLS", "calling", "drive", "run"]

CALLS = 100

hookspec, hookimpl = pluggy.HookspecMarker("benchmark"), pluggy.HookimplMarker("benchmark")


class Specs:
    @hookspec
    def before_save(self, instance: Any) -> None:
        """Fires."""


def run(effort: Effort) -> list[Bar]:
    """Prints what one call takes, and gives the bars: at most half of pluggy's."""
    scope: dict[str, Any] = {
        "drive": drive,
        "ours": _planned(),
        "stopped": _planned(HookStats(), stops=True),
        "observed": _planned(HookStats()),
        "theirs": _pluggy(),
        "nobody": _unplanned(),
        "empty": _pluggy(0),
    }
    statements = {
        "ours": "drive(ours())",
        "stopped": "drive(stopped())",
        "observed": "drive(observed())",
        "nobody": "drive(nobody())",
        "theirs": "theirs()",
        "empty": "empty()",
    }
    telemetry, missing = _telemetry()
    scope |= telemetry
    statements |= {what: f"drive({what}())" for what in telemetry}
    timings = race({what: (statement, scope) for what, statement in statements.items()}, effort)
    costs = {what: timing.best / CALLS for what, timing in timings.items()}
    print_title("Hooks", "Microseconds for one call of before_save, in a loop that awaits it.")
    print_table(["", "us"], [[_TITLES[what], f"{cost:.3f}"] for what, cost in costs.items()])
    if missing:
        print(f"\nOpenTelemetry: {missing}")
    return _bars(costs)


def calling(model: Any) -> Callable[[], Coroutine[Any, Any, None]]:
    """What asks a plan of the model `CALLS` times, as a save does."""
    instance, plan = model(name="Ada"), model.__plans__.before_save

    async def call() -> None:
        for _ in range(CALLS):
            if plan:
                await plan.run(instance)

    return call


def drive(coroutine: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine that waits for nothing."""
    with suppress(StopIteration):
        coroutine.send(None)


_TITLES = {
    "ours": "EarnORM's plan, one def and one async def",
    "stopped": "the same, counted before and no longer",
    "observed": "the same, counted in memory",
    "nobody": "EarnORM's plan, no implementation",
    "theirs": "pluggy's call, two def",
    "empty": "pluggy's call, none",
    "api": "EarnORM's plan, told to OpenTelemetry's API alone",
    "sdk": "the same, added up by its SDK in memory",
}


def _bars(costs: Mapping[str, float]) -> list[Bar]:
    ours = costs["ours"]
    return [
        Bar(what="a hook's plan, over pluggy's call", factor=ours / costs["theirs"], most=0.5),
        Bar(
            what="a hook without plugins, over pluggy's empty call",
            factor=costs["nobody"] / costs["empty"],
            most=0.2,
        ),
        Bar(
            what="counting, for each implementation, over a plan with two",
            factor=(costs["observed"] - ours) / 2 / ours,
            most=0.25,
        ),
        # Both are the same code, so what is above 1 is what the machine was busy with.
        Bar(
            what="a plan that was counted, over one that never was",
            factor=costs["stopped"] / ours,
            most=1.05,
        ),
    ]


def _telemetry() -> tuple[dict[str, Callable[[], Coroutine[Any, Any, None]]], str]:
    """Plans that OpenTelemetry is told of, or why there are none."""
    try:
        module = importlib.import_module("tests.benchmarks.telemetry")
    except ImportError as error:
        return {}, f"{type(error).__name__}: {error}"
    return {"api": _planned(module.api_alone()), "sdk": _planned(module.in_memory())}, ""


def _planned(
    observer: HookObserver | None = None, *, stops: bool = False
) -> Callable[[], Coroutine[Any, Any, None]]:
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
        observation = registry.observe(observer)
        if stops:
            drive(calling(Thing)())
            observation.stop()
    return calling(Thing)


def _unplanned() -> Callable[[], Coroutine[Any, Any, None]]:
    class Thing(BaseModel, registry=ModelRegistry("benchmark of no plans")):
        name = StringField()

    return calling(Thing)


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
        for _ in range(CALLS):
            hook(instance=instance)

    return call
