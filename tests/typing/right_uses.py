"""What users write, with the types that they may count on. Only type checkers read this file."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, Literal, assert_type
from uuid import UUID

from bson import ObjectId

from earnorm import (
    AnyField,
    BaseModel,
    BooleanField,
    BytesField,
    DanglingReference,
    Database,
    DateField,
    DateTimeField,
    DecimalField,
    Dependents,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    EnumField,
    Expression,
    Field,
    FloatField,
    IntegerField,
    JsonField,
    JsonValue,
    ListField,
    LiteralField,
    ModelRegistry,
    ObjectIdField,
    Page,
    Path,
    Point,
    PointField,
    Query,
    Reference,
    ReferenceField,
    ReverseReference,
    SetField,
    SortOrder,
    StringField,
    TimeDeltaField,
    TupleField,
    UniqueValidator,
    Update,
    URLField,
    UUIDField,
    VectorField,
    connect,
    from_json,
    hookimpl,
    inspect,
    json_schema,
    registry,
    to_json,
)

other = ModelRegistry()


class Address(EmbeddedModel):
    street = StringField()
    zip = StringField(required=False)


class Place(EmbeddedModel):
    address = EmbeddedField(Address)


class Shown(EmbeddedModel):
    name = StringField()
    exists = BooleanField()


class User(BaseModel):
    name = StringField(min_length=1, max_length=80, pattern=r"\w+")
    email = EmailField(alias="e", choices=["a@b.c"], validators=[len, str.strip])
    age = IntegerField(minimum=0, maximum=200)
    height = FloatField(minimum=0, default=1.7)
    active = BooleanField(default=True)
    born = DateTimeField(default_factory=datetime.now)
    badge = ObjectIdField(default_factory=ObjectId)
    tags = ListField(StringField(), min_length=1)
    scores = DictField(IntegerField())
    data = DictField()
    address = EmbeddedField(Address)
    grid = ListField(ListField(FloatField()))
    homes = DictField(ListField(EmbeddedField(Address)))
    blanks = ListField(IntegerField(required=False))
    places = ListField(EmbeddedField(Place))
    old_places = ListField(EmbeddedField(Place), required=False)
    by_city = DictField(EmbeddedField(Address))
    place = EmbeddedField(Place)
    shown = EmbeddedField(Shown)

    class Meta:
        collection = "users"
        indexes = [{"fields": [("email", 1)], "unique": True}]
        validators = [UniqueValidator("email")]


class Maybe(BaseModel, registry=other):
    name = StringField(required=False)
    email = EmailField(required=False, default=None)
    age = IntegerField(required=False, default=3)
    height = FloatField(required=False)
    active = BooleanField(required=False, default=None)
    born = DateTimeField(required=False, default_factory=lambda: None)
    badge = ObjectIdField(required=False)
    tags = ListField(StringField(), required=False, default=None)
    scores = DictField(IntegerField(), required=False)
    data = DictField(required=False)
    address = EmbeddedField(Address, required=False, default=None)
    user = ReferenceField(User, required=False)
    anybody = ReferenceField("User", required=False)


class Colour(StrEnum):
    RED = "red"


class Level(Enum):
    LOW = 1


class Card(EmbeddedModel, discriminator="card"):
    number = StringField()


class Cash(EmbeddedModel):
    currency = StringField(default="EUR")


Size = Literal["small", "large"]


class Article(BaseModel):
    price = DecimalField(minimum=0, decimal_places=2, default=Decimal(1))
    colour = EnumField(Colour, default=Colour.RED)
    level = EnumField(Level, required=False, strict=True)
    page = URLField(schemes=["https"], max_length=100)
    key = UUIDField()
    raw = BytesField(max_length=3)
    listed = DateField(minimum=date(2020, 1, 1))
    length = TimeDeltaField(required=False)
    size = LiteralField[Size]()
    maybe_size = LiteralField[Size | None]()
    word: Field[Size] = LiteralField("small", "large")
    plain_size = LiteralField("small", "large")
    plain_number = LiteralField(1, 2, required=False)
    place = PointField()
    near = VectorField(dimensions=3)
    bits = VectorField(dtype="packed_bit", required=False)
    colours = SetField(EnumField(Colour))
    maybe_set = SetField(UUIDField(), required=False, default=None)
    pair = TupleField(StringField(), IntegerField(required=False))
    four = TupleField(StringField(), IntegerField(), BooleanField(), DateField(), required=False)
    many = TupleField(DecimalField(), ...)
    days = DictField(IntegerField(), keys=DateField())
    counts = DictField(keys=EnumField(Colour), required=False)
    paid = EmbeddedUnionField(Card, Cash)
    maybe_paid = EmbeddedUnionField(Card, Cash, Address, required=False)
    anything = AnyField(required=False)
    data = JsonField(default={})


class Order(BaseModel):
    user = ReferenceField(User, on_delete="restrict")
    items = ListField(ReferenceField(User))
    later = ReferenceField("shop.models.Product")


def fields(user: User, maybe: Maybe) -> None:
    assert_type(user.id, ObjectId | None)
    assert_type(user.name, str)
    assert_type(user.email, str)
    assert_type(user.age, int)
    assert_type(user.height, float)
    assert_type(user.active, bool)
    assert_type(user.born, datetime)
    assert_type(user.badge, ObjectId)
    assert_type(user.tags, list[str])
    assert_type(user.scores, dict[str, int])
    assert_type(user.data, dict[str, Any])
    assert_type(user.address, Address)
    assert_type(user.address.street, str)
    assert_type(user.address.zip, str | None)
    assert_type(user.grid, list[list[float]])
    assert_type(user.homes, dict[str, list[Address]])
    assert_type(user.blanks, list[int | None])
    assert_type(maybe.name, str | None)
    assert_type(maybe.email, str | None)
    assert_type(maybe.age, int | None)
    assert_type(maybe.height, float | None)
    assert_type(maybe.active, bool | None)
    assert_type(maybe.born, datetime | None)
    assert_type(maybe.badge, ObjectId | None)
    assert_type(maybe.tags, list[str] | None)
    assert_type(maybe.scores, dict[str, int] | None)
    assert_type(maybe.data, dict[str, Any] | None)
    assert_type(maybe.address, Address | None)


def more_fields(article: Article) -> None:
    assert_type(article.price, Decimal)
    assert_type(article.colour, Colour)
    assert_type(article.level, Level | None)
    assert_type(article.page, str)
    assert_type(article.key, UUID)
    assert_type(article.raw, bytes)
    assert_type(article.listed, date)
    assert_type(article.length, timedelta | None)
    assert_type(article.size, Literal["small", "large"])
    assert_type(article.maybe_size, Literal["small", "large"] | None)
    assert_type(article.word, Literal["small", "large"])
    assert_type(article.plain_size, str)
    assert_type(article.plain_number, int | None)
    assert_type(article.place, Point)
    assert_type(article.place.latitude, float)
    assert_type(article.near, tuple[float, ...])
    assert_type(article.bits, tuple[int, ...] | None)
    assert_type(article.colours, set[Colour])
    assert_type(article.maybe_set, set[UUID] | None)
    assert_type(article.pair, tuple[str, int | None])
    assert_type(article.four, tuple[str, int, bool, date] | None)
    assert_type(article.many, tuple[Decimal, ...])
    assert_type(article.days, dict[date, int])
    assert_type(article.counts, dict[Colour, Any] | None)
    assert_type(article.paid, Card | Cash)
    assert_type(article.maybe_paid, Card | Cash | Address | None)
    assert_type(article.anything, Any)


def assigning_and_reading(article: Article) -> None:
    article.data = {"a": [1, None, {"b": True}]}
    article.data = [1, 2]
    given: JsonValue = article.data
    article.price = Decimal("1.5")
    article.size = "large"
    article.pair = ("a", None)
    article.paid = Cash()
    article.colours.add(Colour.RED)
    assert_type(Article.price > Decimal(3), Expression)
    assert_type(Article.listed <= date(2024, 5, 1), Expression)
    assert_type(Article.length > timedelta(1), Expression)
    assert_type(to_json(article), dict[str, Any])
    assert_type(from_json(Article, {"price": given}), Article)
    assert_type(from_json(Card, '{"number": "1"}'), Card)
    assert_type(json_schema(Article), dict[str, Any])


def assignments(user: User, maybe: Maybe, order: Order) -> None:
    user.name = "Ada"
    user.height = 2
    user.tags = ["a"]
    user.scores["math"] = 1
    user.address = Address(street="Main")
    user.address.zip = None
    maybe.name = None
    maybe.age = 3
    order.user = user
    order.user = order.user
    order.user = ObjectId()
    order.user = "0" * 24
    order.items.append(order.user)
    maybe.user = None
    maybe.anybody = user


async def references(order: Order, maybe: Maybe) -> None:
    assert_type(order.user, Reference[User])
    assert_type(order.user.id, ObjectId)
    assert_type(order.user.loaded, User)
    assert_type(await order.user.fetch(), User)
    assert_type(order.items, list[Reference[User]])
    assert_type(order.later, Reference[Any])
    assert_type(maybe.user, Reference[User] | None)
    assert_type(maybe.anybody, Reference[Any] | None)


class Shop(BaseModel):
    owner = ReferenceField(User, required=False, on_delete="nullify", alias="o")
    orders = ReverseReference(Order, "shop")
    visits = ReverseReference("Visit", "shop")
    named: "ReverseReference[Order]" = ReverseReference("Order", "shop")


async def dependents(shop: Shop) -> None:
    orders: Dependents[Order] = shop.orders
    assert_type(await orders, list[Order])
    assert_type(await shop.orders, list[Order])
    assert_type(await shop.orders.find(Order.user == ObjectId()).first(), Order | None)
    assert_type(await shop.orders.count(), int)
    assert_type(shop.orders.loaded, list[Order])
    assert_type(shop.orders.is_loaded, bool)
    assert_type(await shop.visits, list[Any])
    assert_type(await shop.named, list[Order])
    async for one in shop.orders:
        assert_type(one, Order)


async def prefetched(database: Database, shops: list[Shop]) -> None:
    query: Query[Order] = Order.find().prefetch("user", "items", Order.user)
    assert_type(await query.prefetch("user").first(), Order | None)
    assert_type(await Shop.find().prefetch(Shop.orders, "orders.user", "owner"), list[Shop])
    await database.prefetch(shops, "owner", Shop.orders)
    async for finding in database.check_references(Order, Shop):
        assert_type(finding, DanglingReference)


def expressions(user: User) -> None:
    assert_type(User.age > 3, Expression)
    assert_type(User.age == 3, Expression)
    assert_type(User.name != "Ada", Expression)
    assert_type((User.age >= 3) & (User.name < "b") | (User.height <= 2), Expression)
    assert_type(User.born > datetime.now(), Expression)
    assert_type(User.tags == ["a"], Expression)
    assert_type(Maybe.age == None, Expression)  # noqa: E711 # `is` cannot be overloaded
    assert_type(Order.user == user, Expression)
    assert_type(User.id == ObjectId(), Expression)


def negations() -> None:
    assert_type(~(User.age > 3), Expression)
    assert_type(~(User.age > 3) & ~~(User.name == "Ada"), Expression)


def nested_paths(maybe: Maybe) -> None:
    assert_type(User.address.street, Path[str])
    assert_type(User.address.zip, Path[str | None])
    assert_type(User.address.street == "Main", Expression)
    assert_type(User.place.address.street.startswith("M"), Expression)
    assert_type(Maybe.address.street >= "Main", Expression)
    assert_type(Maybe.address == None, Expression)  # noqa: E711
    assert_type(User.address != Address(), Expression)
    assert_type(User.address.exists(), Expression)
    assert_type(User.address.in_([Address(), None]), Expression)
    assert_type(User.shown["exists"] == True, Expression)  # noqa: E712
    assert_type(User.places.each.address.street == "Main", Expression)
    assert_type(User.old_places.each.address.zip == None, Expression)  # noqa: E711
    assert_type(User.places.at(0).address.street < "Main", Expression)
    assert_type(User.tags.each, Path[str])
    assert_type(User.tags.at(0) > "a", Expression)
    assert_type(Maybe.tags.each < "a", Expression)
    assert_type(User.grid.at(0).at(1) > 0.5, Expression)
    assert_type(User.scores["math"], Path[int])
    assert_type(User.scores["math"] > 3, Expression)
    assert_type(Maybe.scores["math"] > 3, Expression)
    free: Expression = User.data["a"]["b"] == 3
    assert_type(User.by_city["Rome"].street == "x", Expression)
    assert_type(maybe.address, Address | None)
    print(free)


def methods_of_paths() -> None:
    assert_type(User.age.in_([1, 2]), Expression)
    assert_type(Maybe.age.not_in({1, None}), Expression)
    assert_type(User.name.exists(present=False), Expression)
    assert_type(User.name.startswith("A") | Maybe.tags.matches("^a", ignore_case=True), Expression)
    assert_type(User.tags.contains("a") & Maybe.tags.contains("a"), Expression)
    assert_type(User.tags.contains_all(["a", "b"]), Expression)
    assert_type(User.tags.has_length(2), Expression)
    assert_type(User.places.any(Place.address.street == "Main"), Expression)
    assert_type(User.tags.any(User.tags.each > "a"), Expression)
    assert_type(Order.items.contains(ObjectId()), Expression)
    assert_type(User.age.desc(), SortOrder)


async def updates(user: User, order: Order) -> None:
    assert_type(User.age.set(3), Update)
    assert_type(Maybe.age.set(None), Update)
    assert_type(User.age.inc(), Update)
    assert_type(Maybe.age.mul(3), Update)
    assert_type(User.height.inc(0.5), Update)
    assert_type(User.height.inc(1), Update)
    assert_type(User.age.min(3), Update)
    assert_type(User.born.max(datetime.now()), Update)
    assert_type(User.born.set_now(), Update)
    assert_type(Maybe.born.set_now(), Update)
    assert_type(Maybe.name.unset(), Update)
    assert_type(User.tags.push("a", "b", position=0, keep_last=10), Update)
    assert_type(Maybe.tags.add_to_set("a", "b"), Update)
    assert_type(User.tags.pull("a", "b"), Update)
    assert_type(User.tags.pull(User.tags.each > "a"), Update)
    assert_type(User.places.push(Place()), Update)
    assert_type(User.places.pull(Place.address.street == "Main"), Update)
    assert_type(Maybe.tags.pop(), Update)
    assert_type(User.places.pop_first(), Update)
    assert_type(Order.items.push(user, order.user.id, order.user), Update)
    assert_type(Order.user.set(user), Update)
    assert_type(User.address.set(Address()), Update)
    assert_type(Maybe.address.set(None), Update)
    assert_type(Maybe.address.unset(), Update)
    assert_type(User.address.street.set("Main"), Update)
    assert_type(User.scores["math"].inc(2), Update)
    assert_type(await User.find().update(User.age.inc(), User.name.set("Ada"), each=True), int)


async def shapes() -> None:
    query = User.find(User.age > 3).sort(User.age.desc(), "-name")
    dictionaries: Query[dict[str, Any]] = query.project(User.name, User.address.street, "age")
    assert_type(await dictionaries, list[dict[str, Any]])
    assert_type(await query.project(User.name, User.address), list[dict[str, Any]])
    assert_type(await query.project(Shown), list[Shown])
    assert_type(await query.project(Shown).first(), Shown | None)
    assert_type(await query.as_documents(), list[dict[str, Any]])
    assert_type(await User.find(User.age > 3, trusted=True), list[User])
    page: Page[User] = await query.page(20)
    assert_type(page.items, list[User])
    assert_type(page.next, str | None)
    assert_type(await query.project(Shown).page(20, after=page.next), Page[Shown])
    assert_type(await query.as_documents().page(20), Page[dict[str, Any]])


async def queries(user: User) -> None:
    every: Query[User] = User.find()
    assert_type(await every, list[User])
    assert_type(await User.find(User.age > 3, {"name": "Ada"}), list[User])
    assert_type(await User.find().sort("-age", User.name).skip(1).limit(2).to_list(), list[User])
    assert_type(await User.find().first(), User | None)
    assert_type(await User.find().count(), int)
    assert_type(await User.find().exists(), bool)
    assert_type(await User.find().update({"$set": {"age": 3}}, each=True), int)
    assert_type(await User.find().delete(skip_hooks=["softdelete"]), int)
    assert_type(await User.get(ObjectId()), User)
    assert_type(await User.get("0" * 24), User)
    assert_type(await User.create(name="Ada"), User)
    assert_type(await User.insert_many([user]), list[User])
    assert_type(await user.save(), User)
    assert_type(await user.delete(), bool)
    assert_type(await user.reload(), User)
    assert_type(user.to_document(), dict[str, Any])
    assert_type(User.from_document({}), User)
    assert_type(inspect(user).is_new, bool)
    async for one in User.find():
        assert_type(one, User)


async def connecting(user: User) -> None:
    async with connect("sqlite://", registry=other, indexes="warn") as database:
        assert_type(await database.save(user), User)
        assert_type(await database.get(User, ObjectId()), User)
        with database.use():
            await user.save()
    database = await connect()
    await database.aclose()


@registry.plugin("lowercase")
class Lowercase:
    def before_save(self, instance: User) -> None:
        instance.email = instance.email.lower()


class Shout:
    @hookimpl(tryfirst=True)
    async def after_save(self, instance: BaseModel) -> None: ...


class Greeting:
    greeting = StringField(default="Hello")

    def greet(self) -> str:
        return self.greeting


class Polite(Greeting, BaseModel):
    @property
    def shouted(self) -> str:
        return self.greeting.upper()


assert_type(Lowercase(), Lowercase)
assert_type(Polite().greeting, str)
assert_type(Polite().shouted, str)
