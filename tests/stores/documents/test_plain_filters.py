"""A filter that compares values only finds the same documents, whether their dates are aware or naive."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Code, DBRef, Regex
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm.stores.documents import compile_filter, decode, decode_naive, encode, is_plain

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
MOMENTS = st.sampled_from([NOON, NOON.replace(hour=13), datetime(1, 1, 1, tzinfo=UTC)])
LEAVES = MOMENTS | st.sampled_from([None, 1, "a", Code("f", {"at": NOON}), DBRef("c", NOON)])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=5,
)
CONDITIONS = st.one_of(
    VALUES,
    st.builds(lambda name, value: {name: value}, st.sampled_from(["$eq", "$ne"]), VALUES),
    st.builds(lambda name, value: {name: value}, st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), VALUES),
    st.builds(lambda name, some: {name: some}, st.sampled_from(["$in", "$nin"]), st.lists(VALUES)),
    st.sampled_from([{"$exists": True}, {"$type": "date"}, {"$size": 1}, {"$regex": "a"}]),
    st.sampled_from([{"$mod": [2, 1]}, Regex("a"), {"$gt": NOON, "$lt": NOON.replace(hour=14)}]),
)  # fmt: skip
PATHS = st.sampled_from(["a", "b", "a.b", "a.0", "a.a.b"])
ENTRIES = st.dictionaries(PATHS, CONDITIONS, max_size=2)
FILTERS = ENTRIES | st.builds(
    lambda name, parts: {name: parts},
    st.sampled_from(["$and", "$or", "$nor"]),
    st.lists(ENTRIES, min_size=1, max_size=2),
)


@settings(max_examples=400)
@given(st.dictionaries(st.sampled_from("ab"), VALUES), FILTERS)
def test_it_finds_the_same(document: dict[str, Any], filter: dict[str, Any]) -> None:
    assert is_plain(decode(encode({"": filter}))[""])
    encoded, match = encode(document), compile_filter(filter)
    assert match(decode(encoded)) == match(decode_naive(encoded))


@pytest.mark.parametrize(
    "filter",
    [
        {"$expr": {"$eq": [{"$hour": "$a"}, 12]}},
        {"$jsonSchema": {"required": ["a"]}},
        {"$or": [{"a": 1}, {"$and": [{"$jsonSchema": {}}]}]},
        {"a": {"$elemMatch": {"$jsonSchema": {}}}},
        {"a": {"$not": {"$gt": 1}}},
    ],
)
def test_what_may_compute_with_dates_is_not_plain(filter: dict[str, Any]) -> None:
    assert not is_plain(filter)
