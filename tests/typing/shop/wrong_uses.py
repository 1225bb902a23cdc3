"""What both checkers refuse, marked as in `tests/typing/wrong_uses.py`. Importing it runs none of it."""

from datetime import datetime

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
