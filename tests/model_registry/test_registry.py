"""What a registry knows, and what happens when names meet."""

import gc
import sys
from typing import Any

import pytest

from earnorm import (
    AmbiguousModelError,
    BaseModel,
    DiscoveryError,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    ModelReplacedWarning,
    ReferenceField,
    StringField,
    UnknownModelError,
)
from earnorm import registry as default_registry
from tests.model_registry.conftest import define


def keys(models: Any) -> list[str]:
    return [model.__metadata__.key for model in models]


def test_a_class_registers_itself_when_it_is_defined(home: ModelRegistry) -> None:
    user = define(home, "shop.User")
    assert home.get_all_models() == [user]
    assert home.get_model("shop.User") is user
    assert home.get_model("User") is user
    assert home.get_model(user) is user
    assert user in home
    assert "shop.User" in home


def test_registries_know_nothing_of_each_other(home: ModelRegistry) -> None:
    define(home, "shop.User")
    assert ModelRegistry().get_all_models() == []
    assert "shop.User" not in default_registry


def test_a_model_can_be_listed_on_another_registry_too(home: ModelRegistry) -> None:
    user, other = define(home, "shop.User"), ModelRegistry()
    assert other.register(user) is user
    assert other.register(user) is user
    assert other.get_all_models() == [user]
    assert user.__registry__ is home


def test_an_unknown_name_suggests_near_ones(home: ModelRegistry) -> None:
    define(home, "shop.User")
    with pytest.raises(UnknownModelError, match="'Usr'. Did you mean 'User'") as caught:
        home.get_model("Usr")
    assert isinstance(caught.value, LookupError)
    assert "registry.discover" in str(caught.value)


def test_an_ambiguous_bare_name_lists_the_candidates(home: ModelRegistry) -> None:
    define(home, "shop.User")
    define(home, "forum.User")
    with pytest.raises(AmbiguousModelError, match=r"forum\.User, shop\.User") as caught:
        home.get_model("User")
    assert caught.value.candidates == ("forum.User", "shop.User")
    assert home.get_model("forum.User").__module__ == "forum"


def test_redefining_a_key_replaces_the_model_with_a_warning(home: ModelRegistry) -> None:
    define(home, "shop.User")
    with pytest.warns(ModelReplacedWarning, match=r"shop\.User was defined again"):
        again = define(home, "shop.User")
    assert home.get_all_models() == [again]


def test_local_classes_replace_each_other_silently_and_are_held_weakly(home: ModelRegistry) -> None:
    def make() -> type[BaseModel]:
        class Local(BaseModel, registry=home):
            name = StringField()

        return Local

    make()
    second = make()
    assert home.get_model("Local") is second
    del second
    gc.collect()
    assert home.get_all_models() == []
    with pytest.raises(UnknownModelError):
        home.get_model("Local")


def test_unregistering_forgets_the_model_and_makes_references_to_it_pending(
    home: ModelRegistry,
) -> None:
    user = define(home, "shop.User")
    order = define(home, "shop.Order", user=ReferenceField("User"))
    home.unregister("User")
    assert home.get_all_models() == [order]
    assert [rel.pending for rel in home.get_relationships(order)] == [True]
    with pytest.raises(UnknownModelError):
        home.unregister(user)


def test_metadata_is_one_frozen_object(home: ModelRegistry) -> None:
    user = define(home, "shop.User", name=StringField(alias="n"))
    metadata = home.get_metadata("User")
    assert metadata is home.get_metadata(user)
    assert (metadata.key, metadata.name, metadata.collection) == ("shop.User", "User", "shop.User")
    assert list(metadata.fields) == ["id", "name"]
    with pytest.raises(AttributeError):
        metadata.collection = "other"  # type: ignore[misc] # the point of the test
    with pytest.raises(TypeError):
        metadata.fields["x"] = None  # type: ignore[index] # the point of the test


def test_relationships_are_resolved_by_what_is_registered_now(home: ModelRegistry) -> None:
    order = define(
        home, "shop.Order", user=ReferenceField("User"), items=ListField(ReferenceField("Product"))
    )
    assert [rel.pending for rel in home.get_relationships(order)] == [True, True]
    user, product = define(home, "shop.User"), define(home, "shop.Product")
    first, second = home.get_relationships("Order")
    assert (first.field, first.target, first.many, first.pending) == (
        "user",
        "shop.User",
        False,
        False,
    )
    assert (second.field, second.target, second.many, second.pending) == (
        "items",
        "shop.Product",
        True,
        False,
    )
    assert home.get_references(order) == [user, product]
    assert home.get_dependents(user) == [order]
    assert home.get_dependents(order) == []


def test_a_bare_name_is_looked_up_from_the_referring_module_outwards(home: ModelRegistry) -> None:
    order = define(home, "shop.orders.models.Order", user=ReferenceField("User"))
    stranger = define(home, "forum.User")
    assert home.get_references(order) == [stranger]
    distant = define(home, "shop.people.User")
    assert home.get_references(order) == [distant]
    near = define(home, "shop.orders.User")
    assert home.get_references(order) == [near]
    own = define(home, "shop.orders.models.User")
    assert home.get_references(order) == [own]
    assert home.get_dependents(own) == [order]
    assert home.get_dependents(stranger) == []


def test_two_candidates_at_one_step_are_told_apart_by_nobody(home: ModelRegistry) -> None:
    order = define(
        home, "shop.orders.Order", user=ReferenceField("User"), item=ReferenceField("Item")
    )
    people, legacy = define(home, "shop.people.User"), define(home, "shop.legacy.User")
    item = define(home, "shop.orders.Item")
    ambiguous, clear = home.get_relationships(order)
    assert ambiguous.candidates == ("shop.legacy.User", "shop.people.User")
    assert (ambiguous.target, ambiguous.pending) == ("User", False)
    assert (clear.target, clear.candidates) == ("shop.orders.Item", ())
    assert home.get_references(order) == [item]
    assert home.get_dependents(people) == home.get_dependents(legacy) == []
    card = define(home, "shop.people.Card", user=ReferenceField("User"))
    assert home.get_dependents("shop.people.User") == [card]


async def test_following_a_name_that_fits_two_models_is_an_error(home: ModelRegistry) -> None:
    order: Any = define(home, "shop.orders.Order", user=ReferenceField("User"))
    define(home, "shop.people.User")
    define(home, "shop.legacy.User")
    candidates = r"fits 2 models: shop\.legacy\.User, shop\.people\.User"
    with pytest.raises(AmbiguousModelError, match=candidates):
        home.get_referenced("shop.orders", "Order", "User")
    with pytest.raises(AmbiguousModelError, match=candidates) as caught:
        await order(user="0" * 24).user.fetch()
    assert caught.value.__notes__ == ["Order.user refers to 'User'"]


def test_a_dotted_name_means_a_key_or_a_model_below_a_package(home: ModelRegistry) -> None:
    user = define(home, "shop.people.User")
    define(home, "forum.User")
    assert home.get_model("shop.User") is user
    order = define(home, "elsewhere.Order", user=ReferenceField("shop.User"))
    assert home.get_references(order) == [user]


def test_a_model_may_refer_to_itself(home: ModelRegistry) -> None:
    person = define(home, "shop.Person", boss=ReferenceField("Person", required=False))
    assert home.get_references(person) == [person]
    assert home.get_dependents(person) == [person]


def test_registering_many_is_all_or_nothing(home: ModelRegistry) -> None:
    source = ModelRegistry()
    good, bad = define(source, "shop.Good"), define(source, "shop.Bad")
    other = ModelRegistry("other")
    with pytest.raises(ModelDefinitionError, match="is not a model"):
        other.register_many([good, bad, "shop.Good"])  # type: ignore[list-item] # the point of the test
    assert other.get_all_models() == []
    assert other.register_many([good, bad]) == [good, bad]
    assert other.get_all_models() == [good, bad]


def test_registering_many_puts_back_what_it_replaced(home: ModelRegistry) -> None:
    class Refusing:
        def on_register(self, model: type, registry: ModelRegistry) -> None:
            if registry.name == "other":
                raise RuntimeError("not here")

    home.plugin("refusing")(Refusing)
    old = define(ModelRegistry(), "shop.User")
    new = define(home, "shop.User")
    refused = define(home, "shop.Order", Meta=type("Meta", (), {"plugins": ["refusing"]}))
    other = ModelRegistry("other")
    other.register(old)
    with pytest.warns(ModelReplacedWarning), pytest.raises(RuntimeError, match="not here"):
        other.register_many([new, refused])
    assert other.get_all_models() == [old]


def test_on_register_runs_for_each_registry_and_an_error_leaves_it_clean(
    home: ModelRegistry,
) -> None:
    calls = []

    class Watching:
        def on_register(self, model: type, registry: ModelRegistry) -> None:
            calls.append((model.__name__, registry.name))
            if registry.name == "forbidden":
                raise RuntimeError("no")

    home.plugin("watching")(Watching)
    user = define(home, "shop.User", Meta=type("Meta", (), {"plugins": ["watching"]}))
    ModelRegistry("other").register(user)
    forbidden = ModelRegistry("forbidden")
    with pytest.raises(RuntimeError, match="no"):
        forbidden.register(user)
    assert forbidden.get_all_models() == []
    assert calls == [("User", "a test"), ("User", "other"), ("User", "forbidden")]


def test_an_abstract_model_is_not_registered(home: ModelRegistry) -> None:
    base = define(home, "shop.Base", Meta=type("Meta", (), {"abstract": True}))
    assert home.get_all_models() == []
    with pytest.raises(ModelDefinitionError, match="is abstract"):
        home.register(base)


def test_discover_imports_everything_below_a_package_and_reports_all_faults(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "discovered_shop"
    (package / "inner").mkdir(parents=True)
    for name, source in {
        "__init__.py": "",
        "good.py": "from earnorm import BaseModel\nclass FoundInGood(BaseModel): ...\n",
        "bad.py": "import nowhere_at_all\n",
        "__main__.py": "raise SystemExit('never run')\n",
        "inner/__init__.py": "",
        "inner/deep.py": "from earnorm import BaseModel\nclass FoundDeep(BaseModel): ...\n",
        "inner/worse.py": "1 / 0\n",
        "quitter.py": "raise SystemExit(3)\n",
    }.items():
        (package / name).write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(DiscoveryError) as caught:
        default_registry.discover("discovered_shop", "no_such_package")
    assert [type(fault) for fault in caught.value.exceptions] == [
        ModuleNotFoundError,
        ZeroDivisionError,
        ImportError,
        ModuleNotFoundError,
    ]
    assert "while discovered_shop.bad was imported" in caught.value.exceptions[0].__notes__[0]
    found = {
        key for key in keys(default_registry.get_all_models()) if key.startswith("discovered_shop")
    }
    assert found == {"discovered_shop.good.FoundInGood", "discovered_shop.inner.deep.FoundDeep"}
    for key in found:
        default_registry.unregister(key)
    for module in [name for name in sys.modules if name.startswith("discovered_shop")]:
        monkeypatch.delitem(sys.modules, module)
