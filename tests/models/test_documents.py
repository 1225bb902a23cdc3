"""`to_document` and `from_document`, and documents that do not fit."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Int64, ObjectId

from earnorm import (
    BaseModel,
    DateTimeField,
    DictField,
    DocumentError,
    EmbeddedField,
    EmbeddedModel,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ObjectIdField,
    StringField,
    connect,
)

home = ModelRegistry("documents")
AN_ID = ObjectId(b"0" * 12)


class Address(EmbeddedModel):
    street = StringField(alias="s")


class User(BaseModel, registry=home):
    name = StringField(alias="n")
    age = IntegerField(required=False)
    weight = FloatField(default=70.0)
    born = DateTimeField(required=False)
    address = EmbeddedField(Address, required=False)
    tags = ListField(StringField())
    scores = DictField(IntegerField())
    data = DictField()


def test_the_id_comes_first_and_is_left_out_while_there_is_none() -> None:
    assert list(User(name="Ada").to_document())[:2] == ["n", "age"]
    assert next(iter(User(name="Ada", id=AN_ID).to_document().items())) == ("_id", AN_ID)


def test_nothing_but_bson_values_is_in_a_document() -> None:
    born = datetime(1815, 12, 10, tzinfo=UTC)
    user = User(
        name="Ada", born=born, address=Address(street="x"), scores={"a": 1}, data={"b": (1,)}
    )
    assert user.to_document() == {
        "n": "Ada",
        "age": None,
        "weight": 70.0,
        "born": born,
        "address": {"s": "x"},
        "tags": [],
        "scores": {"a": 1},
        "data": {"b": [1]},
    }


def test_a_document_is_read_back_equal() -> None:
    user = User(name="Ada", age=3, address=Address(street="x"), tags=["a"], data={"a": {"b": None}})
    assert User.from_document(user.to_document()) == user


def test_values_of_other_clients_are_coerced() -> None:
    user = User.from_document({"n": "Ada", "age": 3.0, "weight": 71, "scores": {"a": Int64(4)}})
    assert [type(value) for value in (user.age, user.weight, user.scores["a"])] == [int, float, int]
    naive = User.from_document({"n": "Ada", "born": datetime(1815, 12, 10, 1, 2, 3, 456_789)})
    assert naive.born is not None
    assert naive.born.microsecond == 456_000


def test_what_is_missing_takes_the_default() -> None:
    user = User.from_document({"n": "Ada"})
    assert (user.age, user.weight, user.tags, user.data) == (None, 70.0, [], {})


def test_a_document_that_does_not_fit_is_told_with_its_id_and_every_path() -> None:
    document: dict[str, Any] = {
        "_id": AN_ID,
        "age": "old",
        "weight": None,
        "address": {"street": "not the stored name"},
        "tags": ["a", 1, None],
        "scores": {"math": "A"},
        "data": [],
    }
    with pytest.raises(DocumentError) as caught:
        User.from_document(document)
    error = caught.value
    assert (error.model, error.document_id) == ("User", AN_ID)
    assert {fault.path: fault.code for fault in error.errors} == {
        "n": "required",
        "age": "type",
        "weight": "required",
        "address.s": "required",
        "tags.1": "type",
        "tags.2": "required",
        "scores.math": "type",
        "data": "type",
    }
    assert str(error) == (
        f"User: the stored document with _id {AN_ID!r} does not fit the model:\n"
        "  n: is missing, and a value is required\n"
        "  age: must be an integer, not str (got 'old')\n"
        "  weight: is null, and a value is required\n"
        "  address.s: is missing, and a value is required\n"
        "  tags.1: must be a string, not int (got 1)\n"
        "  tags.2: is null, and a value is required\n"
        "  scores.math: must be an integer, not str (got 'A')\n"
        "  data: must be a dictionary with string keys, not list (got [])\n"
        "Mend the document with a query update, or make the model accept it."
    )
    assert isinstance(error, ValueError)


async def test_a_stored_document_that_does_not_fit_stops_the_query_that_meets_it() -> None:
    async with connect("sqlite://", registry=home) as database:
        await database.store.insert("user", [{"_id": AN_ID, "n": 5}])
        for read in (User.get(AN_ID), User.find().to_list(), User.find().first()):
            with pytest.raises(DocumentError, match="n: must be a string, not int"):
                await read
        assert await User.find().count() == 1
        await User.find().update({"$set": {"name": "Ada"}})
        assert (await User.get(AN_ID)).name == "Ada"


def test_defaults_that_fill_in_are_as_the_field_keeps_them() -> None:
    class Old(BaseModel, registry=ModelRegistry("old documents")):
        at = DateTimeField(default_factory=datetime.now)
        weight = FloatField(default=70)
        owner = ObjectIdField(default=str(AN_ID))  # type: ignore[call-overload] # converted all the same
        address = EmbeddedField(Address, default={"street": "x"})

    for old in (Old.from_document({}), Old()):
        assert (old.at.tzinfo, old.at.microsecond % 1000) == (UTC, 0)
        assert (type(old.weight), old.owner, old.address) == (float, AN_ID, Address(street="x"))


def test_an_instance_and_a_document_share_nothing() -> None:
    document: dict[str, Any] = {
        "n": "Ada",
        "tags": ["a"],
        "data": {"deep": [1]},
        "extra": {"deep": [1]},
    }
    user: Any = User.from_document(document)
    written = user.to_document()
    for data in (document["data"], document["extra"], written["data"], written["extra"]):
        data["deep"].append(2)
    document["tags"].append("b")
    written["tags"].append("b")
    assert (user.tags, user.data, user.extra) == (["a"], {"deep": [1]}, {"deep": [1]})


@pytest.mark.parametrize("given", [None, 5, "text", [("n", "Ada")]])
def test_what_is_no_document_is_refused(given: Any) -> None:
    with pytest.raises(TypeError):
        User.from_document(given)


async def test_containers_keep_their_identity_across_saves() -> None:
    async with connect("sqlite://", registry=home):
        user = User(name="Ada", tags=["a"], scores={"a": 1}, data={"deep": [1]})
        tags, scores, data, deep = user.tags, user.scores, user.data, user.data["deep"]
        await user.save()
        tags.append("b")
        scores["b"] = 2
        data["more"] = True
        deep.append(2)
        await user.save()
        assert user.tags is tags
        loaded = await User.get(user.id or "")
        assert (loaded.tags, loaded.scores) == (["a", "b"], {"a": 1, "b": 2})
        assert loaded.data == {"deep": [1, 2], "more": True}


async def test_what_was_changed_in_place_is_checked_and_converted_at_the_save() -> None:
    async with connect("sqlite://", registry=home):
        user: Any = User(name="Ada", scores={"a": 1}, data={"deep": []})
        user.scores["b"] = 2.0
        user.data["deep"].append((1, datetime(2024, 1, 1, 0, 0, 0, 7, UTC)))
        await user.save()
        assert type(user.scores["b"]) is int
        assert user.data == {"deep": [[1, datetime(2024, 1, 1, tzinfo=UTC)]]}
        assert await User.get(user.id) == user


@pytest.mark.parametrize("name", ["tags", "scores", "data", "addresses", "ids"])
async def test_a_value_that_was_spoilt_in_place_stays_refused(name: str) -> None:
    registry = ModelRegistry("spoilt")

    class Thing(BaseModel, registry=registry):
        tags = ListField(IntegerField(required=False))
        scores = DictField(FloatField(required=False))
        data = DictField()
        addresses = ListField(EmbeddedField(Address, required=False))
        ids = ListField(ObjectIdField(required=False))

    spoilt: Any = {
        "tags": ["x"],
        "scores": {"x": 10**400},
        "data": {"x": {1, 2}},
        "addresses": [{"street": "x", "strete": 1}],
        "ids": ["x"],
    }
    async with connect("sqlite://", registry=registry):
        thing: Any = Thing()
        container = getattr(thing, name)
        container.update(spoilt[name]) if isinstance(container, dict) else container.extend(
            spoilt[name]
        )
        for _ in range(2):
            with pytest.raises(ValueError, match=rf"Thing: 1 fault\n  {name}\."):
                await thing.save()
        assert getattr(thing, name) == spoilt[name]
        assert await Thing.find().count() == 0
