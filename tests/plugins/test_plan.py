"""The table of the plan: what runs, in which order, and what errors and cancellation do."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import suppress
from contextvars import ContextVar
from functools import wraps
from typing import Any

import pytest

from earnorm.errors import PluginDefinitionError
from earnorm.plugins import Plan, PluginManager, hookimpl

Plugins = dict[str, object]


class Journal:
    """Stands for the instance: the hooks write into it."""

    def __init__(self) -> None:
        self.lines: list[str] = []


def sync_plugin(tag: str, **marks: Any) -> object:
    class Sync:
        @hookimpl(**marks)
        def before_save(self, instance: Journal) -> None:
            instance.lines.append(tag)

    return Sync()


def async_plugin(tag: str, **marks: Any) -> object:
    class Async:
        @hookimpl(**marks)
        async def before_save(self, instance: Journal) -> None:
            await asyncio.sleep(0)
            instance.lines.append(tag)

    return Async()


def sync_wrapper(tag: str, **marks: Any) -> object:
    class Wrapper:
        @hookimpl(wrapper=True, **marks)
        def before_save(self, instance: Journal) -> Generator[None, Any, Any]:
            instance.lines.append(f"{tag} in")
            try:
                result = yield
            except ValueError as error:
                instance.lines.append(f"{tag} saw {error}")
                raise
            instance.lines.append(f"{tag} out")
            return result

    return Wrapper()


def async_wrapper(tag: str, **marks: Any) -> object:
    class Wrapper:
        @hookimpl(wrapper=True, **marks)
        async def before_save(self, instance: Journal) -> AsyncGenerator[None, None]:
            await asyncio.sleep(0)
            instance.lines.append(f"{tag} in")
            try:
                yield
            except ValueError as error:
                instance.lines.append(f"{tag} saw {error}")
                raise
            finally:
                await asyncio.sleep(0)
            instance.lines.append(f"{tag} out")

    return Wrapper()


def swallowing_wrapper(tag: str) -> object:
    class Swallowing:
        @hookimpl(wrapper=True)
        def before_save(self, instance: Journal) -> Generator[None, None, None]:
            try:
                yield
            except ValueError:
                instance.lines.append(f"{tag} swallowed")

    return Swallowing()


def failing_plugin(message: str) -> object:
    class Failing:
        async def before_save(self, instance: Journal) -> None:
            await asyncio.sleep(0)
            raise ValueError(message)

    return Failing()


def hidden_coroutine(tag: str) -> object:
    class Hidden:
        def before_save(self, instance: Journal) -> Awaitable[None]:
            async def later() -> None:
                await asyncio.sleep(0)
                instance.lines.append(tag)

            return later()

    return Hidden()


def compiled(plugins: Plugins, hook: str = "before_save") -> Plan:
    manager = PluginManager("a test")
    for name, plugin in plugins.items():
        manager.register(name, plugin)
    plan = getattr(manager.plans(manager.resolve(list(plugins), model="Test").plugins), hook)
    assert isinstance(plan, Plan)
    return plan


ORDER: list[tuple[str, Plugins, list[str]]] = [
    ("nothing", {}, []),
    ("one sync", {"a": sync_plugin("A")}, ["A"]),
    ("one async", {"a": async_plugin("A")}, ["A"]),
    (
        "sync and async in the order of the names",
        {
            "a": sync_plugin("A"),
            "b": async_plugin("B"),
            "c": sync_plugin("C"),
            "d": async_plugin("D"),
        },
        ["A", "B", "C", "D"],
    ),
    (
        "tryfirst moves ahead and trylast behind, ties in the order of the names",
        {
            "a": sync_plugin("A", trylast=True),
            "b": async_plugin("B"),
            "c": async_plugin("C", tryfirst=True),
            "d": sync_plugin("D", trylast=True),
            "e": sync_plugin("E", tryfirst=True),
        },
        ["C", "E", "B", "A", "D"],
    ),
    (
        "a sync wrapper spans awaited bodies",
        {"a": async_plugin("A"), "w": sync_wrapper("W"), "b": async_plugin("B")},
        ["W in", "A", "B", "W out"],
    ),
    (
        "an async wrapper spans sync and awaited bodies",
        {"w": async_wrapper("W"), "a": sync_plugin("A"), "b": async_plugin("B")},
        ["W in", "A", "B", "W out"],
    ),
    (
        "the first wrapper named is the outermost",
        {"v": sync_wrapper("V"), "w": async_wrapper("W"), "a": async_plugin("A")},
        ["V in", "W in", "A", "W out", "V out"],
    ),
    (
        "a tryfirst wrapper is outside the others",
        {"v": sync_wrapper("V"), "w": async_wrapper("W", tryfirst=True), "a": sync_plugin("A")},
        ["W in", "V in", "A", "V out", "W out"],
    ),
    (
        "a def that returns a coroutine is awaited in its turn",
        {"a": hidden_coroutine("A"), "b": sync_plugin("B")},
        ["A", "B"],
    ),
    ("a wrapper round nothing", {"w": async_wrapper("W")}, ["W in", "W out"]),
]


@pytest.mark.parametrize(
    ("plugins", "expected"), [row[1:] for row in ORDER], ids=[row[0] for row in ORDER]
)
async def test_implementations_run_in_order(plugins: Plugins, expected: list[str]) -> None:
    journal = Journal()
    plan = compiled(plugins)
    await plan.run(journal)
    assert journal.lines == expected
    assert bool(plan) == bool(plugins)


ERRORS: list[tuple[str, Plugins, list[str], bool]] = [
    (
        "the first error stops the rest",
        {"a": sync_plugin("A"), "f": failing_plugin("no"), "b": async_plugin("B")},
        ["A"],
        True,
    ),
    (
        "wrappers see an awaited body's error, innermost first",
        {"v": sync_wrapper("V"), "w": async_wrapper("W"), "f": failing_plugin("no")},
        ["V in", "W in", "W saw no", "V saw no"],
        True,
    ),
    (
        "a wrapper can end the error, and the next one leaves in peace",
        {"v": async_wrapper("V"), "s": swallowing_wrapper("S"), "f": failing_plugin("no")},
        ["V in", "S swallowed", "V out"],
        False,
    ),
]


@pytest.mark.parametrize(
    ("plugins", "expected", "raises"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS]
)
async def test_errors_stop_the_rest_and_reach_the_wrappers(
    plugins: Plugins, expected: list[str], raises: bool
) -> None:
    journal = Journal()
    plan = compiled(plugins)
    if raises:
        with pytest.raises(ValueError, match="no") as caught:
            await plan.run(journal)
        assert caught.value.__notes__ == ["in before_save of the plugin 'f' (this process)"]
    else:
        await plan.run(journal)
    assert journal.lines == expected


async def test_cancellation_reaches_the_implementation_and_the_wrapper() -> None:
    started, seen = asyncio.Event(), list[str]()

    class Waiting:
        async def before_save(self, instance: Journal) -> None:
            started.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                seen.append("implementation")
                raise

    class Wrapper:
        @hookimpl(wrapper=True)
        def before_save(self, instance: Journal) -> Generator[None, None, None]:
            try:
                yield
            except asyncio.CancelledError:
                seen.append("wrapper")
                raise

    task = asyncio.create_task(compiled({"w": Wrapper(), "x": Waiting()}).run(Journal()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["implementation", "wrapper"]


async def test_a_context_variable_set_in_a_hook_reaches_the_caller() -> None:
    variable: ContextVar[str] = ContextVar("variable", default="unset")

    class Setting:
        async def before_save(self, instance: Journal) -> None:
            await asyncio.sleep(0)
            variable.set("set in the hook")

    await compiled({"s": Setting(), "w": async_wrapper("W")}).run(Journal())
    assert variable.get() == "set in the hook"


async def test_hooks_run_in_the_task_of_the_caller() -> None:
    tasks = []

    class Asking:
        async def before_save(self, instance: Journal) -> None:
            tasks.append(asyncio.current_task())

    await compiled({"a": Asking()}).run(Journal())
    assert tasks == [asyncio.current_task()]


async def test_a_hook_may_run_the_same_plan_again() -> None:
    class Again:
        plan: Plan

        async def before_save(self, instance: Journal) -> None:
            instance.lines.append("again")
            if len(instance.lines) < 3:
                await self.plan.run(instance)

    again, journal = Again(), Journal()
    again.plan = compiled({"again": again})
    await again.plan.run(journal)
    assert journal.lines == ["again"] * 3


async def test_an_implementation_gets_the_arguments_that_it_names() -> None:
    got: list[Any] = []

    class Choosy:
        def before_update(self, update: object, model: object) -> None:
            got.append((update, model))

    class Defaulted:
        def before_update(self, filter: object = None, newer: str = "default") -> None:
            got.append((filter, newer))

    class Nothing:
        async def before_update(self) -> None:
            got.append("called")

    plan = compiled({"a": Choosy(), "b": Defaulted(), "c": Nothing()}, "before_update")
    await plan.run("model", "filter", "update")
    assert got == [("update", "model"), ("filter", "default"), "called"]


async def test_a_parameter_that_the_hook_does_not_pass_keeps_its_default() -> None:
    got: list[Any] = []

    class Between:
        def after_update(self, model: object, verbose: bool = False, matched: int = 0) -> None:
            got.append((model, verbose, matched))

    class Ahead:
        async def after_update(self, verbose: bool = False, filter: object = None) -> None:
            got.append((verbose, filter))

    class Named:
        def after_update(self, *, matched: int, model: object, verbose: bool = False) -> None:
            got.append((matched, model, verbose))

    class Positional:
        def after_update(self, update: object, model: object, /, *, matched: int) -> None:
            got.append((update, model, matched))

    plan = compiled({"a": Between(), "b": Ahead(), "c": Named(), "d": Positional()}, "after_update")
    await plan.run("model", "filter", "update", 3)
    assert got == [
        ("model", False, 3),
        (False, "filter"),
        (3, "model", False),
        ("update", "model", 3),
    ]


async def test_a_decorated_hook_gets_what_the_method_beneath_names() -> None:
    got: list[Any] = []

    def traced(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> None:
            got.append("traced")
            function(*args, **kwargs)

        return call

    class Decorated:
        @traced
        def after_update(self, *, matched: int) -> None:
            got.append(matched)

    await compiled({"d": Decorated()}, "after_update").run("model", "filter", "update", 3)
    assert got == ["traced", 3]


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_a_second_yield_after_an_error_keeps_the_error_as_its_cause(kind: str) -> None:
    class Sync:
        @hookimpl(wrapper=True)
        def before_save(self, instance: Journal) -> Generator[None, None, None]:
            with suppress(ValueError):
                yield
            yield

    class Async:
        @hookimpl(wrapper=True)
        async def before_save(self, instance: Journal) -> AsyncGenerator[None, None]:
            with suppress(ValueError):
                yield
            yield

    twice = Sync() if kind == "sync" else Async()
    with pytest.raises(RuntimeError, match="second yield") as caught:
        await compiled({"twice": twice, "f": failing_plugin("the reason")}).run(Journal())
    assert isinstance(caught.value.__cause__, ValueError)
    assert str(caught.value.__cause__) == "the reason"


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_a_wrapper_that_cannot_be_closed_lets_the_outer_ones_out(kind: str) -> None:
    class Sync:
        @hookimpl(wrapper=True)
        def before_save(self, instance: Journal) -> Generator[None, None, None]:
            yield
            try:
                yield
            finally:
                raise ValueError("while closing")

    class Async:
        @hookimpl(wrapper=True)
        async def before_save(self, instance: Journal) -> AsyncGenerator[None, None]:
            yield
            try:
                yield
            finally:
                raise ValueError("while closing")

    journal, stuck = Journal(), Sync() if kind == "sync" else Async()
    with pytest.raises(ValueError, match="while closing"):
        await compiled({"w": sync_wrapper("W"), "stuck": stuck}).run(journal)
    assert journal.lines == ["W in", "W saw while closing"]


def test_an_error_in_the_use_of_a_result_is_blamed_on_its_plugin_once() -> None:
    class Narrowing:
        def narrow_query(self, model: type) -> dict[str, Any]:
            return {"$nonsense": 1}

    plan = compiled({"odd": Narrowing()}, "narrow_query")
    ((implementation, answer),) = plan.run_sync(Journal)
    blame = implementation.blame
    with pytest.raises(ValueError, match="nonsense") as caught, blame(), blame():
        raise ValueError(str(answer))
    assert caught.value.__notes__ == ["in narrow_query of the plugin 'odd' (this process)"]


def test_update_hooks_without_their_save_hooks_are_passed_by_in_writes_of_instances() -> None:
    def does(*hooks: str, **declared: Any) -> object:
        namespace = {hook: lambda self: None for hook in hooks}
        return type("Plugin", (), {**namespace, **declared})()

    manager = PluginManager("a test")
    manager.register("both", does("before_save", "before_update", "after_save", "after_update"))
    manager.register("save", does("before_save"))
    manager.register("careless_save", does("after_save", ignores_query_writes=True))
    manager.register("update", does("before_update"))
    manager.register("careless_update", does("after_update", ignores_query_writes=True))
    manager.register("crossed", does("before_save", "after_update"))
    plugins = [plugin.name for plugin in manager.registered()]
    plans = manager.plans(manager.resolve(plugins, model="Test").plugins)
    assert dict(plans.bypassed()) == {
        "crossed": "before_save and not before_update",
        "save": "before_save and not before_update",
    }
    assert [plugin.name for plugin in plans.for_lone("before_update")] == ["update"]
    assert [plugin.name for plugin in plans.for_lone("after_update")] == [
        "careless_update",
        "crossed",
    ]


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_a_wrapper_that_yields_twice_is_told_so(kind: str) -> None:
    class Sync:
        @hookimpl(wrapper=True)
        def before_save(self, instance: Journal) -> Generator[None, None, None]:
            yield
            yield

    class Async:
        @hookimpl(wrapper=True)
        async def before_save(self, instance: Journal) -> AsyncGenerator[None, None]:
            yield
            yield

    plan = compiled({"twice": Sync() if kind == "sync" else Async()})
    with pytest.raises(RuntimeError, match="second yield.*yields exactly once"):
        await plan.run(Journal())


async def test_a_wrapper_that_fails_on_the_way_in_lets_the_outer_ones_out() -> None:
    class Failing:
        @hookimpl(wrapper=True)
        def before_save(self, instance: Journal) -> Generator[None, None, None]:
            raise ValueError("at the door")
            yield

    journal = Journal()
    plan = compiled({"w": sync_wrapper("W"), "f": Failing(), "a": sync_plugin("A")})
    with pytest.raises(ValueError, match="at the door"):
        await plan.run(journal)
    assert journal.lines == ["W in", "W saw at the door"]


async def test_a_wrapper_that_ends_before_its_yield_is_told_so() -> None:
    class Absent:
        @hookimpl(wrapper=True)
        def before_save(self, instance: Journal) -> Generator[None, None, None]:
            if instance.lines:
                yield

    with pytest.raises(RuntimeError, match="ended before its yield"):
        await compiled({"absent": Absent()}).run(Journal())


def test_a_hook_that_cannot_wait_refuses_an_awaitable() -> None:
    class Sneaky:
        def narrow_query(self, model: type) -> object:
            async def later() -> None: ...

            return later()

    plan = compiled({"sneaky": Sneaky()}, "narrow_query")
    with pytest.raises(TypeError, match="this hook cannot wait"):
        plan.run_sync(Journal)


def test_models_with_the_same_plugins_share_their_plans() -> None:
    manager = PluginManager("a test")
    manager.register("a", sync_plugin("A"))
    manager.register("b", async_plugin("B"))
    one = manager.plans(manager.resolve(["a", "b"], model="One").plugins)
    assert manager.plans(manager.resolve(["a", "b"], model="Other").plugins) is one
    assert manager.plans(manager.resolve(["b", "a"], model="Third").plugins) is not one


Marker = Callable[..., Any]


def test_a_static_and_a_class_method_are_implementations_too() -> None:
    class Methods:
        @staticmethod
        def before_save(instance: Journal) -> None:
            instance.lines.append("static")

        @classmethod
        def after_save(cls, instance: Journal) -> None:
            instance.lines.append("class")

    journal = Journal()
    asyncio.run(compiled({"m": Methods()}).run(journal))
    asyncio.run(compiled({"m": Methods()}, "after_save").run(journal))
    assert journal.lines == ["static", "class"]


def test_specname_makes_a_method_of_another_name_the_implementation() -> None:
    class Named:
        @hookimpl(specname="before_save")
        def stamp(self, instance: Journal) -> None:
            instance.lines.append("stamped")

    journal = Journal()
    asyncio.run(compiled({"n": Named()}).run(journal))
    assert journal.lines == ["stamped"]


def test_a_specname_that_is_no_hook_is_an_error() -> None:
    class Named:
        @hookimpl(specname="before_sav")
        def stamp(self, instance: Journal) -> None: ...

    with pytest.raises(PluginDefinitionError, match="Did you mean 'before_save'"):
        compiled({"n": Named()})
