"""What each field type takes, what it makes of it, and what it refuses in which words."""

import enum
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from bson import Int64, ObjectId

from earnorm import (
    BaseModel,
    BooleanField,
    DateTimeField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    Field,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ObjectIdField,
    Reference,
    ReferenceField,
    StringField,
    ValidationError,
)

AN_ID = ObjectId("65f0c0ffee65f0c0ffee65f0")
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
LARGEST = 2**63 - 1


class Colour(enum.StrEnum):
    RED = "red"


class Old(str, enum.Enum):  # noqa: UP042 # how it was written before StrEnum, and str() of it differs
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Point(EmbeddedModel):
    x = IntegerField()


def holder(field: Field[Any]) -> Any:
    """A model with one field, `value`."""
    return type("Holder", (BaseModel,), {"value": field}, registry=ModelRegistry("a table"))


def exactly(value: object) -> tuple[type, object]:
    return type(value), value


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        (StringField(), "Ada", "Ada"),
        (StringField(), "", ""),
        (StringField(), "a\0b\n\x1b", "a\0b\n\x1b"),
        (StringField(), "😀é\u202e", "😀é\u202e"),
        (StringField(), Colour.RED, "red"),
        (StringField(), Old.RED, "red"),
        (EmailField(), "Ada@Example.COM", "Ada@Example.COM"),
        (IntegerField(), 0, 0),
        (IntegerField(), LARGEST, LARGEST),
        (IntegerField(), -LARGEST - 1, -LARGEST - 1),
        (IntegerField(), 3.0, 3),
        (IntegerField(), -0.0, 0),
        (IntegerField(), Level.HIGH, 3),
        (IntegerField(), Int64(3), 3),
        (FloatField(), 1.5, 1.5),
        (FloatField(), 3, 3.0),
        (FloatField(), 2**53, float(2**53)),
        (FloatField(), math.inf, math.inf),
        (FloatField(), Level.HIGH, 3.0),
        (BooleanField(), True, True),
        (BooleanField(), False, False),
        (ObjectIdField(), AN_ID, AN_ID),
        (ObjectIdField(), str(AN_ID), AN_ID),
        (ObjectIdField(), str(AN_ID).upper(), AN_ID),
        (DateTimeField(), NOON, NOON),
        (DateTimeField(), NOON.replace(microsecond=999_999), NOON.replace(microsecond=999_000)),
        (DateTimeField(), NOON.astimezone(timezone(timedelta(hours=9))), NOON),
        (ListField(StringField()), [], []),
        (ListField(StringField()), ("a", "b"), ["a", "b"]),
        (ListField(IntegerField(required=False)), [1, None, 2.0], [1, None, 2]),
        (ListField(ListField(IntegerField())), [[1], (2,)], [[1], [2]]),
        (DictField(), {}, {}),
        (DictField(), {"a": (1, Level.HIGH), "": None}, {"a": [1, 3], "": None}),
        (DictField(FloatField()), {"a": 1}, {"a": 1.0}),
        (EmbeddedField(Point), Point(x=1), Point(x=1)),
        (EmbeddedField(Point), {"x": 1}, Point(x=1)),
    ],
)
def test_a_value_that_fits_is_kept(field: Field[Any], given: object, kept: object) -> None:
    instance = holder(field)(value=given)
    assert exactly(instance.value) == exactly(kept)


@pytest.mark.parametrize(
    ("field", "given", "code", "message"),
    [
        (StringField(), 1, "type", "must be a string, not int"),
        (StringField(), b"Ada", "type", "must be a string, not bytes"),
        (StringField(), ["Ada"], "type", "must be a string, not list"),
        (StringField(), None, "required", "a value is required, None is none"),
        (StringField(), "\ud800", "unicode", "holds a lone surrogate, which is not text"),
        (EmailField(), 1, "type", "must be an e-mail address, not int"),
        (EmailField(), "ada", "email", "is not an e-mail address"),
        (IntegerField(), "1", "type", "must be an integer, not str"),
        (IntegerField(), True, "type", "must be an integer, not bool"),
        (IntegerField(), 1.5, "type", "must be an integer, not float"),
        (IntegerField(), math.nan, "type", "must be an integer, not float"),
        (IntegerField(), math.inf, "type", "must be an integer, not float"),
        (IntegerField(), Decimal(1), "type", "must be an integer, not Decimal"),
        (IntegerField(), LARGEST + 1, "range", "does not fit in 64 bits"),
        (IntegerField(), -LARGEST - 2, "range", "does not fit in 64 bits"),
        (IntegerField(), 1e300, "range", "does not fit in 64 bits"),
        (FloatField(), "1", "type", "must be a number, not str"),
        (FloatField(), True, "type", "must be a number, not bool"),
        (FloatField(), 2**53 + 1, "range", "loses digits as a 64-bit float"),
        (FloatField(), 10**400, "range", "loses digits as a 64-bit float"),
        (BooleanField(), 1, "type", "must be a boolean, not int"),
        (BooleanField(), "true", "type", "must be a boolean, not str"),
        (ObjectIdField(), "xyz", "type", "must be an ObjectId, not str"),
        (ObjectIdField(), "g" * 24, "type", "must be an ObjectId, not str"),
        (ObjectIdField(), b"0" * 12, "type", "must be an ObjectId, not bytes"),
        (ObjectIdField(), {"$oid": str(AN_ID)}, "type", "must be an ObjectId, not dict"),
        (DateTimeField(), "2024-05-01", "type", "must be a datetime, not str"),
        (DateTimeField(), date(2024, 5, 1), "type", "must be a datetime, not date"),
        (DateTimeField(), 1714564800, "type", "must be a datetime, not int"),
        (
            DateTimeField(),
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
            "range",
            "leaves the years 1 to 9999 when read as UTC",
        ),
        (ListField(StringField()), "abc", "type", "must be a list, not str"),
        (ListField(StringField()), {"a"}, "type", "must be a list, not set"),
        (ListField(StringField()), {"0": "a"}, "type", "must be a list, not dict"),
        (ListField(StringField()), None, "required", "a value is required, None is none"),
        (DictField(), [], "type", "must be a dictionary with string keys, not list"),
        (DictField(), {1: 1}, "key", "has a key of type int, and keys must be strings"),
        (DictField(), {"a\0": 1}, "key", "has a key with a NUL character, which BSON ends names with"),
        (DictField(IntegerField()), {"\ud800": 1}, "key", "has a key with a lone surrogate, which is not text"),
        (EmbeddedField(Point), 1, "type", "must be an instance of Point or a mapping of its values, not int"),
        (ReferenceField("Holder"), "ada", "type", "must be a stored instance, its id or a reference, not str"),
        (ReferenceField("Holder"), Point(x=1), "type", "must be a stored instance, its id or a reference, not Point"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused(
    field: Field[Any], given: object, code: str, message: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        holder(field)(value=given)
    (fault,) = caught.value.errors
    assert (fault.path, fault.code, fault.message) == ("value", code, message)
    assert fault.input is given or fault.input == given or code == "key"


def test_a_number_that_is_none_is_kept_as_it_is() -> None:
    assert math.isnan(holder(FloatField())(value=math.nan).value)


def test_a_reference_is_read_as_a_reference_that_holds_the_id() -> None:
    order = holder(ReferenceField("Holder"))(value=str(AN_ID))
    assert isinstance(order.value, Reference)
    assert order.value.id == AN_ID
    assert not order.value.is_loaded


@pytest.mark.parametrize(
    "field",
    [
        StringField(required=False),
        EmailField(required=False),
        IntegerField(required=False),
        FloatField(required=False),
        BooleanField(required=False),
        DateTimeField(required=False),
        ObjectIdField(required=False),
        ListField(StringField(), required=False),
        DictField(required=False),
        EmbeddedField(Point, required=False),
        ReferenceField("Holder", required=False),
    ],
    ids=lambda field: type(field).__name__,
)
def test_an_optional_field_is_none_unless_something_is_given(field: Field[Any]) -> None:
    model = holder(field)
    assert model().value is None
    assert model(value=None).to_document() == {"value": None}
    assert model.from_document({}).value is None
    assert model.from_document({"value": None}).value is None
