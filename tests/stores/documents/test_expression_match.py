"""`$expr` in filters, by its page in MongoDB's manual."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from earnorm import clock
from earnorm.errors import UnsupportedError
from earnorm.stores.documents import compile_filter, key_bytes
from earnorm.stores.documents.keys import collating
from earnorm.stores.documents.matcher import compile_normalized

DOCUMENT: dict[str, Any] = {"_id": 1, "spent": 450, "budget": 400, "l": [{"x": 1}], "s": "Ada"}

MATCHES: list[tuple[dict[str, Any], bool]] = [
    ({"$expr": {"$gt": ["$spent", "$budget"]}}, True),
    ({"$expr": {"$lt": ["$spent", "$budget"]}}, False),
    ({"$expr": "$spent"}, True),
    ({"$expr": "$gone"}, False),
    ({"$expr": 0}, False),
    ({"$expr": {"$eq": ["$l", 1]}}, False),
    ({"$expr": {"$eq": ["$l.x", [1]]}}, True),
    ({"_id": 1, "$expr": {"$eq": [{"$toLower": "$s"}, "ada"]}}, True),
    ({"_id": 2, "$expr": True}, False),
    ({"$or": [{"_id": 2}, {"$expr": {"$eq": ["$_id", 1]}}]}, True),
    ({"$nor": [{"$expr": {"$eq": ["$_id", 1]}}]}, False),
    ({"$and": [{"$expr": True}, {"$expr": {"$in": ["$_id", [1, 2]]}}]}, True),
]


@pytest.mark.parametrize(("filter_", "expected"), MATCHES, ids=str)
def test_an_expression_that_is_true_matches(filter_: dict[str, Any], expected: bool) -> None:
    assert compile_filter(filter_)(DOCUMENT) is expected


def test_now_is_the_moment_at_which_the_filter_was_compiled() -> None:
    with clock.frozen(datetime(2024, 5, 1, tzinfo=UTC)):
        matches = compile_filter({"$expr": {"$lt": ["$at", "$$NOW"]}})

    assert matches({"at": datetime(2024, 4, 1, tzinfo=UTC)})
    assert not matches({"at": datetime(2024, 6, 1, tzinfo=UTC)})


@pytest.mark.parametrize(
    ("filter_", "code"),
    [
        ({"$expr": {"$ad": [1]}}, 168),
        ({"$expr": "$$gone"}, 17276),
        ({"$expr": {"$gt": [1]}}, 16020),
        ({"l": {"$elemMatch": {"x": 1, "$expr": True}}}, 2),
        ({"l": {"$elemMatch": {"$or": [{"x": 1}, {"$expr": True}]}}}, 2),
        ({"l": {"$elemMatch": {"x": 1, "$nor": [{"$and": [{"$expr": True}]}]}}}, 2),
    ],
    ids=str,
)
def test_what_is_malformed_is_refused_before_any_document_is_seen(
    filter_: dict[str, Any], code: int
) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_filter(filter_)

    assert caught.value.code == code


def test_a_document_that_cannot_be_computed_with_is_an_error() -> None:
    matches = compile_filter({"$expr": {"$gt": [{"$size": "$spent"}, 0]}})
    with pytest.raises(OperationFailure) as caught:
        matches(DOCUMENT)

    assert caught.value.code == 17124


def test_an_expression_under_a_collation_is_refused_because_it_would_not_know_it() -> None:
    folded = collating(lambda text: text.casefold().encode() + b"\x00")
    compile_normalized({"s": "ada"}, folded)
    compile_normalized({"$expr": True}, key_bytes)

    with pytest.raises(UnsupportedError, match=r"\$expr together with a collation"):
        compile_normalized({"$or": [{"$expr": True}]}, folded)
