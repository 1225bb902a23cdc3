"""Whoever listens to a registry hears each event once and in order, whatever else goes on."""

import logging
import threading
from typing import Any

import pytest

from earnorm import (
    ModelRegistered,
    ModelRegistry,
    ModelUnregistered,
    RegistryEvent,
)
from earnorm.plugins import PluginManager
from tests.model_registry.conftest import define


def stored(number: int) -> list[Any]:
    """Models of another registry, to be registered."""
    elsewhere = ModelRegistry("elsewhere", manager=PluginManager("elsewhere"))
    return [define(elsewhere, f"shop.Model{position}") for position in range(number)]


def test_a_listener_hears_what_happens_until_it_is_closed(home: ModelRegistry) -> None:
    seen: list[RegistryEvent] = []
    define(home, "shop.Before")
    subscription = home.subscribe(seen.append)
    define(home, "shop.User")
    subscription.close()
    subscription.close()
    define(home, "shop.After")
    assert [event.model for event in seen] == ["shop.User"]
    assert subscription.revision == seen[0].revision


def test_a_listener_hears_the_kinds_that_it_asked_for(home: ModelRegistry) -> None:
    seen: list[RegistryEvent] = []
    with home.subscribe(seen.append, kinds=ModelUnregistered):
        define(home, "shop.User")
        home.unregister("shop.User")
    assert seen == home.events()[1:]


def test_a_listener_hears_the_past_first(home: ModelRegistry) -> None:
    define(home, "shop.User")
    seen: list[RegistryEvent] = []
    with home.subscribe(seen.append, since=0):
        assert [event.model for event in seen] == ["shop.User"]
        define(home, "shop.Order")
    assert seen == home.events()


def test_a_listener_that_raises_disturbs_nobody(
    home: ModelRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(event: RegistryEvent) -> None:
        raise ValueError(f"not {event.model}")

    seen: list[RegistryEvent] = []
    with (
        caplog.at_level(logging.ERROR, logger="earnorm"),
        home.subscribe(fails) as failing,
        home.subscribe(seen.append),
    ):
        user = define(home, "shop.User")
        define(home, "shop.Order")
    assert user in home
    assert len(seen) == 2
    assert [(failure.revision, failure.error) for failure in failing.failures] == [
        (seen[0].revision, "ValueError('not shop.User')"),
        (seen[1].revision, "ValueError('not shop.Order')"),
    ]
    first = caplog.records[0]
    assert f"fails raised at event {seen[0].revision} (model_registered)" in first.getMessage()
    assert first.exc_info is not None
    assert first.__dict__["listener_failed"] is failing.failures[0]


def test_a_listener_may_change_the_registry(home: ModelRegistry) -> None:
    shadows = {model.__metadata__.key: model for model in stored(3)}
    orders: list[list[RegistryEvent]] = [[], []]

    def register_shadow(event: RegistryEvent) -> None:
        orders[0].append(event)
        if event.model == "forum.Start":
            for model in shadows.values():
                home.register(model)
        elif event.model in shadows and isinstance(event, ModelRegistered):
            home.unregister(event.model)

    with home.subscribe(register_shadow), home.subscribe(orders[1].append):
        define(home, "forum.Start")
        assert orders == [home.events(), home.events()]
    assert len(orders[0]) == 7


def test_a_listener_is_called_after_the_plugins_of_the_model(home: ModelRegistry) -> None:
    order: list[str] = []

    class Noting:
        def on_register(self, model: type) -> None:
            order.append("on_register")

    home.plugin("noting")(Noting)
    with home.subscribe(lambda event: order.append(event.kind)):
        define(home, "shop.User", Meta=type("Meta", (), {"plugins": ["noting"]}))
    assert order[:2] == ["on_register", "model_registered"]


def test_a_listener_may_wait_for_a_thread_that_registers(home: ModelRegistry) -> None:
    """It would wait forever if the registry's lock were held."""
    first, second = stored(2)
    seen: list[str | None] = []

    def listen(event: RegistryEvent) -> None:
        seen.append(event.model)
        if event.model == "shop.Model0":
            thread = threading.Thread(target=home.register, args=(second,))
            thread.start()
            thread.join(10)
            assert not thread.is_alive()

    with home.subscribe(listen):
        home.register_many([first])
    assert seen == ["shop.Model0", "shop.Model1"]


def test_a_listener_that_closes_itself_hears_nothing_more(home: ModelRegistry) -> None:
    seen: list[RegistryEvent] = []

    def once(event: RegistryEvent) -> None:
        seen.append(event)
        subscription.close()

    subscription = home.subscribe(once)
    home.register_many(stored(3))
    assert seen == home.events()[:1]


def test_a_listener_that_is_interrupted_leaves_a_whole_registry(home: ModelRegistry) -> None:
    def interrupt(event: RegistryEvent) -> None:
        raise KeyboardInterrupt

    with home.subscribe(interrupt), pytest.raises(KeyboardInterrupt):
        define(home, "shop.User")
    assert "shop.User" in home
    assert len(home.events()) == 1


def test_threads_that_register_at_once_are_heard_in_order(home: ModelRegistry) -> None:
    models = stored(400)
    heard: list[list[RegistryEvent]] = [[], []]
    start = threading.Barrier(9)

    def work(part: int) -> None:
        start.wait()
        for model in models[part::8]:
            home.register(model)
            home.unregister(model)
            home.register(model)

    threads = [threading.Thread(target=work, args=(part,)) for part in range(8)]
    with home.subscribe(heard[0].append):
        for thread in threads:
            thread.start()
        start.wait()
        with home.subscribe(heard[1].append, since=0):
            for thread in threads:
                thread.join()
    assert len(heard[0]) == 1200
    assert heard[0] == heard[1] == home.events()
    revisions = [event.revision for event in heard[0]]
    assert revisions == sorted(set(revisions))


def test_closing_waits_for_a_listener_that_another_thread_calls(home: ModelRegistry) -> None:
    inside, go_on = threading.Event(), threading.Event()
    seen: list[RegistryEvent] = []

    def slow(event: RegistryEvent) -> None:
        inside.set()
        go_on.wait(10)
        seen.append(event)

    subscription = home.subscribe(slow)
    thread = threading.Thread(target=home.register_many, args=(stored(3),))
    thread.start()
    inside.wait(10)
    closing = threading.Thread(target=subscription.close)
    closing.start()
    closing.join(0.05)
    assert closing.is_alive()
    go_on.set()
    closing.join(10)
    assert seen == home.events()
    thread.join(10)


def test_a_listener_that_falls_behind_what_is_kept_is_closed_and_told_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    home = ModelRegistry("small", manager=PluginManager("small"), events_kept=4)
    seen: list[RegistryEvent] = []
    with caplog.at_level(logging.ERROR, logger="earnorm"), home.subscribe(seen.append):
        home.register_many(stored(20))
        define(home, "forum.Start")
    assert seen == []
    assert "is closed: events after revision 0 are not kept any more" in caplog.text
