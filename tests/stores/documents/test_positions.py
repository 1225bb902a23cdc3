"""Which element the positional `$` stands for, by the filter that a document matches."""

import re
from typing import Any

import pytest

from earnorm.stores.documents import compile_filter, compile_position


@pytest.mark.parametrize(
    ("filter_", "document", "position"),
    [
        ({"a": 5}, {"a": [1, 5, 5]}, 1),
        ({"a": {"$eq": 5}}, {"a": [1, 5]}, 1),
        ({"a": {"$in": [7, 5]}}, {"a": [1, 5]}, 1),
        ({"a": {"$gt": 1, "$lt": 9}}, {"a": [1, 5]}, 1),
        ({"a": re.compile("x")}, {"a": ["a", "x"]}, 1),
        ({"a": {"$regex": "X", "$options": "i"}}, {"a": ["a", "x"]}, 1),
        ({"a": {"$type": "string"}}, {"a": [1, "x"]}, 1),
        ({"a": {"$mod": [2, 0]}}, {"a": [1, 2]}, 1),
        ({"a": {"$exists": True}}, {"a": [1, 2]}, 0),
        ({"a": None}, {"a": [1, None]}, 1),
        # elemMatch
        ({"a": {"$elemMatch": {"$gt": 1, "$lt": 4}}}, {"a": [0, 9, 3]}, 2),
        ({"a": {"$elemMatch": {"b": 1}}}, {"a": [{"b": 2}, {"b": 1}]}, 1),
        ({"a.b": {"$elemMatch": {"$gt": 1}}}, {"a": [{"b": [1]}, {"b": [0, 2]}]}, 1),
        ({"a": {"b": 1}}, {"a": [{"b": 2}, {"b": 1}]}, 1),
        ({"a.b": {"$elemMatch": {"$gt": 1}}}, {"a": {"b": [1, 2]}}, 1),
        # all, size
        ({"a": {"$all": [5]}}, {"a": [1, 5]}, 1),
        ({"a": {"$all": [{"$elemMatch": {"b": 1}}]}}, {"a": [{}, {"b": 1}]}, 1),
        ({"a": {"$size": 2}}, {"a": [1, 5]}, None),
        ({"a.b": {"$size": 2}}, {"a": [{}, {"b": [1, 2]}]}, 1),
        # the outer array counts
        ({"a.b": 2}, {"a": [{"b": [1]}, {"b": [1, 1, 2]}]}, 1),
        ({"a.b.c": 2}, {"a": [{"b": [{"c": 2}]}]}, 0),
        ({"a.b": 2}, {"a": {"b": [1, 2]}}, 1),
        # an index that the filter names is no position
        ({"a.1": 5}, {"a": [1, 5]}, None),
        ({"a.1.b": 5}, {"a": [1, {"b": [4, 5]}]}, 1),
        ({"a.0.b": 5}, {"a": [{"b": [4, 5]}]}, 1),
        ({"a.0": [1, 2]}, {"a": [[1, 2]]}, None),
        # no array, or the whole array
        ({"a": 5}, {"a": 5}, None),
        ({"a": [1, 5]}, {"a": [1, 5]}, None),
        ({"a": {"b": 1}}, {"a": {"b": 1}}, None),
        ({"a.b": None}, {"a": 1}, None),
        ({}, {"a": [1]}, None),
        # what has to be absent has no position
        ({"a": {"$ne": 5}}, {"a": [1]}, None),
        ({"a": {"$nin": [5]}}, {"a": [1]}, None),
        ({"a": {"$not": {"$gt": 5}}}, {"a": [1]}, None),
        ({"a.b": {"$exists": False}}, {"a": [{"c": 1}]}, None),
        ({"$nor": [{"a": 5}]}, {"a": [1]}, None),
        ({"$or": [{"a": 1}, {"b": 2}]}, {"a": [1]}, None),
        # clauses
        ({"$or": [{"a": 1}]}, {"a": [0, 1]}, 1),
        ({"$and": [{"a": 1}, {"b": 2}]}, {"a": [0, 1], "b": 2}, 1),
        ({"a": 1, "b": 2}, {"a": [0, 1], "b": [2, 1]}, 0),
        ({"b": 2, "a": 1}, {"a": [0, 1], "b": [2, 1]}, 0),
        ({"a": {"$gt": 1}, "b": 2}, {"a": [0, 2], "b": [2]}, 1),
    ],
)
def test_the_position_is_that_of_the_element_that_matched(
    filter_: dict[str, Any], document: dict[str, Any], position: int | None
) -> None:
    assert compile_filter(filter_)(document)
    assert compile_position(filter_)(document) == position
