"""An async listener hears each event in order, in the loop that subscribed, and keeps nobody waiting."""

import asyncio
import logging
import threading

import pytest

from earnorm import (
    ListenerLoopError,
    ModelRegistered,
    ModelRegistry,
    RegistryEvent,
)
from earnorm.plugins import PluginManager
from tests.model_registry.conftest import define
from tests.model_registry.test_listeners import stored


class Heard:
    """A listener that keeps what it hears, and lets others run meanwhile."""

    def __init__(self) -> None:
        self.events: list[RegistryEvent] = []
        self.threads: set[int] = set()

    async def __call__(self, event: RegistryEvent) -> None:
        self.threads.add(threading.get_ident())
        await asyncio.sleep(0)
        self.events.append(event)


async def test_closing_waits_until_all_is_heard(home: ModelRegistry) -> None:
    heard = Heard()
    async with home.subscribe(heard) as subscription:
        home.register_many(stored(50))
        assert heard.events == []
    assert heard.events == home.events()
    assert subscription.revision == home.events()[-1].revision
    define(home, "shop.After")
    await asyncio.sleep(0)
    assert len(heard.events) == 50
    await subscription.aclose()


async def test_what_happens_is_heard_while_the_loop_runs(home: ModelRegistry) -> None:
    heard = asyncio.Event()

    async def listen(event: ModelRegistered) -> None:
        heard.set()

    async with home.subscribe(listen, kinds=ModelRegistered):
        await asyncio.sleep(0)
        define(home, "shop.User")
        await asyncio.wait_for(heard.wait(), 10)


async def test_the_past_is_heard_first(home: ModelRegistry) -> None:
    home.register_many(stored(3))
    heard = Heard()
    async with home.subscribe(heard, since=home.events()[0].revision):
        define(home, "shop.User")
    assert heard.events == home.events()[1:]


async def test_what_other_threads_do_is_heard_in_the_loop_and_in_order(home: ModelRegistry) -> None:
    models, heard = stored(400), Heard()
    async with home.subscribe(heard), asyncio.TaskGroup() as group:
        for part in range(8):
            group.create_task(asyncio.to_thread(home.register_many, models[part::8]))
    assert len(heard.events) == 400
    assert heard.events == home.events()
    assert heard.threads == {threading.get_ident()}


async def test_an_async_listener_that_raises_goes_on(
    home: ModelRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[RegistryEvent] = []

    async def fails(event: RegistryEvent) -> None:
        heard.append(event)
        if len(heard) == 1:
            raise ValueError("no")
        if len(heard) == 2:
            gone = asyncio.get_running_loop().create_future()
            gone.cancel()
            await gone

    with caplog.at_level(logging.ERROR, logger="earnorm"):
        async with home.subscribe(fails) as subscription:
            home.register_many(stored(3))
    assert len(heard) == 3
    assert [failure.error for failure in subscription.failures] == [
        "ValueError('no')",
        "CancelledError()",
    ]
    assert "fails raised at event" in caplog.text


async def test_an_async_listener_may_change_the_registry(home: ModelRegistry) -> None:
    heard, answered = Heard(), asyncio.Event()

    async def listen(event: RegistryEvent) -> None:
        if event.model == "shop.Model0":
            define(home, "forum.Answer")
        await heard(event)
        if event.model == "forum.Answer":
            answered.set()

    async with home.subscribe(listen):
        home.register_many(stored(2))
        await asyncio.wait_for(answered.wait(), 10)
    assert heard.events == home.events()


async def test_an_async_listener_that_closes_itself_hears_nothing_more(home: ModelRegistry) -> None:
    heard: list[RegistryEvent] = []

    async def once(event: RegistryEvent) -> None:
        heard.append(event)
        await subscription.aclose()

    subscription = home.subscribe(once)
    home.register_many(stored(3))
    await subscription.aclose()
    assert len(heard) == 1


async def test_an_async_subscription_can_be_closed_without_waiting(home: ModelRegistry) -> None:
    heard = Heard()
    subscription = home.subscribe(heard)
    define(home, "shop.User")
    await asyncio.to_thread(subscription.close)
    await subscription.aclose()
    assert heard.events == []


async def test_an_async_listener_that_falls_behind_is_closed_and_told_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    home = ModelRegistry("small", manager=PluginManager("small"), events_kept=4)
    heard = Heard()
    with caplog.at_level(logging.ERROR, logger="earnorm"):
        async with home.subscribe(heard):
            home.register_many(stored(20))
    assert heard.events == []
    assert "is closed: events after revision 0 are not kept any more" in caplog.text


def test_a_loop_that_ends_takes_its_listeners_along(home: ModelRegistry) -> None:
    heard: list[RegistryEvent] = []

    async def main() -> None:
        first = asyncio.Event()

        async def listen(event: RegistryEvent) -> None:
            heard.append(event)
            first.set()

        home.subscribe(listen)
        define(home, "shop.User")
        await asyncio.wait_for(first.wait(), 10)

    asyncio.run(main())
    define(home, "shop.Order")
    assert [event.model for event in heard] == ["shop.User"]


def test_an_async_listener_needs_a_loop(home: ModelRegistry) -> None:
    with pytest.raises(ListenerLoopError, match="Subscribe within a coroutine"):
        home.subscribe(Heard())


async def test_an_async_subscription_is_closed_in_its_own_loop(home: ModelRegistry) -> None:
    async with home.subscribe(Heard()) as subscription:
        with pytest.raises(ListenerLoopError, match="belongs to another event loop"):
            await asyncio.to_thread(asyncio.run, subscription.aclose())
