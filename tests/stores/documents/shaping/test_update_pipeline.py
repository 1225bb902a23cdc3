"""Updates by pipelines, as in "Updates with Aggregation Pipeline" of MongoDB's manual."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import WriteError

from earnorm import clock
from earnorm.errors import UnsupportedError
from earnorm.stores.documents.shaping import compile_update_pipeline

DOCUMENT: dict[str, Any] = {"_id": 1, "a": 2, "o": {"x": 1, "y": [1, {"z": 2}]}, "l": [1, 2]}

RESULTS: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([{"$set": {"a": {"$add": ["$a", 1]}}}], {**DOCUMENT, "a": 3}),
    ([{"$addFields": {"b": "$a"}}], {**DOCUMENT, "b": 2}),
    ([{"$set": {"a": 5}}, {"$set": {"b": "$a"}}], {**DOCUMENT, "a": 5, "b": 5}),
    ([{"$set": {"o.x": "$a"}}], {**DOCUMENT, "o": {"x": 2, "y": [1, {"z": 2}]}}),
    ([{"$set": {"o": {"w": 1}}}], {**DOCUMENT, "o": {"x": 1, "y": [1, {"z": 2}], "w": 1}}),
    ([{"$set": {"o": {"$literal": {"w": 1}}}}], {**DOCUMENT, "o": {"w": 1}}),
    ([{"$set": {"o.y.q": 0}}], {**DOCUMENT, "o": {"x": 1, "y": [{"q": 0}, {"z": 2, "q": 0}]}}),
    ([{"$set": {"a.b": 1}}], {**DOCUMENT, "a": {"b": 1}}),
    ([{"$set": {"a": "$gone"}}], {"_id": 1, "o": DOCUMENT["o"], "l": [1, 2]}),
    ([{"$unset": ["a", "o.y.z"]}], {"_id": 1, "o": {"x": 1, "y": [1, {}]}, "l": [1, 2]}),
    ([{"$project": {"a": 1}}], {"_id": 1, "a": 2}),
    ([{"$project": {"_id": 0, "a": 1}}], {"_id": 1, "a": 2}),
    ([{"$replaceWith": {"b": "$a"}}], {"_id": 1, "b": 2}),
    ([{"$replaceRoot": {"newRoot": "$o"}}], {"_id": 1, "x": 1, "y": [1, {"z": 2}]}),
    ([{"$set": {"_id": 1.0}}], {**DOCUMENT, "_id": 1.0}),
]


@pytest.mark.parametrize(("stages", "expected"), RESULTS, ids=str)
def test_the_stages_are_applied_one_after_the_other(
    stages: list[dict[str, Any]], expected: dict[str, Any]
) -> None:
    document = {**DOCUMENT, "o": {"x": 1, "y": [1, {"z": 2}]}, "l": [1, 2]}

    assert compile_update_pipeline(stages)(document) == expected
    assert document == DOCUMENT


def test_an_id_that_is_left_out_comes_first_again() -> None:
    updated = compile_update_pipeline([{"$replaceWith": {"b": 1}}])(DOCUMENT)

    assert list(updated) == ["_id", "b"]


def test_variables_of_let_and_now_are_seen() -> None:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    with clock.frozen(moment):
        apply = compile_update_pipeline([{"$set": {"by": "$$who", "at": "$$NOW"}}], {"who": "Ada"})

    assert apply({"_id": 1}) == {"_id": 1, "by": "Ada", "at": moment}


def test_a_document_without_id_gets_none() -> None:
    assert compile_update_pipeline([{"$set": {"a": 1}}])({}) == {"a": 1}


REFUSED: list[tuple[Any, int]] = [
    ([], 9),
    ({"$set": {"a": 1}}, 9),
    ([1], 40323),
    ([{}], 40323),
    ([{"$set": {"a": 1}, "$unset": "b"}], 40323),
    ([{"$inc": {"a": 1}}], 40324),
    ([{"a": 1}], 40324),
    ([{"$match": {}}], 72),
    ([{"$group": {"_id": 1}}], 72),
    ([{"$out": "x"}], 72),
    ([{"$set": {}}], 40177),
    ([{"$set": {"a": {"$ad": 1}}}], 168),
    ([{"$set": {"a": "$$gone"}}], 17276),
    ([{"$set": {"a": {1}}}], 2),
]


@pytest.mark.parametrize(("stages", "code"), REFUSED, ids=str)
def test_what_is_no_update_is_refused_before_any_document_is_seen(stages: Any, code: int) -> None:
    with pytest.raises(WriteError) as caught:
        compile_update_pipeline(stages)

    assert caught.value.code == code


IMPOSSIBLE: list[tuple[Any, int]] = [
    ([{"$set": {"_id": 2}}], 66),
    ([{"$replaceWith": {"_id": 2}}], 66),
    ([{"$replaceWith": "$a"}], 40228),
    ([{"$set": {"a": {"$divide": [1, 0]}}}], 2),
    ([{"$replaceWith": {"$literal": {"$a": 1}}}], 52),
    ([{"$set": {"a": {"$add": ["$o", 1]}}}], 14),
]


@pytest.mark.parametrize(("stages", "code"), IMPOSSIBLE, ids=str)
def test_what_a_document_cannot_become_is_refused(stages: Any, code: int) -> None:
    apply = compile_update_pipeline(stages)
    with pytest.raises(WriteError) as caught:
        apply(DOCUMENT)

    assert caught.value.code == code


def test_an_operator_that_the_store_has_not_is_named() -> None:
    with pytest.raises(UnsupportedError, match=r"\$rand"):
        compile_update_pipeline([{"$set": {"a": {"$rand": {}}}}])


values = st.recursive(
    st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)
paths = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(".".join)


@given(st.dictionaries(st.sampled_from("abc"), values), paths)
def test_what_was_set_can_be_unset_and_setting_twice_changes_nothing(
    document: dict[str, Any], path: str
) -> None:
    set_once = compile_update_pipeline([{"$set": {path: 7}}])
    unset = compile_update_pipeline([{"$unset": path}])
    updated = set_once(document)

    assert set_once(updated) == updated
    assert unset(updated) == unset(unset(updated))
    assert 7 not in numbers(unset(updated))


def numbers(value: Any) -> set[int]:
    if isinstance(value, dict):
        return set().union(*map(numbers, value.values()))
    return set().union(*map(numbers, value)) if isinstance(value, list) else {value}
