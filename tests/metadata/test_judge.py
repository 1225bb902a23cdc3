"""What a change of a model asks of those who use it."""

import json
from typing import Any

import pytest

from earnorm import (
    DateTimeField,
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
    ModelDocument,
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


def refuse_few(instance: object) -> None:
    """Refuses nothing."""


def refuse_many(instance: object) -> None:
    """Refuses nothing either."""


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


def chained(length: int, street: dict[str, Any]) -> ModelDocument:
    """A model that holds the first of so many embedded models twice, which holds the next one twice, and so on."""
    home = ModelRegistry()
    last = type("Held1", (EmbeddedModel,), {"__module__": "shop", "city": StringField(), **street})
    held: dict[str, Any] = {"left": EmbeddedField(last), "right": EmbeddedField(last)}
    first = type("Held0", (EmbeddedModel,), {"__module__": "shop", **held})
    held = {"left": EmbeddedField(first), "right": EmbeddedField(first)}
    content = home.get_document(define_plain(home, "shop.User", **held)).content
    between = json.dumps(content["$defs"]["Held0"])
    content["$defs"][f"Held{length}"] = content["$defs"].pop("Held1")
    for number in range(length):
        text = between.replace("Held1", f"Held{number + 1}").replace("Held0", f"Held{number}")
        content["$defs"][f"Held{number}"] = json.loads(text)
    return ModelDocument.of(content)


def test_what_changed_in_an_embedded_model_is_told_once_however_often_it_is_held() -> None:
    # along every path there would be a million million of them
    found = compare_documents(chained(40, {}), chained(40, {"street": StringField()}))
    assert [(type(one), one.path) for one in found if isinstance(one, FieldAdded)] == [
        (FieldAdded, "left." * 41 + "street")
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            {"meta_indexes": [{"fields": ["name"]}, {"fields": ["age"]}]},
            {"meta_indexes": [{"fields": ["age"]}, {"fields": ["name"]}]},
            ("indexes", "order", Level.PATCH),
        ),
        (
            {"meta_plugins": ["timestamp", "softdelete"]},
            {"meta_plugins": ["softdelete", "timestamp"]},
            ("plugins", "plugin_order", Level.MINOR),
        ),
        (
            {"meta_validators": [refuse_few, refuse_many]},
            {"meta_validators": [refuse_many, refuse_few]},
            ("validators", "validator_order", Level.MINOR),
        ),
    ],
)
def test_another_order_is_a_change(
    before: dict[str, Any], after: dict[str, Any], told: tuple[str, str, Level]
) -> None:
    fields = {"name": StringField(), "age": IntegerField()}
    found = {one.path: one for one in changes({**fields, **before}, {**fields, **after})}
    path, aspect, level = told
    assert found[path].aspect == aspect
    assert judge([found[path]]).level is level


def test_what_has_no_name_of_its_own_is_told_all_the_same() -> None:
    document = ModelRegistry().create_model("User", fields=NAME, module="shop").__registry__
    one = document.get_document("shop.User")
    other = ModelDocument.of({**one.content, "examples": []})
    (change,) = compare_documents(one, other)
    assert (change.path, change.before, change.after) == (  # type: ignore[attr-defined]
        "document",
        one.fingerprint,
        other.fingerprint,
    )


@pytest.mark.parametrize(
    ("before", "after", "level"), [(False, True, Level.MAJOR), (True, False, Level.MINOR)]
)
def test_an_index_that_deletes_documents_asks_for_more(
    before: bool, after: bool, level: Level
) -> None:
    expiring = {"meta_indexes": [{"fields": ["at"], "expire_after": 60}]}
    namespaces = [{"at": DateTimeField(), **(expiring if one else {})} for one in (before, after)]
    assert judge(changes(*namespaces)).level is level
