"""From a document to those that refer to it."""

import copy
import pickle
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    Dependents,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    FieldDefinitionError,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    NotFetchedError,
    ReferenceField,
    ReverseReference,
    StringField,
    UnknownModelError,
    UnknownReferenceError,
    ValidationError,
    connect,
    inspect,
)

shop = ModelRegistry("reverse references")


class User(BaseModel, registry=shop):
    name = StringField()
    orders = ReverseReference("Order", "user")
    watched = ReverseReference("Order", "watchers")
    bought = ReverseReference("Order", "lines.buyer")
    strangers = ReverseReference("Stranger", "user")
    typo = ReverseReference("Order", "usr")
    wrong = ReverseReference("Order", "product")
    keyed = ReverseReference("Order", "gifts")


class Product(BaseModel, registry=shop):
    name = StringField()


class Line(EmbeddedModel, registry=shop):
    buyer = ReferenceField(User, alias="b")


class Order(BaseModel, registry=shop):
    user = ReferenceField(User, alias="u")
    total = IntegerField(default=0)
    watchers = ListField(ReferenceField(User))
    product = ReferenceField(Product, required=False)
    gifts = DictField(ReferenceField(User))
    lines = ListField(EmbeddedField(Line))


@pytest.fixture
def home() -> ModelRegistry:
    """The registry that `counted` binds."""
    return shop


@pytest.fixture(autouse=True)
def unbound(counted: Any) -> Any:
    yield
    shop.database = None


async def test_reading_it_queries_nothing_and_awaiting_it_does(counted: Any) -> None:
    ada, bob = await User.insert_many([User(name="ada"), User(name="bob")])
    await Order.insert_many([Order(user=ada, total=n) for n in range(5)])
    await Order.create(user=bob, watchers=[ada], lines=[{"buyer": ada}])
    counted.forget()
    orders = ada.orders
    assert isinstance(orders, Dependents)
    assert counted.finds == []
    assert sorted(one.total for one in await orders) == [0, 1, 2, 3, 4]
    assert counted.finds == ["order"]
    assert await orders.count() == 5
    assert await orders.exists()
    assert [one.total for one in await orders.find(Order.total > 2).sort("-total")] == [4, 3]
    assert [one.total async for one in orders.limit(1)] == [0]
    assert [one.user.id for one in await ada.watched] == [bob.id]
    assert [one.user.id for one in await ada.bought] == [bob.id]
    assert await bob.watched == []
    assert await ada.orders.update({"$set": {"total": 9}}) == 5
    assert await ada.orders.delete() == 5


async def test_prefetching_loads_those_of_a_whole_page_in_one_call(counted: Any) -> None:
    users = await User.insert_many([User(name=str(n)) for n in range(20)])
    tea = await Product.create(name="tea")
    await Order.insert_many(
        [
            Order(user=users[n % 10], total=n, watchers=[users[n % 3], users[3]], product=tea)
            for n in range(100)
        ]
    )
    counted.forget()
    found = await User.find().sort("name").prefetch(User.orders, "watched.product")
    assert counted.finds == ["user", "order", "order", "product"]
    counted.forget()
    by_name = {one.name: one for one in found}
    assert [len(by_name[str(n)].orders.loaded) for n in range(20)] == [10] * 10 + [0] * 10
    assert len(by_name["3"].watched.loaded) == 100
    one = by_name["3"].orders.loaded[0]
    assert one.user.loaded is by_name["3"]
    assert one in by_name["3"].watched.loaded
    assert any(one is other for other in by_name["3"].watched.loaded)
    assert one.product is not None
    assert one.product.loaded.name == "tea"
    assert counted.finds == []


async def test_what_was_not_prefetched_is_told(counted: Any) -> None:
    ada = await User.create(name="ada")
    assert not ada.orders.is_loaded
    with pytest.raises(
        NotFetchedError, match=r"User\.orders was not prefetched.*Await it"
    ) as caught:
        ada.orders.loaded  # noqa: B018 # reading raises
    assert caught.value.reference == "User.orders"


async def test_prefetched_dependents_belong_to_their_instance(counted: Any) -> None:
    await User.create(name="ada")
    (ada,) = await User.find().prefetch("orders")
    copied = copy.copy(ada)
    assert copied == ada
    assert shop.database is not None
    await Order.create(user=ada)
    database: Any = shop.database
    await database.prefetch([copied], "orders")
    assert len(copied.orders.loaded) == 1
    assert ada.orders.loaded == []
    assert pickle.loads(pickle.dumps(ada)).orders.loaded == []
    assert copy.deepcopy(copied).orders.loaded[0].user.id == ada.id
    assert "orders" not in ada.to_document()
    assert inspect(ada).extras == {}


async def test_an_instance_that_was_never_saved_has_none(counted: Any) -> None:
    await Order.create(user=ObjectId())
    ada = User(name="ada")
    assert await ada.orders == []
    assert await ada.orders.count() == 0


def test_it_is_no_field() -> None:
    assert list(User.__metadata__.fields) == ["id", "name"]
    assert User.__metadata__.relationships == ()
    with pytest.raises(ValidationError, match="orders: is no field of User"):
        User(name="ada", orders=[])
    assert repr(User.orders) == "<ReverseReference orders: Order.user>"


def test_it_cannot_be_assigned() -> None:
    ada: Any = User(name="ada")
    with pytest.raises(AttributeError, match=r"User\.orders .* cannot be assigned: set 'user'"):
        ada.orders = []


async def test_a_wrong_declaration_is_told_at_its_first_use(counted: Any) -> None:
    ada = await User.create(name="ada")
    with pytest.raises(UnknownModelError, match="Stranger") as caught:
        await ada.strangers
    assert caught.value.__notes__ == ["User.strangers is to be referred to by it"]
    with pytest.raises(UnknownReferenceError, match="has no reference 'usr'. Did you mean 'user'"):
        await ada.typo
    with pytest.raises(
        UnknownReferenceError, match=r"refers to .*Product, and not to this model by"
    ):
        await ada.wrong
    with pytest.raises(
        UnknownReferenceError, match="inside a dictionary .* where no query can look"
    ):
        await ada.keyed
    with pytest.raises(UnknownReferenceError, match="usr"):
        await User.find().prefetch("typo")


def test_the_declaration_itself_is_checked() -> None:
    wrong: Any
    for wrong in (3, None, "", int, b"Order"):
        with pytest.raises(FieldDefinitionError, match="takes a model or its name"):
            ReverseReference(wrong, "user")
    for wrong in (3, None, "", Order.user):
        with pytest.raises(FieldDefinitionError, match="takes the name of the reference"):
            ReverseReference("Order", wrong)


def test_a_class_that_could_never_read_it_is_refused(home: ModelRegistry) -> None:
    with pytest.raises(ModelDefinitionError, match="'find' has a name that EarnORM reserves"):

        class Finder(BaseModel, registry=ModelRegistry()):
            find = ReverseReference("Order", "user")  # type: ignore[assignment]

    with pytest.raises(ModelDefinitionError, match="is embedded: it has no id"):

        class Part(EmbeddedModel):
            orders = ReverseReference("Order", "user")

    with pytest.raises(ModelDefinitionError, match="is the class ReverseReference"):

        class Careless(BaseModel, registry=ModelRegistry()):
            orders = ReverseReference


async def test_an_abstract_base_declares_it_for_those_that_inherit() -> None:
    other = ModelRegistry("inherited")

    class Commented(BaseModel, registry=other):
        comments = ReverseReference("Comment", "on")

        class Meta:
            abstract = True

    class Page(Commented):
        pass

    class Comment(BaseModel, registry=other):
        on = ReferenceField(Page)

    async with connect("sqlite://", registry=other):
        page = await Page.create()
        await Comment.create(on=page)
        assert await page.comments.count() == 1
        (again,) = await Page.find().prefetch("comments")
        assert len(again.comments.loaded) == 1
