"""A field of every kind."""

from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from earnorm import (
    AnyField,
    BaseModel,
    BytesField,
    DateField,
    DecimalField,
    DictField,
    EmbeddedModel,
    EmbeddedUnionField,
    EnumField,
    JsonField,
    ListField,
    LiteralField,
    PointField,
    ReferenceField,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    URLField,
    UUIDField,
    VectorField,
)
from tests.typing.shop.people import Person, registry

if TYPE_CHECKING:
    from tests.typing.shop._earnorm_types import CardTyping, CashTyping, KindsTyping, StrictTyping
else:
    CardTyping = CashTyping = EmbeddedModel
    KindsTyping = StrictTyping = BaseModel

Plan = Literal["basic", "gold"]


class Colour(StrEnum):
    RED = "red"


class Level(Enum):
    LOW = 1
    HIGH = 1.5


class Card(CardTyping, registry=registry):
    number = StringField(secret=True)


class Cash(CashTyping, registry=registry):
    """Nothing is known of it."""


class Kinds(KindsTyping, registry=registry):
    url = URLField(default="https://example.org")
    data = BytesField(default=b"")
    day = DateField(default=date.today())
    took = TimeDeltaField(required=False)
    price = DecimalField(default=Decimal(1), decimal_places=2)
    key = UUIDField(default_factory=lambda: UUID(int=0))
    colour = EnumField(Colour, required=False)
    level = EnumField(Level, default=Level.LOW)
    plan = LiteralField("basic", "gold", default="basic")
    exact = LiteralField[Plan](default="basic")
    place = PointField(required=False)
    anything = AnyField(required=False)
    json = JsonField(required=False)
    vector = VectorField(required=False)
    names = SetField(StringField())
    keys = SetField(UUIDField())
    pair = TupleField(StringField(), DecimalField(), required=False)
    many = TupleField(UUIDField(), ..., default=())
    by_day = DictField(ListField(UUIDField()), keys=DateField())
    paid = EmbeddedUnionField(Card, Cash, required=False)


class Strict(StrictTyping, registry=registry):
    key = UUIDField(strict=True)
    names = ListField(StringField(), strict=True)
    owner = ReferenceField(Person, strict=True)
