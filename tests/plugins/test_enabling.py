"""Which plugins a model gets: those that it names, those that they require; or all that is wrong with them."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnorm import BaseModel, ModelRegistry, PluginFaultsError
from earnorm.errors import (
    PluginCompatibilityError,
    PluginConflictError,
    PluginOrderError,
    UnknownPluginError,
)
from earnorm.plugins import PluginManager, explain_order

Define = Callable[..., Any]


@pytest.fixture
def define(home: ModelRegistry) -> Define:
    """Defines a model with these plugins."""

    def define(*plugins: str) -> Any:
        class Note(BaseModel, registry=home):
            class Meta:
                pass

            Meta.plugins = plugins  # type: ignore[attr-defined]

        return Note

    return define


def add(home: ModelRegistry, name: str, **declared: Any) -> None:
    home.plugin(name)(type(name.title(), (), declared))


def order_of(model: Any) -> list[str]:
    return [plugin.name for plugin in model.__metadata__.plugins]


def test_what_is_required_is_enabled_before_whoever_requires_it(
    home: ModelRegistry, define: Define
) -> None:
    add(home, "clock")
    add(home, "stamp", requires={"clock": ""})
    add(home, "other")
    add(home, "journal", requires={"stamp": ""})

    note = define("other", "journal")

    assert order_of(note) == ["other", "clock", "stamp", "journal"]
    assert note.__metadata__.implied_plugins == {"stamp": ("journal",), "clock": ("stamp",)}


def test_what_the_model_names_is_not_implied(home: ModelRegistry, define: Define) -> None:
    add(home, "stamp")
    add(home, "journal", requires={"stamp": ""})

    note = define("journal", "stamp")

    assert order_of(note) == ["stamp", "journal"]
    assert note.__metadata__.implied_plugins == {}


def test_all_that_require_a_plugin_are_told(home: ModelRegistry, define: Define) -> None:
    add(home, "stamp")
    add(home, "journal", requires={"stamp": ""})
    add(home, "history", requires={"stamp": ""})

    note = define("journal", "history")

    assert order_of(note) == ["stamp", "journal", "history"]
    assert note.__metadata__.implied_plugins == {"stamp": ("journal", "history")}


def test_a_child_has_what_its_base_implies(home: ModelRegistry, define: Define) -> None:
    add(home, "stamp")
    add(home, "journal", requires={"stamp": ""})
    note = define("journal")

    class Letter(note):  # type: ignore[valid-type,misc]
        pass

    assert order_of(Letter) == ["stamp", "journal"]
    assert Letter.__metadata__.implied_plugins == {"stamp": ("journal",)}


def test_before_moves_a_plugin_in_front_of_another_one(home: ModelRegistry, define: Define) -> None:
    add(home, "search")
    add(home, "slug", before=["search", "not-enabled"])

    assert order_of(define("search", "slug")) == ["slug", "search"]


def test_a_requirement_that_nobody_provides_names_who_requires_it(
    home: ModelRegistry, define: Define
) -> None:
    add(home, "journal", requires={"ledge": ""})
    add(home, "ledger")

    with pytest.raises(UnknownPluginError, match="'journal' requires the plugin 'ledge'") as caught:
        define("journal")

    assert caught.value.required_by == "journal"
    assert "Did you mean 'ledger'" in str(caught.value)


def test_a_cycle_through_implied_plugins_is_told(home: ModelRegistry, define: Define) -> None:
    add(home, "a", requires={"b": ""})
    add(home, "b", requires={"a": ""})

    with pytest.raises(PluginOrderError, match="b -> a -> b"):
        define("a")


def test_of_several_cycles_the_shortest_is_told(home: ModelRegistry, define: Define) -> None:
    add(home, "a", after=["b"])
    add(home, "b", after=["c"])
    add(home, "c", after=["a", "d"])
    add(home, "d", before=["c"], after=["c"])

    with pytest.raises(PluginOrderError) as caught:
        define("a", "b", "c", "d")

    assert caught.value.cycle == ("c", "d")


def test_all_faults_are_told_at_once(home: ModelRegistry, define: Define) -> None:
    add(home, "future", api=">=2")
    add(home, "one", conflicts=["two"])
    add(home, "two", conflicts=["one"], after=["three"])
    add(home, "three", after=["two"])

    with pytest.raises(PluginFaultsError) as caught:
        define("nobody", "future", "one", "two", "three")

    assert [type(fault) for fault in caught.value.exceptions] == [
        UnknownPluginError,
        PluginCompatibilityError,
        PluginConflictError,
        PluginOrderError,
    ]
    assert caught.value.model.endswith("Note")
    for word in ("'nobody'", "'future'", "cannot be enabled together", "two -> three -> two"):
        assert word in str(caught.value)


def test_the_error_of_all_faults_can_be_pickled_and_split(
    home: ModelRegistry, define: Define
) -> None:
    with pytest.raises(PluginFaultsError) as caught:
        define("nobody", "noone")
    error = caught.value

    again = pickle.loads(pickle.dumps(error))
    found, rest = error.split(lambda fault: getattr(fault, "name", "") == "noone")

    assert (str(again), again.model, len(again.exceptions)) == (str(error), error.model, 2)
    assert isinstance(found, PluginFaultsError)
    assert rest is not None
    assert [len(found.exceptions), len(rest.exceptions)] == [1, 1]


def test_a_class_line_that_fails_defines_nothing(home: ModelRegistry, define: Define) -> None:
    with pytest.raises(PluginFaultsError):
        define("nobody", "noone")

    assert list(home.get_all_models()) == []


@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, unique=True),
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")).filter(
            lambda p: p[0] < p[1]
        )
    ),
)
def test_what_explains_an_order_finds_the_order_that_was_enabled(
    named: list[str], requirements: list[tuple[str, str]]
) -> None:
    manager = PluginManager("a test")
    for name in "abcdef":
        requires = {other: "" for other, by in requirements if by == name}
        manager.register(name, type(name, (), {"requires": requires}))
    enabled = manager.resolve(named, model="M").plugins

    placements = explain_order(named, enabled, model="M")

    assert tuple(placement.plugin for placement in placements) == enabled
