"""Past versions come back as they were, or the restore fails and changes nothing."""

import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex

from earnorm import (
    AnyField,
    BaseModel,
    DictField,
    IntegerField,
    ModelRegistry,
    StringField,
    ValidationError,
    connect,
)
from earnorm.testing import frozen
from earnorm_audit import UnknownVersionError, history, purge_history, restore_version, version_of


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("of versions")


async def test_a_version_comes_back_with_its_types_and_the_order_of_its_keys(
    home: ModelRegistry,
) -> None:
    class Box(BaseModel, registry=home):
        value = AnyField()
        parts: Any = DictField(AnyField())

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home):
        box = await Box.create(value=1, parts={"a": 1, "b": 2})
        for other in (True, 1.0):
            box.value, box.parts = other, {"b": 2, "a": other}
            await box.save()
            await restore_version(box, 1)
            assert (type(box.value), type(box.parts["a"])) == (int, int)
            assert list(box.parts) == ["a", "b"]


@pytest.mark.parametrize(
    "value",
    [
        Int64(2**40),
        Decimal128("1.10"),
        Binary(b"x", 5),
        Regex("a", "i"),
        {"a.b": 1, "$x": {"y": [1, {"z": None}]}},
        {"": 1},
        {"$ref": 1},
        {},
        [[1]],
        float("inf"),
        datetime(2020, 1, 1, tzinfo=UTC),
        ObjectId("0123456789abcdef01234567"),
    ],
    ids=repr,
)
async def test_whatever_the_store_holds_comes_back(home: ModelRegistry, value: Any) -> None:
    class Box(BaseModel, registry=home):
        value = AnyField(required=False)

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home):
        box = await Box.create(value=value)
        stored = (await Box.find().as_documents())[0]["value"]
        await Box.find().update({"$set": {"value": "other"}})
        assert (await version_of(box, 1))["value"] == stored
        await restore_version(box, 1)
        assert (await Box.find().as_documents())[0]["value"] == stored
        await box.delete()
        await restore_version(Box, (await history(Box))[0])
        assert (await Box.find().as_documents())[0]["value"] == stored


async def test_a_model_that_changed_meanwhile_takes_what_fits(home: ModelRegistry) -> None:
    class Old:
        class User(BaseModel, registry=home):
            name = StringField()
            nick = StringField(default="al")

            class Meta:
                collection = "users"
                plugins = ["audit"]

    class New:
        class User(BaseModel, registry=home):
            name = StringField()
            city = StringField(default="London")

            class Meta:
                collection = "users"
                plugins = ["audit"]

    async with connect("sqlite://", registry=home):
        old = await Old.User.create(name="Ada")
        user: Any = await New.User.get(old.id)
        user.name, user.city = "Ada L.", "Paris"
        await user.save()
        await user.delete()
        back: Any = await restore_version(New.User, (await history(New.User))[0])
        assert (back.name, back.nick, back.city) == ("Ada", "al", "London")


async def test_a_version_that_does_not_fit_the_model_of_today_is_refused(
    home: ModelRegistry,
) -> None:
    def define(**fields: Any) -> Any:
        meta = type("Meta", (), {"collection": "users", "plugins": ["audit"]})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it takes the place of the older one
            return type("User", (BaseModel,), {**fields, "Meta": meta}, registry=home)

    async with connect("sqlite://", registry=home):
        old = await define(name=StringField()).create(name="Ada")
        user = define(name=StringField(), age=IntegerField())
        # of today's model only what passes by instances can write the document
        await user.find().update({"$set": {"age": 36}})
        ada = await user.get(old.id)
        with pytest.raises(ValidationError, match="age: is missing"):
            await restore_version(ada, 1)
        await ada.delete()
        with pytest.raises(ValidationError, match="age: is missing"):
            await restore_version(user, (await history(user))[0])
        assert await user.find().count() == 0
        assert len(await history(user)) == 3


async def test_what_is_no_version_is_refused(home: ModelRegistry) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home):
        ada = await User.create(name="Ada")
        wrong: Any = "1"
        with pytest.raises(TypeError, match="an entry, a number or a moment, not '1'"):
            await restore_version(ada, wrong)
        with pytest.raises(UnknownVersionError, match="no version 1 of the document None"):
            await restore_version(User(name="Nobody"), 1)


async def test_a_restore_is_a_write_that_counts_the_revision_and_undoes_a_soft_delete(
    home: ModelRegistry,
) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["softdelete", "audit"]
            revision = True

    async with connect("sqlite://", registry=home):
        ada = await User.create(name="Ada")
        ada.name = "Ada L."
        await ada.save()
        await ada.delete()
        await restore_version(ada, 1)
        assert (await User.get(ada.id)).name == "Ada"
        ada.name = "Lady"
        await ada.save()  # its revision is that of the document
        revisions = [
            change.after
            for entry in await history(ada)
            for change in entry.changes
            if change.path == "_revision"
        ]
        assert revisions == [1, 2, 3, 4, 5]


async def test_an_instance_that_is_saved_after_its_delete_goes_on_in_its_history(
    home: ModelRegistry,
) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home):
        ada = await User.create(name="Ada")
        await ada.delete()
        ada.name = "Ada L."
        await ada.save()
        entries = await history(ada)
        assert [(entry.version, entry.operation) for entry in entries] == [
            (1, "insert"),
            (2, "delete"),
            (3, "insert"),
        ]
        await restore_version(ada, 1)
        assert ada.name == "Ada"


async def test_a_document_whose_entries_are_all_gone_begins_anew(home: ModelRegistry) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["audit"]

    start = datetime(2026, 1, 2, tzinfo=UTC)
    async with connect("sqlite://", registry=home):
        with frozen(start):
            ada = await User.create(name="One")
            ada.name = "Two"
            await ada.save()
        await purge_history(User, before=start + timedelta(days=1))
        with pytest.raises(UnknownVersionError, match="no version 2"):
            await restore_version(ada, 2)
        ada.name = "Three"
        await ada.save()
        assert [entry.version for entry in await history(ada)] == [1]
