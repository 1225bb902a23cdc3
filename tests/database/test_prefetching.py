"""References are loaded with a page of documents: one look-up for each reference and level."""

from collections import Counter
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    Database,
    DictField,
    DocumentNotFoundError,
    EmbeddedField,
    EmbeddedModel,
    FilterError,
    ListField,
    ModelRegistry,
    NotFetchedError,
    ReferenceField,
    StringField,
    UnknownModelError,
    UnknownReferenceError,
    connect,
)


def define(base: Any, name: str, home: ModelRegistry, /, **namespace: Any) -> Any:
    names = {"__module__": "shop", "__qualname__": name, **namespace}
    if base is BaseModel:
        names.setdefault("_collection", name.lower())
    return type(name, (base,), names, registry=home)


@pytest.fixture
def shop(home: ModelRegistry) -> Any:
    """Orders with three references each, two levels deep, held in every way."""
    company = define(BaseModel, "Company", home, name=StringField())
    maker = define(BaseModel, "Maker", home, name=StringField())
    continent = define(BaseModel, "Continent", home, name=StringField())
    country = define(
        BaseModel, "Country", home, name=StringField(), continent=ReferenceField(continent)
    )
    define(
        BaseModel,
        "User",
        home,
        name=StringField(),
        company=ReferenceField(company),
        boss=ReferenceField("User", required=False),
    )
    address = define(EmbeddedModel, "Address", home, country=ReferenceField(country, alias="c"))
    line = define(EmbeddedModel, "Line", home, product=ReferenceField("Product"))
    define(BaseModel, "Product", home, name=StringField(), maker=ReferenceField(maker))
    define(
        BaseModel,
        "Order",
        home,
        user=ReferenceField("User", alias="u"),
        payer=ReferenceField("User", required=False),
        items=ListField(ReferenceField("Product")),
        gifts=DictField(ReferenceField("Product")),
        lines=ListField(EmbeddedField(line)),
        address=EmbeddedField(address, required=False),
        note=StringField(required=False),
        lost=ReferenceField("Nobody", required=False),
    )
    return home


def models(home: ModelRegistry) -> dict[str, Any]:
    return {model.__name__: model for model in home.get_all_models()}


async def fill(home: ModelRegistry, count: int = 100) -> dict[str, Any]:
    found = models(home)
    companies = await found["Company"].insert_many(
        [found["Company"](name=f"company {n}") for n in range(5)]
    )
    makers = await found["Maker"].insert_many([found["Maker"](name=f"maker {n}") for n in range(3)])
    user, product, order = found["User"], found["Product"], found["Order"]
    users = await user.insert_many(
        [user(name=f"user {n}", company=companies[n % 5]) for n in range(10)]
    )
    products = await product.insert_many(
        [product(name=f"product {n}", maker=makers[n % 3]) for n in range(20)]
    )
    europe = await found["Continent"].create(name="Europe")
    france = await found["Country"].create(name="France", continent=europe)
    await order.insert_many(
        [
            order(
                user=users[n % 10],
                payer=users[(n + 1) % 10],
                items=[products[n % 20], products[(n + 7) % 20]],
                gifts={"bob": products[n % 3]},
                lines=[{"product": products[n % 4]}],
                address={"country": france},
            )
            for n in range(count)
        ]
    )
    return found


async def test_a_hundred_documents_with_three_references_two_levels_deep_are_read_in_seven_calls(
    shop: Any, counted: Any
) -> None:
    order = (await fill(shop))["Order"]
    counted.forget()
    orders = await order.find().prefetch(
        "user.company", "items.maker", "address.country.continent", order.user
    )
    assert len(orders) == 100
    first, second = ["user", "product", "country"], ["company", "maker", "continent"]
    assert Counter(counted.finds) == Counter(["order", *first, *second])
    counted.forget()
    for one in orders:
        assert one.user.loaded.company.loaded.name.startswith("company")
        assert [item.loaded.maker.is_loaded for item in one.items] == [True, True]
        assert one.address.country.loaded.continent.loaded.name == "Europe"
        assert not one.payer.is_loaded
    assert counted.finds == []


async def test_a_document_that_is_reached_twice_is_one_instance(shop: Any, counted: Any) -> None:
    found = await fill(shop)
    counted.forget()
    orders = await found["Order"].find().prefetch("user", "payer")
    assert len({id(one.user.loaded) for one in orders}) == 10
    users = {one.user.id: one.user.loaded for one in orders}
    assert all(one.payer.loaded is users[one.payer.id] for one in orders)
    # Whoever pays has ordered as well, so nothing was left to look up.
    assert counted.finds == ["order", "user"]


async def test_lists_dictionaries_and_embedded_models_are_followed(shop: Any, counted: Any) -> None:
    found = await fill(shop, 4)
    counted.forget()
    orders = await found["Order"].find().prefetch("items", "gifts", "lines.product.maker")
    # Each of the three asks for products that the earlier ones have not loaded yet.
    assert Counter(counted.finds) == {"order": 1, "product": 1, "maker": 1}
    for one in orders:
        assert one.gifts["bob"].loaded.name.startswith("product")
        assert one.lines[0].product.loaded.maker.loaded.name.startswith("maker")


async def test_an_explicit_path_goes_round_a_cycle_and_ends(shop: Any, counted: Any) -> None:
    found = await fill(shop, 0)
    company = await found["Company"].find().first()
    ada = await found["User"].create(name="ada", company=company)
    bob = await found["User"].create(name="bob", company=company, boss=ada)
    ada.boss = bob
    await ada.save()
    counted.forget()
    (one,) = await found["User"].find(found["User"].name == "ada").prefetch("boss.boss.boss")
    assert counted.finds == ["user"] * 3  # ada, bob, and ada once more as bob's boss
    assert one.boss.loaded.name == "bob"
    assert one.boss.loaded.boss.loaded.boss.loaded is one.boss.loaded


async def test_a_document_that_is_gone_leaves_its_reference_unloaded(
    shop: Any, counted: Any
) -> None:
    found = await fill(shop, 0)
    gone = ObjectId()
    await found["Order"].create(user=gone)
    (one,) = await found["Order"].find().prefetch("user.company")
    assert not one.user.is_loaded
    with pytest.raises(NotFetchedError, match="refers to .* which was not found") as caught:
        one.user.loaded  # noqa: B018 # reading raises
    assert (caught.value.reference, caught.value.missing) == ("Order.user", gone)
    with pytest.raises(DocumentNotFoundError):
        await one.user.fetch()
    await found["User"].create(id=gone, name="back", company=ObjectId())
    assert (await one.user.fetch()).name == "back"
    assert one.user.loaded.name == "back"


async def test_the_targets_are_seen_as_their_plugins_narrow_them(home: ModelRegistry) -> None:
    class User(BaseModel, registry=home):
        class Meta:
            plugins = ["softdelete"]

    class Order(BaseModel, registry=home):
        user = ReferenceField(User)

    async with connect("sqlite://", registry=home):
        user = await User.create()
        await Order.create(user=user)
        await user.delete()
        (one,) = await Order.find().prefetch("user")
        assert not one.user.is_loaded


async def test_streaming_loads_page_by_page(shop: Any, counted: Any) -> None:
    found = await fill(shop, 1_100)
    counted.forget()
    seen = 0
    async for one in found["Order"].find().prefetch("user"):
        assert one.user.is_loaded
        seen += 1
    assert seen == 1_100
    assert counted.finds == ["order", "user", "user", "user"]


async def test_awaiting_makes_one_page_of_everything(shop: Any, counted: Any) -> None:
    found = await fill(shop, 1_100)
    counted.forget()
    orders = await found["Order"].find().prefetch("user")
    assert counted.finds == ["order", "user"]
    assert len({id(one.user.loaded) for one in orders}) == 10


async def test_a_loop_that_is_left_early_reads_no_further(shop: Any, counted: Any) -> None:
    found = await fill(shop, 1_100)
    counted.forget()
    async for one in found["Order"].find().prefetch("user"):
        assert one.user.is_loaded
        break
    assert counted.finds == ["order", "user"]


async def test_first_loads_too(shop: Any, counted: Any) -> None:
    found = await fill(shop, 3)
    one = await found["Order"].find().prefetch("user").first()
    assert one.user.loaded.name.startswith("user")


async def test_nothing_is_asked_for_nothing(shop: Any, counted: Any) -> None:
    found = await fill(shop, 0)
    counted.forget()
    assert await found["Order"].find().prefetch("user.company") == []
    assert counted.finds == ["order"]
    await found["Order"].create(user=ObjectId(), payer=None)
    counted.forget()
    await found["Order"].find().prefetch("payer", "items", "address.country", "lost")
    assert counted.finds == ["order"]


async def test_instances_that_one_has_already_are_served_too(shop: Any, counted: Any) -> None:
    found = await fill(shop, 20)
    orders = await found["Order"].find()
    ada = await found["User"].get(orders[0].user.id)
    orders[0].user = ada
    counted.forget()
    await shop.database.prefetch(orders, "user.company", "items")
    assert Counter(counted.finds) == {"user": 1, "company": 1, "product": 1}
    assert orders[0].user.loaded is ada
    assert orders[10].user.loaded is ada
    assert ada.company.is_loaded
    counted.forget()
    await shop.database.prefetch(orders, "user.company", "items")
    await shop.database.prefetch([], "anything")
    await shop.database.prefetch(orders)
    assert counted.finds == []


async def test_instances_of_several_models_are_followed_each_by_its_own_references(
    shop: Any, counted: Any
) -> None:
    found = await fill(shop, 1)
    user, order = await found["User"].find().first(), await found["Order"].find().first()
    with pytest.raises(UnknownReferenceError):
        await shop.database.prefetch([user, order], "company")
    assert not user.company.is_loaded


async def test_a_target_of_another_registry_is_read_from_its_own_database() -> None:
    geo, home = ModelRegistry("geo"), ModelRegistry("shop")
    country = define(BaseModel, "Country", geo, name=StringField())
    address = define(BaseModel, "Address", home, country=ReferenceField(country))
    async with connect("sqlite://", registry=geo), connect("sqlite://", registry=home):
        await address.create(country=await country.create(name="France"))
        (one,) = await address.find().prefetch("country")
        assert one.country.loaded.name == "France"


async def test_a_database_that_is_named_is_the_one_that_is_asked(shop: Any, counted: Any) -> None:
    order, user = models(shop)["Order"], models(shop)["User"]
    other = ModelRegistry("a tenant")
    async with connect("sqlite://", registry=other) as tenant:
        assert isinstance(tenant, Database)
        bob = await tenant.save(user(name="bob", company=ObjectId()))
        made = order(user=bob.id)
        await tenant.prefetch([made], "user")
        assert made.user.loaded.name == "bob"
        with tenant.use():
            await made.save()
            (one,) = await order.find().prefetch("user")
        assert one.user.loaded.name == "bob"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("usr", r"shop\.Order has no reference 'usr'\. Did you mean 'user'\?"),
        ("user.compny", r"shop\.User has no reference 'compny'\. Did you mean 'company'\?"),
        ("address.contry", r"no reference 'address\.contry'\. Did you mean 'address\.country'\?"),
        (
            "address",
            r"holds references at 'address', and is none itself\. Did you mean 'address\.country'",
        ),
        ("note", r"has no reference 'note', it is a plain field\. It has: address, gifts"),
        ("note.text", "it is a plain field"),
        ("items.0", r"shop\.Product has no reference '0'"),
        ("user.", r"shop\.User has no reference ''\. It has: boss, company"),
        ("", "has no reference ''"),
        ("id", "it is a plain field"),
        ("find", r"has no reference 'find'"),
    ],
)
async def test_a_name_that_leads_nowhere_is_told_at_once(
    shop: Any, counted: Any, name: str, message: str
) -> None:
    query = models(shop)["Order"].find()
    with pytest.raises(UnknownReferenceError, match=message) as caught:
        query.prefetch(name)
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize("name", [None, 3, ["user"], {"user": 1}, BaseModel, b"user"])
async def test_what_is_no_name_is_refused(shop: Any, counted: Any, name: Any) -> None:
    with pytest.raises(FilterError, match="prefetch takes names of references"):
        models(shop)["Order"].find().prefetch(name)


async def test_a_way_through_a_pending_model_is_told(shop: Any, counted: Any) -> None:
    query = models(shop)["Order"].find()
    query.prefetch("lost")
    with pytest.raises(UnknownModelError, match="Nobody"):
        query.prefetch("lost.home")
    await models(shop)["Order"].create(user=ObjectId(), lost=ObjectId())
    with pytest.raises(UnknownModelError, match="Nobody"):
        await query.prefetch("lost")


async def test_a_stored_name_is_understood(shop: Any, counted: Any) -> None:
    found = await fill(shop, 1)
    (one,) = await found["Order"].find().prefetch("u.company", "address.c")
    assert one.user.loaded.company.is_loaded
    assert one.address.country.is_loaded
