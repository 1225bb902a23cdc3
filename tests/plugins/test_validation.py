"""A plugin that could never work says so when it is registered, with what to do."""

import types
import warnings
from collections.abc import AsyncGenerator, Generator
from functools import cached_property, lru_cache, partial, partialmethod
from typing import Any

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


def stamp(instance: object, format: str = "iso") -> None: ...


class Stamper:
    def __call__(self, instance: object) -> None: ...


class PartialMethod:
    def _stamp(self, format: str, instance: object) -> None: ...

    before_save = partialmethod(_stamp, "iso")


class Partial:
    before_save = partial(stamp, format="iso")


class StaticPartial:
    before_save = staticmethod(partial(stamp, format="iso"))


class Cached:
    @lru_cache  # noqa: B019 # a plugin lives as long as the process
    def narrow_query(self, model: type) -> None: ...


class MarkedCached:
    @lru_cache  # noqa: B019 # a plugin lives as long as the process
    @hookimpl(specname="narrow_query")
    def narrow(self, model: type) -> None: ...


class CallableObject:
    before_save = Stamper()


class CallableOfTheInstance:
    def __init__(self) -> None:
        self.before_save = Stamper()


class AClass:
    before_save = Stamper


class Property:
    @property
    def before_save(self) -> None:
        raise AssertionError("a property ran")


class CachedProperty:
    @cached_property
    def before_save(self) -> None:
        raise AssertionError("a property ran")


class MisspeltPartial:
    befor_save = partial(stamp)


class InventedPartialMethod:
    def _stamp(self) -> None: ...

    on_saved = partialmethod(_stamp)


class StarArguments:
    def before_save(self, *args: Any) -> None: ...


class StarKeywords:
    def after_update(self, model: type, **kwargs: Any) -> None: ...


class UnknownKeywordOnly:
    def before_save(self, *, instnce: object) -> None: ...


class UnknownPositionalOnly:
    def before_save(self, instnce: object, /) -> None: ...


class UnreachablePositionalOnly:
    def after_update(self, verbose: bool = False, matched: int = 0, /) -> None: ...


class Require:
    require = {"timestamp": ">=1"}


class Required:
    required = {"timestamp": ">=1"}


class Conflict:
    conflict = ["timestamp"]


class Afters:
    afters = ["timestamp"]


class IgnoreQueryWrites:
    def __init__(self) -> None:
        self.ignore_query_writes = True


class RequireProperty:
    @property
    def require(self) -> None:
        raise AssertionError("a property ran")


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
    (
        PartialMethod,
        "'before_save' is a partialmethod, and hooks are methods written with def. Write",
    ),
    (Partial, "'before_save' is a partial, and"),
    (StaticPartial, "'before_save' is a staticmethod of a partial, and"),
    (Cached, "'narrow_query' is a lru_cache_wrapper, and"),
    (MarkedCached, "'narrow' is a lru_cache_wrapper, and"),
    (CallableObject, "'before_save' is a Stamper, and"),
    (CallableOfTheInstance, "'before_save' is a Stamper, and"),
    (AClass, "'before_save' is a type, and"),
    (Property, "'before_save' is a property, and"),
    (CachedProperty, "'before_save' is a cached_property, and"),
    (MisspeltPartial, "'befor_save' looks like a hook.*Did you mean 'before_save'"),
    (InventedPartialMethod, "'on_saved' looks like a hook, and there is no such hook"),
    (StarArguments, r"takes '\*args.*names. Name what it wants. It passes 'instance'"),
    (StarKeywords, r"takes '\*\*kwargs.*It passes 'model', 'filter', 'update', 'matched'"),
    (UnknownKeywordOnly, "asks for 'instnce', which this hook does not pass"),
    (UnknownPositionalOnly, "asks for 'instnce', which this hook does not pass"),
    (UnreachablePositionalOnly, "takes 'matched' by position only.*Remove the '/'"),
    (Require, "'require' looks like 'requires', which a plugin declares.*Rename it to 'requires'"),
    (Required, "'required' looks like 'requires'"),
    (Conflict, "'conflict' looks like 'conflicts'"),
    (Afters, "'afters' looks like 'after'"),
    (IgnoreQueryWrites, "'ignore_query_writes' looks like 'ignores_query_writes'"),
    (RequireProperty, "'require' looks like 'requires'"),
    (BadRequires, "requires must map plugin names to version ranges"),
    (BadRange, "must be a version range such as"),
    (BadAfter, "after must be a list of names"),
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
        app = "api is too short for a typo"
        faster = True
        conforms = True
        on_error = ValueError
        before_delete = None  # takes back what a base class implements

        def __init__(self) -> None:
            self.on_fire = False

        def require(self) -> None: ...

        def helper(self) -> None: ...

        def save_before_lunch(self) -> None: ...

        def _before_sav(self) -> None: ...

        @hookimpl(optionalhook=True)
        def before_teleport(self, instance: object) -> None: ...

    assert PluginManager("a test").register("plain", Plain).implementations == {}


def test_registering_never_runs_a_property() -> None:
    class Dangerous:
        @property
        def before_lunch(self) -> None:
            raise AssertionError("a property ran")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resolved = PluginManager("a test").register("dangerous", Dangerous)
    assert resolved.implementations == {}


def module(**contents: Any) -> types.ModuleType:
    made = types.ModuleType("a_plugin")
    vars(made).update(contents)
    return made


def test_what_a_module_imports_is_no_typo() -> None:
    plugin = module(on_saved=partial(stamp), after_lunch=stamp)
    assert PluginManager("a test").register("module", plugin).implementations == {}


def test_a_module_is_held_against_the_hooks_as_well() -> None:
    with pytest.raises(PluginDefinitionError, match="'before_save' is a partial"):
        PluginManager("a test").register("module", module(before_save=partial(stamp)))


def test_an_imported_hook_is_checked_like_any_other() -> None:
    async def narrow_query(model: type) -> None: ...

    narrow_query.__module__ = "elsewhere"
    with pytest.raises(PluginDefinitionError, match="'narrow_query' is 'async def'"):
        PluginManager("a test").register("module", module(narrow_query=narrow_query))


def test_a_bound_method_is_an_implementation() -> None:
    plugin = module(before_save=Stamper().__call__)
    assert "before_save" in PluginManager("a test").register("module", plugin).implementations


def test_a_class_that_wants_arguments_is_told_with_the_cause() -> None:
    class Greedy:
        def __init__(self, url: str) -> None: ...

    manager = PluginManager("a test")
    with pytest.raises(
        PluginDefinitionError,
        match="'greedy' from this process: the class could not be instantiated",
    ) as caught:
        manager.register("greedy", Greedy)
    assert isinstance(caught.value.__cause__, TypeError)
    assert "register an object" in str(caught.value)
    manager.register("greedy", Greedy("url"))
