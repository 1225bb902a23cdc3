"""Random documents, filters, sorts and updates, small enough to collide."""

from datetime import UTC, datetime
from typing import Any

from bson import Decimal128, Int64, MaxKey, MinKey, ObjectId, Timestamp
from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

NUMBERS: Strategy = st.sampled_from(
    [
        0,
        1,
        2,
        3,
        -1,
        7,
        Int64(0),
        Int64(1),
        Int64(2**40),
        0.0,
        -0.0,
        1.0,
        1.5,
        -2.5,
        2.0**40,
        Decimal128("1"),
        Decimal128("1.5"),
        float("nan"),
        float("inf"),
        2**31 - 1,
        Int64(2**63 - 1),
    ]
)
TEXTS: Strategy = st.sampled_from(["", "a", "b", "A", "ab", "é", "$a", "0", "a.b"])
OTHERS: Strategy = st.sampled_from(
    [
        None,
        True,
        False,
        b"",
        b"a",
        ObjectId("0" * 24),
        ObjectId("f" * 24),
        Timestamp(1, 1),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2024, 2, 29, tzinfo=UTC),
        MinKey(),
        MaxKey(),
    ]
)
SCALARS: Strategy = st.one_of(st.integers(0, 3), NUMBERS, TEXTS, st.none(), OTHERS)
NAMES: Strategy = st.sampled_from(["a", "b", "c"])


def _inside(values: Strategy) -> Strategy:
    return st.one_of(
        st.lists(values, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "0"]), values, max_size=2),
    )


VALUES: Strategy = st.one_of(SCALARS, st.recursive(SCALARS, _inside, max_leaves=5))
BODIES: Strategy = st.dictionaries(NAMES, VALUES, max_size=3)
DOCUMENTS: Strategy = st.lists(BODIES, min_size=1, max_size=8).map(
    lambda bodies: [{"_id": n, **body} for n, body in enumerate(bodies)]
)
PATHS: Strategy = st.sampled_from(
    ["a", "a", "b", "c", "a.b", "a.0", "b.a", "a.b.a", "a.0.b", "b.1"]
)

_RANGES: Strategy = st.dictionaries(
    st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), SCALARS, min_size=1, max_size=2
)
_TYPES: Strategy = st.sampled_from(
    ["double", "string", "object", "array", "bool", "date", "null", "int", "long", "number"]
)
_SIMPLE: Strategy = st.one_of(
    _RANGES,
    st.fixed_dictionaries({"$eq": VALUES}),
    st.fixed_dictionaries({"$ne": VALUES}),
    st.fixed_dictionaries({"$in": st.lists(VALUES, max_size=3)}),
    st.fixed_dictionaries({"$nin": st.lists(VALUES, max_size=3)}),
    st.fixed_dictionaries({"$exists": st.booleans()}),
    st.fixed_dictionaries({"$type": _TYPES}),
    st.fixed_dictionaries({"$size": st.integers(0, 3)}),
    st.fixed_dictionaries({"$all": st.lists(SCALARS, max_size=2)}),
    st.fixed_dictionaries({"$mod": st.tuples(st.integers(1, 3), st.integers(0, 1)).map(list)}),
    st.fixed_dictionaries({"$regex": st.sampled_from(["^a", "b$", "A", "."])}),
)
CONDITIONS: Strategy = st.one_of(
    _SIMPLE,
    st.fixed_dictionaries({"$not": _SIMPLE}),
    st.fixed_dictionaries({"$elemMatch": _SIMPLE}),
    st.fixed_dictionaries({"$elemMatch": st.dictionaries(NAMES, _SIMPLE, min_size=1, max_size=2)}),
)
_PLAIN: Strategy = st.dictionaries(PATHS, st.one_of(CONDITIONS, VALUES), max_size=2)
FILTERS: Strategy = st.one_of(
    _PLAIN,
    _PLAIN,
    st.dictionaries(
        st.sampled_from(["$and", "$or", "$nor"]),
        st.lists(_PLAIN, min_size=1, max_size=3),
        min_size=1,
        max_size=1,
    ),
)
SORTS: Strategy = st.lists(
    st.tuples(PATHS, st.sampled_from([1, -1])), max_size=2, unique_by=lambda key: key[0]
).map(lambda keys: [*keys, ("_id", 1)])

_PLACES: Strategy = st.sampled_from(
    ["a", "b", "c", "d", "a.b", "a.0", "b.a", "a.1", "a.$[]", "d.x"]
)


def _update(operator: str, values: Strategy) -> Strategy:
    fields = st.dictionaries(_PLACES, values, min_size=1, max_size=2)
    return fields.map(lambda chosen: {operator: chosen})


UPDATES: Strategy = st.one_of(
    *(
        _update(operator, values)
        for operator, values in (
            ("$set", VALUES),
            ("$set", SCALARS),
            ("$unset", st.just("")),
            ("$inc", NUMBERS),
            ("$mul", NUMBERS),
            ("$min", SCALARS),
            ("$max", SCALARS),
            ("$push", VALUES),
            ("$push", st.fixed_dictionaries({"$each": st.lists(SCALARS, max_size=3), "$slice": st.integers(-2, 2)})),
            ("$push", st.fixed_dictionaries({"$each": st.lists(SCALARS, max_size=3), "$sort": st.sampled_from([1, -1])})),
            ("$push", st.fixed_dictionaries({"$each": st.lists(SCALARS, max_size=3), "$position": st.integers(-2, 2)})),
            ("$addToSet", VALUES),
            ("$addToSet", st.fixed_dictionaries({"$each": st.lists(SCALARS, max_size=3)})),
            ("$pop", st.sampled_from([1, -1])),
            ("$pull", st.one_of(SCALARS, _SIMPLE)),
            ("$pullAll", st.lists(SCALARS, max_size=2)),
            ("$rename", st.sampled_from(["e", "f", "e.x"])),
        )
    )
)  # fmt: skip
