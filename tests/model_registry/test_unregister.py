"""What becomes of the models that depend on one that is unregistered."""

import gc
from typing import Any

import pytest

from earnorm import ListField, ModelInUseError, ModelRegistry, ReferenceField, UnknownModelError
from tests.model_registry.conftest import define


@pytest.fixture
def shop(home: ModelRegistry) -> dict[str, Any]:
    """Payment -> Order -> User, Order -> Product, Staff is a User, and Note stands alone."""
    models: list[Any] = [
        define(home, "shop.User", boss=ReferenceField("User", required=False)),
        define(home, "shop.Product"),
        define(
            home,
            "shop.Order",
            user=ReferenceField("User"),
            items=ListField(ReferenceField("Product")),
        ),
        define(home, "shop.Payment", order=ReferenceField("Order")),
        define(home, "shop.Note"),
    ]
    user = models[0]
    models.append(type("Staff", (user,), {"__module__": "shop", "__qualname__": "Staff"}))
    return {model.__name__: model for model in models}


def names(models: list[Any]) -> list[str]:
    return [model.__name__ for model in models]


def test_references_to_it_become_pending_when_nothing_is_said(
    home: ModelRegistry, shop: dict[str, Any]
) -> None:
    assert home.unregister("User") == [shop["User"]]
    assert [one.pending for one in home.get_relationships("Order")] == [True, False]
    assert shop["Staff"] in home


def test_dependents_can_refuse_and_are_named(home: ModelRegistry, shop: dict[str, Any]) -> None:
    before = home.get_all_models()
    with pytest.raises(ModelInUseError, match=r"shop\.User cannot be unregistered") as caught:
        home.unregister(shop["User"], dependents="refuse")
    assert caught.value.model == "shop.User"
    assert caught.value.dependents == ("shop.Order", "shop.Payment", "shop.Staff")
    assert home.get_all_models() == before


def test_a_model_that_only_itself_refers_to_is_refused_by_nobody(home: ModelRegistry) -> None:
    user = define(home, "shop.User", boss=ReferenceField("User", required=False))
    assert home.unregister(user, dependents="refuse") == [user]


def test_a_cascade_takes_what_depends_on_it_and_nothing_else(
    home: ModelRegistry, shop: dict[str, Any]
) -> None:
    gone = names(home.unregister("User", dependents="cascade"))
    assert sorted(gone) == ["Order", "Payment", "Staff", "User"]
    assert gone.index("Payment") < gone.index("Order") < gone.index("User")
    assert gone.index("Staff") < gone.index("User")
    assert names(home.get_all_models()) == ["Product", "Note"]


def test_a_cascade_goes_round_a_cycle_once(home: ModelRegistry) -> None:
    left = define(home, "shop.Left", other=ReferenceField("Right"))
    right = define(home, "shop.Right", other=ReferenceField("Left"))
    assert home.unregister(left, dependents="cascade") == [right, left]


def test_a_cascade_follows_a_chain_of_any_length(home: ModelRegistry) -> None:
    for number in range(1_500):
        define(home, f"shop.M{number}", to=ReferenceField(f"M{number - 1}", required=False))
    assert len(home.unregister("M0", dependents="cascade")) == 1_500


def test_a_child_below_an_abstract_base_depends_on_the_root(home: ModelRegistry) -> None:
    user = define(home, "shop.User")
    options = {"Meta": type("Meta", (), {"abstract": True})}
    between = type("Between", (user,), {"__module__": "shop", "__qualname__": "Between", **options})
    child = type("Child", (between,), {"__module__": "shop", "__qualname__": "Child"})
    assert home.unregister(user, dependents="cascade") == [child, user]


def test_a_hook_that_fails_keeps_every_model(home: ModelRegistry) -> None:
    calls = []

    class Watching:
        def on_unregister(self, model: type, registry: ModelRegistry) -> None:
            calls.append(model.__name__)
            assert all(name in registry for name in ("shop.User", "shop.Order", "shop.Payment"))
            if model.__name__ == "Order":
                raise RuntimeError("not now")

    home.plugin("watching")(Watching)
    meta = type("Meta", (), {"plugins": ["watching"]})
    define(home, "shop.User", Meta=meta)
    define(home, "shop.Order", Meta=meta, user=ReferenceField("User"))
    define(home, "shop.Payment", Meta=meta, order=ReferenceField("Order"))
    with pytest.raises(RuntimeError, match="not now"):
        home.unregister("User", dependents="cascade")
    assert calls == ["Payment", "Order"]
    assert names(home.get_all_models()) == ["User", "Order", "Payment"]


def test_a_dependent_that_a_hook_registers_goes_too(home: ModelRegistry) -> None:
    late = define(ModelRegistry(), "shop.Late", user=ReferenceField("User"))

    class Registering:
        def on_unregister(self, model: type, registry: ModelRegistry) -> None:
            registry.register(late)

    home.plugin("registering")(Registering)
    user = define(home, "shop.User", Meta=type("Meta", (), {"plugins": ["registering"]}))
    assert home.unregister(user, dependents="cascade") == [late, user]


def test_an_unknown_rule_or_model_is_refused(home: ModelRegistry, shop: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one of 'ignore', 'refuse', 'cascade'"):
        home.unregister("User", dependents="cascde")  # type: ignore[arg-type] # the point of the test
    with pytest.raises(UnknownModelError):
        home.unregister("Nobody", dependents="cascade")


def test_a_plugin_may_go_when_a_cascade_has_taken_its_last_model(home: ModelRegistry) -> None:
    home.plugin("plain")(type("Plain", (), {}))
    define(home, "shop.User")
    define(
        home,
        "shop.Order",
        user=ReferenceField("User"),
        Meta=type("Meta", (), {"plugins": ["plain"]}),
    )
    home.unregister("User", dependents="cascade")
    gc.collect()
    home.plugins.unregister("plain")
