"""Conditions on fields, as values."""

import operator
from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    BooleanField,
    DateTimeField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    Expression,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    ValidationError,
)

home = ModelRegistry("expressions")
AN_ID = ObjectId(b"0" * 12)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Address(EmbeddedModel):
    street = StringField(alias="s")


class User(BaseModel, registry=home):
    name = StringField(alias="n", required=False)
    email = EmailField()
    age = IntegerField(minimum=18)
    height = FloatField()
    active = BooleanField()
    born = DateTimeField()
    boss = ReferenceField("User", required=False)
    tags = ListField(StringField())
    address = EmbeddedField(Address)
    data = DictField()


@pytest.mark.parametrize(
    ("compare", "written"),
    [
        (operator.eq, "$eq"),
        (operator.ne, "$ne"),
        (operator.lt, "$lt"),
        (operator.le, "$lte"),
        (operator.gt, "$gt"),
        (operator.ge, "$gte"),
    ],
)
def test_a_comparison_is_a_filter(compare: Callable[[Any, Any], Expression], written: str) -> None:
    assert compare(User.age, 3).document == {"age": {written: 3}}


@pytest.mark.parametrize(
    ("expression", "document"),
    [
        (User.id == AN_ID, {"_id": {"$eq": AN_ID}}),
        (User.name == "Ada", {"n": {"$eq": "Ada"}}),
        (User.name == None, {"n": {"$eq": None}}),  # noqa: E711 # `is` cannot be overloaded
        (User.name != None, {"n": {"$ne": None}}),  # noqa: E711
        (User.age > 3, {"age": {"$gt": 3}}),
        (User.height < 2, {"height": {"$lt": 2.0}}),
        (User.active == True, {"active": {"$eq": True}}),  # noqa: E712
        (User.born >= NOON.replace(microsecond=7), {"born": {"$gte": NOON}}),
        (User.tags == ["a"], {"tags": {"$eq": ["a"]}}),
        (User.address == Address(street="x"), {"address": {"$eq": {"s": "x"}}}),
        (User.data == {"$ne": 1}, {"data": {"$eq": {"$ne": 1}}}),
        ("Ada" == User.name, {"n": {"$eq": "Ada"}}),  # noqa: SIM300 # written the other way round on purpose
        (18 <= User.age, {"age": {"$gte": 18}}),  # noqa: SIM300
    ],
    ids=str,
)
def test_values_are_under_stored_names_and_as_bson_keeps_them(
    expression: Expression, document: object
) -> None:
    assert expression.document == document


def test_ids_and_references_take_the_form_of_an_id() -> None:
    path: Any = User.id
    boss: Any = User.boss
    loaded = User.from_document(
        {"_id": AN_ID, "email": "", "age": 1, "height": 1, "active": True, "born": NOON, "address": {"s": ""}}
    )  # fmt: skip
    for expression in (path == str(AN_ID), boss == AN_ID, boss == str(AN_ID), boss == loaded):
        assert list(expression.document.values()) == [{"$eq": AN_ID}]


def test_a_value_outside_the_constraints_can_be_asked_for() -> None:
    assert (User.age < 0).document == {"age": {"$lt": 0}}
    assert (User.email == "nobody").document == {"email": {"$eq": "nobody"}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", {"$ne": ""}),
        ("email", {"$regex": ".*"}),
        ("email", ["a@b.c"]),
        ("email", 1),
        ("name", {"$gt": ""}),
        ("age", "3"),
        ("age", {"$gt": 0}),
        ("age", True),
        ("age", 2**63),
        ("height", {"$exists": True}),
        ("active", {"$ne": False}),
        ("born", {"$gt": NOON}),
        ("born", "2024-05-01"),
        ("id", {"$ne": None}),
        ("id", "not an id"),
        ("boss", {"$ne": None}),
        ("tags", {"$in": ["a"]}),
        ("tags", [{"$ne": "a"}]),
        ("address", {"$ne": None}),
        ("address", {"street": {"$ne": ""}}),
        ("data", {1: 2}),
    ],
)
@pytest.mark.parametrize("compare", [operator.eq, operator.ne, operator.gt, operator.le])
def test_no_value_can_smuggle_an_operator_into_a_filter(
    compare: Callable[[Any, Any], object], field: str, value: object
) -> None:
    with pytest.raises(ValidationError, match=rf"User: \d faults?\n  {field}"):
        compare(getattr(User, field), value)


def test_expressions_are_combined_with_and_and_or() -> None:
    adult, ada, old = User.age >= 18, User.name == "Ada", User.age > 99
    assert (adult & ada).document == {"$and": [adult.document, ada.document]}
    assert (adult | ada).document == {"$or": [adult.document, ada.document]}
    assert (adult & ada | old).document == {
        "$or": [{"$and": [adult.document, ada.document]}, old.document]
    }


def test_joining_many_conditions_makes_one_flat_list() -> None:
    ages = [User.age == age for age in range(1000)]
    assert reduce(or_, ages).document == {"$or": [{"age": {"$eq": age}} for age in range(1000)]}
    assert reduce(and_, ages).document == {"$and": [{"age": {"$eq": age}} for age in range(1000)]}
    written = Expression({"$or": [], "name": "Ada"})
    assert (written | ages[0]).document == {"$or": [written.document, ages[0].document]}


def test_an_expression_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="combine expressions with & and"):
        bool(User.age > 3)
    with pytest.raises(TypeError, match="neither true nor false"):
        18 < User.age < 99  # noqa: B015 # the fault under test
    with pytest.raises(TypeError, match="neither true nor false"):
        assert User.age > 3 and User.name == "Ada"  # noqa: PT018 # the fault under test
    with pytest.raises(TypeError, match="neither true nor false"):
        assert "Ada" in [User.name]


def test_expressions_are_combined_with_expressions_only() -> None:
    wrong: Any = {"name": "Ada"}
    with pytest.raises(TypeError, match="unsupported operand"):
        (User.age > 3) & wrong
    with pytest.raises(TypeError, match="unsupported operand"):
        wrong | (User.age > 3)


def test_a_path_shows_its_stored_name() -> None:
    assert repr(User.name) == "Path('n')"
    assert hash(User.name) is not None


def test_equal_conditions_are_equal() -> None:
    assert (User.age > 3) == (User.age > 3)
    assert (User.age > 3) != (User.age > 4)
