"""Property: what a field has checked is, after BSON and back, equal to itself."""

import enum
import json
from datetime import UTC, datetime
from decimal import Decimal, DecimalException
from typing import Any

import bson
import pytest
from bson import CodecOptions, Decimal128, ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earnorm import (
    AnyField,
    BaseModel,
    BooleanField,
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
    Field,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    LiteralField,
    ModelRegistry,
    ObjectIdField,
    PointField,
    ReferenceField,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    UUIDField,
    VectorField,
    from_json,
    to_json,
)
from earnorm import (
    Point as Place,
)

FREE = '"$'
"""What a free value may hold by chance, and Extended JSON would read as one of its own forms."""

AS_STORED: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


class Point(EmbeddedModel):
    x = FloatField(alias="left")
    label = StringField(required=False)


class Pair(EmbeddedModel):
    pair = TupleField(StringField(), DateField())


class Colour(enum.Enum):
    RED = "red"
    NONE = 0


def fits_128_bits(number: Decimal) -> bool:
    try:
        return bool(Decimal128(number))
    except DecimalException:
        return False


texts = st.text(st.characters(codec="utf-8"))
keys = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
integers = st.integers(-(2**63), 2**63 - 1)
numbers = st.floats(allow_nan=False)
moments = st.datetimes(
    min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.timezones()
) | st.datetimes(min_value=datetime(1902, 1, 3), max_value=datetime(2200, 1, 1))
ids = st.binary(min_size=12, max_size=12).map(ObjectId)
names = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)
emails = st.builds("{}@{}.example".format, names, names)
points = st.builds(Point, x=numbers, label=st.none() | texts)
free = st.recursive(
    st.none() | st.booleans() | integers | numbers | texts | st.binary() | moments | ids,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)
json_values = st.recursive(
    st.none() | st.booleans() | integers | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)

FIELDS: list[tuple[Field[Any], st.SearchStrategy[Any]]] = [
    (StringField(), texts),
    (StringField(required=False, alias="v"), st.none() | texts),
    (EmailField(), emails),
    (IntegerField(), integers),
    (FloatField(), numbers | st.integers(-(2**53), 2**53)),
    (BooleanField(), st.booleans()),
    (DateTimeField(), moments),
    (ObjectIdField(), ids | ids.map(str)),
    (ReferenceField("Holder"), ids | ids.map(str)),
    (EmbeddedField(Point), points),
    (ListField(IntegerField(required=False)), st.lists(st.none() | integers)),
    (ListField(ListField(StringField())), st.lists(st.lists(texts) | st.tuples(texts))),
    (ListField(EmbeddedField(Point)), st.lists(points)),
    (DictField(DateTimeField()), st.dictionaries(keys, moments)),
    (DictField(EmbeddedField(Point)), st.dictionaries(keys, points)),
    (DictField(), st.dictionaries(keys, free, max_size=4)),
    (DecimalField(), st.decimals(allow_nan=False, allow_infinity=False).filter(fits_128_bits)),
    (UUIDField(), st.uuids() | st.uuids().map(str)),
    (BytesField(), st.binary() | st.binary().map(bytearray)),
    (DateField(), st.dates()),
    (TimeDeltaField(), st.timedeltas()),
    (EnumField(Colour), st.sampled_from(Colour) | st.sampled_from(Colour).map(lambda it: it.value)),
    (LiteralField("a", 1, True), st.sampled_from(["a", 1, True])),
    (PointField(), st.builds(Place, longitude=st.floats(-180, 180), latitude=st.floats(-90, 90))),
    (VectorField(), st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32))),
    (VectorField(dtype="int8"), st.lists(st.integers(-128, 127))),
    (VectorField(dtype="packed_bit"), st.lists(st.integers(0, 1), max_size=40)),
    (SetField(DateTimeField()), st.sets(moments, max_size=4)),
    (SetField(DecimalField(required=False)), st.sets(st.none() | st.integers(0, 99))),
    (TupleField(StringField(), IntegerField()), st.tuples(texts, integers)),
    (
        TupleField(SetField(IntegerField()), ...),
        st.lists(st.sets(integers, max_size=3), max_size=3),
    ),
    (DictField(BytesField(), keys=IntegerField()), st.dictionaries(integers, st.binary())),
    (DictField(keys=DateField()), st.dictionaries(st.dates(), free, max_size=3)),
    (EmbeddedUnionField(Point, Pair), points | st.builds(Pair, pair=st.tuples(texts, st.dates()))),
    (AnyField(), free.filter(lambda it: it is not None)),
    (JsonField(), json_values.filter(lambda it: it is not None)),
]


@pytest.mark.once
@pytest.mark.parametrize(("field", "values"), FIELDS, ids=lambda it: getattr(it, "expects", ""))
def test_a_value_survives_bson(field: Field[Any], values: st.SearchStrategy[Any]) -> None:
    home = ModelRegistry("round trips")
    model: Any = type("Holder", (BaseModel,), {"value": field}, registry=home)

    @settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(values)
    def survives(value: object) -> None:
        instance = model(value=value)
        stored = bson.encode(instance.to_document())
        loaded = model.from_document(bson.decode(stored, AS_STORED))
        assert loaded == instance
        assert bson.encode(loaded.to_document()) == stored
        instance.value = loaded.value
        assert instance == loaded
        form = json.dumps(to_json(loaded), allow_nan=False)
        if FREE not in form:
            assert from_json(model, form) == loaded

    survives()
