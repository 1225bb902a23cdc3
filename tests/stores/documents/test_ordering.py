from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents import compile_sort, key_bytes
from earnorm.typing import SortKey


def in_order(documents: list[dict[str, Any]], *sort: SortKey) -> list[Any]:
    return [document["_id"] for document in sorted(documents, key=compile_sort(sort))]


def test_an_array_sorts_by_its_least_element_upwards_and_its_greatest_downwards() -> None:
    documents: list[dict[str, Any]] = [
        {"_id": "wide", "a": [1, 9]},
        {"_id": "five", "a": 5},
        {"_id": "inner", "a": [4, 6]},
    ]

    assert in_order(documents, ("a", 1)) == ["wide", "inner", "five"]
    assert in_order(documents, ("a", -1)) == ["wide", "inner", "five"]


def test_an_empty_array_sorts_below_null_and_null_like_missing() -> None:
    documents: list[dict[str, Any]] = [
        {"_id": "one", "a": 1},
        {"_id": "null", "a": None},
        {"_id": "missing"},
        {"_id": "empty", "a": []},
    ]

    assert in_order(documents, ("a", 1)) == ["empty", "null", "missing", "one"]
    assert in_order(documents, ("a", -1)) == ["one", "null", "missing", "empty"]


def test_equal_documents_stay_in_their_order_in_both_directions() -> None:
    documents = [{"_id": number, "a": number % 2} for number in range(6)]

    assert in_order(documents, ("a", 1)) == [0, 2, 4, 1, 3, 5]
    assert in_order(documents, ("a", -1)) == [1, 3, 5, 0, 2, 4]


def test_a_path_goes_through_documents_and_arrays() -> None:
    documents = [
        {"_id": 1, "a": {"b": 3}},
        {"_id": 2, "a": [{"b": 9}, {"b": 1}]},
        {"_id": 3, "a": [{"b": 2}, {}]},
        {"_id": 4, "a": [7]},
    ]

    assert in_order(documents, ("a.b", 1)) == [3, 4, 2, 1]
    assert in_order(documents, ("a.b", -1)) == [2, 1, 3, 4]


def test_keys_may_go_in_different_directions() -> None:
    documents = [{"_id": (a, b), "a": a, "b": b} for a in (1, 2) for b in ("x", "xy")]

    assert in_order(documents, ("a", -1), ("b", 1)) == [(2, "x"), (2, "xy"), (1, "x"), (1, "xy")]
    assert in_order(documents, ("a", 1), ("b", -1)) == [(1, "xy"), (1, "x"), (2, "xy"), (2, "x")]


@pytest.mark.parametrize("sort", [[("", 1)], [("a", 0)], [("a", True)], [("a..b", 1)], [(1, 1)]])
def test_what_is_no_sort_is_refused(sort: Any) -> None:
    with pytest.raises(OperationFailure):
        compile_sort(sort)


def test_sorting_by_an_operator_is_unsupported() -> None:
    with pytest.raises(UnsupportedError, match=r"\$natural"):
        compile_sort([("$natural", 1)])


@pytest.mark.parametrize(
    ("document", "paths", "named"),
    [
        ({"a": [1], "b": [2]}, ("a", "b"), "'a' and 'b'"),
        ({"a": 1, "b": [2], "c": {"d": [3]}}, ("a", "b", "n", "c.d"), "'b' and 'c.d'"),
        ({"a": [{"b": [1], "c": [2]}]}, ("n", "a.b", "a.c"), "'a.b' and 'a.c'"),
    ],
)
def test_of_arrays_that_cannot_be_sorted_by_at_once_the_two_are_named(
    document: dict[str, Any], paths: tuple[str, ...], named: str
) -> None:
    sort = compile_sort([(path, -1) for path in paths])
    with pytest.raises(OperationFailure, match=f"_id 7 has arrays at {named}\\.") as caught:
        sort({"_id": 7, **document})
    assert caught.value.code == 2


values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())


@given(st.lists(values, max_size=8), st.sampled_from([1, -1]))
def test_plain_values_sort_by_their_keys(sample: list[Any], direction: int) -> None:
    documents = [{"_id": at, "a": value} for at, value in enumerate(sample)]

    expected = sorted(documents, key=lambda each: key_bytes(each["a"]), reverse=direction == -1)

    assert [sample[at] for at in in_order(documents, ("a", direction))] == [
        each["a"] for each in expected
    ]
