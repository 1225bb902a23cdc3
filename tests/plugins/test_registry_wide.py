"""Plugins that a registry gives to all of its models, and those that they have for a while."""

from typing import Any

import pytest

from earnorm import (
    EmbeddedModel,
    IntegerField,
    ModelRegistry,
    PluginDefinitionError,
    PluginFields,
    StringField,
    UnknownPluginError,
    connect,
)
from earnorm.errors import PluginConflictError
from earnorm.plugins import PluginManager
from tests.plugins.notes import define_note


class TimesOptions(EmbeddedModel):
    times = IntegerField(default=1)


class Exclaim:
    Options = TimesOptions

    def __init__(self, options: TimesOptions) -> None:
        self.end = "!" * options.times

    def before_save(self, instance: Any) -> None:
        instance.text += self.end


def wide(**given: Any) -> ModelRegistry:
    home = ModelRegistry("a test", plugins=["exclaim"], **given)
    home.plugin("exclaim")(Exclaim)
    return home


def names(model: Any) -> list[str]:
    return [plugin.name for plugin in model.__plans__.plugins]


def test_every_model_at_home_has_the_plugins_of_the_registry() -> None:
    home = wide()
    home.plugin("own")(type("Own", (), {}))
    note = define_note(home, "own")
    assert names(note) == ["exclaim", "own"]
    assert note.__metadata__.registry_plugins == ("exclaim",)
    assert names(define_note(home, "own", "exclaim", name="Twice")) == ["exclaim", "own"]


async def test_options_of_the_registry_hold_where_a_model_says_nothing() -> None:
    home = wide(plugin_options={"exclaim": {"times": 2}, "nobody": {"a": 1}})
    note = define_note(home)
    loud = define_note(home, options={"exclaim": {"times": 3}}, name="Loud")
    async with connect("sqlite://", registry=home):
        assert (await note.create(text="a")).text == "a!!"
        assert (await loud.create(text="a")).text == "a!!!"


def test_a_plugin_of_the_registry_that_nobody_provides_is_an_error_of_the_model() -> None:
    with pytest.raises(UnknownPluginError, match="Note names the plugin 'nobody'"):
        define_note(ModelRegistry("a test", plugins=["nobody"]))


@pytest.mark.parametrize("plugins", ["exclaim", [3]])
def test_names_are_a_list_of_strings(plugins: Any) -> None:
    with pytest.raises(TypeError, match="as a list of strings"):
        ModelRegistry("a test", plugins=plugins)


class Whisper:
    def before_save(self, instance: Any) -> None:
        instance.text = instance.text.lower()


async def test_for_a_while_every_model_runs_another_plugin_too() -> None:
    home = wide()
    note = define_note(home)
    async with connect("sqlite://", registry=home):
        with home.temporary("whisper", Whisper):
            assert names(note) == ["exclaim", "whisper"]
            assert (await note.create(text="A")).text == "a!"
        assert (await note.create(text="A")).text == "A!"


async def test_for_a_while_a_plugin_takes_the_place_of_another() -> None:
    home = wide()
    note = define_note(home)
    async with connect("sqlite://", registry=home):
        with home.temporary("exclaim", Whisper()):
            assert (await note.create(text="A")).text == "a"
        assert (await note.create(text="A")).text == "A!"


def test_an_error_in_the_block_ends_it() -> None:
    home = wide()
    note = define_note(home)
    before = note.__plans__
    with pytest.raises(RuntimeError), home.temporary("whisper", Whisper):
        raise RuntimeError
    assert note.__plans__ is before


def test_blocks_nest() -> None:
    home = wide()
    note = define_note(home)
    with home.temporary("one", Whisper):
        with home.temporary("two", Whisper):
            assert names(note) == ["exclaim", "one", "two"]
        assert names(note) == ["exclaim", "one"]
    assert names(note) == ["exclaim"]


def test_a_plugin_that_does_not_fit_changes_no_model() -> None:
    home = wide()
    first, second = define_note(home), define_note(home, name="Second")
    before = first.__plans__
    rude = type("Rude", (), {"conflicts": ["exclaim"]})
    with pytest.raises(PluginConflictError), home.temporary("rude", rude):
        pass
    assert (first.__plans__, second.__plans__) == (before, before)


def test_a_plugin_that_would_bring_fields_is_refused_unless_it_takes_a_place() -> None:
    class Marked(PluginFields, plugin="marked"):
        mark = StringField(required=False)

    class Mark:
        def contribute_fields(self, model: type) -> type:
            return Marked

    home = wide()
    note = define_note(home)
    with (
        pytest.raises(PluginDefinitionError, match="is built already"),
        home.temporary("marked", Mark),
    ):
        pass
    home.plugin("marked")(Mark)
    other = define_note(ModelRegistry("another", plugins=["marked"], manager=home.plugins))
    with other.__registry__.temporary("marked", Mark):
        assert names(other) == ["marked"]
    assert names(note) == ["exclaim"]


def test_models_of_another_registry_are_left_alone() -> None:
    home, other = wide(), wide()
    strange = define_note(other)
    with home.temporary("whisper", Whisper):
        assert names(strange) == ["exclaim"]


def test_the_same_object_may_be_put_on_again_and_again() -> None:
    home, plugin = wide(), Whisper()
    define_note(home)
    for _ in range(3):
        with home.temporary("whisper", plugin):
            pass


def test_a_plugin_that_no_model_has_can_be_unregistered() -> None:
    home = ModelRegistry("a test")
    home.plugin("whisper")(Whisper)
    home.plugins.unregister("whisper")
    with pytest.raises(UnknownPluginError):
        define_note(home, "whisper")
    home.plugin("whisper")(Whisper)
    assert names(define_note(home, "whisper")) == ["whisper"]


def test_a_plugin_that_a_model_has_stays() -> None:
    home = ModelRegistry("a test")
    home.plugin("whisper")(Whisper)
    note = define_note(home, "whisper")
    with pytest.raises(
        PluginConflictError, match=r"models have it: tests.*Note\. Unregister these"
    ):
        home.plugins.unregister("whisper")
    home.unregister(note)
    home.plugins.unregister("whisper")


def test_models_of_registries_below_hold_a_plugin_too() -> None:
    above = ModelRegistry("above")
    below = ModelRegistry("below", manager=PluginManager("below", parent=above.plugins))
    above.plugin("whisper")(Whisper)
    note = define_note(below, "whisper")
    with pytest.raises(PluginConflictError, match="Note"):
        above.plugins.unregister("whisper")
    below.unregister(note)
    above.plugins.unregister("whisper")


def test_a_plugin_that_was_never_registered_cannot_be_unregistered() -> None:
    home = ModelRegistry("a test")
    home.plugin("whisper")(Whisper)
    with pytest.raises(UnknownPluginError, match="Did you mean 'whisper'"):
        home.plugins.unregister("wisper")
