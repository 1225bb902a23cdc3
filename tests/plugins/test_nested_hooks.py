"""Hooks that write, whose hooks write."""

import asyncio
from typing import Any

import pytest

from earnorm import BaseModel, HookRecursionError, IntegerField, ModelRegistry, connect


def define(home: ModelRegistry, *plugins: str, name: str = "Visit") -> Any:
    inner = type("Meta", (), {"plugins": plugins})
    return type(
        name, (BaseModel,), {"saves": IntegerField(default=0), "Meta": inner}, registry=home
    )


@pytest.mark.parametrize("hook", ["before_save", "before_validate", "after_save"])
async def test_a_hook_that_saves_its_instance_without_end_is_an_error(
    home: ModelRegistry, hook: str
) -> None:
    calls = 0

    async def save(self: Any, instance: Any) -> None:
        nonlocal calls
        calls += 1
        instance.saves += 1
        await instance.save()

    home.plugin("endless")(type("Endless", (), {hook: save}))
    visit = define(home, "endless")
    async with connect("sqlite://", registry=home):
        with pytest.raises(HookRecursionError) as caught:
            await visit().save()
        assert calls == 30
        assert (caught.value.hook, caught.value.plugins) == (hook, ("endless",))
        assert str(caught.value) == (
            f"hooks run inside hooks 30 deep. The last is {hook} of 'endless'. A hook that writes runs the hooks of "
            "what it writes: let it return when there is nothing left to do."
        )
        # What `before_` hooks are called for is not written, and nobody is left waiting.
        assert await visit.find().count() == (1 if hook == "after_save" else 0)
        async with asyncio.timeout(5):
            with pytest.raises(HookRecursionError):
                await visit().save()


async def test_models_that_save_each_other_without_end_are_an_error(home: ModelRegistry) -> None:
    class Ping:
        async def after_save(self, instance: Any) -> None:
            await (pong if type(instance) is ping else ping)().save()

    home.plugin("ping")(Ping)
    ping, pong = define(home, "ping"), define(home, "ping", name="Pong")
    async with connect("sqlite://", registry=home):
        with pytest.raises(HookRecursionError):
            await ping().save()


@pytest.mark.parametrize("operation", ["find", "update", "delete"])
async def test_hooks_of_queries_end_too(home: ModelRegistry, operation: str) -> None:
    async def run(self: Any, model: Any) -> None:
        await act(model)

    async def act(model: Any) -> None:
        if operation == "find":
            await model.find().count()
        elif operation == "update":
            await model.find().update({"$inc": {"saves": 1}})
        else:
            await model.find().delete()

    home.plugin("endless")(type("Endless", (), {f"before_{operation}": run}))
    visit = define(home, "endless")
    async with connect("sqlite://", registry=home):
        with pytest.raises(HookRecursionError, match=f"before_{operation} of 'endless'"):
            await act(visit)


async def test_an_endless_hook_is_found_through_tasks_that_it_waits_for(
    home: ModelRegistry,
) -> None:
    class Gathering:
        async def after_save(self, instance: Any) -> None:
            await asyncio.gather(instance.save())

    home.plugin("gathering")(Gathering)
    visit = define(home, "gathering")
    async with connect("sqlite://", registry=home):
        with pytest.raises(HookRecursionError):
            await visit().save()


async def test_a_chain_of_tasks_that_hooks_only_start_may_go_on(home: ModelRegistry) -> None:
    finished = asyncio.Event()
    tasks = set()

    class Starting:
        async def after_save(self, instance: Any) -> None:
            instance.saves += 1
            if instance.saves < 100:
                tasks.add(asyncio.create_task(later(instance)))
            else:
                finished.set()

    async def later(instance: Any) -> None:
        await asyncio.sleep(0)
        await instance.save()

    home.plugin("starting")(Starting)
    visit = define(home, "starting")
    async with connect("sqlite://", registry=home):
        await visit().save()
        async with asyncio.timeout(30):
            await finished.wait()
        assert await asyncio.gather(*tasks) == [None] * 99


async def test_many_tasks_at_once_are_no_nesting(home: ModelRegistry) -> None:
    class Slow:
        async def before_save(self, instance: Any) -> None:
            await asyncio.sleep(0.01)

    home.plugin("slow")(Slow)
    visit = define(home, "slow")
    async with connect("sqlite://", registry=home):
        await asyncio.gather(*(visit().save() for _ in range(100)))
        assert await visit.find().count() == 100
