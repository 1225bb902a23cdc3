"""Plugins found as installed distributions, and every way in which that goes wrong."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    ModelRegistry,
    PluginConflictError,
    PluginDefinitionError,
    PluginFaultsError,
    PluginLoadError,
    PluginNotEnabledError,
    PluginOrderError,
    PluginShadowedWarning,
    StringField,
    UnknownPluginError,
    connect,
)
from earnorm import registry as default_registry
from earnorm.plugins import Catalogue, PluginManager

Install = Callable[..., None]

HELLO = """
class Hello:
    def before_save(self, instance):
        instance.greeting = "hello"
"""


@pytest.fixture
def home() -> ModelRegistry:
    """A registry whose installed plugins are its own, so that tests leave nothing behind."""
    return ModelRegistry("a test", manager=PluginManager("a test"))


def define(home: ModelRegistry, *plugins: str) -> type[BaseModel]:
    meta = type("Meta", (), {"plugins": list(plugins)})
    namespace = {"name": StringField(), "Meta": meta, "__module__": "shop", "__qualname__": "User"}
    return type("User", (BaseModel,), namespace, registry=home)


def test_an_installed_plugin_is_imported_when_a_model_names_it(
    install: Install, home: ModelRegistry
) -> None:
    install("acme-hello", {"hello": "acme_hello:Hello"}, HELLO, version="2.1")
    install("acme-other", {"other": "acme_other:Hello"}, HELLO)
    user = define(home, "hello")
    (info,) = user.__metadata__.plugins
    assert (info.name, info.distribution, info.version) == ("hello", "acme-hello", "2.1")
    assert "acme_hello" in sys.modules
    assert "acme_other" not in sys.modules


def test_a_plugin_may_be_a_module_or_an_object(install: Install, home: ModelRegistry) -> None:
    install("acme-module", {"module": "acme_module"}, "def before_save(instance): ...\n")
    install("acme-object", {"object": "acme_object:plugin"}, HELLO + "plugin = Hello()\n")
    user = define(home, "module", "object")
    assert [len(plugin.implementations) for plugin in user.__plans__.plugins] == [1, 1]


def test_an_unknown_name_lists_what_is_near_and_what_to_do(
    install: Install, home: ModelRegistry
) -> None:
    install("acme-hello", {"hello": "acme_hello:Hello"}, HELLO)
    with pytest.raises(UnknownPluginError) as caught:
        define(home, "helo")
    message = str(caught.value)
    assert message.startswith(
        "shop.User names the plugin 'helo', which no installed distribution advertises"
    )
    assert "Did you mean 'hello' (acme-hello 1.0)?" in message
    assert "Install the distribution that provides it with pip" in message
    assert isinstance(caught.value, LookupError)
    assert "User" not in [model.__name__ for model in home.get_all_models()]


def test_a_plugin_that_fails_to_import_is_named_with_its_distribution(
    install: Install, home: ModelRegistry
) -> None:
    install(
        "acme-broken", {"broken": "acme_broken:Broken"}, "import nowhere_to_be_found\n", version="3"
    )
    with pytest.raises(
        PluginLoadError, match=r"shop\.User: the plugin 'broken' from acme-broken 3 "
    ) as caught:
        define(home, "broken")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    assert "Mend or upgrade acme-broken" in str(caught.value)


def test_an_entry_point_without_its_attribute_is_told(
    install: Install, home: ModelRegistry
) -> None:
    install("acme-hello", {"hello": "acme_hello:Helo"}, HELLO)
    with pytest.raises(PluginLoadError, match="cannot be found: .*no attribute 'Helo'"):
        define(home, "hello")


def test_a_class_that_wants_arguments_is_told(install: Install, home: ModelRegistry) -> None:
    install(
        "acme-greedy",
        {"greedy": "acme_greedy:Greedy"},
        "class Greedy:\n  def __init__(self, x): ...\n",
    )
    with pytest.raises(PluginLoadError, match="could not be instantiated without arguments"):
        define(home, "greedy")


def test_a_plugin_that_ends_the_program_is_a_fault_like_any_other(
    install: Install, home: ModelRegistry
) -> None:
    install("acme-quitter", {"quitter": "acme_quitter:Q"}, "raise SystemExit(3)\n")
    with pytest.raises(PluginLoadError, match=r"failed to import: SystemExit\(3\)"):
        define(home, "quitter")


def test_an_installation_without_metadata_breaks_nobody_elses_message(
    install: Install, home: ModelRegistry, tmp_path: Path
) -> None:
    install("acme-bare", {"bare": "acme_bare:Hello"}, HELLO)
    (tmp_path / "acme_bare-1.0.dist-info" / "METADATA").unlink()
    with pytest.raises(
        UnknownPluginError, match=r"Did you mean 'bare' \(a distribution without metadata"
    ):
        define(home, "bar")


def test_two_distributions_with_one_name_are_both_named(
    install: Install, home: ModelRegistry
) -> None:
    install("acme-hello", {"hello": "acme_hello:Hello"}, HELLO)
    install("other-hello", {"hello": "other_hello:Hello"}, HELLO)
    with pytest.raises(
        PluginConflictError,
        match=r"acme-hello 1\.0 .* and other-hello 1\.0 .*Uninstall all but one",
    ):
        define(home, "hello")


def test_an_installed_plugin_with_a_misspelt_hook_is_refused_at_the_class_line(
    install: Install, home: ModelRegistry
) -> None:
    install(
        "acme-typo",
        {"typo": "acme_typo:Typo"},
        "class Typo:\n  def befor_save(self, instance): ...\n",
    )
    with pytest.raises(
        PluginDefinitionError, match=r"'typo' from acme-typo 1\.0: 'befor_save' looks like a hook"
    ):
        define(home, "typo")


def test_a_mended_plugin_works_at_the_next_class_line(
    install: Install, home: ModelRegistry, tmp_path: Any
) -> None:
    install("acme-hello", {"hello": "acme_hello:Hello"}, "raise RuntimeError('not today')\n")
    with pytest.raises(PluginLoadError):
        define(home, "hello")
    (tmp_path / "acme_hello.py").write_text(HELLO)
    assert define(home, "hello").__metadata__.plugins[0].name == "hello"


def test_the_scan_is_made_once_and_on_the_first_name_that_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scans = []

    class Counting(Catalogue):
        def all(self) -> Any:
            if self._found is None:
                scans.append(1)
            return super().all()

    counting = Counting()
    home = ModelRegistry("a test", manager=PluginManager("a test", catalogue=counting))
    define(home)
    assert scans == []
    for _ in range(3):
        with pytest.raises(UnknownPluginError):
            define(home, "nobody_has_this")
    assert scans == [1]


def test_a_plugins_own_model_must_not_name_the_plugin(
    install: Install, home: ModelRegistry
) -> None:
    source = """
from earnorm import BaseModel, StringField
import acme_home
class Entry(BaseModel, registry=acme_home.home):
    class Meta:
        plugins = ["ring"]
class Ring:
    pass
"""
    module: Any = type(sys)("acme_home")
    module.home = home
    sys.modules["acme_home"] = module
    try:
        install("acme-ring", {"ring": "acme_ring:Ring"}, source)
        with pytest.raises(PluginLoadError) as caught:
            define(home, "ring")
        assert "shop.User -> ring -> acme_ring.Entry" in f"{caught.value} {caught.value.__cause__}"
    finally:
        del sys.modules["acme_home"]


def test_threads_that_name_one_plugin_get_the_same_one(
    install: Install, home: ModelRegistry
) -> None:
    source = "import time\ntime.sleep(0.05)\n" + HELLO
    install("acme-slow", {"slow": "acme_slow:Hello"}, source)
    found: list[Any] = []

    def resolve() -> None:
        found.extend(home.plugins.resolve(["slow"], model="M").plugins)

    threads = [threading.Thread(target=resolve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 4
    assert len(set(map(id, found))) == 1


def test_a_decorated_plugin_is_found_before_an_installed_one_with_a_warning(
    install: Install, home: ModelRegistry
) -> None:
    install("acme-hello", {"hello": "acme_hello:Hello"}, HELLO)
    with pytest.warns(
        PluginShadowedWarning,
        match=r"'hello' registered on a test takes the place.*acme-hello 1\.0",
    ):

        @home.plugin("hello")
        class Mine:
            pass

    (info,) = define(home, "hello").__metadata__.plugins
    assert info.distribution is None
    assert "acme_hello" not in sys.modules


def test_a_name_that_a_model_has_resolved_cannot_be_taken(
    install: Install, home: ModelRegistry
) -> None:
    install("acme-hello", {"hello": "acme_hello:Hello"}, HELLO)
    define(home, "hello")
    with pytest.raises(PluginConflictError, match="has resolved the plugin name 'hello' already"):

        @home.plugin("hello")
        class Late:
            pass


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        ("", UnknownPluginError),
        ("    requires = {'other': '>=9'}\n", PluginFaultsError),
        ("    after = ['other']\n", PluginOrderError),
    ],
    ids=["an unknown name beside it", "a version and an order", "order"],
)
def test_a_class_line_that_failed_takes_no_name(
    install: Install, home: ModelRegistry, declared: str, fault: type[Exception]
) -> None:
    install("acme-hello", {"hello": "acme_hello:Hello"}, HELLO + declared)
    install("acme-other", {"other": "acme_other:Hello"}, HELLO + "    after = ['hello']\n")
    child = ModelRegistry("a child", manager=PluginManager("a child", parent=home.plugins))
    names = ["hello", "other"] if declared else ["hello", "nobody_has_this"]
    with pytest.raises(fault):
        define(child, *names)
    for registry in (home, child):
        with pytest.warns(PluginShadowedWarning):
            registry.plugin("hello")(type("Mine", (), {}))
    assert define(child, "hello").__metadata__.plugins[0].distribution is None


def test_a_name_that_a_model_of_a_child_has_resolved_is_taken_in_both(
    install: Install, home: ModelRegistry
) -> None:
    install("acme-hello", {"hello": "acme_hello:Hello"}, HELLO)
    child = ModelRegistry("a child", manager=PluginManager("a child", parent=home.plugins))
    define(child, "hello")
    for registry in (home, child):
        with pytest.raises(PluginConflictError, match="has resolved the plugin name 'hello'"):
            registry.plugin("hello")(type("Mine", (), {}))


def test_a_name_is_registered_once(home: ModelRegistry) -> None:
    home.plugin("mine")(type("One", (), {}))
    with pytest.raises(PluginConflictError, match="'mine' is registered on a test already"):
        home.plugin("mine")(type("Two", (), {}))


def test_a_name_that_another_registry_has_is_said_to_be_there(home: ModelRegistry) -> None:
    elsewhere = ModelRegistry("the tenants' registry")
    elsewhere.plugin("only_there")(type("Plugin", (), {}))
    with pytest.raises(UnknownPluginError, match="Another registry has it .the tenants' registry"):
        define(home, "only_there")


def test_a_registry_falls_back_on_the_plugins_of_the_default_one() -> None:
    name = "of_the_default_registry"
    default_registry.plugin(name)(type("Plugin", (), {}))
    assert define(ModelRegistry(), name).__metadata__.plugins[0].name == name


async def test_widen_and_skip_hooks_refuse_a_plugin_that_is_not_enabled(
    home: ModelRegistry,
) -> None:

    user = define(home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(PluginNotEnabledError, match="does not enable the plugin 'softdelete'"):
            await user.find().widen("softdelete")
        with pytest.raises(PluginNotEnabledError):
            await user.find().update({"$set": {"name": "x"}}, skip_hooks=["softdelete"])
