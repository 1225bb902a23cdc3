"""What users of the shop write, with the types that they may count on."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_type
from uuid import UUID

from bson import ObjectId

from earnorm import Expression, Point, Query, Reference, registry
from tests.typing.shop.kinds import Card, Cash, Colour, Kinds, Level, Strict
from tests.typing.shop.orders import Basket, Own, Product
from tests.typing.shop.people import Address, Admin, Audited, Box, Builder, Page, Person


async def people(moment: datetime, names: list[str], addresses: list[Address]) -> None:
    home = Address(city="London")
    ada = Person(name="Ada", address=home)
    Person(name="Ada", address={"city": "London"}, email=None, age=36, height=2, active=False)
    Person(name="Ada", address=home, born=moment, badge=ObjectId(), id="0" * 24)
    Person(name="Ada", address=home, badge="0" * 24, phone=Person.Phone(number="1"))
    Person(name="Ada", address=home, homes={"old": addresses, "new": [home, {"city": "Paris"}]})
    Person(name="Ada", address=home, tags=names)
    Person(name="Ada", address=home, tags=("a", "b"), notes=[], data={"a": 1})
    assert_type(await Person.create(name="Ada", address=home), Person)
    found: Query[Person] = Person.find(Person.created_at > moment)
    assert_type(await found, list[Person])
    assert_type(ada.created_at, datetime)
    assert_type(ada.deleted_at, datetime | None)
    assert_type(ada.name, str)
    assert_type(Person.name > "B", Expression)
    registry.register(Person)


async def others(ada: Person, audited: Audited) -> None:
    admin = await Admin.create(name="Ada", address={}, level=3)
    assert_type(admin, Admin)
    assert_type(admin.name, str)
    assert_type(await Admin.find(Admin.created_at > datetime.now()), list[Admin])
    registry.register(Admin)
    assert_type(Page(title="First", body="…").created_at, datetime)
    assert_type(await Page.create(title="First", body="…"), Page)
    Builder(self="x", cls=3)
    box: Box[int] = Box(size=3)
    assert_type(box.size, int)
    assert_type(Own("Ada", "Lovelace"), Own)
    assert_type(Audited(words=["a"]).list, list[str])
    assert_type(audited.typing, int)
    audited.typing = 3
    assert_type(Audited.typing > 3, Expression)


async def references(ada: Person, product: Product, people: list[Person]) -> None:
    Product(price=Decimal(3))
    Product(price=3, weight=4)
    basket = Basket(owner=ada, giver=ada, items=[product, ObjectId(), "0" * 24])
    Basket(owner=basket.owner, giver="0" * 24, items=(product,), coming=people)
    assert_type(basket.owner, Reference[Person])
    assert_type(basket.items, list[Reference[Any]])


def kinds(key: UUID, texts: list[str], ada: Person) -> None:
    Kinds(url="https://example.org", data=bytearray(b"a"), day=date.today(), took=timedelta(1))
    Kinds(data=memoryview(b"a"), price="9.90", key="6ba7b810-9dad-41d1-80b4-00c04fd430c8")
    Kinds(price=9, key=key, colour="red", level=1, plan="gold", exact="gold")
    Kinds(price=Decimal(9), colour=Colour.RED, level=Level.HIGH, anything=object(), json=None)
    Kinds(
        colour=None, level=1.5, place=Point(longitude=1, latitude=2), json={"a": [1, {"b": None}]}
    )
    Kinds(place={"type": "Point", "coordinates": [1, 2]}, vector=[1, 2.5], names={"a"})
    Kinds(names=frozenset(texts), keys=texts, many=(key, "a"), pair=["a", 3])
    Kinds(names=texts, keys=(key, "a"), many=[key], pair=("a", Decimal(3)))
    Kinds(by_day={date.today(): [key, "a"]}, paid=Card(number="1"))
    Kinds(by_day={}, paid={"_type": "Cash"})
    Kinds(paid=Cash())
    Strict(key=key, names=texts, owner=ada)
    Strict(key=key, owner=Strict(key=key, owner=ada).owner)
