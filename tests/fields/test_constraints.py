"""Lengths, ranges and patterns."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DateTimeField,
    Field,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
    ValidationError,
)

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
TOKYO = timezone(timedelta(hours=9))


def holder(field: Field[Any]) -> Any:
    return type("Holder", (BaseModel,), {"value": field}, registry=ModelRegistry("a table"))


@pytest.mark.parametrize(
    ("field", "given"),
    [
        (StringField(min_length=2, max_length=3), "ab"),
        (StringField(min_length=2, max_length=3), "abc"),
        (StringField(max_length=2), "😀😀"),
        (StringField(pattern=r"[a-z]+"), "abc"),
        (StringField(pattern=r"a|ab"), "ab"),
        (IntegerField(minimum=1, maximum=3), 1),
        (IntegerField(minimum=1, maximum=3), 3),
        (FloatField(minimum=0, maximum=1), 0),
        (FloatField(minimum=0), math.inf),
        (DateTimeField(minimum=NOON, maximum=NOON), NOON.astimezone(TOKYO)),
        (ListField(StringField(), min_length=1, max_length=2), ["a"]),
    ],
)
def test_limits_are_included(field: Field[Any], given: object) -> None:
    assert holder(field)(value=given).value == given


@pytest.mark.parametrize(
    ("field", "given", "code", "message"),
    [
        (StringField(min_length=2), "a", "min_length", "must have at least 2 characters, has 1"),
        (StringField(max_length=2), "abc", "max_length", "must have at most 2 characters, has 3"),
        (StringField(pattern="[a-z]+"), "abc1", "pattern", "must match '[a-z]+'"),
        (StringField(pattern="^[a-z]+$"), "abc\n", "pattern", "must match '^[a-z]+$'"),
        (StringField(pattern="a"), "", "pattern", "must match 'a'"),
        (IntegerField(minimum=1), 0, "range", "must be at least 1"),
        (IntegerField(maximum=1), 2, "range", "must be at most 1"),
        (FloatField(minimum=0), -0.1, "range", "must be at least 0"),
        (FloatField(minimum=0), math.nan, "range", "must be at least 0"),
        (FloatField(maximum=0), math.nan, "range", "must be at most 0"),
        (
            DateTimeField(minimum=NOON),
            NOON.replace(tzinfo=TOKYO),
            "range",
            f"must be at least {NOON!r}",
        ),
        (ListField(StringField(), min_length=1), [], "min_length", "must have at least 1 items, has 0"),
        (ListField(StringField(), max_length=1), ["a", "b"], "max_length", "must have at most 1 items, has 2"),
    ],
)  # fmt: skip
def test_what_breaks_a_constraint_is_refused(
    field: Field[Any], given: object, code: str, message: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        holder(field)(value=given)
    (fault,) = caught.value.errors
    assert (fault.path, fault.code, fault.message) == ("value", code, message)


def test_every_broken_constraint_is_told_at_once() -> None:
    field = StringField(min_length=3, pattern="[a-z]*", choices=["abc"])
    with pytest.raises(ValidationError) as caught:
        holder(field)(value="1")
    assert [fault.code for fault in caught.value.errors] == ["min_length", "pattern", "choices"]


def test_constraints_hold_for_assignments_too() -> None:
    instance = holder(IntegerField(minimum=1))(value=1)
    with pytest.raises(ValidationError, match="value: must be at least 1"):
        instance.value = 0
    assert instance.value == 1


def test_a_limit_of_a_datetime_field_may_be_naive_and_means_local_time() -> None:
    limit = datetime(2024, 5, 1, 12)
    model = holder(DateTimeField(minimum=limit))
    assert model(value=limit).value == limit.astimezone(UTC)
    with pytest.raises(ValidationError, match="value: must be at least"):
        model(value=limit - timedelta(milliseconds=1))
