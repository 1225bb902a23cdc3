"""What both checkers refuse, marked as in `tests/typing/wrong_uses.py`. Importing it runs none of it."""

from datetime import datetime
from uuid import UUID

from tests.typing.shop.kinds import Kinds, Strict
from tests.typing.shop.orders import Basket, Own, Product
from tests.typing.shop.people import Address, Admin, Audited, Builder, Page, Person


async def people(home: Address, product: Product) -> None:
    Person(nme="Ada", address=home)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Person(n="Ada", address=home)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Person(name="Ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Person("Ada", address=home)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Person(name=1, address=home)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name=None, address=home)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name="Ada", address="London")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name="Ada", address=product)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name="Ada", address=home, age="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name="Ada", address=home, born="2024-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name="Ada", address=home, tags="abc")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name="Ada", address=home, tags=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Person(name="Ada", address=home, badge=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name="Ada", address=home, id=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name="Ada", address=home, created_at=datetime.now())  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await Person.create(nme="Ada", address=home)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await Person.create(name=1, address=home)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Address(cty="London")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Person.Phone(number=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def others(audited: Audited, page: Page) -> None:
    Admin(name="Ada", address={})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await Admin.create(name="Ada", address={}, level="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Page(body="…")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Page(title="First", body="…", updated_at=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Builder(self=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Own(name="Ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Audited(words=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    audited.typing = "1"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    print(page.deleted_at)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]


async def references(ada: Person, product: Product) -> None:
    Basket(owner=product)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Basket(owner=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Basket(owner=ada, giver=product)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Basket(owner=ada, items=[ada])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Basket(owner=ada, items="0" * 24)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Product(price="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Product(price=3, weight="4")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def kinds(key: UUID, home: Address, ada: Person) -> None:
    Kinds(url=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(data="a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(day="2024-05-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(took=3600)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(price=9.9)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(key=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(colour=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(level="LOW")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(plan=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(place=(1, 2))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(json=object())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(names="abc")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(keys={1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(pair=("a", "b", "c"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(many=(1,))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Kinds(by_day={"2024-05-01": []})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    Kinds(paid=home)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Strict(key="6ba7b810", owner=ada)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Strict(key=key, names=("a",), owner=ada)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Strict(key=key, owner="0" * 24)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
