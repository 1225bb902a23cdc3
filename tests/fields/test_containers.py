"""Sets, tuples and dictionaries with keys of their own."""

import enum
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    DateField,
    DecimalField,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    EnumField,
    Field,
    FieldDefinitionError,
    FloatField,
    IntegerField,
    ListField,
    LiteralField,
    ModelRegistry,
    ObjectIdField,
    ReferenceField,
    SetField,
    StringField,
    TupleField,
    UUIDField,
    ValidationError,
    connect,
    inspect,
)
from earnorm.fields import resolve_path


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


class Part(EmbeddedModel):
    name = StringField(alias="n")


def holder(field: Field[Any]) -> Any:
    return type("Holder", (BaseModel,), {"value": field}, registry=ModelRegistry("containers"))


@pytest.mark.parametrize(
    ("items", "given", "stored"),
    [
        (StringField(), {"b", "a", "C"}, ["C", "a", "b"]),
        (IntegerField(), {10, 9, -1}, [-1, 9, 10]),
        (EnumField(Colour), {Colour.RED, Colour.BLUE}, ["blue", "red"]),
        (EnumField(Level), {Level.HIGH, Level.LOW}, [1, 10]),
        (FloatField(), {0.5, float("inf"), -2.0}, [-2.0, 0.5, float("inf")]),
    ],
)
def test_a_set_is_stored_in_the_order_of_its_items(
    items: Field[Any], given: set[Any], stored: list[Any]
) -> None:
    assert holder(SetField(items))(value=given).to_document()["value"] == stored


@pytest.mark.parametrize(
    ("items", "given"),
    [
        (StringField(required=False), [None, "a", "b"]),
        (DecimalField(), ["1.5", "0.5", "1E+3"]),
        (TupleField(StringField(), IntegerField()), [("b", 1), ("a", 2), ("a", 1)]),
        (FloatField(), [float("nan"), 1.0, 0.0]),
        (ReferenceField("Holder"), [ObjectId(), ObjectId()]),
    ],
)
def test_equal_sets_are_stored_alike(items: Field[Any], given: list[Any]) -> None:
    model = holder(SetField(items))
    documents = [model(value=order).to_document() for order in (given, given[::-1])]
    assert str(documents[0]) == str(documents[1])
    loaded = model.from_document(documents[0])
    assert len(loaded.value) == len(given)


async def test_a_set_that_is_changed_in_place_is_saved_and_found() -> None:
    model = holder(SetField(StringField(), max_length=2))
    async with connect("sqlite://", registry=model.__registry__):
        one = await model.create(value={"a"})
        value = one.value
        one.value.add("b")
        assert list(inspect(one).changes) == ["value"]
        await one.save()
        assert one.value is value
        assert (await model.get(one.id)).value == {"a", "b"}
        assert await model.find(model.value == {"b", "a"}).count() == 1
        assert await model.find(model.value.contains("b")).count() == 1
        one.value.add("c")
        with pytest.raises(ValidationError, match="must have at most 2 items, has 3"):
            await one.save()
        assert one.value == {"a", "b", "c"}


def test_stored_duplicates_are_kept_once() -> None:
    assert holder(SetField(IntegerField())).from_document({"value": [1, 1, 1.0]}).value == {1}


@pytest.mark.parametrize(
    "items", [ListField(StringField()), DictField(), EmbeddedField(Part), SetField(StringField())]
)
def test_a_set_of_what_can_change_is_refused(items: Field[Any]) -> None:
    with pytest.raises(FieldDefinitionError, match="a set takes no values that can change"):
        SetField(items)


def test_a_tuple_can_change_in_place_only_if_its_items_can() -> None:
    assert not TupleField(StringField(), IntegerField()).is_mutable
    assert TupleField(StringField(), ListField(StringField())).is_mutable
    model = holder(TupleField(StringField(), ListField(StringField())))
    one = model.from_document({"value": ["a", []]})
    one.value[1].append("b")
    assert list(inspect(one).changes) == ["value"]


@pytest.mark.parametrize(
    ("path", "stored", "kind"),
    [
        ("value.0", "value.0", "StringField"),
        ("value.1.name", "value.1.n", "StringField"),
        ("value.2", "value.2", "none"),
        ("value.name", "value.n", "StringField"),
        ("value." + "9" * 5000, "value." + "9" * 5000, "none"),
        ("many.7.name", "many.7.n", "StringField"),
        ("many.name", "many.n", "StringField"),
        ("days.2024-05-01.name", "days.2024-05-01.n", "StringField"),
        ("tags.0", "tags.0", "StringField"),
    ],
)
def test_paths_lead_into_them(path: str, stored: str, kind: str) -> None:
    class Holder(BaseModel, registry=ModelRegistry("paths")):
        value = TupleField(StringField(), EmbeddedField(Part))
        many = TupleField(EmbeddedField(Part), ...)
        days = DictField(EmbeddedField(Part), keys=DateField())
        tags = SetField(StringField())

        class Meta:
            indexes = [{"fields": ["value.1.name", "many.name", "tags"]}]

    found, field = resolve_path(Holder.__metadata__.fields, path)
    assert (found, type(field).__name__ if field is not None else "none") == (stored, kind)
    assert Holder.__metadata__.indexes[0].fields[0] == ("value.1.n", 1)


KEYS: list[tuple[Field[Any], Any, str]] = [
    (StringField(), "a", "a"),
    (IntegerField(), -7, "-7"),
    (IntegerField(), 0, "0"),
    (EnumField(Colour), Colour.RED, "red"),
    (EnumField(Level), Level.HIGH, "10"),
    (LiteralField("a", 1, True), True, "true"),
    (LiteralField("a", 1, True), 1, "1"),
    (UUIDField(), UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    (ObjectIdField(), ObjectId(b"1" * 12), "31" * 12),
    (DateField(), date(2024, 5, 1), "2024-05-01"),
]


@pytest.mark.parametrize(("keys", "key", "text"), KEYS, ids=lambda it: str(it))
async def test_a_key_is_stored_as_its_text_and_comes_back(
    keys: Field[Any], key: Any, text: str
) -> None:
    model = holder(DictField(IntegerField(), keys=keys))
    async with connect("sqlite://", registry=model.__registry__):
        one = await model.create(value={key: 1})
        assert one.to_document()["value"] == {text: 1}
        loaded = await model.get(one.id)
        assert [(type(k), k) for k in loaded.value] == [(type(key), key)]
        loaded.value[key] = 2
        assert list(inspect(loaded).changes) == [f"value.{text}"]
        await loaded.save()
        assert (await model.get(one.id)).value == {key: 2}
        assert await model.find({f"value.{text}": 2}).count() == 1
        assert inspect(loaded).changes == {}


def test_keys_are_converted_and_two_that_mean_the_same_are_refused() -> None:
    model = holder(DictField(keys=ObjectIdField()))
    key = ObjectId()
    one = model(value={str(key): 1})
    assert one.value == {key: 1}
    one.value[str(key)] = 2
    with pytest.raises(ValidationError, match="has two keys that mean the same"):
        model(value=one.value)


def test_keys_that_are_converted_when_they_are_checked_again_stay_in_their_dictionary() -> None:
    model = holder(DictField(keys=IntegerField()))
    one = model(value={1: "a"})
    value = one.value
    value[2.0] = "b"
    one.__codec__.validate(one, "", [])
    assert one.value is value
    assert [type(key) for key in value] == [int, int]


@pytest.mark.parametrize(
    "keys",
    [
        str,
        FloatField(),
        ListField(StringField()),
        StringField(required=False),
        LiteralField(1, "1"),
        LiteralField(True, "true"),
    ],
)
def test_keys_without_a_text_of_their_own_are_refused(keys: Any) -> None:
    with pytest.raises(FieldDefinitionError):
        DictField(keys=keys)
