"""Changes of fields, as values: what they say, and what they refuse at once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DateTimeField,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    FilterError,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    Update,
    UpdateError,
    ValidationError,
)

home = ModelRegistry("update expressions")
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Line(EmbeddedModel):
    sku = StringField(alias="s")
    quantity = IntegerField(minimum=1)


class User(BaseModel, registry=home):
    name = StringField(alias="n", max_length=5)
    age = IntegerField(required=False)
    height = FloatField()
    born = DateTimeField()
    tags = ListField(StringField(max_length=3))
    lines = ListField(EmbeddedField(Line))
    friends = ListField(ReferenceField("User"))
    free = ListField(DictField())
    grid = ListField(ListField(IntegerField()))
    rows = ListField(DictField(IntegerField()))
    data = DictField()


untyped: Any = User


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (User.name.set("Ada"), ("$set", "n", "Ada")),
        (User.age.set(None), ("$set", "age", None)),
        (User.height.set(2), ("$set", "height", 2.0)),
        (User.born.set(NOON.replace(microsecond=7)), ("$set", "born", NOON)),
        (User.age.unset(), ("$unset", "age", "")),
        (User.age.inc(), ("$inc", "age", 1)),
        (User.age.inc(-2), ("$inc", "age", -2)),
        (User.height.mul(0.5), ("$mul", "height", 0.5)),
        (User.age.min(3), ("$min", "age", 3)),
        (User.born.max(NOON), ("$max", "born", NOON)),
        (User.born.set_now(), ("$currentDate", "born", {"$type": "date"})),
        (User.tags.push("a"), ("$push", "tags", {"$each": ["a"]})),
        (
            User.tags.push("a", "b", position=-1, keep_first=3),
            ("$push", "tags", {"$each": ["a", "b"], "$position": -1, "$slice": 3}),
        ),
        (User.tags.push("a", keep_last=3), ("$push", "tags", {"$each": ["a"], "$slice": -3})),
        (User.tags.push("a", keep_first=0), ("$push", "tags", {"$each": ["a"], "$slice": 0})),
        (User.tags.add_to_set("a", "b"), ("$addToSet", "tags", {"$each": ["a", "b"]})),
        (User.tags.pull("a", "b"), ("$pullAll", "tags", ["a", "b"])),
        (User.tags.pull("too long a tag"), ("$pullAll", "tags", ["too long a tag"])),
        (User.tags.pull(User.tags.each > "m"), ("$pull", "tags", {"$gt": "m"})),
        (
            User.tags.pull(~(User.tags.each > "m")),
            ("$pull", "tags", {"$exists": True, "$not": {"$gt": "m"}}),
        ),
        (
            User.lines.pull((Line.quantity > 3) | (Line.sku == "x")),
            ("$pull", "lines", {"$or": [{"quantity": {"$gt": 3}}, {"s": {"$eq": "x"}}]}),
        ),
        (User.tags.pop(), ("$pop", "tags", 1)),
        (User.tags.pop_first(), ("$pop", "tags", -1)),
        (User.lines.at(0).quantity.set(3), ("$set", "lines.0.quantity", 3)),
        (User.data["a"]["b"].inc(0.5), ("$inc", "data.a.b", 0.5)),
        (User.data["a"].push({"$each": 1}), ("$push", "data.a", {"$each": [{"$each": 1}]})),
        (User.free.push({"$each": [1]}), ("$push", "free", {"$each": [{"$each": [1]}]})),
        (User.free.pull({"$gt": 0}), ("$pullAll", "free", [{"$gt": 0}])),
        (User.free.add_to_set({"$each": [1]}), ("$addToSet", "free", {"$each": [{"$each": [1]}]})),
    ],
    ids=str,
)
def test_an_update_is_an_operator_a_stored_name_and_an_operand(
    update: Update, expected: tuple[str, str, Any]
) -> None:
    assert (update.operator, update.name, update.operand) == expected


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: untyped.name.set(3), ValidationError, "must be a string"),
        (lambda: untyped.name.set({"$inc": 1}), ValidationError, "must be a string"),
        (lambda: untyped.name.set(None), ValidationError, "a value is required"),
        (lambda: untyped.name.set("too long"), ValidationError, "at most 5 characters"),
        (lambda: untyped.age.set({"$gt": 1}), ValidationError, "must be an integer"),
        (lambda: untyped.lines.at(0).quantity.set(0), ValidationError, "at least 1"),
        (lambda: untyped.lines.at(0).set({"sku": 3}), ValidationError, "must be a string"),
        (lambda: untyped.name.inc(1), UpdateError, r"\$inc computes with numbers, and 'name' is a string"),
        (lambda: untyped.born.mul(2), UpdateError, r"\$mul computes with numbers"),
        (lambda: untyped.age.inc("1"), ValidationError, "must be an integer"),
        (lambda: untyped.age.inc(0.5), ValidationError, "must be an integer"),
        (lambda: untyped.age.inc(None), UpdateError, "None is none"),
        (lambda: untyped.age.inc({"$inc": 1}), ValidationError, "must be an integer"),
        (lambda: untyped.age.max("x"), ValidationError, "must be an integer"),
        (lambda: untyped.tags.push(3), ValidationError, "must be a string"),
        (lambda: untyped.tags.push("long"), ValidationError, "at most 3 characters"),
        (lambda: untyped.tags.push({"$each": ["a"]}), ValidationError, "must be a string"),
        (lambda: untyped.tags.push("a", None), ValidationError, "a value is required"),
        (lambda: untyped.tags.push("a", position=1.5), UpdateError, "as position, not 1.5"),
        (lambda: untyped.tags.push("a", position=True), UpdateError, "as position, not True"),
        (lambda: untyped.tags.push("a", keep_last=-1), UpdateError, "from 0 on as keep_last"),
        (lambda: untyped.tags.push("a", keep_first=1, keep_last=1), UpdateError, "not both"),
        (lambda: untyped.name.push("a"), TypeError, r"is no list but a string, so it has no push\(\)"),
        (lambda: untyped.name.pop(), TypeError, "is no list"),
        (lambda: untyped.tags.add_to_set({"$each": ["a"]}), ValidationError, "must be a string"),
        (lambda: untyped.tags.pull({"$in": ["a"]}), ValidationError, "must be a string"),
        (lambda: untyped.tags.pull("a", User.tags.each > "b"), UpdateError, "or one expression"),
        (lambda: untyped.lines.pull(User.age > 3), FilterError, "have no 'age'"),
        (lambda: untyped.friends.push("x"), ValidationError, "must be a stored instance"),
        (lambda: untyped.data["a"].set(object()), ValidationError, "BSON has no form"),
        (lambda: untyped.tags.each.unset(), UpdateError, r"'tags.each' leads into every item.*\.at\(0\)"),
        (lambda: untyped.tags.each.set("x"), UpdateError, "an update changes one place"),
        (lambda: untyped.grid.each.pop(), UpdateError, "an update changes one place"),
        (lambda: untyped.grid.each.pop_first(), UpdateError, "an update changes one place"),
        (lambda: untyped.grid.each.push(keep_last=1), UpdateError, "an update changes one place"),
        (lambda: untyped.grid.each.pull(3), UpdateError, "an update changes one place"),
        (lambda: untyped.rows.each["k"].inc(), UpdateError, "an update changes one place"),
        (lambda: untyped.lines.each.quantity.inc(), UpdateError, "an update changes one place"),
        (lambda: bool(untyped.age.inc()), TypeError, r"give it to query.update\(...\)"),
    ],
)  # fmt: skip
def test_an_update_that_could_never_be_made_is_an_error_at_once(
    build: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        build()
