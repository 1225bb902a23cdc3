"""What both checkers refuse. Only type checkers read this file; running it would fail.

Each fault carries the ignore comment of each checker, and each checker reports an ignore comment that
it did not need: so a fault that a checker no longer sees is an error of the type check itself.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from earnorm import (
    BaseModel,
    BytesField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    EnumField,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    LiteralField,
    Point,
    PointField,
    ReferenceField,
    ReverseReference,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    URLField,
    UUIDField,
    VectorField,
    connect,
    from_json,
    inspect,
    registry,
    to_json,
    validates,
)
from earnorm_softdelete import SoftDeletable, restore
from earnorm_timestamp import Timestamped


class Address(EmbeddedModel):
    street = StringField()


class Line(EmbeddedModel):
    sku = StringField()
    quantity = IntegerField()
    address = EmbeddedField(Address)


class User(BaseModel):
    name = StringField()
    nick = StringField(required=False)
    age = IntegerField()
    born = DateTimeField()
    tags = ListField(StringField())
    scores = DictField(IntegerField())
    address = EmbeddedField(Address)
    lines = ListField(EmbeddedField(Line), required=False)
    homes = DictField(EmbeddedField(Address))
    height = FloatField()


class Product(BaseModel):
    price = IntegerField()


class Order(BaseModel):
    user = ReferenceField(User)


class Shop(BaseModel):
    orders = ReverseReference(Order, "shop")


class Deletable(SoftDeletable, BaseModel):
    class Meta:
        plugins = ["softdelete"]


class Stamped(Timestamped, BaseModel):
    class Meta:
        plugins = ["timestamp"]


class Colour(StrEnum):
    RED = "red"


class Card(EmbeddedModel):
    number = StringField()


class Article(BaseModel):
    price = DecimalField()
    colour = EnumField(Colour)
    page = URLField()
    key = UUIDField()
    raw = BytesField()
    listed = DateField()
    length = TimeDeltaField()
    size = LiteralField[Literal["small", "large"]]()
    place = PointField()
    near = VectorField()
    colours = SetField(EnumField(Colour))
    pair = TupleField(StringField(), IntegerField())
    days = DictField(IntegerField(), keys=DateField())
    paid = EmbeddedUnionField(Card, Address)
    data = JsonField()


def more_assignments(article: Article) -> None:
    article.price = 1.5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.colour = "red"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.page = None  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.key = "6ba7b810"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.raw = "ab"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.listed = "2024-05-01"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.length = 3600  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.size = "medium"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.place = (13.4, 52.5)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.near = ("a",)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.colours.add("red")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    article.pair = ("a", "b")  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.pair = ("a",)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.days["2024-05-01"] = 1  # type: ignore[index]  # pyright: ignore[reportArgumentType]
    article.paid = User()  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    article.data = date(2024, 5, 1)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    Article.price > "x"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015


def more_declarations() -> None:
    DecimalField(minimum=1.5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    EnumField(str)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
    EnumField(Colour, default="red")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    URLField(schemes=3)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    LiteralField[Literal["a"]](default="b")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    VectorField(dtype="int4")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    TupleField(StringField(), 3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    DictField(keys=str)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    EmbeddedUnionField("Card")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    Point(13.4, 52.5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    to_json({})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    from_json(dict, {})  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]


def assignments(user: User, product: Product, order: Order, stamped: Stamped) -> None:
    user.name = 1  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.name = None  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.age = "3"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.age = 3.5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.born = "2024-05-01"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.tags = [1]  # type: ignore[list-item]  # pyright: ignore[reportAttributeAccessIssue]
    user.address = User()  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    user.address.street = 1  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    order.user = product  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    order.user = None  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    stamped.created_at = None  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


async def fields_of_plugins(deletable: Deletable, stamped: Stamped) -> None:
    print(stamped.created_at.yaer)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    deletable.deleted_at = "now"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    Stamped.created_at > "2024"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    print(stamped.deleted_at)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    await restore("user")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def changes_in_place(user: User) -> None:
    user.tags.append(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    user.scores["math"] = "A"  # type: ignore[assignment]  # pyright: ignore[reportArgumentType]


def unknown_attributes(user: User) -> None:
    user.nmae = "Ada"  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    user.address.stret = "x"  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    print(user.nmae)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    print(user.created_at)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    print(User.nmae == 1)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]


def missing_values(user: User) -> None:
    print(user.nick.upper())  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    count: int = user.name  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(count)


async def comparisons() -> None:
    User.age > "x"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    User.name <= 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    User.born >= "2024"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    await User.find(User.name == 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await User.find(Order.user == "x", Order.user == 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    (User.age > 3) & {"name": "Ada"}  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    await User.find("name")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await User.find(user=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def nested_paths() -> None:
    User.address.street > 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    User.lines.each.quantity > "x"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    User.lines.each.address.street > 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    User.lines.at(0).sku <= 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    User.lines.at("0").sku == "x"  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportUnknownMemberType, reportUnusedExpression, reportArgumentType]  # noqa: B015
    User.tags.each > 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    User.scores["math"] > "x"  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    User.homes["Rome"].street > 3  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B015
    User.homes[3]  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    print(User.address.stret)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(User.lines.each.skuu)  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(User.name.each)  # type: ignore[arg-type]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    print(User.name.exsts())  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
    ~User.name  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]  # noqa: B018


def methods_of_paths() -> None:
    User.age.in_(["x"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    User.age.in_(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.age.startswith("3")  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    User.tags.contains(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.tags.contains_all([3])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    User.age.matches("x")  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    User.tags.has_length("2")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.lines.any("x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.name.exists(False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    User.address.exists(False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def updates() -> None:
    User.name.set(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.name.set(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.address.set(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.address.street.set(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.name.inc(1)  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    User.age.inc("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.age.inc(0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.height.mul("x")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    User.age.min("x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.age.set_now()  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    User.tags.push(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.tags.push("a", position="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.lines.push(Address())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.name.push()  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    User.tags.add_to_set(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.tags.pull(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    User.name.pop()  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    await User.find().update(User.age > 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await User.find().update("name")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await User.find(User.age.inc(1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def shapes() -> None:
    names: list[User] = await User.find().project(User.name)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    lines: list[Line] = await User.find().project(Address)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    await User.find().project(3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    await User.find().project(User.age > 3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    await User.find().page("20")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await User.find().page(20, after=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    users: list[User] = (await User.find().as_documents().page(20)).items  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    await User.find(trusted="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    print(names, lines, users)


async def queries(user: User) -> None:
    found: list[Product] = await User.find()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    first: User = await User.find().first()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    await User.get(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await User.insert_many([Product()])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await User.find().limit("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await User.find().sort(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    user.save()  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    for one in User.find():  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        print(one)  # pyright: ignore[reportUnknownArgumentType]
    print(found, first)


async def prefetched(shop: Shop) -> None:
    shop.orders = []  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    await Order.find().prefetch(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    users: list[User] = await shop.orders  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    shop.orders.nobody  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: B018
    print(users)


def declarations() -> None:
    StringField(minimum=3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    StringField(max_length="3")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    StringField(default=None)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    IntegerField(default="3")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    IntegerField(choices=["a"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    EmailField(pattern=".")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    ListField(StringField)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    ListField(str)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    EmbeddedField("Address")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    ReferenceField(User, on_delete="nulify")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    ReverseReference(Order, 3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    ReverseReference(3, "user")  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    ReferenceField(3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


async def connecting() -> None:
    async with connect("sqlite://", indexes="maybe"):  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        pass
    await connect(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    registry.get_model(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    inspect(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class Wrong(BaseModel, registry="other"):  # type: ignore[arg-type]  # pyright: ignore[reportGeneralTypeIssues, reportArgumentType]
    at: Any = datetime.now()


class Dog(User):
    breed = StringField()
    code = StringField(secret="yes")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]

    @validates("breed")  # type: ignore[type-var]  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
    def check_answer(self) -> bool:
        return True

    @validates("breed")  # type: ignore[type-var]  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
    async def check_later(self) -> None: ...

    @validates("breed")  # type: ignore[type-var]  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
    def check_value(self, value: str) -> None: ...

    @validates(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def check_number(self) -> None: ...


async def children(user: User, dog: Dog, product: Product) -> None:
    await Dog.insert_many([user])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await User.insert_many([dog, product])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    found: list[Dog] = await User.find()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(found)
    registry.explain(dog, "plugins")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    registry.explain(Dog, 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
