"""Models with annotated fields, whose constructors both checkers know."""

from datetime import datetime
from typing import ClassVar, assert_type

from bson import ObjectId

from earnorm import (
    BooleanField,
    DateTimeField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    Expression,
    Field,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ObjectIdField,
    Reference,
    ReferenceField,
    StringField,
    TypedModel,
    registry,
)
from earnorm_timestamp import Timestamped

other = ModelRegistry()


class Address(EmbeddedModel):
    city = StringField()


class Base(TypedModel):
    slug: Field[str] = StringField()

    class Meta:
        abstract = True


class User(Timestamped, Base):
    name: Field[str] = StringField(min_length=2, pattern=".*")
    email: Field[str | None] = EmailField(required=False, default=None)
    age: Field[int | None] = IntegerField(required=False, default=None)
    level: Field[int] = IntegerField(default=3, minimum=0)
    height: Field[float] = FloatField(default=1.7)
    active: Field[bool] = BooleanField(default=True)
    born: Field[datetime] = DateTimeField(default_factory=datetime.now)
    badge: Field[ObjectId] = ObjectIdField(default_factory=ObjectId)
    tags: Field[list[str]] = ListField(StringField(), default_factory=list)
    scores: DictField[dict[str, int]] = DictField(IntegerField(), default_factory=dict)
    address: Field[Address | None] = EmbeddedField(Address, required=False, default=None)
    _collection = "users"
    limit: ClassVar[int] = 3

    class Meta(Base.Meta):
        plugins = ["timestamp"]

    @property
    def shouted(self) -> str:
        return self.name.upper()


class Order(TypedModel, registry=other):
    user: ReferenceField[Reference[User], User | Reference[User] | ObjectId | str] = ReferenceField(
        User
    )
    note: StringField[str] = StringField(default="")


async def uses(user: User, order: Order) -> None:
    User(name="Ada", slug="ada")
    User(slug="ada", name="Ada", age=36, level=1, tags=["a"], address=Address(city="London"))
    User(name="Ada", slug="ada", id=ObjectId(), email=None, scores={"a": 1})
    Order(user=user)
    Order(user=ObjectId(), note="x")
    Order(user=order.user)
    assert_type(user.name, str)
    assert_type(user.slug, str)
    assert_type(user.age, int | None)
    assert_type(user.id, ObjectId | None)
    assert_type(user.tags, list[str])
    assert_type(user.created_at, datetime)
    assert_type(user.shouted, str)
    assert_type(User.name > "B", Expression)
    assert_type(User.level >= 3, Expression)
    assert_type(await User.find(User.name == "Ada"), list[User])
    assert_type(await User.create(name="Ada", slug="ada"), User)
    assert_type(await order.user.fetch(), User)
    registry.register(User)
    user.name = "Bob"
    order.user = user
