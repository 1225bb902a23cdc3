import math
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import compile_filter

ID = ObjectId("65a1b2c3d4e5f60718293a4b")
NOW = datetime(2024, 5, 1, tzinfo=UTC)

MATCHES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    # equality
    ({}, {}),
    ({"a": 1}, {"a": 1}),
    ({"a": 1}, {"a": 1.0}),
    ({"a": 1}, {"a": Int64(1)}),
    ({"a": 1}, {"a": Decimal128("1.0")}),
    ({"a": math.nan}, {"a": math.nan}),
    ({"a": "x"}, {"a": "x"}),
    ({"a": ID}, {"a": ID}),
    ({"a": None}, {"a": None}),
    ({"a": None}, {}),
    ({"a": {"$eq": None}}, {}),
    ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 2}}),
    ({"a": {}}, {"a": {}}),
    ({"a": {"b": {"$gt": 1}}}, {"a": {"b": {"$gt": 1}}}),
    ({"a": {"$eq": Regex("x")}}, {"a": Regex("x")}),
    ({"_id": 1, "a": 2}, {"_id": 1, "a": 2}),
    ({"$comment": "why", "a": 1}, {"a": 1}),
    ({"$or": [{"$comment": 5, "a": 1}]}, {"a": 1}),
    # arrays
    ({"a": 1}, {"a": [3, 1]}),
    ({"a": [3, 1]}, {"a": [3, 1]}),
    ({"a": [3, 1]}, {"a": [[3, 1], 5]}),
    ({"a": []}, {"a": []}),
    ({"a": None}, {"a": [1, None]}),
    ({"a": {"$gt": 2}}, {"a": [1, 3]}),
    ({"a": {"$gt": 5, "$lt": 3}}, {"a": [1, 9]}),
    ({"a": {"b": 1}}, {"a": [{"b": 1}]}),
    # paths
    ({"a.b": 1}, {"a": {"b": 1}}),
    ({"a.b": None}, {"a": {}}),
    ({"a.b": None}, {}),
    ({"a.b": None}, {"a": 5}),
    ({"a.b": 1}, {"a": [{"b": 2}, {"b": 1}]}),
    ({"a.b": 1}, {"a": [{"b": [2, 1]}]}),
    ({"a.b.c": 1}, {"a": [{"b": [{"c": 1}]}]}),
    ({"a.b": None}, {"a": [{"c": 1}]}),
    ({"a.1": 7}, {"a": [5, 7]}),
    ({"a.1": 4}, {"a": [{"1": 4}, 5]}),
    ({"a.1": 5}, {"a": [{"1": 4}, 5]}),
    ({"a.1.b": 4}, {"a": [5, {"b": 4}]}),
    ({"a.1.b": 4}, {"a": [5, [{"b": 4}]]}),
    ({"a.0": [1, 2]}, {"a": [[1, 2]]}),
    ({"a.0.1": 2}, {"a": [[1, 2]]}),
    ({"a.0": 1}, {"a": {"0": 1}}),
    ({"a.$id": 1}, {"a": {"$ref": "c", "$id": 1}}),
    # comparison stays inside one type
    ({"a": {"$gt": 1}}, {"a": 1.5}),
    ({"a": {"$gte": 1}}, {"a": Decimal128("1")}),
    ({"a": {"$lt": "b"}}, {"a": "a"}),
    ({"a": {"$lte": NOW}}, {"a": NOW}),
    ({"a": {"$gte": None}}, {}),
    ({"a": {"$lte": None}}, {"a": None}),
    ({"a": {"$gte": math.nan}}, {"a": math.nan}),
    ({"a": {"$gt": False}}, {"a": True}),
    ({"a": {"$gt": [1]}}, {"a": [2]}),
    ({"a": {"$gt": {"b": 1}}}, {"a": {"b": 2}}),
    ({"a": {"$gt": MinKey()}}, {"a": "anything"}),
    ({"a": {"$lt": MaxKey()}}, {"a": 3}),
    ({"a": {"$lte": MaxKey()}}, {"a": MaxKey()}),
    # not equal, in, not in
    ({"a": {"$ne": 1}}, {}),
    ({"a": {"$ne": 1}}, {"a": [2, 3]}),
    ({"a": {"$ne": 1}}, {"a": True}),
    ({"a": {"$in": [1, "x"]}}, {"a": "x"}),
    ({"a": {"$in": [1]}}, {"a": [4, 1]}),
    ({"a": {"$in": [None]}}, {}),
    ({"a": {"$in": [re.compile("^x")]}}, {"a": "xy"}),
    ({"a": {"$in": [[1]]}}, {"a": [1]}),
    ({"a": {"$nin": [1, 2]}}, {}),
    ({"a": {"$nin": [1, 2]}}, {"a": [3]}),
    ({"a": {"$nin": []}}, {"a": 1}),
    # logic
    ({"$and": [{"a": 1}, {"b": 2}]}, {"a": 1, "b": 2}),
    ({"$or": [{"a": 1}, {"b": 2}]}, {"b": 2}),
    ({"$or": [{"a": 1}, {"$and": [{"b": 2}, {"c": 3}]}], "d": 4}, {"b": 2, "c": 3, "d": 4}),
    ({"a": {"$not": {"$gt": 1}}}, {}),
    ({"a": {"$not": {"$gt": 1}}}, {"a": "x"}),
    ({"a": {"$not": {"$not": {"$gt": 1}}}}, {"a": 2}),
    ({"a": {"$not": re.compile("x")}}, {"a": "y"}),
    ({"a": {"$not": {"$regex": "x"}}}, {}),
    # exists
    ({"a": {"$exists": True}}, {"a": None}),
    ({"a": {"$exists": True}}, {"a": []}),
    ({"a": {"$exists": False}}, {}),
    ({"a": {"$exists": 0}}, {}),
    ({"a.b": {"$exists": False}}, {"a": [1]}),
    ({"a.1": {"$exists": True}}, {"a": [1, 2]}),
    # regular expressions
    ({"a": {"$regex": "b"}}, {"a": "abc"}),
    ({"a": {"$regex": "B", "$options": "i"}}, {"a": "abc"}),
    ({"a": {"$options": "i", "$regex": "B"}}, {"a": ["x", "abc"]}),
    ({"a": {"$regex": "^b$", "$options": "m"}}, {"a": "a\nb"}),
    ({"a": {"$regex": "a.b", "$options": "s"}}, {"a": "a\nb"}),
    ({"a": {"$regex": "a b", "$options": "x"}}, {"a": "ab"}),
    ({"a": {"$regex": re.compile("b"), "$options": "i"}}, {"a": "ABC"}),
    ({"a": re.compile("É", re.IGNORECASE)}, {"a": "é"}),
    ({"a": Regex("^a")}, {"a": "abc"}),
    ({"a": Regex("x")}, {"a": Regex("x")}),
    ({"a": {"$regex": "^\\W$"}}, {"a": "é"}),
    # nor
    ({"$nor": [{"a": 1}, {"b": 2}]}, {"a": 2}),
    ({"$nor": [{"a": {"$gt": 1}}]}, {}),
    ({"$nor": [{"$nor": [{"a": 1}]}]}, {"a": 1}),
    # elemMatch
    ({"a": {"$elemMatch": {"$gt": 1, "$lt": 4}}}, {"a": [0, 3, 9]}),
    ({"a": {"$elemMatch": {"b": 1, "c": 2}}}, {"a": [{"b": 1}, {"b": 1, "c": 2}]}),
    ({"a": {"$elemMatch": {}}}, {"a": [1, {}]}),
    ({"a": {"$elemMatch": {"b.c": {"$gt": 1}}}}, {"a": [{"b": [{"c": 2}]}]}),
    ({"a": {"$elemMatch": {"$or": [{"b": 1}, {"b": 2}]}}}, {"a": [{"b": 2}]}),
    ({"a": {"$elemMatch": {"$nor": [{"b": 1}]}}}, {"a": [{"b": 1}, {"b": 2}]}),
    ({"a": {"$elemMatch": {"$elemMatch": {"$gt": 1}}}}, {"a": [[1], [0, 2]]}),
    ({"a": {"$elemMatch": {"$size": 2}}}, {"a": [[1], [1, 2]]}),
    ({"a": {"$elemMatch": {"0": 5}}}, {"a": [[5, 6]]}),
    ({"a": {"$elemMatch": {"$not": {"$gt": 1}}}}, {"a": [9, 0]}),
    ({"a": {"$not": {"$elemMatch": {"$gt": 1}}}}, {"a": [1]}),
    ({"a": {"$not": {"$elemMatch": {"$gt": 1}}}}, {"a": 9}),
    ({"a.b": {"$elemMatch": {"$gt": 1}}}, {"a": [{"b": [1]}, {"b": [2]}]}),
    ({"a.0": {"$elemMatch": {"$gt": 1}}}, {"a": [[2]]}),
    ({"a": {"$elemMatch": {"$in": [3]}, "$size": 1}}, {"a": [3]}),
    # all
    ({"a": {"$all": [1, 2]}}, {"a": [2, 3, 1]}),
    ({"a": {"$all": [1]}}, {"a": 1}),
    ({"a": {"$all": [[1, 2]]}}, {"a": [1, 2]}),
    ({"a": {"$all": [[1, 2]]}}, {"a": [[1, 2], 5]}),
    ({"a": {"$all": [None]}}, {}),
    ({"a": {"$all": [re.compile("^x"), "y"]}}, {"a": ["xx", "y"]}),
    (
        {"a": {"$all": [{"$elemMatch": {"$gt": 8}}, {"$elemMatch": {"$lt": 2}}]}},
        {"a": [1, 9]},
    ),
    ({"a.b": {"$all": [1, 2]}}, {"a": [{"b": 1}, {"b": 2}]}),
    # size
    ({"a": {"$size": 0}}, {"a": []}),
    ({"a": {"$size": 2.0}}, {"a": [1, [2, 3, 4]]}),
    ({"a.b": {"$size": 1}}, {"a": [{"b": [1]}, {"b": 1}]}),
    ({"a": {"$not": {"$size": 1}}}, {"a": [1, 2]}),
    ({"a": {"$not": {"$size": 1}}}, {}),
    # type
    ({"a": {"$type": "string"}}, {"a": "x"}),
    ({"a": {"$type": 2}}, {"a": "x"}),
    ({"a": {"$type": "int"}}, {"a": 1}),
    ({"a": {"$type": "long"}}, {"a": Int64(1)}),
    ({"a": {"$type": "long"}}, {"a": 2**40}),
    ({"a": {"$type": "double"}}, {"a": 1.0}),
    ({"a": {"$type": "decimal"}}, {"a": Decimal128("1")}),
    ({"a": {"$type": "number"}}, {"a": Int64(1)}),
    ({"a": {"$type": "bool"}}, {"a": True}),
    ({"a": {"$type": "null"}}, {"a": None}),
    ({"a": {"$type": ["null", "string"]}}, {"a": ["x"]}),
    ({"a": {"$type": "array"}}, {"a": []}),
    ({"a": {"$type": 4}}, {"a": [1]}),
    ({"a": {"$type": "object"}}, {"a": [{}]}),
    ({"a": {"$type": "date"}}, {"a": NOW}),
    ({"a": {"$type": "objectId"}}, {"a": ID}),
    ({"a": {"$type": "binData"}}, {"a": b"x"}),
    ({"a": {"$type": "regex"}}, {"a": Regex("x")}),
    ({"a": {"$type": "javascript"}}, {"a": Code("x")}),
    ({"a": {"$type": -1}}, {"a": MinKey()}),
    ({"a": {"$type": 127.0}}, {"a": MaxKey()}),
    # mod
    ({"a": {"$mod": [4, 0]}}, {"a": 8}),
    ({"a": {"$mod": [4, 3]}}, {"a": 7.9}),
    ({"a": {"$mod": [4, -3]}}, {"a": -7}),
    ({"a": {"$mod": [-4, 3]}}, {"a": 7}),
    ({"a": {"$mod": [4.9, 3.9]}}, {"a": Int64(7)}),
    ({"a": {"$mod": [10, 1]}}, {"a": [5, Decimal128("11")]}),
    ({"a": {"$not": {"$mod": [2, 0]}}}, {"a": 3}),
    # bits
    ({"a": {"$bitsAllSet": 5}}, {"a": 7}),
    ({"a": {"$bitsAllSet": [0, 2]}}, {"a": 5.0}),
    ({"a": {"$bitsAllSet": b"\x05"}}, {"a": Int64(13)}),
    ({"a": {"$bitsAllSet": 0}}, {"a": 0}),
    ({"a": {"$bitsAllSet": []}}, {"a": 9}),
    ({"a": {"$bitsAllSet": [63, 200]}}, {"a": -1}),
    ({"a": {"$bitsAllSet": [8]}}, {"a": b"\x00\x01"}),
    ({"a": {"$bitsAllSet": 1}}, {"a": [2, 3]}),
    ({"a": {"$bitsAnySet": 6}}, {"a": Decimal128("4")}),
    ({"a": {"$bitsAllClear": 6}}, {"a": 9}),
    ({"a": {"$bitsAllClear": [100]}}, {"a": b""}),
    ({"a": {"$bitsAnyClear": 6}}, {"a": 4}),
]

MISSES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"a": 1}, {"a": True}),
    ({"a": True}, {"a": 1}),
    ({"a": 1}, {"a": "1"}),
    ({"a": 1}, {}),
    ({"a": "x"}, {"a": Code("x")}),
    ({"a": None}, {"a": []}),
    ({"a": None}, {"a": 0}),
    ({"a": {"b": 1, "c": 2}}, {"a": {"c": 2, "b": 1}}),
    ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}),
    ({"a": [1, 3]}, {"a": [3, 1]}),
    ({"a": {"$eq": Regex("x")}}, {"a": "x"}),
    ({"a.b": 1}, {"a": {"c": 1}}),
    ({"a.b": None}, {"a": []}),
    ({"a.b": None}, {"a": [1, 2]}),
    ({"a.b": 1}, {"a": [[{"b": 1}]]}),
    ({"a.0": 1}, {"a": [[1, 2]]}),
    ({"a.01": 7}, {"a": [5, 7]}),
    ({"a.5": None}, {"a": [1]}),
    ({"a.b": 1}, {"a.b": 1}),
    ({"a": {"$gt": 1}}, {"a": "x"}),
    ({"a": {"$gt": 1}}, {"a": None}),
    ({"a": {"$lt": 1}}, {}),
    ({"a": {"$lt": 1}}, {"a": math.nan}),
    ({"a": {"$gt": math.nan}}, {"a": 1}),
    ({"a": {"$gt": None}}, {"a": None}),
    ({"a": {"$lt": math.nan}}, {"a": math.nan}),
    ({"a": {"$gt": MaxKey()}}, {"a": 1}),
    ({"a": {"$ne": 1}}, {"a": [1, 2]}),
    ({"a": {"$ne": None}}, {}),
    ({"a": {"$in": []}}, {"a": 1}),
    ({"a": {"$in": [1, 2]}}, {"a": True}),
    ({"a": {"$nin": [None]}}, {}),
    ({"a": {"$nin": [re.compile("x")]}}, {"a": "ax"}),
    ({"a": {"$not": {"$gt": 1}}}, {"a": [0, 2]}),
    ({"a": {"$exists": True}}, {}),
    ({"a": {"$exists": False}}, {"a": None}),
    ({"a": {"$regex": "B"}}, {"a": "abc"}),
    ({"a": {"$regex": "1"}}, {"a": 1}),
    ({"a": {"$regex": "x"}}, {"a": Code("x")}),
    ({"a": {"$regex": "^\\d$"}}, {"a": "٣"}),
    ({"$or": [{"a": 1}, {"b": 2}]}, {"a": 2, "b": 1}),
    ({"$and": [{"a": 1}, {"b": 2}]}, {"a": 1}),
    ({"$nor": [{"a": 1}, {"b": 2}]}, {"b": 2}),
    ({"a": {"$elemMatch": {"$gt": 1, "$lt": 4}}}, {"a": [0, 9]}),
    ({"a": {"$elemMatch": {"$gt": 1}}}, {"a": 3}),
    ({"a": {"$elemMatch": {"$gt": 1}}}, {"a": [[2]]}),
    ({"a": {"$elemMatch": {"b": 1, "c": 2}}}, {"a": [{"b": 1}, {"c": 2}]}),
    ({"a": {"$elemMatch": {"b": 1}}}, {"a": {"b": 1}}),
    ({"a": {"$elemMatch": {}}}, {"a": [1]}),
    ({"a": {"$elemMatch": {"$size": 1}}}, {"a": [1, 2]}),
    ({"a": {"$all": []}}, {"a": []}),
    ({"a": {"$all": [1, 2]}}, {"a": [1]}),
    ({"a": {"$all": [{"$elemMatch": {"$gt": 8}}]}}, {"a": 9}),
    ({"a": {"$size": 1}}, {"a": "x"}),
    ({"a": {"$size": 1}}, {}),
    ({"a": {"$size": 2}}, {"a": [[1, 2]]}),
    ({"a": {"$type": "null"}}, {}),
    ({"a": {"$type": "int"}}, {"a": True}),
    ({"a": {"$type": "number"}}, {"a": "1"}),
    ({"a": {"$type": "string"}}, {"a": Code("x")}),
    ({"a": {"$type": "int"}}, {"a": 2**40}),
    ({"a": {"$mod": [4, 0]}}, {"a": 7}),
    ({"a": {"$mod": [4, 3]}}, {"a": -7}),
    ({"a": {"$mod": [4, 0]}}, {"a": "8"}),
    ({"a": {"$mod": [1, 0]}}, {"a": math.nan}),
    ({"a": {"$mod": [1, 0]}}, {"a": math.inf}),
    ({"a": {"$mod": [1, 0]}}, {"a": True}),
    ({"a": {"$mod": [1, 0]}}, {"a": 1e300}),
    ({"a": {"$bitsAllSet": 5}}, {"a": 4}),
    ({"a": {"$bitsAllSet": 0}}, {"a": 1.5}),
    ({"a": {"$bitsAllSet": 0}}, {"a": "1"}),
    ({"a": {"$bitsAllSet": 0}}, {}),
    ({"a": {"$bitsAllClear": 0}}, {"a": True}),
    ({"a": {"$bitsAllSet": 0}}, {"a": 1e300}),
    ({"a": {"$bitsAnySet": []}}, {"a": 7}),
    ({"a": {"$bitsAnyClear": 6}}, {"a": 6}),
]


@pytest.mark.parametrize(("filter_", "document"), MATCHES)
def test_a_filter_matches_what_mongodb_would_match(
    filter_: dict[str, Any], document: dict[str, Any]
) -> None:
    assert compile_filter(filter_)(document) is True


@pytest.mark.parametrize(("filter_", "document"), MISSES)
def test_a_filter_misses_what_mongodb_would_miss(
    filter_: dict[str, Any], document: dict[str, Any]
) -> None:
    assert compile_filter(filter_)(document) is False


@pytest.mark.parametrize(
    ("filter_", "fault"),
    [
        ({"a": {"$gt": 1, "b": 2}}, "unknown operator"),
        ({"a": {"$in": 1}}, r"\$in needs an array"),
        ({"a": {"$nin": "x"}}, r"\$nin needs an array"),
        ({"a": {"$in": [{"$gt": 1}]}}, "cannot nest"),
        ({"a": {"$not": 1}}, r"\$not needs"),
        ({"a": {"$not": {}}}, r"\$not needs"),
        ({"a": {"$not": {"b": 1}}}, r"\$not needs"),
        ({"a": {"$ne": re.compile("x")}}, r"\$ne takes no regular expression"),
        ({"a": {"$gt": Regex("x")}}, r"\$gt takes no regular expression"),
        ({"a": {"$regex": 1}}, r"\$regex has to be"),
        ({"a": {"$regex": "("}}, "is invalid"),
        ({"a": {"$regex": "a\x00b"}}, "NUL"),
        ({"a": {"$regex": "a", "$options": "g"}}, "invalid flag"),
        ({"a": {"$regex": "a", "$options": 1}}, r"\$options has to be"),
        ({"a": {"$options": "i"}}, r"needs a \$regex"),
        ({"$and": []}, r"\$and needs an array of at least one"),
        ({"$or": {"a": 1}}, r"\$or needs an array"),
        ({"$or": [1]}, "is none"),
        ({"$nor": []}, r"\$nor needs an array of at least one"),
        ({"a": {"$elemMatch": 1}}, r"\$elemMatch needs a filter"),
        ({"a": {"$elemMatch": [{"b": 1}]}}, r"\$elemMatch needs a filter"),
        ({"a": {"$elemMatch": {"$gt": 1, "b": 2}}}, "unknown operator"),
        ({"a": {"$all": 1}}, r"\$all needs an array"),
        ({"a": {"$all": [{"$gt": 1}]}}, r"\$all takes values"),
        ({"a": {"$all": [{"$elemMatch": {}}, 1]}}, r"\$all takes values"),
        ({"a": {"$size": -1}}, r"\$size needs a whole number"),
        ({"a": {"$size": 1.5}}, r"\$size needs a whole number"),
        ({"a": {"$size": True}}, r"\$size needs a whole number"),
        ({"a": {"$size": "1"}}, r"\$size needs a whole number"),
        ({"a": {"$type": "text"}}, r"\$type knows no type of the name 'text'"),
        ({"a": {"$type": 99}}, r"\$type takes the number or the name"),
        ({"a": {"$type": None}}, r"\$type takes the number or the name"),
        ({"a": {"$type": []}}, r"\$type needs at least one"),
        ({"a": {"$bitsAllSet": -1}}, r"\$bitsAllSet takes a mask"),
        ({"a": {"$bitsAnySet": 1.5}}, r"\$bitsAnySet takes a mask"),
        ({"a": {"$bitsAllClear": "1"}}, r"\$bitsAllClear takes a mask"),
        ({"a": {"$bitsAnyClear": [-1]}}, r"\$bitsAnyClear takes positions"),
        ({"a": {"$bitsAnyClear": [2**31]}}, r"\$bitsAnyClear takes positions"),
        ({"a": {"$mod": 4}}, r"\$mod needs an array"),
        ({"a": {"$mod": [4]}}, r"\$mod needs an array"),
        ({"a": {"$mod": [4, 0, 0]}}, r"\$mod needs an array"),
        ({"a": {"$mod": [0, 0]}}, r"cannot be 0"),
        ({"a": {"$mod": [0.5, 0]}}, r"cannot be 0"),
        ({"a": {"$mod": ["4", 0]}}, r"\$mod needs two numbers"),
        ({"a": {"$mod": [4, math.inf]}}, r"\$mod needs two numbers"),
        ({"a": 2**63}, "64 bits"),
        ({"a": {1, 2}}, "Use a list"),
        ({"a\x00b": 1}, "NUL"),
        ("a", "a filter is a document"),
        ([("a", 1)], "a filter is a document"),
    ],
)
def test_a_malformed_filter_is_refused_before_any_document_is_seen(
    filter_: Any, fault: str
) -> None:
    with pytest.raises(OperationFailure, match=fault):
        compile_filter(filter_)


@pytest.mark.parametrize(
    ("filter_", "operator"),
    [
        ({"$where": "1"}, "$where"),
        ({"$expr": {"$rand": {}}}, "$rand"),
        ({"a": {"$elemMatch": {"$near": [0, 0]}}}, "$near"),
        ({"a": {"$gt": 1, "$nearSphere": 1}}, "$nearSphere"),
        ({"$text": {"$search": "x"}}, "$text"),
        ({"a": {"$not": {"$geoWithin": {}}}}, "$geoWithin"),
        ({"$or": [{"a": 1}, {"b": {"$text": "x"}}]}, "$text"),
        ({"$nor": [{"$where": "1"}]}, "$where"),
    ],
)
def test_an_operator_of_a_later_release_is_refused_by_name(
    filter_: dict[str, Any], operator: str
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        compile_filter(filter_)

    assert operator in str(caught.value)
    assert "this release's embedded store" in str(caught.value)


def test_a_filter_nested_deeper_than_mongodb_allows_is_refused() -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = {"a": deep}

    with pytest.raises(OperationFailure, match="100 levels"):
        compile_filter({"a": deep})


def test_a_compiled_filter_does_not_follow_later_changes_of_its_source() -> None:
    wanted = [1, 2]
    matches = compile_filter({"a": {"$in": wanted}})
    wanted.append(3)

    assert not matches({"a": 3})


numbers = st.one_of(st.integers(-3, 3), st.sampled_from([0.5, -1.0, math.nan, math.inf]))
fields = st.one_of(
    st.none(), st.booleans(), numbers, st.lists(numbers, max_size=3), st.text(max_size=1)
)


@given(fields, fields)
def test_operators_agree_with_their_opposites(value: Any, operand: Any) -> None:
    document = {"a": value}

    def matches(operator: str, operand: Any = operand) -> bool:
        return compile_filter({"a": {operator: operand}})(document)

    assert matches("$eq") != matches("$ne")
    assert matches("$in", [operand]) != matches("$nin", [operand])
    assert matches("$in", [operand]) == matches("$eq")
    assert matches("$gte") == (matches("$gt") or matches("$eq"))
    assert matches("$lte") == (matches("$lt") or matches("$eq"))


@given(st.lists(st.integers(-3, 3), max_size=4), st.integers(-3, 3), st.integers(-3, 3))
def test_operators_on_arrays_agree_with_python(values: list[int], low: int, high: int) -> None:
    document = {"a": values}

    def matches(condition: dict[str, Any]) -> bool:
        return compile_filter({"a": condition})(document)

    in_between = {"$gte": low, "$lte": high}
    assert matches({"$elemMatch": in_between}) == any(low <= one <= high for one in values)
    assert matches({"$not": {"$elemMatch": in_between}}) != matches({"$elemMatch": in_between})
    assert matches({"$all": [low, high]}) == ({low, high} <= set(values))
    assert matches({"$size": len(values)})
    assert compile_filter({"$nor": [{"a": in_between}]})(document) != matches(in_between)
    assert matches({"$mod": [2, 1]}) == any(one > 0 and one % 2 for one in values)
