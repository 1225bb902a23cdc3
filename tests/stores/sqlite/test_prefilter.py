"""The condition on the bytes of documents never leaves out one that matches."""

import math
import sqlite3
import struct
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
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
from bson.raw_bson import RawBSONDocument
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm.stores.documents import compile_normalized, decode, encode, normalized_filter
from earnorm.stores.sqlite import SqliteStore
from earnorm.stores.sqlite.conditions import read_conditions
from earnorm.stores.sqlite.prefilter import prefilter
from earnorm.typing import OperationOptions

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
OBJECT_ID = ObjectId("65f000000000000000000001")
IDENTITY = UUID("12345678123456781234567812345678")

connection = sqlite3.connect(":memory:")


def passes(filter_: dict[str, Any], encoded: bytes) -> bool:
    """Whether a document gets through to the matcher."""
    condition = prefilter(read_conditions(filter_))
    if condition is None:
        return True
    rows = "SELECT :doc AS doc"
    if "name" in condition.parameters:
        rows = "SELECT :doc AS doc, instr(:doc, :name) AS place"
    values = {**condition.parameters, "doc": encoded}
    found = connection.execute(f"SELECT 1 FROM ({rows}) WHERE ({condition.sql})", values)
    return found.fetchone() is not None


whole = st.integers(-(2**63), 2**63 - 1)
numbers = st.one_of(
    st.sampled_from([0, 1, -1, 7, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**53, 2**53 + 1]),
    whole,
    st.integers(-300, 300),
)
scalars: st.SearchStrategy[Any] = st.one_of(
    numbers,
    st.builds(Int64, numbers),
    st.builds(float, st.integers(-300, 300)),
    st.floats(allow_nan=True, allow_infinity=True),
    st.builds(Decimal128, st.integers(-300, 300).map(str)),
    st.sampled_from([Decimal128(text) for text in ("7.0", "70E-1", "0.7E1", "-0", "0E5", "1E400")]),
    st.sampled_from([-0.0, 0.0, 7.0, math.inf, -math.inf]),
    st.booleans(),
    st.none(),
    st.sampled_from(["", "a", "Berlin", "Berlin7", "ab\x00c", "age", "é" * 3, "x" * 300]),
    st.text(max_size=8),
    st.sampled_from([OBJECT_ID, ObjectId("65f000000000000000000002")]),
    st.sampled_from([NOON, NOON + timedelta(milliseconds=1), datetime(1970, 1, 1, tzinfo=UTC)]),
    st.sampled_from([DatetimeMS(2**60), DatetimeMS(0)]),
    st.sampled_from([IDENTITY, Binary(IDENTITY.bytes, 3), Binary(b"payload", 5), b"payload", b""]),
    st.sampled_from(
        [Timestamp(1, 2), MinKey(), MaxKey(), Regex("a"), Code("Berlin"), Code("a", {})]
    ),
)
names = st.sampled_from(["age", "a", "page", "b", "0", "name", "first_name"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
documents = st.dictionaries(names, values, max_size=4)
paths = st.one_of(names, st.builds(lambda one, two: f"{one}.{two}", names, names))
filters = st.one_of(
    st.dictionaries(paths, scalars, min_size=1, max_size=2),
    st.builds(lambda path, some: {path: {"$in": some}}, paths, st.lists(scalars, max_size=3)),
    st.builds(lambda path, value: {"$and": [{path: {"$eq": value}}, {}]}, paths, scalars),
)


@pytest.mark.once
@settings(max_examples=500)
@given(documents, filters)
def test_a_document_that_matches_is_never_left_out(
    document: dict[str, Any], filter_: dict[str, Any]
) -> None:
    encoded = encode(document)
    normalized = normalized_filter(filter_)
    if compile_normalized(normalized)(decode(encoded)):
        assert passes(normalized, encoded)


def put_somewhere(value: Any, place: str) -> dict[str, Any]:
    places: dict[str, Any] = {
        "field": {"age": value},
        "array": {"age": [None, value]},
        "behind another": {"page": 1, "age": value},
        "behind its own name": {"text": "age\x00\x07", "first": {"age": 5}, "age": value},
        "behind a longer name": {"page": value, "first_age": "x", "age": value},
    }
    return dict(places[place])


PLACES = ["field", "array", "behind another", "behind its own name", "behind a longer name"]


@settings(max_examples=300)
@given(scalars, st.sampled_from(PLACES))
def test_a_value_is_found_wherever_it_stands(value: Any, place: str) -> None:
    encoded = encode(put_somewhere(value, place))
    normalized = normalized_filter(
        {"age": {"$eq": value}} if isinstance(value, Regex) else {"age": value}
    )
    if compile_normalized(normalized)(decode(encoded)):
        assert passes(normalized, encoded)


def same_number(number: int) -> list[Any]:
    exact = Decimal(number)
    ways: list[Any] = [Int64(number), Decimal128(exact), Decimal128(f"{number}.00")]
    if -(2**63) <= number < 2**63:
        ways.append(number)
    if float(number) == number:
        ways.append(float(number))
    return ways


@pytest.mark.parametrize("number", [0, 7, -7, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**53])
@pytest.mark.parametrize("place", PLACES)
def test_a_number_is_found_however_it_is_written(number: int, place: str) -> None:
    for asked in same_number(number):
        for stored in same_number(number):
            assert passes(normalized_filter({"age": asked}), encode(put_somewhere(stored, place)))
    if number == 0:
        assert passes({"age": 0}, encode(put_somewhere(-0.0, place)))
        assert passes({"age": -0.0}, encode(put_somewhere(0.0, place)))


def test_a_symbol_is_found_as_the_text_that_it_is() -> None:
    text = encode({"a": "Berlin"})

    assert passes({"a": "Berlin"}, text.replace(b"\x02a\x00", b"\x0ea\x00"))


def test_an_array_is_searched_whatever_its_positions_are_called() -> None:
    element = b"\x10\x00" + struct.pack("<i", 7)
    array = struct.pack("<i", len(element) + 5) + element + b"\x00"
    raw = b"\x04age\x00" + array
    document = RawBSONDocument(struct.pack("<i", len(raw) + 5) + raw + b"\x00")
    encoded = bson.encode(document)

    assert decode(encoded) == {"age": [7]}
    assert passes({"age": 7}, encoded)


@pytest.mark.parametrize(
    ("filter_", "document"),
    [
        ({"age": 7}, {"age": 8}),
        ({"age": 7}, {"age": 7.5}),
        ({"age": 7}, {"name": "x"}),
        ({"age": 7}, {"page": 9, "age": 8}),
        ({"age": 2**40}, {"age": Int64(2**40 + 1)}),
        ({"name": "Berlin"}, {"name": "Berlin 7", "other": "East Berlin"}),
        ({"name": {"$in": ["Berlin", "Paris"]}}, {"name": "London"}),
        ({"a": True}, {"a": False}),
        ({"a": OBJECT_ID}, {"a": ObjectId()}),
        ({"a": NOON}, {"a": NOON + timedelta(days=1)}),
        ({"a": None, "name": "Berlin"}, {"name": "London"}),
    ],
)
def test_most_of_what_does_not_match_is_left_out(
    filter_: dict[str, Any], document: dict[str, Any]
) -> None:
    assert not passes(filter_, encode(document))


@pytest.mark.parametrize(
    "filter_",
    [
        {},
        {"a": None},
        {"a": math.nan},
        {"a": [1]},
        {"a": {"b": 1}},
        {"a": {"$gt": 1}},
        {"a": {"$ne": "Berlin"}},
        {"a": {"$in": [None, "Berlin"]}},
        {"a": {"$in": ["Berlin"] * 3 + list(range(9))}},
        {"a.0": 1},
        {"a": ""},
        {"$or": [{"a": "Berlin"}, {"b": 1}]},
        {"$nor": [{"a": "Berlin"}]},
    ],
)
def test_what_bytes_cannot_decide_is_read(filter_: dict[str, Any]) -> None:
    assert prefilter(read_conditions(normalized_filter(filter_))) is None


async def test_text_is_not_looked_for_in_bytes_under_a_collation(
    store: SqliteStore,
) -> None:
    await store.insert("things", [{"_id": 1, "name": "BERLIN"}, {"_id": 2, "name": "Paris"}])
    how = OperationOptions(collation={"locale": "en", "strength": 2})

    assert await store.count("things", {"name": "berlin"}, options=how) == 1
    assert await store.count("things", {"name": "berlin"}) == 0


async def test_a_scan_goes_over_stretches_of_deleted_documents(store: SqliteStore) -> None:
    await store.insert("things", [{"_id": n, "name": f"name {n % 50}"} for n in range(6_000)])
    await store.delete("things", {"_id": {"$gt": 5, "$lt": 5_900}})

    found = [
        each["_id"] async for batch in store.find("things", {"name": "name 3"}) for each in batch
    ]

    assert found == [3, 5_903, 5_953]
    assert await store.count("things", {"name": "name 3"}, limit=2) == 2
    assert await store.count("nothing", {"name": "name 3"}) == 0
    await store.delete("things", {})
    assert await store.count("things", {"name": "name 3"}) == 0


async def test_a_scan_meets_each_match_once_whatever_its_size(store: SqliteStore) -> None:
    text = "x" * 1_000_000
    await store.insert(
        "things", [{"_id": n, "kind": f"kind {n % 2}", "text": text} for n in range(30)]
    )

    batches = [batch async for batch in store.find("things", {"kind": "kind 1"})]

    assert [each["_id"] for batch in batches for each in batch] == list(range(1, 30, 2))
    assert len(batches) > 1
