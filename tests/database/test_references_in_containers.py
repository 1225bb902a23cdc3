"""References in sets, tuples and unions of embedded models: loaded, kept by rules, and checked."""

import pickle
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    DeleteRestrictedError,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    ReferenceField,
    SetField,
    StringField,
    TupleField,
)


class Shop:
    """Payments by card, which refer to users, and by voucher, whose reference of that name is to a shop."""

    def __init__(self, home: ModelRegistry, rule: Any) -> None:
        class User(BaseModel, registry=home):
            name = StringField(default="ada")

        class Store(BaseModel, registry=home):
            pass

        class Card(EmbeddedModel, registry=home):
            owner = ReferenceField(User, required=False, on_delete=rule)

        class Voucher(EmbeddedModel, registry=home):
            owner = ReferenceField(Store, required=False, on_delete=rule, alias="o")

        class Seat(EmbeddedModel, registry=home):
            guest = ReferenceField(User, required=False, on_delete=rule)

        class Order(BaseModel, registry=home):
            payment = EmbeddedUnionField(Card, Voucher, required=False)
            payments = ListField(EmbeddedUnionField(Card, Voucher))
            watchers = SetField(ReferenceField(User, on_delete=rule))
            pair: Any = TupleField(
                IntegerField(), ReferenceField(User, required=False, on_delete=rule), required=False
            )
            table: Any = ListField(TupleField(IntegerField(), EmbeddedField(Seat)))

        self.User: Any = User
        self.Store: Any = Store
        self.Card: Any = Card
        self.Voucher: Any = Voucher
        self.Order: Any = Order
        self.home = home

    async def fill(self) -> tuple[Any, Any, Any]:
        """A user, a store with the same id, and an order that refers to both in every way."""
        ada = await self.User.create()
        store = await self.Store.create(id=ada.id)
        order = await self.Order.create(
            payment=self.Card(owner=ada),
            payments=[self.Voucher(owner=store), self.Card(owner=ada)],
            watchers={ada.id},
            pair=(7, ada),
            table=[(1, {"guest": ada}), (2, {"guest": None})],
        )
        return ada, store, order


async def test_all_of_them_are_prefetched(home: ModelRegistry, counted: Any) -> None:
    shop = Shop(home, "none")
    ada, _, _ = await shop.fill()
    counted.forget()
    (one,) = await shop.Order.find().prefetch(
        "payment.owner", "payments.owner", "watchers", "pair", "table.guest"
    )
    assert counted.finds == ["order", "user", "store"]
    assert one.payment.owner.loaded.name == "ada"
    assert [type(each.owner.loaded) for each in one.payments] == [shop.Store, shop.User]
    assert one.pair[1].loaded is one.payment.owner.loaded
    assert [each.loaded.id for each in one.watchers] == [ada.id]
    assert one.table[0][1].guest.loaded is one.pair[1].loaded


async def test_a_nullify_takes_out_what_refers_to_this_model_and_nothing_else(
    home: ModelRegistry, counted: Any
) -> None:
    shop = Shop(home, "nullify")
    ada, store, order = await shop.fill()
    await ada.delete()
    one = await shop.Order.get(order.id)
    assert one.payment.owner is None
    assert [each.owner and each.owner.id for each in one.payments] == [store.id, None]
    assert one.watchers == set()
    assert one.pair == (7, None)
    assert [seat.guest for _, seat in one.table] == [None, None]
    await store.delete()
    one = await shop.Order.get(order.id)
    assert [each.owner for each in one.payments] == [None, None]


async def test_a_restrict_counts_each_way_once(home: ModelRegistry, counted: Any) -> None:
    shop = Shop(home, "restrict")
    ada, store, order = await shop.fill()
    with pytest.raises(DeleteRestrictedError) as caught:
        await ada.delete()
    assert {one.field: one.count for one in caught.value.restrictions} == {
        "payment.owner": 1,
        "payments.owner": 1,
        "watchers": 1,
        "pair.1": 1,
        "table.1.guest": 1,
    }
    with pytest.raises(DeleteRestrictedError) as caught:
        await store.delete()
    assert [one.field for one in caught.value.restrictions] == ["payments.owner"]
    await order.delete()
    assert await ada.delete()
    assert await store.delete()


async def test_a_check_looks_for_each_class_of_a_union_in_its_own_target(
    home: ModelRegistry, counted: Any
) -> None:
    shop = Shop(home, "none")
    await shop.fill()
    database: Any = home.database
    assert [one async for one in database.check_references()] == []
    lost = [ObjectId(), ObjectId(), ObjectId()]
    await shop.Order.create(
        payment=shop.Voucher(owner=lost[0]), watchers={lost[1]}, pair=(1, lost[2])
    )
    found = [one async for one in database.check_references()]
    assert [(one.field, one.target.rpartition(".")[2], one.missing) for one in found] == [
        ("payment.owner", "Store", lost[0]),
        ("watchers", "User", lost[1]),
        ("pair.1", "User", lost[2]),
    ]


class Pair(BaseModel, registry=ModelRegistry("pickled pairs")):
    both: Any = TupleField(IntegerField(), ReferenceField("Pair"))


def test_a_reference_in_a_tuple_can_be_pickled() -> None:
    pair = Pair(both=(1, ObjectId()))
    assert pickle.loads(pickle.dumps(pair)) == pair


def test_a_required_place_in_a_tuple_cannot_be_nullified(home: ModelRegistry) -> None:
    with pytest.raises(
        ModelDefinitionError, match=r"'pair\.1' is required, so on_delete='nullify'"
    ):

        class Order(BaseModel, registry=home):
            pair: Any = TupleField(IntegerField(), ReferenceField("Pair", on_delete="nullify"))
