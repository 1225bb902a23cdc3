"""Extras: values of a document that no field declares."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    EmbeddedField,
    EmbeddedModel,
    ListField,
    ModelRegistry,
    StringField,
    ValidationError,
    connect,
    inspect,
)

STRANGE = {
    "save": 1,
    "id": "not the id",
    "_cls": "User",
    "_private": [1],
    "name": "not under the alias",
    "first name": {"a": None},
    "class": True,
    "a.b": 1.5,
    "": "no name",
    "ключ": b"bytes",
    "__init__": {},
    "metadata": 1,
    "mro": 1,
}


def define(home: ModelRegistry, hook: Callable[[Any], object] = lambda user: None) -> Any:
    @home.plugin("hook")
    class Hook:
        def before_save(self, instance: object) -> None:
            hook(instance)

    class User(BaseModel, registry=home):
        name = StringField(alias="n")
        tags = ListField(StringField())

        kind = "person"

        class Meta:
            plugins = ["hook"]

    return User


def test_unknown_keys_of_a_document_are_kept_and_saved_again(home: ModelRegistry) -> None:
    document = {"_id": ObjectId(), "n": "Ada", "tags": [], **STRANGE}
    user = define(home).from_document(document)
    assert inspect(user).extras == STRANGE
    assert user.to_document() == document
    assert list(user.to_document()) == list(document)


def test_extras_are_read_like_attributes_where_nothing_else_has_the_name(
    home: ModelRegistry,
) -> None:
    user = define(home).from_document(
        {"_id": ObjectId(b"0" * 12), "n": "Ada", **STRANGE, "note": 1}
    )
    assert (user.note, user.metadata, getattr(user, "first name")) == (1, 1, {"a": None})
    assert (user.name, user.id, user.kind) == ("Ada", ObjectId(b"0" * 12), "person")
    assert callable(user.save)
    with pytest.raises(AttributeError):
        user._private  # noqa: B018 # names with an underscore are plain attributes


async def test_strange_keys_survive_the_store(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home) as database:
        document = {"_id": ObjectId(), "n": "Ada", "tags": [], **STRANGE}
        await database.store.insert("user", [document])
        loaded = await user.get(document["_id"])
        await loaded.save()
        assert (await user.get(document["_id"])).to_document() == document


async def test_what_a_hook_sets_is_stored_loaded_and_assignable_afterwards(
    home: ModelRegistry,
) -> None:
    def stamp(user: Any) -> None:
        user.note = ("a", {"b": 1})
        user.at = datetime(2024, 5, 1, 12, 0, 0, 999, UTC)
        assert user.note == ["a", {"b": 1}]

    user = define(home, stamp)
    async with connect("sqlite://", registry=home):
        ada = await user(name="Ada").save()
        loaded = await user.get(ada.id)
        assert loaded == ada
        assert loaded.note == ["a", {"b": 1}]
        assert loaded.at == datetime(2024, 5, 1, 12, tzinfo=UTC)
        loaded.note = "later"
        assert loaded.note == "later"
        del loaded.note
        assert not hasattr(loaded, "note")
        assert await user.find({"note": ["a", {"b": 1}]}).count() == 1


async def test_outside_a_hook_no_new_extra_can_be_set(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        ada = await user(name="Ada").save()
        with pytest.raises(AttributeError, match="User has no field 'note'"):
            ada.note = 1
        with pytest.raises(AttributeError, match="User has no field 'nmae'. Did you mean 'name'"):
            ada.nmae = 1


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("save", 1, AttributeError, "User has no field 'save'"),
        ("kind", 1, AttributeError, "User has no field 'kind'"),
        ("n", 1, ValidationError, "n: is the stored name of the field 'name'; assign that one"),
        ("$set", 1, ValidationError, "$set: is no stored name: it is empty, starts with '$'"),
        ("", 1, ValidationError, "is no stored name: it is empty"),
        ("a\0", 1, ValidationError, "is no stored name"),
        ("\ud800", 1, ValidationError, "is no stored name"),
        ("note", {1, 2}, ValidationError, "note: cannot be kept: BSON has no form for set"),
        ("note", {"a": 2**64}, ValidationError, "note.a: does not fit in 64 bits"),
        ("note", "\ud800", ValidationError, "note: holds a lone surrogate"),
        ("id", ObjectId(), AttributeError, "id is set by the store"),
    ],
)
async def test_what_cannot_be_an_extra_is_refused_in_the_hook_and_nothing_is_written(
    home: ModelRegistry, name: str, value: object, error: type[Exception], message: str
) -> None:
    user = define(home, lambda instance: setattr(instance, name, value))
    async with connect("sqlite://", registry=home):
        ada = user(name="Ada")
        with pytest.raises(error) as caught:
            await ada.save()
        assert message in str(caught.value)
        assert (ada.id, inspect(ada).is_new, inspect(ada).extras) == (None, True, {})
        assert await user.find().count() == 0


async def test_an_extra_that_was_spoilt_in_place_is_refused_each_time(home: ModelRegistry) -> None:
    user = define(
        home, lambda instance: setattr(instance, "note", []) if inspect(instance).is_new else None
    )
    async with connect("sqlite://", registry=home):
        ada = await user(name="Ada").save()
        ada.note.append({"deep": object()})
        for _ in range(2):
            with pytest.raises(ValidationError, match=r"note\.0\.deep: cannot be kept"):
                await ada.save()
        ada.note[0]["deep"] = 1
        await ada.save()
        assert (await user.get(ada.id)).note == [{"deep": 1}]


def test_what_inspect_gives_is_a_copy(home: ModelRegistry) -> None:
    user = define(home).from_document({"n": "Ada", "note": 1})
    inspect(user).extras["note"] = 2
    assert user.note == 1


def test_embedded_instances_have_extras_too(home: ModelRegistry) -> None:
    class Address(EmbeddedModel):
        street = StringField()

    class Customer(BaseModel, registry=home):
        address = EmbeddedField(Address)

    document = {"address": {"street": "Main", "zip": "1", "save": 2}}
    customer: Any = Customer.from_document(document)
    assert customer.address.zip == "1"
    customer.address.zip = "2"
    assert customer.to_document()["address"] == {"street": "Main", "zip": "2", "save": 2}
    with pytest.raises(AttributeError, match="Address has no field 'stret'. Did you mean 'street'"):
        customer.address.stret = "x"
