"""What can be said of a field comes back from the document: every type with every kind of argument."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from typing import Any

import pytest
from bson import Binary, Int64, ObjectId, Regex, Timestamp
from bson.decimal128 import Decimal128

import earnorm
from earnorm import (
    EmbeddedField,
    EmbeddedModel,
    Field,
    IntegerField,
    ListField,
    ModelRegistry,
    Point,
    StringField,
    TupleField,
)
from tests.model_registry.conftest import define


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    HIGH = 3


class Bits(Flag):
    A = 1
    B = 2


class Address(EmbeddedModel):
    city = StringField(default="x")


class Circle(EmbeddedModel, discriminator="round"):
    radius = IntegerField(default=1)


class Outer:
    class Nested(EmbeddedModel):
        address = EmbeddedField(Address, required=False)

    class Kind(Enum):
        ONE = 1


def check(value: Any) -> None:
    """Takes everything."""


def make() -> Any:
    return "made"


class Money(Field[Any]):
    """A field type whose constructor takes what it does not keep."""

    def __init__(self, currency: str, **options: Any) -> None:
        super().__init__(**options)
        self.unit = currency.lower()

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "currency": self.unit.upper()}


class Pair(TupleField[Any]):
    """One that takes no places of its own."""


DAY = datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC)
# Untyped, as most of these are what type checkers rightly warn of.
f: Any = earnorm

FIELDS: list[Any] = [
    f.StringField(choices=["a", "b"], default="a", secret=False),
    f.StringField(default_factory=make, validators=[check, check]),
    f.StringField(pattern="(?i)a+"),
    f.StringField(pattern="[ä\\w]+(?P<x>b)", min_length=0, max_length=2**40),
    f.StringField(secret=True),
    f.EmailField(default="a@b.cd", choices={"a@b.cd"}),
    f.URLField(schemes=["ftp", "http"], max_length=9, required=False),
    f.IntegerField(choices=[1, 2**60], default=Int64(2**60)),
    f.IntegerField(minimum=-(2**63), maximum=2**63 - 1),
    f.IntegerField(minimum=1.5),
    f.FloatField(default=float("nan"), strict=True),
    f.FloatField(minimum=float("-inf"), maximum=1e308),
    f.FloatField(choices=[0.5, -0.0, float("inf")]),
    f.BooleanField(default=False),
    f.DecimalField(default=Decimal("1.50"), choices=[Decimal("1.50")]),
    f.DecimalField(max_digits=5, decimal_places=2, minimum=1),
    f.DateTimeField(default=DAY, maximum=DAY.astimezone(timezone(timedelta(hours=2)))),
    f.DateTimeField(choices=[DAY, datetime(2026, 1, 1)], required=False, default=None),
    f.DateField(default=date(2026, 1, 2), choices=[date(2026, 1, 2)]),
    f.TimeDeltaField(default=timedelta(days=10_000, microseconds=7000), minimum=timedelta(-5)),
    f.TimeDeltaField(choices=[timedelta(milliseconds=1), timedelta.max - timedelta(microseconds=999)]),
    f.ObjectIdField(default=ObjectId("0" * 24), choices=[ObjectId("0" * 24)]),
    f.UUIDField(default=uuid.UUID(int=5), choices=[uuid.UUID(int=5)]),
    f.UUIDField(default_factory=uuid.uuid4),
    f.BytesField(default=b"\x00\xff", choices=[b"\x00\xff"], min_length=1, max_length=3),
    f.EnumField(Colour, default=Colour.RED, choices=[Colour.RED]),
    f.EnumField(Level, default=3),
    f.EnumField(Bits, default=Bits.A | Bits.B, choices=[Bits.A, Bits.A | Bits.B]),
    f.EnumField(Outer.Kind),
    f.LiteralField("a", 1, True, default="a", required=False),
    f.LiteralField(2**62, "$x"),
    f.PointField(default=Point(longitude=1, latitude=2)),
    f.PointField(default={"type": "Point", "coordinates": [1, 2]}),
    f.VectorField(dimensions=2, default=[0.5, 1.0]),
    f.VectorField(dtype="packed_bit", default=[0, 1, 1]),
    f.ListField(f.StringField(required=False, choices=["a"]), default=["a"], min_length=1, max_length=9),
    f.ListField(f.ListField(f.DecimalField(default=1)), required=False, default_factory=list),
    f.SetField(f.EnumField(Colour), default={Colour.RED, Colour.BLUE}),
    f.SetField(f.TupleField(f.IntegerField(), f.StringField()), default={(1, "a")}),
    f.SetField(f.IntegerField(), min_length=0, max_length=3, default=frozenset()),
    f.DictField(default={"a": [1, {"$odd": 1}]}),
    f.DictField(f.IntegerField(), keys=f.EnumField(Level), default={Level.HIGH: 1}),
    f.DictField(keys=f.IntegerField(minimum=1), default={1: "a"}),
    f.TupleField(f.IntegerField(), f.DateField(), default=(1, date(2026, 1, 1))),
    f.TupleField(f.LiteralField("a"), ..., default=()),
    Pair(f.IntegerField(), ...),
    f.EmbeddedField(Address, default={"city": "y"}),
    f.EmbeddedField(Address, default=Address(city="y")),
    f.EmbeddedField(Outer.Nested, default_factory=Outer.Nested),
    f.ListField(f.EmbeddedField(Address), default=[Address(city="z"), {"city": "y"}]),
    f.EmbeddedUnionField(Address, Circle, default={"_type": "round", "radius": 2}),
    f.EmbeddedUnionField(Address, Circle, default=Circle(radius=3)),
    f.ReferenceField("User", on_delete="cascade"),
    f.ReferenceField("shop.User", required=False, on_delete="nullify", default=ObjectId("0" * 24)),
    f.AnyField(default=[Regex("a", "i"), Timestamp(1, 2), Binary(b"a", 5), None, Decimal128("1")]),
    f.AnyField(default={"type": "StringField", "kind": "StringField"}),
    f.AnyField(default={"type": 1, "kind": {"$ref": "#/$defs/X"}, "$import": "os:system"}),
    f.AnyField(default=2**63 - 1, choices=[2**63 - 1, "a", None]),
    f.JsonField(default={"a": {"$opaque": "..."}}, required=False),
    Money("EUR", required=False, default=3),
]  # fmt: skip


@pytest.mark.parametrize(
    "field", FIELDS, ids=[f"{n}-{type(one).__name__}" for n, one in enumerate(FIELDS)]
)
@pytest.mark.parametrize(
    "wrap", [lambda one: one, lambda one: ListField(one)], ids=["alone", "in a list"]
)
def test_it_comes_back(home: ModelRegistry, field: Any, wrap: Any) -> None:
    document = home.get_document(define(home, "shop.Thing", value=wrap(field)))
    other = ModelRegistry("another")
    made: Any = other.create_model(document=document, imports=[__name__])
    assert other.get_document(made) == document
