"""Property: what a field has checked is, after BSON and back, equal to itself."""

from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from bson import CodecOptions, ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    ReferenceField,
    StringField,
)

AS_STORED: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


class Point(EmbeddedModel):
    x = FloatField(alias="left")
    label = StringField(required=False)


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
]


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

    survives()
