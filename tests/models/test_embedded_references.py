"""References inside embedded models: the registry and `fetch` mean the same model."""

from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    ReferenceField,
    StringField,
    connect,
)


def define(base: Any, key: str, home: ModelRegistry, **namespace: Any) -> Any:
    module, _, name = key.rpartition(".")
    names = {"__module__": module, "__qualname__": name, **namespace}
    if base is BaseModel:
        names.setdefault("_collection", key)
    return type(name, (base,), names, registry=home)


async def test_a_name_is_looked_up_from_the_embedded_model_that_holds_it(
    home: ModelRegistry,
) -> None:
    country = define(BaseModel, "geo.Country", home, name=StringField())
    other = define(BaseModel, "shop.Country", home, name=StringField())
    address = define(EmbeddedModel, "geo.Address", home, country=ReferenceField("Country"))
    order = define(
        BaseModel,
        "shop.Order",
        home,
        address=EmbeddedField(address),
        origin=ReferenceField("Country", required=False),
    )
    inside, own = home.get_relationships(order)
    assert (inside.field, inside.target) == ("address.country", "geo.Country")
    assert (inside.source, inside.module, inside.qualname) == ("shop.Order", "geo", "Address")
    assert (own.target, own.module, own.qualname) == ("shop.Country", "shop", "Order")
    assert home.get_references(order) == [country, other]
    assert home.get_dependents(country) == home.get_dependents(other) == [order]
    async with connect("sqlite://", registry=home):
        france = await country.create(name="France")
        made = await order.create(address={"country": france.id})
        assert await (await order.get(made.id)).address.country.fetch() == france


def test_an_inherited_reference_is_looked_up_from_the_model_that_inherits_it(
    home: ModelRegistry,
) -> None:
    base = define(
        BaseModel,
        "base.Owned",
        home,
        owner=ReferenceField("User"),
        Meta=type("Meta", (), {"abstract": True}),
    )
    define(BaseModel, "base.User", home)
    user = define(BaseModel, "shop.User", home)
    order = define(base, "shop.Order", home)
    (relationship,) = home.get_relationships(order)
    assert (relationship.module, relationship.qualname) == ("shop", "Order")
    assert relationship.target == "shop.User"
    assert order(owner="0" * 24).owner._field.find_target() is user


@pytest.mark.parametrize("nesting", ["plain", "list", "dictionary", "embedded"])
def test_an_embedded_model_of_another_registry_may_not_refer_by_name(
    home: ModelRegistry, nesting: str
) -> None:
    elsewhere = ModelRegistry("elsewhere")
    address = define(EmbeddedModel, "geo.Address", elsewhere, country=ReferenceField("Country"))
    field: Any = EmbeddedField(address)
    path = "place.country"
    if nesting == "list":
        field = ListField(field)
    elif nesting == "dictionary":
        field = DictField(field)
    elif nesting == "embedded":
        field = EmbeddedField(define(EmbeddedModel, "geo.Place", home, address=field))
        path = "place.address.country"
    with pytest.raises(
        ModelDefinitionError,
        match=rf"shop\.Order: '{path}' refers to 'Country' from Address, which belongs to elsewhere, and "
        r"the model to a test\. .* class Address\(EmbeddedModel, registry=\.\.\.\)",
    ):
        define(BaseModel, "shop.Order", home, place=field)
    assert home.get_all_models() == []


def test_an_embedded_model_that_looks_nothing_up_fits_every_registry(home: ModelRegistry) -> None:
    elsewhere = ModelRegistry("elsewhere")
    country = define(BaseModel, "geo.Country", elsewhere)
    point = define(EmbeddedModel, "geo.Point", elsewhere, name=StringField())
    place = define(EmbeddedModel, "geo.Place", elsewhere, country=ReferenceField(country))
    order = define(
        BaseModel, "shop.Order", home, point=EmbeddedField(point), place=EmbeddedField(place)
    )
    made = order(point={"name": "x"}, place={"country": "0" * 24})
    assert made.place.country._field.find_target() is country
    assert home.get_all_models() == [order]


def test_an_abstract_model_leaves_the_registry_to_those_that_inherit_it(
    home: ModelRegistry,
) -> None:
    address = define(EmbeddedModel, "geo.Address", home, country=ReferenceField("Country"))
    abstract = type("Meta", (), {"abstract": True})
    base = define(
        BaseModel,
        "base.Placed",
        ModelRegistry("elsewhere"),
        address=EmbeddedField(address),
        Meta=abstract,
    )
    define(base, "shop.Order", home)
    with pytest.raises(ModelDefinitionError, match=r"'address\.country' refers to 'Country'"):
        define(base, "shop.Invoice", ModelRegistry("a third"))
