"""A plugin that could never work says so when it is registered, with what to do."""

import warnings
from collections.abc import AsyncGenerator, Generator

import pluggy
import pytest

from earnorm.errors import PluginDefinitionError
from earnorm.plugins import PluginManager, hookimpl


class Misspelt:
    def befor_save(self, instance: object) -> None: ...


class Invented:
    def on_saved(self, instance: object) -> None: ...


class MarkedAstray:
    @hookimpl
    def stamp(self, instance: object) -> None: ...


class WrongArgument:
    def before_save(self, instnce: object) -> None: ...


class Awaiting:
    async def on_register(self, model: type) -> None: ...


class AwaitingFields:
    async def contribute_fields(self, model: type) -> None: ...


class UnmarkedGenerator:
    def before_save(self, instance: object) -> Generator[None, None, None]:
        yield


class UnmarkedAsyncGenerator:
    async def before_save(self, instance: object) -> AsyncGenerator[None, None]:
        yield


class WrapperWithoutYield:
    @hookimpl(wrapper=True)
    def before_save(self, instance: object) -> None: ...


class WrapperOfASyncHook:
    @hookimpl(wrapper=True)
    def on_register(self, model: type) -> Generator[None, None, None]:
        yield


class OldStyle:
    @pluggy.HookimplMarker("earnorm")(hookwrapper=True)
    def before_save(self, instance: object) -> Generator[None, None, None]:
        yield


class BadRequires:
    requires = ["timestamp"]


class BadRange:
    requires = {"timestamp": "newest"}


class BadAfter:
    after = "timestamp"


class BadApi:
    api = "one"


CASES = [
    (Misspelt, "'befor_save' looks like a hook.*Did you mean 'before_save'"),
    (Invented, "'on_saved' looks like a hook, and there is no such hook"),
    (MarkedAstray, "'stamp' looks like a hook"),
    (WrongArgument, "asks for 'instnce', which this hook does not pass. It passes 'instance'"),
    (Awaiting, "'on_register' is 'async def', and it runs where nothing can be awaited"),
    (AwaitingFields, "'contribute_fields' is 'async def'"),
    (UnmarkedGenerator, "holds a yield, so it would never run. Mark it @hookimpl"),
    (UnmarkedAsyncGenerator, "holds a yield, so it would never run"),
    (WrapperWithoutYield, "is marked as a wrapper and has no yield"),
    (WrapperOfASyncHook, "'on_register' takes no wrappers"),
    (OldStyle, "old-style hookwrapper. Mark it @hookimpl"),
    (BadRequires, "requires must map plugin names to version ranges"),
    (BadRange, "must be a version range such as"),
    (BadAfter, "after must be a list of plugin names"),
    (BadApi, "api must be a version range"),
]


@pytest.mark.parametrize(("plugin", "message"), CASES, ids=[plugin.__name__ for plugin, _ in CASES])
def test_a_plugin_that_could_never_work_is_refused(plugin: type, message: str) -> None:
    manager = PluginManager("a test")
    with pytest.raises(PluginDefinitionError, match=message) as caught:
        manager.register("faulty", plugin)
    assert caught.value.plugin == "faulty"
    assert isinstance(caught.value, TypeError)
    assert manager.registered() == []


def test_a_refused_name_is_free_for_the_mended_plugin() -> None:
    manager = PluginManager("a test")
    with pytest.raises(PluginDefinitionError):
        manager.register("stamp", Misspelt)

    class Mended:
        def before_save(self, instance: object) -> None: ...

    manager.register("stamp", Mended)
    assert [plugin.name for plugin in manager.registered()] == ["stamp"]


def test_names_that_are_no_typo_pass() -> None:
    class Plain:
        setting = 3

        def __init__(self) -> None:
            self.on_fire = False

        def helper(self) -> None: ...

        def save_before_lunch(self) -> None: ...

        def _before_sav(self) -> None: ...

        @hookimpl(optionalhook=True)
        def before_teleport(self, instance: object) -> None: ...

    PluginManager("a test").register("plain", Plain)


def test_registering_never_runs_a_property() -> None:
    class Dangerous:
        @property
        def before_lunch(self) -> None:
            raise AssertionError("a property ran")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        PluginManager("a test").register("dangerous", Dangerous)
