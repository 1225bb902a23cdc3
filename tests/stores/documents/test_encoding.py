import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from bson import (
    Binary,
    Code,
    DatetimeMS,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import DocumentTooLarge

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents import decode, encode

EXACT: list[Any] = [
    None,
    True,
    0,
    -(2**31),
    Int64(5),
    2**63 - 1,
    -0.0,
    math.inf,
    5e-324,
    Decimal128("1.50"),
    Decimal128("NaN"),
    "",
    "a\x00b",
    "\U0001f600" * 10,
    b"",
    Binary(b"x", 128),
    UUID(int=5),
    ObjectId("65a1b2c3d4e5f60718293a4b"),
    datetime(2024, 2, 29, 23, 59, 59, 999000, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    DatetimeMS(2**62),
    Timestamp(4, 5),
    Regex("a", "im"),
    Code("x"),
    MinKey(),
    MaxKey(),
    [],
    {},
    {"$a": 1, "b.c": 2, "'\"": 3, "": 4},
    [[[{"a": [None]}]]],
]


@pytest.mark.parametrize("value", EXACT)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    back = decode(encode({"_id": 1, "value": value}))["value"]

    assert type(back) is type(value) or (type(value) is int and isinstance(back, Int64))
    assert encode({"value": back}) == encode({"value": value})
    assert isinstance(value, Regex) or str(back) == str(value)


def test_nan_and_dates_come_back() -> None:
    back = decode(encode({"nan": math.nan, "naive": datetime(2024, 5, 1)}))

    assert math.isnan(back["nan"])
    assert back["naive"] == datetime(2024, 5, 1, tzinfo=UTC)
    assert back["naive"].utcoffset().total_seconds() == 0


def nested(depth: int) -> dict[str, Any]:
    document: dict[str, Any] = {"leaf": 1}
    for _ in range(depth):
        document = {"a": document}
    return document


class Foreign:
    def __repr__(self) -> str:
        return "<foreign>"


ENDLESS: list[Any] = []
ENDLESS += [ENDLESS, ENDLESS]

FAULTS: list[tuple[Any, str]] = [
    ({"a": [{"b": Foreign()}]}, r"'a\.0\.b'.*<foreign> is of type Foreign"),
    ({"a": Decimal("1")}, r"'a'.*bson\.Decimal128\(value\)"),
    ({"a": date(2024, 1, 1)}, r"'a'.*Use a datetime"),
    ({"a": {"b": {1}}}, r"'a\.b'.*Use a list"),
    ({"a": 2**63}, r"'a'.*64 bits.*Decimal128"),
    ({"a": [1, -(2**64)]}, r"'a\.1'.*64 bits"),
    ({"a": "\ud800"}, r"'a'.*lone surrogate"),
    ({"a": {"b\x00": 1}}, r"name 'b\\x00' in 'a' contains a NUL"),
    ({"x": {1: 2}}, r"name 1 in 'x' is of type int.*str\(name\)"),
    ({"\ud800": 1}, "lone surrogate"),
    (nested(101), "100 levels"),
    (nested(100_000), "100 levels"),
    ({"a": ENDLESS}, "100 levels"),
    ([1], "is not a document"),
]


@pytest.mark.parametrize(("document", "fault"), FAULTS, ids=range(len(FAULTS)))
def test_an_error_names_the_culprit_and_the_remedy(document: Any, fault: str) -> None:
    with pytest.raises(InvalidDocumentError, match=fault):
        encode(document)


def test_a_hundred_levels_are_stored() -> None:
    document = nested(100)

    assert decode(encode(document)) == document


def test_a_document_above_16_mebibytes_is_refused() -> None:
    assert encode({"_id": 7, "a": "x" * (16 * 1024 * 1024 - 100)})
    with pytest.raises(DocumentTooLarge, match="_id 7"):
        encode({"_id": 7, "a": "x" * (16 * 1024 * 1024)})


def test_a_pattern_of_python_comes_back_as_bsons() -> None:
    back = decode(encode({"a": re.compile("x", re.IGNORECASE)}))["a"]

    assert back == Regex("x", "iu")


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)).map(
        lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
    ),
)
names = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=5)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(names.filter(lambda name: name not in ("$ref", "$id")), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(st.dictionaries(names, values, max_size=5))
def test_every_document_comes_back_exactly(document: dict[str, Any]) -> None:
    back = decode(encode(document))

    assert back == document
    assert encode(back) == encode(document)
