"""Who wants to know sees each call of a hook: who, for which model, how long, and what went wrong."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest

from earnorm import (
    HookObserver,
    HookStats,
    ModelRegistry,
    connect,
    hookimpl,
)
from earnorm.errors import PluginDefinitionError
from earnorm.plugins import HookCall, HookTotals
from tests.plugins.notes import define_note


class Slow:
    budget = 0.005

    async def before_save(self, instance: Any) -> None:
        await asyncio.sleep(0.01)


class Quick:
    def before_save(self, instance: Any) -> None:
        pass

    def after_save(self, instance: Any) -> None:
        if instance.text == "bad":
            raise ValueError("bad")


def by_hook(stats: HookStats) -> dict[tuple[str, str], HookTotals]:
    return {(one.call.plugin, one.call.hook): one for one in stats.totals()}


async def test_calls_errors_and_seconds_are_counted(home: ModelRegistry) -> None:
    home.plugin("slow")(Slow)
    home.plugin("quick")(Quick)
    note = define_note(home, "slow", "quick")
    async with connect("sqlite://", registry=home):
        with home.observe(HookStats()) as stats:
            await note.create(text="a")
            with pytest.raises(ValueError, match="bad"):
                await note.create(text="bad")
        await note.create(text="unseen")
    found = by_hook(stats)
    assert {key: (one.calls, one.errors, one.slow) for key, one in found.items()} == {
        ("slow", "before_save"): (2, 0, 2),
        ("quick", "before_save"): (2, 0, 0),
        ("quick", "after_save"): (2, 1, 0),
    }
    slow = found["slow", "before_save"]
    assert stats.totals()[0] == slow
    assert slow.seconds >= 0.02
    assert 0.01 <= slow.longest <= slow.seconds
    assert slow.call == HookCall(
        plugin="slow",
        source="this process",
        hook="before_save",
        model=note.__metadata__.key,
        budget=0.005,
    )


async def test_models_are_told_apart(home: ModelRegistry) -> None:
    home.plugin("quick")(Quick)
    note, letter = define_note(home, "quick"), define_note(home, "quick", name="Letter")
    async with connect("sqlite://", registry=home):
        with home.observe(HookStats()) as stats:
            await note.insert_many([note(text="a"), note(text="b")])
            await letter.create(text="a")
    calls = {one.call.model: one.calls for one in stats.totals() if one.call.hook == "after_save"}
    assert calls == {note.__metadata__.key: 2, letter.__metadata__.key: 1}


async def test_a_model_that_is_defined_later_is_seen_too(home: ModelRegistry) -> None:
    stats = HookStats()
    observation = home.observe(stats)
    home.plugin("quick")(Quick)
    home.plugin("other")(type("Other", (), {"on_register": lambda self, model: None}))
    define_note(home, "quick", "other")
    assert [one.call.hook for one in stats.totals()] == ["on_register"]
    observation.stop()
    observation.stop()
    define_note(home, "other", name="Letter")
    assert [one.calls for one in stats.totals()] == [1]


async def test_a_wrapper_counts_without_what_it_is_round(home: ModelRegistry) -> None:
    class Round:
        @hookimpl(wrapper=True)
        def before_save(self, instance: Any) -> Generator[None, None, None]:
            yield

    class AsyncRound:
        @hookimpl(wrapper=True)
        async def before_save(self, instance: Any) -> AsyncGenerator[None, None]:
            await asyncio.sleep(0.002)
            yield
            await asyncio.sleep(0.002)

    home.plugin("round")(Round)
    home.plugin("around")(AsyncRound)
    home.plugin("slow")(Slow)
    note = define_note(home, "round", "around", "slow")
    async with connect("sqlite://", registry=home):
        with home.observe(HookStats()) as stats:
            await note.create(text="a")
    found = by_hook(stats)
    assert found["round", "before_save"].seconds < 0.005
    assert 0.004 <= found["around", "before_save"].seconds < 0.012


async def test_an_error_counts_for_whoever_raised_it(home: ModelRegistry) -> None:
    class Round:
        @hookimpl(wrapper=True)
        def after_save(self, instance: Any) -> Generator[None, None, None]:
            yield

    home.plugin("round")(Round)
    home.plugin("quick")(Quick)
    note = define_note(home, "round", "quick")
    async with connect("sqlite://", registry=home):
        with home.observe(HookStats()) as stats, pytest.raises(ValueError, match="bad") as caught:
            await note.create(text="bad")
    found = by_hook(stats)
    assert (found["round", "after_save"].errors, found["quick", "after_save"].errors) == (0, 1)
    assert any("plugin 'quick'" in one for one in caught.value.__notes__)


async def test_the_hooks_of_queries_commits_and_databases_are_seen(home: ModelRegistry) -> None:
    class Many:
        def narrow_query(self, model: type) -> None:
            return None

        def after_commit(self, writes: Any) -> None:
            pass

        def on_disconnect(self, database: Any) -> None:
            pass

    home.plugin("many")(Many)
    note = define_note(home, "many")
    with home.observe(HookStats()) as stats:
        async with connect("sqlite://", registry=home):
            await note.create(text="a")
            await note.find()
    found = by_hook(stats)
    assert found["many", "narrow_query"].calls >= 1
    assert found["many", "after_commit"].call.model == note.__metadata__.key
    assert found["many", "on_disconnect"].call.model is None


async def test_several_observers_see_the_same(home: ModelRegistry) -> None:
    class Picky(HookObserver):
        def __init__(self) -> None:
            self.seen: list[str] = []

        def recorder(self, call: HookCall) -> Any:
            if call.hook != "before_save":
                return None
            return lambda seconds, error: self.seen.append(call.plugin)

    home.plugin("quick")(Quick)
    note, picky = define_note(home, "quick"), Picky()
    async with connect("sqlite://", registry=home):
        with home.observe(picky), home.observe(HookStats()) as stats, home.observe(HookObserver()):
            await note.create(text="a")
    assert picky.seen == ["quick"]
    assert by_hook(stats)["quick", "after_save"].calls == 1


async def test_statistics_begin_anew(home: ModelRegistry) -> None:
    home.plugin("quick")(Quick)
    note = define_note(home, "quick")
    async with connect("sqlite://", registry=home):
        with home.observe(HookStats()) as stats:
            await note.create(text="a")
            stats.clear()
            assert stats.totals() == []
            await note.create(text="a")
    assert {one.calls for one in stats.totals()} == {1}


def test_unobserved_plans_are_what_they_were(home: ModelRegistry) -> None:
    home.plugin("quick")(Quick)
    note = define_note(home, "quick")
    kind = type(note.__plans__.before_save)
    with home.observe(HookStats()):
        assert type(note.__plans__.before_save) is not kind
    assert type(note.__plans__.before_save) is kind


@pytest.mark.parametrize("budget", [0, -1, "fast", True, float("nan")])
def test_a_budget_is_a_number_of_seconds(home: ModelRegistry, budget: Any) -> None:
    with pytest.raises(PluginDefinitionError, match="budget must be a number of seconds"):
        home.plugin("odd")(type("Odd", (), {"budget": budget}))
