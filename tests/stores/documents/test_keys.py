import math
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import bson
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

from earnorm.stores.documents import key_bytes

ID = ObjectId("65a1b2c3d4e5f60718293a4b")
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)

# in the order of MongoDB's manual; each line is greater than the one before it
ASCENDING = [
    MinKey(),
    None,
    math.nan,
    -math.inf,
    Decimal128("-1E+6000"),
    -1.7e308,
    -(2**63),
    -(2**63) + 1,
    -1.5,
    -1.1,
    Decimal128("-1.1"),
    -1,
    -5e-324,
    Decimal128("-1E-6000"),
    0,
    Decimal128("1E-6000"),
    5e-324,
    Decimal128("0.1"),
    0.1,
    1,
    Decimal128("1.000000000000000000000000000000001"),
    1.5,
    2**53,
    2**53 + 1,
    2**63 - 1,
    2.0**63,
    1.7e308,
    Decimal128("1E+400"),
    Decimal128("1E+401"),
    math.inf,
    "",
    "\x00",
    "\x00\x00",
    "\x01",
    "A",
    "a",
    "a\x00b",
    "a\x01",
    "ab",
    "é",
    "\U0001f600",
    {},
    {"a": 1},
    {"a": 1, "b": 0},
    {"b": 0},
    {"a": "x"},
    [],
    [None],
    [1],
    [1, 2],
    [1, 3],
    [2],
    ["a"],
    b"",
    b"z",
    Binary(b"a", 5),
    b"aa",
    ObjectId("000000000000000000000000"),
    ID,
    False,
    True,
    DatetimeMS(-(2**63)),
    datetime(1969, 12, 31, tzinfo=UTC),
    NOON,
    DatetimeMS(2**60),
    Timestamp(1, 2),
    Timestamp(2, 1),
    Regex("a"),
    Regex("a", "i"),
    Regex("b"),
    Code("x"),
    Code("x", {"y": 1}),
    MaxKey(),
]

EQUAL = [
    (1, 1.0),
    (1, Int64(1)),
    (1, Decimal128("1")),
    (1, Decimal128("1.000")),
    (100, Decimal128("1E+2")),
    (0, -0.0),
    (0, Decimal128("-0")),
    (0.5, Decimal128("0.5")),
    (math.nan, Decimal128("NaN")),
    (math.nan, -math.nan),
    (math.inf, Decimal128("Infinity")),
    (-math.inf, Decimal128("-Infinity")),
    (2**53 + 1, Decimal128(str(2**53 + 1))),
    (b"x", Binary(b"x", 0)),
    (UUID(int=7), Binary(UUID(int=7).bytes, 4)),
    ([1, 2], (1.0, Int64(2))),
    ({"a": 1}, {"a": 1.0}),
    (re.compile("a", re.IGNORECASE), Regex("a", "iu")),
    (NOON, NOON.astimezone(timezone(timedelta(hours=5)))),
    (NOON, NOON.replace(tzinfo=None)),
    (NOON, NOON + timedelta(microseconds=999)),
    (NOON, DatetimeMS(NOON)),
    (bson.DBRef("c", 1), {"$ref": "c", "$id": 1}),
]

DIFFERENT = [
    (1, True),
    (0, False),
    (1, "1"),
    (0.1, Decimal128("0.1")),
    (2**53, 2**53 + 1),
    (2.0**53, 2**53 + 1),
    ("a", Code("a")),
    (None, False),
    ([], None),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    (b"x", Binary(b"x", 5)),
    (b"x", "x"),
]


def test_key_bytes_ascend_in_the_order_of_mongodbs_manual() -> None:
    keys = [key_bytes(value) for value in ASCENDING]

    for low, high, at in zip(keys, keys[1:], ASCENDING, strict=False):
        assert low < high, f"{at!r} sorts above what follows it"


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_values_that_mongodb_finds_equal_have_the_same_key(one: object, other: object) -> None:
    assert key_bytes(one) == key_bytes(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_values_that_mongodb_tells_apart_have_different_keys(one: object, other: object) -> None:
    assert key_bytes(one) != key_bytes(other)


integers = st.integers(-(2**63), 2**63 - 1)
decimals = st.builds(
    lambda sign, digits, exponent: Decimal128(Decimal((sign, digits, exponent))),
    st.integers(0, 1),
    st.lists(st.integers(0, 9), min_size=1, max_size=34).map(tuple),
    st.integers(-400, 400),
)
numbers = st.one_of(integers, st.floats(allow_nan=False), decimals)


def exact(number: int | float | Decimal128) -> Fraction | float:
    plain = number.to_decimal() if isinstance(number, Decimal128) else number
    return float(plain) if plain in (math.inf, -math.inf) else Fraction(plain)


@given(numbers, numbers)
def test_numbers_are_ordered_by_their_exact_values(
    one: int | float | Decimal128, other: int | float | Decimal128
) -> None:
    assert (key_bytes(one) < key_bytes(other)) == (exact(one) < exact(other))
    assert (key_bytes(one) == key_bytes(other)) == (exact(one) == exact(other))


@given(integers, st.integers(-3, 3))
def test_neighbouring_integers_and_decimals_never_share_a_key(number: int, step: int) -> None:
    near = Decimal128(Decimal(number) + Decimal(step))

    assert (key_bytes(number) == key_bytes(near)) == (step == 0)


@given(st.text(), st.text())
def test_text_is_ordered_by_its_bytes(one: str, other: str) -> None:
    assert (key_bytes(one) < key_bytes(other)) == (one.encode() < other.encode())


scalars = st.one_of(st.none(), st.booleans(), integers, st.text(max_size=3), st.binary(max_size=2))
names = st.text(st.characters(blacklist_characters="\x00", blacklist_categories=["Cs"]), max_size=2)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2),
    max_leaves=6,
)


@given(st.lists(values, max_size=4), st.lists(values, max_size=4))
def test_arrays_are_ordered_element_by_element(one: list[object], other: list[object]) -> None:
    by_element = [key_bytes(value) for value in one] < [key_bytes(value) for value in other]

    assert (key_bytes(one) < key_bytes(other)) == by_element


@given(values, values)
def test_no_key_is_the_beginning_of_another(one: object, other: object) -> None:
    first, second = key_bytes(one), key_bytes(other)

    assert first == second or not second.startswith(first)


@given(values)
def test_a_value_and_its_stored_form_have_the_same_key(value: object) -> None:
    stored = bson.decode(bson.encode({"": value}))[""]

    assert key_bytes(stored) == key_bytes(value)
