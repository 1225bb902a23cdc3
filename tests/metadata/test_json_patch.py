"""JSON Patch: what makes one value of another."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnorm.metadata import apply_patch, canonical_json, make_patch

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a/b", "~1", "~"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["", "a", "b/c", "~", "~0/"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_a_patch_makes_one_value_of_the_other(before: Any, after: Any) -> None:
    kept = canonical_json(before)
    result = apply_patch(before, make_patch(before, after))
    assert canonical_json(result) == canonical_json(after)
    assert canonical_json(before) == kept


@given(JSON)
def test_equal_values_need_no_patch(value: Any) -> None:
    assert make_patch(value, value) == []


def test_only_what_differs_is_in_the_patch() -> None:
    before = {"a": {"b": 1, "c": [1, 2]}, "x/y": True}
    after = {"a": {"b": 2, "c": [1, 2]}, "z": None}
    assert make_patch(before, after) == [
        {"op": "replace", "path": "/a/b", "value": 2},
        {"op": "remove", "path": "/x~1y"},
        {"op": "add", "path": "/z", "value": None},
    ]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/b"},
        {"op": "replace", "path": "/a/b/c", "value": 1},
        {"op": "test", "path": "/a", "value": 1},
        {"op": "add", "path": "/b"},
        {"op": "add", "path": 3, "value": 1},
        {},
        "x",
    ],
)
def test_a_patch_that_does_not_fit_is_refused(operation: Any) -> None:
    with pytest.raises(ValueError, match=r"nothing at|no operation|no value"):
        apply_patch({"a": {}}, [operation])
