"""What nobody should send to a field: each is refused with a fault, soon, and never with another error."""

import enum
import sys
import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64
from bson.datetime_ms import DatetimeMS

from earnorm import (
    AnyField,
    BaseModel,
    BytesField,
    DateField,
    DecimalField,
    DictField,
    DocumentError,
    EmbeddedModel,
    EmbeddedUnionField,
    EnumField,
    Field,
    IntegerField,
    JsonField,
    ListField,
    LiteralField,
    ModelRegistry,
    Point,
    PointField,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    URLField,
    UUIDField,
    ValidationError,
    VectorField,
    from_json,
)


class Level(enum.IntEnum):
    LOW = 1
    SAME_AS_LOW = 1
    HIGH = 2


class Truth(enum.Enum):
    YES = True
    NO = False


class Gentle(enum.Enum):
    RED = "red"

    @classmethod
    def _missing_(cls, value: object) -> Any:
        return cls.RED if str(value).lower() == "red" else 3


class Card(EmbeddedModel):
    number = StringField()


class Elementwise:
    """Compares as an array of numpy does."""

    def __eq__(self, other: object) -> Any:
        raise ValueError("the truth of an array is ambiguous")

    __hash__ = None  # type: ignore[assignment]


def holder(field: Field[Any]) -> Any:
    return type("Holder", (BaseModel,), {"value": field}, registry=ModelRegistry("hostile"))


def nested(depth: int, kind: str) -> Any:
    value: Any = "leaf"
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


def own_part() -> list[Any]:
    value: list[Any] = []
    value += [value, value]
    return value


TEN_MEGABYTES = 10_000_000
HUGE = Decimal((0, (1,) * 1_000_000, 0))

REFUSED: list[tuple[Field[Any], Any, str]] = [
    (DecimalField(), HUGE, "range"),
    (DecimalField(), 1 << 33_219_281, "range"),  # ten million digits; 10**10_000_000 takes seconds
    (DecimalField(), "1" * TEN_MEGABYTES, "type"),
    (DecimalField(), "1E+9999", "range"),
    (DecimalField(), "1e99999", "type"),
    (DecimalField(), Decimal("sNaN"), "finite"),
    (DecimalField(), Decimal("-Infinity"), "finite"),
    (DecimalField(), Decimal128("NaN"), "finite"),
    (DecimalField(), "1_000", "type"),
    (DecimalField(), "١٢", "type"),
    (DecimalField(), " 1", "type"),
    (DecimalField(max_digits=3), Decimal("5E+6"), "max_digits"),
    (DecimalField(decimal_places=2), Decimal("1.000"), "decimal_places"),
    (DecimalField(max_digits=2), Decimal("0.005"), "max_digits"),
    (URLField(), "http://" + "a" * TEN_MEGABYTES, "max_length"),
    (URLField(max_length=TEN_MEGABYTES), "http://" + "a" * 5_000_000, "url"),
    (URLField(max_length=TEN_MEGABYTES), "http://" + "a." * 2_000_000 + "!", "url"),
    (URLField(max_length=TEN_MEGABYTES), "http://" + "a@" * 2_000_000, "url"),
    (URLField(max_length=TEN_MEGABYTES), "http://a/" + "?" * 5_000_000 + " ", "url"),
    (URLField(), "http://", "url"),
    (URLField(), "http:///a", "url"),
    (URLField(), "http://a:99999", "url"),
    (URLField(), "http://a\\@evil.example", "url"),
    (URLField(), "http://a\n.b", "url"),
    (URLField(), "http://a\0", "url"),
    (URLField(), "http://999.1.1.1", "url"),
    (URLField(), "http://[::g]", "url"),
    (URLField(), "http://-a.b", "url"),
    (URLField(), "http://a..b", "url"),
    (URLField(), "data:text/html,x", "url"),
    (URLField(), "http://a/\ud800", "unicode"),
    (UUIDField(), "{6ba7b810-9dad-41d1-80b4-00c04fd430c8}", "type"),
    (UUIDField(), "6ba7b810-9dad41d180b400c04fd430c8", "type"),
    (UUIDField(), "٦" * 32, "type"),
    (UUIDField(), Binary(b"a" * 16, 3), "type"),
    (UUIDField(), Binary(b"a" * 15, 4), "type"),
    (BytesField(max_length=3), b"a" * TEN_MEGABYTES, "max_length"),
    (BytesField(), Binary(b"a", 4), "type"),
    (DateField(), datetime(2024, 5, 1), "type"),
    (DateField(), DatetimeMS(2**60), "type"),
    (DateField(minimum=date(2024, 1, 1)), date.min, "range"),
    (TimeDeltaField(minimum=timedelta(0)), timedelta(microseconds=-1), "range"),
    (TimeDeltaField(), True, "type"),
    (EnumField(Level), True, "enum"),
    (EnumField(Level), 3, "enum"),
    (EnumField(Level), [1], "type"),
    (EnumField(Level), "1", "enum"),
    (EnumField(Truth), 1, "enum"),
    (EnumField(Gentle), "blue", "enum"),
    (EnumField(Level), "a" * TEN_MEGABYTES, "enum"),
    (LiteralField("a", 1), True, "literal"),
    (LiteralField("a", True), 1, "literal"),
    (LiteralField("a"), Elementwise(), "literal"),
    (LiteralField("a"), "a" * TEN_MEGABYTES, "literal"),
    (PointField(), {"type": "Point", "coordinates": [float("nan"), 0]}, "point"),
    (PointField(), {"type": "Point", "coordinates": [True, 0]}, "point"),
    (PointField(), {"type": "Point", "coordinates": [10**5000, 0]}, "point"),
    (PointField(), {"type": "Point", "coordinates": [0, 0], "crs": {}}, "type"),
    (PointField(), {"type": Elementwise(), "coordinates": 3}, "type"),
    (VectorField(), [float("inf")], "vector"),
    (VectorField(), [10**400], "vector"),
    (VectorField(), [True], "vector"),
    (VectorField(), ["1"], "vector"),
    (VectorField(), memoryview(bytearray(4)).cast("B", (2, 2)), "type"),
    (VectorField(), Binary(b"\x27\x00abc", 9), "type"),
    (VectorField(), Binary(b"\x99", 9), "type"),
    (VectorField(dtype="int8"), [0.0], "vector"),
    (SetField(StringField()), [["a"]], "type"),
    (SetField(AnyField()), [[1]], "unhashable"),
    (SetField(StringField()), {None}, "required"),
    (SetField(StringField()), {"a": 1}, "type"),
    (TupleField(StringField()), ("a", "b"), "length"),
    (TupleField(IntegerField(), ...), (True,), "type"),
    (DictField(keys=IntegerField()), {"1": 1}, "key"),
    (DictField(keys=IntegerField()), {True: 1}, "key"),
    (DictField(keys=IntegerField()), {2**63: 1}, "key"),
    (DictField(keys=StringField(min_length=1)), {"": 1}, "key"),
    (DictField(keys=StringField()), {"a\0": 1}, "key"),
    (DictField(keys=LiteralField("a\0")), {"a\0": 1}, "key"),
    (DictField(keys=UUIDField()), {"6ba7b810": 1}, "key"),
    (EmbeddedUnionField(Card), {"_type": "Card" * 1_000_000}, "discriminator"),
    (EmbeddedUnionField(Card), {"_type": ["Card"], "number": "1"}, "discriminator"),
    (EmbeddedUnionField(Card), {"_type": "Card", "number": {"$gt": ""}}, "type"),
    (JsonField(), nested(100, "list"), "depth"),
    (JsonField(), nested(5000, "dict"), "depth"),
    (JsonField(), own_part(), "depth"),
    (JsonField(), {"a": float("nan")}, "finite"),
    (JsonField(), {"a\0": 1}, "key"),
    (JsonField(), [2**63], "range"),
    (JsonField(), "\ud800", "unicode"),
    (JsonField(), {1: 1}, "key"),
    (JsonField(), {"a"}, "type"),
    (AnyField(), nested(100, "dict"), "depth"),
    (AnyField(), own_part(), "depth"),
    (AnyField(), {"a"}, "type"),
    (ListField(SetField(IntegerField())), [[1, "a"]], "type"),
]


@pytest.mark.parametrize(
    ("field", "value", "code"), REFUSED, ids=lambda it: type(it).__name__ if isinstance(it, Field) else ""
)  # fmt: skip
def test_what_is_hostile_is_refused_soon(field: Field[Any], value: Any, code: str) -> None:
    model = holder(field)
    started = time.process_time()
    with pytest.raises(ValidationError) as caught:
        model(value=value)
    assert caught.value.errors[0].code == code
    assert len(str(caught.value)) < 10_000
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("field", "stored", "code"),
    [
        (DecimalField(), Decimal128("Infinity"), "finite"),
        (DecimalField(), 1.5, "type"),
        (DateField(), datetime(2024, 5, 1, 12), "time"),
        (DateField(), DatetimeMS(2**60), "type"),
        (TimeDeltaField(), Int64(2**62), "range"),
        (TimeDeltaField(), 1.5, "type"),
        (TimeDeltaField(), True, "type"),
        (EnumField(Level), 7, "enum"),
        (UUIDField(), Binary(b"a" * 16, 3), "type"),
        (PointField(), {"type": "Point", "coordinates": [0, 91]}, "point"),
        (PointField(), [13.4, 52.5], "type"),
        (SetField(StringField()), ["a", ["b"]], "type"),
        (SetField(AnyField()), [{}], "unhashable"),
        (TupleField(StringField(), StringField()), ["a"], "length"),
        (TupleField(StringField()), "a", "type"),
        (DictField(keys=IntegerField()), {"007": 1}, "key"),
        (DictField(keys=IntegerField()), {"-0": 1}, "key"),
        (DictField(keys=IntegerField()), {"9" * 19: 1}, "key"),
        (DictField(keys=IntegerField()), {"1" * 100_000: 1}, "key"),
        (DictField(keys=UUIDField()), {"6BA7B810-9DAD-41D1-80B4-00C04FD430C8": 1}, "key"),
        (EmbeddedUnionField(Card), {"number": "1"}, "discriminator"),
        (EmbeddedUnionField(Card), {"_type": None, "number": "1"}, "discriminator"),
        (JsonField(), b"a", "type"),
        (VectorField(dtype="int8"), Binary(b"\x27\x00\x00\x00\x00\x00", 9), "type"),
    ],
)
def test_a_stored_value_that_does_not_fit_is_an_error_of_its_document(
    field: Field[Any], stored: Any, code: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        holder(field).from_document({"value": stored})
    assert [fault.code for fault in caught.value.errors] == [code]


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        (DecimalField(), 10**33, Decimal(10**33)),
        (DecimalField(), Decimal("-0.0"), Decimal("-0.0")),
        (DecimalField(), Decimal("1E+6144"), Decimal("1E+6144")),
        (DecimalField(), Decimal("1E-6176"), Decimal("1E-6176")),
        (URLField(), "HTTP://user:pw@Bücher.example:80/ä?ö#ü", "HTTP://user:pw@Bücher.example:80/ä?ö#ü"),
        (URLField(), "http://localhost", "http://localhost"),
        (URLField(), "http://127.0.0.1:8000/?a=[1]", "http://127.0.0.1:8000/?a=[1]"),
        (URLField(schemes=["ftp"]), "ftp://a.b.", "ftp://a.b."),
        (DateField(), date.max, date.max),
        (DateField(), date.min, date.min),
        (TimeDeltaField(), timedelta.min, timedelta.min),
        (TimeDeltaField(), timedelta.max, timedelta(days=999999999, seconds=86399, milliseconds=999)),
        (TimeDeltaField(), timedelta(microseconds=-1), timedelta(milliseconds=-1)),
        (EnumField(Level), Level.SAME_AS_LOW, Level.LOW),
        (EnumField(Level), 2.0, Level.HIGH),
        (EnumField(Truth), True, Truth.YES),
        (EnumField(Gentle), "RED", Gentle.RED),
        (JsonField(), nested(99, "list"), nested(99, "list")),
        (SetField(IntegerField()), [3, 3.0, 3], {3}),
        (PointField(), Point(longitude=-180, latitude=90), Point(longitude=-180.0, latitude=90.0)),
    ],
)  # fmt: skip
def test_what_is_odd_and_fits_is_kept_and_comes_back(
    field: Field[Any], given: Any, kept: Any
) -> None:
    model = holder(field)
    instance = model(value=given)
    assert instance.value == kept
    loaded = model.from_document(instance.to_document())
    assert loaded.value == kept
    assert str(loaded.value) == str(instance.value)
    assert from_json(model, _json(instance)) == instance


def _json(instance: Any) -> Any:
    return {"value": type(instance).__codec__.fields["value"].to_json(instance.value)}


@pytest.mark.parametrize("word", ["[", "[1", '{"value": NaN}', "\ud800", b"\xff", "1" * 5000, ""])
def test_what_is_no_json_is_refused(word: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        from_json(holder(JsonField()), word)
    assert {fault.code for fault in caught.value.errors} == {"json"}


@pytest.mark.parametrize("field", [JsonField(), AnyField(), DictField()])
def test_json_that_is_nested_too_deep_is_refused(field: Field[Any]) -> None:
    for depth in (150, 100_000):
        text = '{"value":' + '{"a":' * depth + "1" + "}" * depth + "}"
        with pytest.raises(ValidationError) as caught:
            from_json(holder(field), text)
        assert caught.value.errors[0].code in ("depth", "json")
    assert sys.getrecursionlimit() < 10_000


@pytest.mark.parametrize(
    "data",
    [{"$oid": 3}, {"$oid": "x"}, {"$date": {}}, {"$binary": 1}, {"$numberDecimal": "x"}, {"$uuid": []}],
)  # fmt: skip
def test_extended_json_that_is_none_is_a_fault(data: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        from_json(holder(AnyField()), {"value": [data]})
    assert [(fault.path, fault.code) for fault in caught.value.errors] == [("value.0", "json")]
