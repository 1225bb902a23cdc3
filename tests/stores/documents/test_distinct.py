"""The different values of a path, as MongoDB's `distinct` gives them."""

from typing import Any

import pytest
from bson import Decimal128, Int64
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.stores.documents import compile_collation, compile_filter, distinct, key_bytes


@pytest.mark.parametrize(
    ("documents", "path", "expected"),
    [
        ([], "a", []),
        ([{"a": 1}, {"a": 2}, {"a": 1}], "a", [1, 2]),
        ([{"a": "b"}, {}, {"a": None}, {"a": None}], "a", ["b", None]),
        ([{"a": 1}, {"a": 1.0}, {"a": Int64(1)}, {"a": Decimal128("1.0")}], "a", [1]),
        ([{"a": 1}, {"a": True}, {"a": "1"}], "a", [1, True, "1"]),
        ([{"a": 0.0}, {"a": -0.0}], "a", [0.0]),
        # arrays
        ([{"a": [1, 2]}, {"a": 2}, {"a": [3, 1]}], "a", [1, 2, 3]),
        ([{"a": []}], "a", []),
        ([{"a": [[1], [1, 2], [1]]}], "a", [[1], [1, 2]]),
        ([{"a": [None]}], "a", [None]),
        # paths
        ([{"a": {"b": 1}}, {"a": 5}, {"a": {}}], "a.b", [1]),
        ([{"a": [{"b": 1}, {"b": [2, 3]}, 4, {}]}], "a.b", [1, 2, 3]),
        ([{"a": [[{"b": 1}]]}], "a.b", []),
        ([{"a": [5, 6]}], "a.1", [6]),
        ([{"a": [5, [6, 7]]}], "a.1", [6, 7]),
        ([{"a": [{"1": 3}, {"b": 4}]}], "a.1.b", [4]),
        ([{"a": [{"1": 3}]}], "a.1", []),
        ([{"a": [5]}], "a.01", []),
        ([{"a": {"1": 3}}], "a.1", [3]),
        # documents, by the order of their names
        (
            [{"a": {"x": 1, "y": 2}}, {"a": {"y": 2, "x": 1}}, {"a": {"x": 1.0, "y": 2}}],
            "a",
            [{"x": 1, "y": 2}, {"y": 2, "x": 1}],
        ),
    ],
)
def test_the_first_of_equal_values_stays(
    documents: list[dict[str, Any]], path: str, expected: list[Any]
) -> None:
    found = distinct(documents, path)

    assert found == expected
    assert [type(one) for one in found] == [type(one) for one in expected]


def test_a_collation_says_which_texts_are_one() -> None:
    documents: list[dict[str, Any]] = [
        {"a": ["Ada", "ada"]},
        {"a": "ADA"},
        {"a": {"b": "x"}},
        {"a": {"b": "X"}},
    ]

    found = distinct(documents, "a", compile_collation({"locale": "en", "strength": 2}))

    assert found == ["Ada", {"b": "x"}]


@pytest.mark.parametrize("path", ["", None, 1, "a\x00", ["a"]])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(OperationFailure, match="distinct names a field"):
        distinct([], path)


def test_more_values_than_a_document_can_hold_are_refused() -> None:
    documents = ({"a": f"{number}" + "x" * 2**20} for number in range(17))

    with pytest.raises(OperationFailure, match="more than 16,777,216 bytes") as caught:
        distinct(documents, "a")

    assert caught.value.code == 17217


values = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, "a"])


@given(st.lists(st.dictionaries(st.just("a"), values | st.lists(values, max_size=3)), max_size=5))
def test_every_value_is_there_once_and_finds_its_documents(
    documents: list[dict[str, Any]],
) -> None:
    found = distinct(documents, "a")

    assert len({key_bytes(value) for value in found}) == len(found)
    for value in found:
        assert any(map(compile_filter({"a": value}), documents))
