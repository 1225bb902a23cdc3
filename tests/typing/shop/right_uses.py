"""What users of the shop write, with the types that they may count on."""

from datetime import datetime
from decimal import Decimal
from typing import Any, assert_type

from bson import ObjectId

from earnorm import Expression, Query, Reference, registry
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
