"""What a change of a model asks of those who use it."""

from typing import Any

import pytest

from earnorm import (
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
    judge,
)
from earnorm.metadata import (
    FactChanged,
    FieldAdded,
    FieldChanged,
    FieldRemoved,
    IndexAdded,
    Level,
    compare_documents,
)
from tests.model_registry.conftest import define_plain


class Old(EmbeddedModel):
    city = StringField()


class New(EmbeddedModel):
    city = StringField(max_length=5)


def changes(before: dict[str, Any], after: dict[str, Any]) -> Any:
    documents = []
    for namespace in (before, after):
        home = ModelRegistry()
        options = {name: value for name, value in namespace.items() if name.startswith("meta_")}
        fields = {name: value for name, value in namespace.items() if name not in options}
        meta = type("Meta", (), {name.removeprefix("meta_"): one for name, one in options.items()})
        model = define_plain(home, "shop.User", Meta=meta, **fields)
        documents.append(home.get_document(model))
    return compare_documents(*documents)


NAME = {"name": StringField()}


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        ({}, {}, Level.NONE),
        ({}, NAME, Level.MAJOR),
        ({}, {"name": StringField(required=False)}, Level.MINOR),
        ({}, {"name": StringField(default="")}, Level.MINOR),
        (NAME, {}, Level.MAJOR),
        (NAME, {"name": StringField(required=False)}, Level.MINOR),
        ({"name": StringField(required=False)}, NAME, Level.MAJOR),
        (NAME, {"name": IntegerField()}, Level.MAJOR),
        (NAME, {"name": StringField(alias="n")}, Level.MAJOR),
        (NAME, {"name": StringField(max_length=3)}, Level.MAJOR),
        ({"name": StringField(max_length=3)}, {"name": StringField(max_length=4)}, Level.MINOR),
        ({"name": StringField(min_length=3)}, {"name": StringField(min_length=4)}, Level.MAJOR),
        (
            {"name": StringField(choices=["a"])},
            {"name": StringField(choices=["b", "a"])},
            Level.MINOR,
        ),
        (
            {"name": StringField(choices=["a", "b"])},
            {"name": StringField(choices=["a"])},
            Level.MAJOR,
        ),
        (NAME, {**NAME, "__doc__": "A person."}, Level.PATCH),
        (NAME, {**NAME, "meta_indexes": [{"fields": ["name"]}]}, Level.PATCH),
        (NAME, {**NAME, "meta_indexes": [{"fields": ["name"], "unique": True}]}, Level.MAJOR),
        (NAME, {**NAME, "meta_collection": "people"}, Level.MAJOR),
        (NAME, {**NAME, "meta_extra": "forbid"}, Level.MAJOR),
        (NAME, {**NAME, "meta_plugins": ["timestamp"]}, Level.MINOR),
        ({**NAME, "meta_plugins": ["timestamp"]}, NAME, Level.MAJOR),
    ],
)
def test_a_change_is_as_weighty_as_what_it_asks_for(
    before: dict[str, Any], after: dict[str, Any], level: Level
) -> None:
    verdict = judge(changes(before, after))
    assert verdict.level is level
    assert all(reason.why for reason in verdict.reasons)


def test_the_weightiest_reason_comes_first() -> None:
    verdict = judge(changes(NAME, {"__doc__": "A person.", "age": IntegerField(default=0)}))
    assert [reason.level for reason in verdict.reasons] == [Level.MAJOR, Level.MINOR, Level.PATCH]


def test_changes_are_typed_and_say_where() -> None:
    found = changes(
        {"name": StringField(), "house": EmbeddedField(Old)},
        {
            "nick": StringField(),
            "house": EmbeddedField(New),
            "meta_indexes": [{"fields": ["nick"]}],
        },
    )
    kinds = {(type(change), change.path) for change in found}
    assert kinds == {
        (FieldRemoved, "name"),
        (FieldAdded, "nick"),
        (FieldChanged, "house"),
        (FieldChanged, "house.city"),
        (FactChanged, "house.key"),
        (FactChanged, "house.discriminator"),
        (IndexAdded, "nick_1"),
    }


def test_the_order_of_the_fields_is_a_fact_of_its_own() -> None:
    (change,) = changes(
        {"a": StringField(), "b": StringField()}, {"b": StringField(), "a": StringField()}
    )
    assert isinstance(change, FactChanged)
    assert change.aspect == "order"


def test_the_models_of_a_union_are_told_apart() -> None:
    (change,) = (
        one
        for one in changes(
            {"house": EmbeddedUnionField(Old, New)},
            {"house": EmbeddedUnionField(Old, New, required=False)},
        )
        if one.path == "house"
    )
    assert change.aspect == "required"


class Strict(EmbeddedModel, extra="forbid"):
    """Another one."""

    city = StringField()


def test_what_an_embedded_model_has_beside_its_fields_is_compared() -> None:
    Strict.__name__ = Strict.__qualname__ = "Old"
    found = changes({"house": EmbeddedField(Old)}, {"house": EmbeddedField(Strict)})
    assert {change.path for change in found} >= {"house.extra", "house.documentation"}
    assert judge(found).level is Level.MAJOR


def test_an_optional_embedded_field_is_added_as_a_whole() -> None:
    (change,) = changes(NAME, {**NAME, "house": EmbeddedField(Old, required=False)})
    assert isinstance(change, FieldAdded)
    assert judge([change]).level is Level.MINOR


def test_a_default_that_is_made_otherwise_is_a_changed_default() -> None:
    (change,) = changes(
        {"tags": ListField(StringField(), default=["a"])},
        {"tags": ListField(StringField(), default_factory=list)},
    )
    assert judge([change]).level is Level.MINOR


def test_large_bounds_are_compared_exactly() -> None:
    found = changes({"n": IntegerField(maximum=2**62 + 1)}, {"n": IntegerField(maximum=2**62)})
    assert judge(found).level is Level.MAJOR
