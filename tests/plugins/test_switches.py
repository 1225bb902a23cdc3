"""Plugins that the environment switches off: an error, unless it says that a model goes without them."""

from typing import Any

import pytest

from earnorm import (
    BaseModel,
    ModelRegistry,
    PluginDisabledError,
    PluginFaultsError,
    PluginIgnoredWarning,
    UnknownPluginError,
)
from earnorm.plugins.switches import AUTOLOAD, DISABLED, IGNORED


@pytest.fixture
def home() -> ModelRegistry:
    registry = ModelRegistry("a test")
    registry.plugin("loud")(type("Loud", (), {}))
    registry.plugin("journal")(type("Audit", (), {"requires": {"stamp": ""}}))
    registry.plugin("stamp")(type("Stamp", (), {}))
    return registry


def define(home: ModelRegistry, *names: str) -> Any:
    class Note(BaseModel, registry=home):
        class Meta:
            plugins = names

    return Note


def order_of(model: Any) -> list[str]:
    return [plugin.name for plugin in model.__metadata__.plugins]


def test_a_model_that_names_a_disabled_plugin_is_refused(
    home: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DISABLED, "other, loud ,")

    with pytest.raises(
        PluginDisabledError, match=f"'loud' is switched off by {DISABLED}"
    ) as caught:
        define(home, "loud")

    assert (caught.value.plugin, caught.value.variable) == ("loud", DISABLED)
    assert order_of(define(home, "stamp")) == ["stamp"]


@pytest.mark.parametrize("variable", [DISABLED, IGNORED])
def test_a_plugin_that_is_required_cannot_be_left_out_alone(
    home: ModelRegistry, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "stamp")

    with pytest.raises(PluginDisabledError, match=f"'stamp' is switched off by {variable}"):
        define(home, "journal")


def test_a_model_goes_without_an_ignored_plugin_and_says_so(
    home: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(IGNORED, "loud,nobody-has-this")

    with pytest.warns(PluginIgnoredWarning, match="goes without the plugin 'loud'") as told:
        note = define(home, "stamp", "loud")

    assert order_of(note) == ["stamp"]
    assert told[0].filename == __file__


def test_ignoring_wins_over_disabling(home: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DISABLED, "loud")
    monkeypatch.setenv(IGNORED, "loud")

    with pytest.warns(PluginIgnoredWarning):
        assert order_of(define(home, "loud")) == []


def test_without_autoload_no_installed_plugin_is_found(
    home: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTOLOAD, "0")

    with pytest.raises(UnknownPluginError) as caught:
        define(home, "timestamp")
    assert "earnorm-timestamp" not in str(caught.value)
    assert AUTOLOAD in str(caught.value)
    assert order_of(define(home, "loud")) == ["loud"]

    monkeypatch.setenv(AUTOLOAD, "1")
    assert order_of(define(home, "timestamp")) == ["timestamp"]


def test_disabled_plugins_are_told_among_other_faults(
    home: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DISABLED, "loud")

    with pytest.raises(PluginFaultsError) as caught:
        define(home, "loud", "nobody")

    assert [type(one) for one in caught.value.exceptions] == [
        PluginDisabledError,
        UnknownPluginError,
    ]
