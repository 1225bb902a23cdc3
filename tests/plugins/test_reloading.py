"""Plugins whose module is loaded again."""

import sys
from importlib import import_module, reload
from pathlib import Path
from types import ModuleType

import pytest

from earnorm import (
    ModelRegistry,
    PluginConflictError,
    PluginDefinitionError,
    PluginOrderError,
    PluginReplacedWarning,
    UnknownPluginError,
    connect,
)
from tests.plugins.notes import define_note

_SOURCE = """
from earnorm import PluginFields, StringField
from tests.plugins.test_reloading import home

class Mixin(PluginFields, plugin="loud"):
    volume = StringField(required=False)

@home.plugin("loud")
class Loud:
    {body}
"""
home: ModelRegistry
"""What the module of the plugin registers it on."""


class Module:
    """The source file of a plugin, which is edited and loaded again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.loaded: ModuleType | None = None

    def load(self, body: str) -> None:
        self._path.write_text(_SOURCE.format(body=body))
        self.loaded = import_module("loud_plugin") if self.loaded is None else reload(self.loaded)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Module:
    global home  # noqa: PLW0603 # the module has to find it
    home = ModelRegistry("a test")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "loud_plugin", raising=False)
    return Module(tmp_path / "loud_plugin.py")


_UPPER = "def before_save(self, instance): instance.text = instance.text.upper()"
_SHOUT = "async def before_save(self, instance): instance.text += '!'"


async def test_a_reloaded_plugin_runs_in_every_model_that_has_it(module: Module) -> None:
    module.load(_UPPER)
    note, letter = define_note(home, "loud"), define_note(home, "loud", name="Letter")
    async with connect("sqlite://", registry=home):
        assert (await note.create(text="a")).text == "A"
        with pytest.warns(
            PluginReplacedWarning, match="'loud', loud_plugin.Loud, was defined again"
        ):
            module.load(_SHOUT)
        assert (await note.create(text="a")).text == "a!"
        assert (await letter.create(text="a")).text == "a!"
        assert (await define_note(home, "loud", name="Late").create(text="a")).text == "a!"


@pytest.mark.parametrize(
    ("body", "error", "told"),
    [
        ("def before_svae(self, instance): pass", PluginDefinitionError, "before_svae"),
        ("conflicts = ['quiet']", PluginConflictError, "quiet"),
        ("after = ['quiet']; before = ['quiet']", PluginOrderError, "quiet"),
        ("requires = {'absent': '>=1'}", UnknownPluginError, "absent"),
    ],
)
async def test_a_reload_that_fails_leaves_all_as_it_was(
    module: Module, body: str, error: type[Exception], told: str
) -> None:
    home.plugin("quiet")(type("Quiet", (), {}))
    module.load(_UPPER)
    note = define_note(home, "loud", "quiet")
    with pytest.raises(error, match=told):
        module.load(body)
    async with connect("sqlite://", registry=home):
        assert (await note.create(text="a")).text == "A"


_CONTRIBUTING = "def contribute_fields(self, model): return Mixin"


@pytest.mark.parametrize(("first", "second"), [(_CONTRIBUTING, _UPPER), (_UPPER, _CONTRIBUTING)])
def test_what_models_were_built_with_is_not_changed_silently(
    module: Module, first: str, second: str
) -> None:
    module.load(first)
    note = define_note(home, "loud")
    with pytest.raises(
        PluginConflictError, match="Note were built with the fields, indexes or options"
    ):
        module.load(second)
    home.unregister(note)
    with pytest.warns(PluginReplacedWarning):
        module.load(second)


def test_a_plugin_that_no_model_has_is_replaced(module: Module) -> None:
    module.load(_CONTRIBUTING)
    with pytest.warns(PluginReplacedWarning):
        module.load(_UPPER)
    assert not hasattr(define_note(home, "loud"), "volume")


def test_another_class_may_not_take_the_name(module: Module) -> None:
    module.load(_UPPER)

    class Loud:
        def before_save(self) -> None: ...

    with pytest.raises(PluginConflictError, match="is registered on a test"):
        home.plugin("loud")(Loud)
