"""The options that a model gives to its plugins: checked, merged, and what the plugin runs with."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DateTimeField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelRegistry,
    PluginFaultsError,
    PluginFields,
    StringField,
    connect,
)
from earnorm.errors import ModelDefinitionError, PluginDefinitionError, PluginOptionsError

Define = Callable[..., Any]


class GreetingOptions(EmbeddedModel):
    word = StringField(default="hello", max_length=10)
    times = IntegerField(default=1, minimum=1)
    others = ListField(StringField())


class Greeting:
    """Puts a word in front of a text."""

    Options = GreetingOptions

    def __init__(self, options: GreetingOptions) -> None:
        self.options = options

    def before_save(self, instance: Any) -> None:
        instance.text = f"{self.options.word * self.options.times} {instance.text}"


@pytest.fixture
def home() -> ModelRegistry:
    home = ModelRegistry("a test")
    home.plugin("greeting")(Greeting)
    return home


@pytest.fixture
def define(home: ModelRegistry) -> Define:
    """Defines a model with these plugins and options."""

    def define(
        plugins: list[Any], options: Any = None, *bases: type, name: str = "Card", **meta: Any
    ) -> Any:
        given = {} if options is None else {"plugin_options": options}
        inner = type("Meta", (), {"plugins": plugins, **given, **meta})
        return type(
            name, bases or (BaseModel,), {"text": StringField(), "Meta": inner}, registry=home
        )

    return define


def plugin_of(model: Any, name: str = "greeting") -> Any:
    (found,) = (one.plugin for one in model.__plans__.plugins if one.name == name)
    return found


async def test_a_plugin_runs_with_the_options_of_each_model(
    home: ModelRegistry, define: Define
) -> None:
    card = define(["greeting"], {"greeting": {"word": "ho", "times": 2}})
    letter = define(["greeting"], name="Letter")
    async with connect("sqlite://", registry=home):
        assert (await card.create(text="you")).text == "hoho you"
        assert (await letter.create(text="you")).text == "hello you"


def test_the_metadata_tell_the_options_with_their_defaults(define: Define) -> None:
    metadata = define(["greeting"], {"greeting": {"times": 3}}).__metadata__
    assert metadata.plugin_options == {"greeting": GreetingOptions(times=3)}
    assert metadata.options["plugin_options"] == {"greeting": {"times": 3}}


def test_equal_options_share_one_plugin(define: Define) -> None:
    given = {"greeting": {"times": 2, "others": ["a", "b"]}}
    first, second = define(["greeting"], given), define(["greeting"], given, name="Letter")
    other = define(["greeting"], {"greeting": {"times": 2}}, name="Other")
    assert first.__plans__ is second.__plans__
    assert plugin_of(other) is not plugin_of(first)
    assert plugin_of(define(["greeting"], name="Plain")) is not plugin_of(other)


def test_true_is_not_one(home: ModelRegistry, define: Define) -> None:
    with pytest.raises(PluginOptionsError, match="times"):
        define(["greeting"], {"greeting": {"times": True}})
    assert plugin_of(define(["greeting"], {"greeting": {"times": 1}})).options.times == 1


def test_every_fault_is_told_with_its_path(define: Define) -> None:
    with pytest.raises(PluginOptionsError) as caught:
        define(["greeting"], {"greeting": {"word": "far too long a word", "times": 0, "time": 1}})
    error = caught.value
    assert [fault.path for fault in error.errors] == [
        "plugin_options.greeting.word",
        "plugin_options.greeting.times",
        "plugin_options.greeting.time",
    ]
    assert (error.plugin, error.source) == ("greeting", "this process")
    assert (
        "Card: its plugin 'greeting' from this process does not take its options: 3 faults"
        in str(error)
    )
    assert "Did you mean 'times'" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_options_of_a_plugin_that_takes_none_are_refused(
    home: ModelRegistry, define: Define
) -> None:
    home.plugin("plain")(type("Plain", (), {}))
    with pytest.raises(PluginOptionsError, match="plugin_options.plain: it takes none"):
        define(["plain"], {"plain": {"a": 1}})
    assert define(["plain"], {"plain": {}}).__metadata__.plugin_options == {}


def test_options_of_a_plugin_that_is_not_enabled_are_refused(define: Define) -> None:
    with pytest.raises(ModelDefinitionError, match="'greetings'.*Did you mean 'greeting'"):
        define(["greeting"], {"greetings": {"times": 2}})


def test_faults_of_options_are_told_with_the_others(define: Define) -> None:
    with pytest.raises(PluginFaultsError) as caught:
        define(["greeting", "nobody"], {"greeting": {"times": 0}, "somebody": {}})
    assert [type(fault).__name__ for fault in caught.value.exceptions] == [
        "PluginOptionsError",
        "UnknownPluginError",
        "ModelDefinitionError",
    ]


def test_an_implied_plugin_takes_options_too(home: ModelRegistry, define: Define) -> None:
    home.plugin("loud")(type("Loud", (), {"requires": {"greeting": ""}}))
    assert plugin_of(define(["loud"], {"greeting": {"times": 2}})).options.times == 2


@pytest.mark.parametrize("given", [3, ["greeting"], {"greeting": 3}, {1: {}}, {"greeting": {1: 2}}])
def test_what_is_no_mapping_of_mappings_is_refused(define: Define, given: Any) -> None:
    with pytest.raises(ModelDefinitionError, match="Meta.plugin_options must be a mapping"):
        define(["greeting"], given)


def test_options_are_inherited_one_by_one(define: Define) -> None:
    base = define(["greeting"], {"greeting": {"word": "ho", "times": 2}}, abstract=True)
    child = define([], {"greeting": {"times": 3}}, base, name="Child")
    assert (plugin_of(child).options.word, plugin_of(child).options.times) == ("ho", 3)


def test_a_child_in_the_same_collection_keeps_the_options(define: Define) -> None:
    base = define(["greeting"], {"greeting": {"times": 2}})
    assert plugin_of(define([], None, base, name="Child")) is plugin_of(base)
    with pytest.raises(ModelDefinitionError, match="gives other options to the plugin 'greeting'"):
        define([], {"greeting": {"times": 3}}, base, name="Other")


def test_options_that_have_no_hash_are_taken(home: ModelRegistry, define: Define) -> None:
    class Anything:
        def __init__(self, **given: Any) -> None:
            self.given = given

    home.plugin("free")(type("Free", (Greeting,), {"Options": Anything}))
    first = define(["free"], {"free": {"a": {1, 2}}})
    second = define(["free"], {"free": {"a": {1, 2}}}, name="Letter")
    assert plugin_of(first, "free").options.given == {"a": {1, 2}}
    assert plugin_of(first, "free") is not plugin_of(second, "free")


def test_a_refusal_of_the_plugin_itself_is_a_fault_of_the_options(
    home: ModelRegistry, define: Define
) -> None:
    class Picky(Greeting):
        def __init__(self, options: GreetingOptions) -> None:
            if options.times > 5:
                raise ValueError("more than five times is rude")
            super().__init__(options)

    home.plugin("picky")(Picky)
    with pytest.raises(PluginOptionsError, match="more than five times is rude"):
        define(["picky"], {"picky": {"times": 6}})


def test_a_type_of_options_without_all_defaults_is_refused(home: ModelRegistry) -> None:
    class Demanding(EmbeddedModel):
        bucket = StringField()

    with pytest.raises(PluginDefinitionError, match=r"needs a default for each option[^$]*bucket"):
        home.plugin("demanding")(type("Store", (Greeting,), {"Options": Demanding}))


def test_an_object_cannot_take_options(home: ModelRegistry) -> None:
    with pytest.raises(PluginDefinitionError, match="declares Options, and is no class"):
        home.plugin("thing")(Greeting(GreetingOptions()))


def test_options_that_are_no_class_are_refused(home: ModelRegistry) -> None:
    with pytest.raises(PluginDefinitionError, match="Options must be a class"):
        home.plugin("thing")(type("Thing", (), {"Options": {"times": 1}}))


def test_a_misspelt_type_of_options_is_refused(home: ModelRegistry) -> None:
    with pytest.raises(PluginDefinitionError, match="'Option' looks like 'Options'"):
        home.plugin("thing")(type("Thing", (), {"Option": GreetingOptions}))


class Renaming:
    """Contributes one field under the name that its options say."""

    class Options(EmbeddedModel):
        field = StringField(default="seen_at")
        size = IntegerField(default=1)

    def __init__(self, options: Any) -> None:
        self._fields = type(
            "Seen", (PluginFields,), {options.field: DateTimeField(required=False)}, plugin="seen"
        )

    def contribute_fields(self, model: type) -> type:
        return self._fields


def test_options_may_name_contributed_fields(home: ModelRegistry, define: Define) -> None:
    home.plugin("seen")(Renaming)
    assert "found_at" in define(["seen"], {"seen": {"field": "found_at"}}).__metadata__.fields


def test_a_base_and_its_child_may_give_options_that_leave_the_fields(
    home: ModelRegistry, define: Define
) -> None:
    home.plugin("seen")(Renaming)
    base = define(["seen"], {"seen": {"size": 2}}, abstract=True)
    child = define([], {"seen": {"size": 3}}, base, name="Child")
    assert list(child.__metadata__.fields) == ["id", "text", "seen_at"]


def test_a_child_cannot_rename_a_field_that_it_inherits(
    home: ModelRegistry, define: Define
) -> None:
    home.plugin("seen")(Renaming)
    base = define(["seen"], abstract=True)
    with pytest.raises(
        ModelDefinitionError, match="inherits the field 'seen_at' of the plugin 'seen'"
    ):
        define([], {"seen": {"field": "found_at"}}, base, name="Child")
