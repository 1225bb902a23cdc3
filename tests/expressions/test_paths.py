"""Paths that lead into embedded models, lists and dictionaries, and what negates a condition."""

import copy
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    Expression,
    FilterError,
    IntegerField,
    ListField,
    ModelRegistry,
    Path,
    StringField,
    ValidationError,
)

home = ModelRegistry("paths")


class Address(EmbeddedModel):
    city = StringField(alias="c")
    zip = StringField(required=False)


class Limits(EmbeddedModel):
    """Has parts that are named like the methods of paths."""

    min = IntegerField()
    exists = IntegerField()
    any = StringField(alias="a")


class Line(EmbeddedModel):
    sku = StringField(alias="s")
    quantity = IntegerField()
    origin = EmbeddedField(Address, required=False)
    pop = StringField(default="")


class Order(BaseModel, registry=home):
    number = IntegerField(alias="no")
    address = EmbeddedField(Address, alias="to")
    limits = EmbeddedField(Limits)
    lines = ListField(EmbeddedField(Line))
    scores = ListField(IntegerField(), alias="sc")
    grid = ListField(ListField(IntegerField()))
    pages = ListField(ListField(EmbeddedField(Line)))
    words = ListField(ListField(StringField()))
    notes = DictField(StringField())
    homes = DictField(EmbeddedField(Address))
    rows = ListField(DictField(IntegerField()))
    data = DictField()
    vault = DictField(StringField(), secret=True)


untyped: Any = Order  # what follows is shorter than what a type checker knows


@pytest.mark.parametrize(
    ("expression", "document"),
    [
        (Order.address.city == "Rome", {"to.c": {"$eq": "Rome"}}),
        (Order.address["city"] == "Rome", {"to.c": {"$eq": "Rome"}}),
        (Order.address.zip == None, {"to.zip": {"$eq": None}}),  # noqa: E711
        (untyped.lines.sku == "x", {"lines.s": {"$eq": "x"}}),
        (Order.lines.each.sku == "x", {"lines.s": {"$eq": "x"}}),
        (Order.lines.each.origin.city == "x", {"lines.origin.c": {"$eq": "x"}}),
        (Order.lines.at(0).sku == "x", {"lines.0.s": {"$eq": "x"}}),
        (Order.lines.at(12) == None, {"lines.12": {"$eq": None}}),  # noqa: E711
        (Order.scores.each > 3, {"sc": {"$gt": 3}}),
        (Order.scores.at(1) > 3, {"sc.1": {"$gt": 3}}),
        (Order.grid.at(1).at(2) == 5, {"grid.1.2": {"$eq": 5}}),
        (Order.grid.each == [5], {"grid": {"$eq": [5]}}),
        (Order.notes["key"] == "x", {"notes.key": {"$eq": "x"}}),
        (Order.homes["rome"].city == "x", {"homes.rome.c": {"$eq": "x"}}),
        (untyped.rows["a"] > 3, {"rows.a": {"$gt": 3}}),
        (Order.rows.at(0)["a"] > 3, {"rows.0.a": {"$gt": 3}}),
        (Order.data["a"]["b"] == [{"$ne": 1}], {"data.a.b": {"$eq": [{"$ne": 1}]}}),
        (Order.data["a"].contains({"$ne": 1}), {"data.a": {"$eq": {"$ne": 1}}}),
        (Order.address.exists(), {"to": {"$exists": True}}),
        (Order.address.in_([Address(city="x")]), {"to": {"$in": [{"c": "x", "zip": None}]}}),
        (Order.scores.has_length(2), {"sc": {"$size": 2}}),
        (Order.scores.contains_all([1, 2]), {"sc": {"$all": [1, 2]}}),
        (Order.lines.any(Line.quantity > 3), {"lines": {"$elemMatch": {"quantity": {"$gt": 3}}}}),
        (
            Order.lines.any((Line.sku == "x") & ~(Line.origin.city == "y")),
            {"lines": {"$elemMatch": {"$and": [{"s": {"$eq": "x"}}, {"$nor": [{"origin.c": {"$eq": "y"}}]}]}}},
        ),
        (
            Order.scores.any((Order.scores.each > 3) & ~(Order.scores.each >= 9)),
            {"sc": {"$elemMatch": {"$gt": 3, "$not": {"$gte": 9}}}},
        ),
    ],
    ids=str,
)  # fmt: skip
def test_a_path_leads_into_documents(expression: Expression, document: object) -> None:
    assert expression.document == document


def test_a_part_comes_before_a_method_of_its_name_in_an_embedded_model() -> None:
    assert (untyped.limits.min > 3).document == {"limits.min": {"$gt": 3}}
    assert (untyped.limits.exists == 3).document == {"limits.exists": {"$eq": 3}}
    assert (untyped.limits.any == "x").document == {"limits.a": {"$eq": "x"}}
    assert Path.exists(untyped.limits).document == {"limits": {"$exists": True}}


def test_a_part_of_a_list_that_is_named_like_a_method_is_reached_by_its_name() -> None:
    assert (Order.lines["pop"] == "x").document == {"lines.pop": {"$eq": "x"}}
    assert (untyped.lines.each.pop == "x").document == {"lines.pop": {"$eq": "x"}}
    assert untyped.lines.pop().operator == "$pop"


@pytest.mark.parametrize(
    ("lead", "message"),
    [
        (lambda: untyped.address.cty, "has no 'cty'. Did you mean 'city'?"),
        (lambda: untyped.lines.quantty, "has no 'quantty'. Did you mean 'quantity'?"),
        (lambda: untyped.lines.at(0).skuu, "has no 'skuu'. Did you mean 'sku'?"),
        (lambda: untyped.number.exsts(), "'number' is an integer, and has no 'exsts'. Did you mean 'exists'?"),
        (lambda: untyped.address.city.name, "'address.city' is a string, and has no 'name'"),
        (lambda: untyped.notes.key, r"'notes' is a dictionary, whose keys are no attributes: write \['key'\]"),
        (lambda: untyped.number._private, "_private"),
    ],
)  # fmt: skip
def test_a_part_that_is_not_there_is_an_attribute_error_with_near_names(
    lead: Any, message: str
) -> None:
    with pytest.raises(AttributeError, match=message):
        lead()


@pytest.mark.parametrize(
    ("lead", "error", "message"),
    [
        (lambda: untyped.address["cty"], FilterError, "Did you mean 'city'"),
        (lambda: untyped.number["x"], FilterError, "is an integer, and has no 'x'"),
        (lambda: untyped.notes["a.b"], FilterError, "no path leads to the key 'a.b'"),
        (lambda: untyped.notes["$where"], FilterError, "no path leads to the key"),
        (lambda: untyped.data["a"]["$ne"], FilterError, "no path leads to the key"),
        (lambda: untyped.notes[""], FilterError, "no path leads to the key ''"),
        (lambda: untyped.notes["a\0"], FilterError, "no path leads to the key"),
        (lambda: untyped.notes[0], TypeError, r"An item of a list is .at\(0\)"),
        (lambda: untyped.notes[{"$ne": 1}], TypeError, "takes a key that is a string"),
        (lambda: untyped.scores[0], TypeError, r"An item of a list is .at\(0\)"),
        (lambda: untyped.scores.at(-1), FilterError, "from 0 on"),
        (lambda: untyped.scores.at("0"), FilterError, "from 0 on"),
        (lambda: untyped.scores.at(True), FilterError, "from 0 on"),
        (lambda: untyped.number.at(0), TypeError, "is no list but an integer"),
        (lambda: untyped.number.each, TypeError, "is no list but an integer"),
        (lambda: untyped.address.each, TypeError, "is no list"),
        (lambda: untyped.number.has_length(1), TypeError, "is no list"),
        (lambda: untyped.number.any(Line.quantity > 1), TypeError, "is no list"),
        (lambda: untyped.scores.has_length(-1), FilterError, "has_length"),
        (lambda: untyped.scores.has_length({"$gt": 1}), FilterError, "has_length"),
        (lambda: untyped.scores.contains_all("ab"), TypeError, "takes a list of values"),
        (lambda: untyped.number.in_({"$gt": 0}), ValidationError, "must be an integer"),
        (lambda: untyped.number.in_(3), TypeError, "takes a list of values"),
        (lambda: "x" in untyped.notes, TypeError, r"use contains\(\), or in_\(\)"),
        (lambda: list(untyped.notes), TypeError, "not iterable"),
        (lambda: untyped.grid.each.each == 3, FilterError, r"a list in a list.*'grid': \{'\$elemMatch': \{'\$elemMatch'"),
        (lambda: untyped.grid.at(1).each == 3, FilterError, r"a list in a list.*'grid.1': \{'\$elemMatch': \{...\}\}"),
        (lambda: untyped.grid.at(1).contains(3), FilterError, "a list in a list"),
        (lambda: untyped.grid.at(1).contains_all([3]), FilterError, "a list in a list"),
        (lambda: untyped.grid.any(untyped.grid.each.contains(3)), FilterError, "a list in a list"),
        (lambda: untyped.grid.each.has_length(1), FilterError, "a list in a list"),
        (lambda: untyped.grid.each.any(untyped.scores.each == 3), FilterError, "a list in a list"),
        (lambda: untyped.grid.each.at(0) == 3, FilterError, "a list in a list"),
        (lambda: untyped.pages.each.sku == "x", FilterError, "a list in a list"),
        (lambda: untyped.pages.at(0).each.sku == "x", FilterError, "a list in a list"),
        (lambda: untyped.words.each.startswith("x"), FilterError, "a list in a list"),
        (lambda: untyped.lines.any({"quantity": 3}), FilterError, "described by an expression"),
        (lambda: untyped.lines.any(Order.number > 3), FilterError, "have no 'no'"),
        (lambda: untyped.lines.any(~(Order.number > 3)), FilterError, "have no 'no'"),
        (lambda: untyped.scores.any(Order.number > 3), FilterError, "conditions on .each"),
        (
            lambda: untyped.scores.any((Order.scores.each > 3) | (Order.scores.each < 1)),
            FilterError,
            "joined by & and negated by ~",
        ),
        (
            lambda: untyped.scores.any((Order.scores.each > 3) & (Order.scores.each > 5)),
            FilterError,
            r"\$gt twice",
        ),
    ],
)  # fmt: skip
def test_a_way_that_leads_nowhere_is_told(lead: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        lead()


def test_an_expression_is_negated_once_and_back() -> None:
    adult, ada = Order.number >= 18, Order.notes["name"] == "Ada"
    assert (~adult).document == {"$nor": [adult.document]}
    assert ~~adult == adult
    assert (~(adult & ada)).document == {"$nor": [{"$and": [adult.document, ada.document]}]}
    assert ~~(adult & ada) == adult & ada
    assert (~(adult | ada)).document == {"$nor": [adult.document, ada.document]}
    assert ~~(adult | ada) == adult | ada
    assert (~adult & ~ada).document == {"$and": [(~adult).document, (~ada).document]}
    written = Expression({"$or": [], "name": "Ada"})
    assert (~written).document == {"$nor": [written.document]}


def test_a_path_can_be_copied_and_shown() -> None:
    path = copy.copy(untyped.address)
    assert (path.city == "x").document == {"to.c": {"$eq": "x"}}
    assert repr(untyped.lines.at(0).sku) == "Path('lines.0.s')"
    assert not hasattr(untyped.address, "__metadata__")


def test_a_key_of_a_secret_dictionary_is_not_shown() -> None:
    with pytest.raises(
        FilterError, match=r"no path leads to the key '\*\*\*' of 'vault'"
    ) as caught:
        untyped.vault["hunter2.x"]
    assert "hunter2" not in str(caught.value)
