"""A class that was replaced does not speak for its successor."""

from collections.abc import Callable
from typing import Any

import pytest

from earnorm import BaseModel, ModelRegistry, ModelReplacedWarning, UnknownModelError
from tests.model_registry.conftest import define

Pair = tuple[type[BaseModel], type[BaseModel]]
"""A class, and the one that took its place."""


@pytest.fixture
def replaced(home: ModelRegistry) -> Pair:
    old = define(home, "shop.User")
    with pytest.warns(ModelReplacedWarning):
        return old, define(home, "shop.User")


@pytest.mark.parametrize(
    "ask",
    [
        ModelRegistry.get_model,
        ModelRegistry.get_metadata,
        ModelRegistry.get_relationships,
        ModelRegistry.get_references,
        ModelRegistry.get_dependents,
        ModelRegistry.unregister,
    ],
)
def test_a_replaced_class_is_not_known_any_more(
    home: ModelRegistry, replaced: Pair, ask: Callable[..., Any]
) -> None:
    old, new = replaced
    with pytest.raises(
        UnknownModelError,
        match=r"the class shop\.User is not registered: another class has this key now.*get_model\('shop\.User'\)",
    ) as caught:
        ask(home, old)
    assert caught.value.name == "shop.User"
    assert home.get_model(new) is new
    assert home.get_model("shop.User") is new


def test_a_registry_holds_the_class_and_not_its_name(home: ModelRegistry, replaced: Pair) -> None:
    old, new = replaced
    assert (old in home, new in home, "shop.User" in home) == (False, True, True)
    assert new() not in home


def test_a_class_that_was_never_registered_is_unknown(home: ModelRegistry) -> None:
    stranger = define(ModelRegistry(), "shop.User")
    assert stranger not in home
    with pytest.raises(UnknownModelError, match=r"no registered model is called 'shop\.User'"):
        home.get_model(stranger)


def test_a_failed_registration_takes_back_what_it_added_and_nothing_else(
    home: ModelRegistry,
) -> None:
    successor = define(ModelRegistry(), "shop.User")

    class Meddling:
        def on_register(self, model: type, registry: ModelRegistry) -> None:
            if registry is home:
                home.register(successor)
                raise RuntimeError("no")

    home.plugin("meddling")(Meddling)
    with pytest.warns(ModelReplacedWarning), pytest.raises(RuntimeError, match="no"):
        define(home, "shop.User", Meta=type("Meta", (), {"plugins": ["meddling"]}))
    assert home.get_all_models() == [successor]
