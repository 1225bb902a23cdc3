"""A class that was replaced does not speak for its successor."""

import pytest

from earnorm import (
    BaseModel,
    IntegerField,
    ModelRegistry,
    ModelReplacedWarning,
    UnknownModelError,
)
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
        "get_model",
        "get_metadata",
        "get_relationships",
        "get_references",
        "get_dependents",
        "unregister",
    ],
)
def test_a_replaced_class_is_not_known_any_more(
    home: ModelRegistry, replaced: Pair, ask: str
) -> None:
    old, new = replaced
    with pytest.raises(
        UnknownModelError,
        match=r"the class shop\.User is not registered: another class has this key now.*get_model\('shop\.User'\)",
    ) as caught:
        getattr(home, ask)(old)
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


def test_a_look_up_that_was_kept_knows_what_came_later(home: ModelRegistry) -> None:
    find, tell = home.get_model, home.get_metadata
    user = define(home, "shop.User")
    assert find("shop.User") is user
    home.extend(user, fields={"age": IntegerField(required=False)})
    assert "age" in tell("shop.User").fields
    assert tell(user) is tell("shop.User")
    with pytest.warns(ModelReplacedWarning):
        successor = define(home, "shop.User")
    assert find("shop.User") is find(successor) is successor
    assert "age" not in tell("shop.User").fields
    home.unregister(successor)
    for name in ("shop.User", user, successor):
        with pytest.raises(UnknownModelError):
            find(name)
        with pytest.raises(UnknownModelError):
            tell(name)
