"""`created_at` once, `updated_at` at every write."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    IntegerField,
    ModelDefinitionError,
    ModelRegistry,
    PluginConflictError,
    StringField,
    UnsetFieldError,
    ValidationError,
    connect,
)
from earnorm.testing import frozen
from earnorm_timestamp import Timestamped

START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
LATER = START + timedelta(days=1)

home = ModelRegistry("timestamps")


class User(Timestamped, BaseModel, registry=home):
    name = StringField()
    age = IntegerField(required=False)

    class Meta:
        plugins = ["timestamp"]


class Unhelped(BaseModel, registry=home):
    name = StringField()

    class Meta:
        plugins = ["timestamp"]


@pytest.fixture(autouse=True)
async def database() -> AsyncIterator[None]:
    async with connect("sqlite://", registry=home):
        yield


async def test_the_first_save_sets_both_and_the_next_ones_only_updated_at() -> None:
    with frozen(START):
        ada = await User.create(name="Ada")
    assert (ada.created_at, ada.updated_at) == (START, START)
    with frozen(LATER):
        await ada.save()
    assert (ada.created_at, ada.updated_at) == (START, LATER)
    assert await User.get(ada.id) == ada


async def test_the_stamps_are_aware_utc_in_milliseconds() -> None:
    ada = await User.create(name="Ada")
    assert ada.created_at.tzinfo is UTC
    assert ada.created_at.microsecond % 1000 == 0
    assert abs(datetime.now(UTC) - ada.created_at) < timedelta(minutes=1)


async def test_the_mixin_is_not_needed() -> None:
    with frozen(START):
        one: Any = await Unhelped.create(name="x")
    assert one.created_at == START


async def test_the_stamps_are_unset_before_the_save_and_no_arguments() -> None:
    ada = User(name="Ada")
    with pytest.raises(
        UnsetFieldError, match="the plugin 'timestamp' sets it when the instance is saved"
    ):
        ada.created_at  # noqa: B018 # reading is the point
    with pytest.raises(ValidationError, match="created_at: is set by the plugin 'timestamp'"):
        User(name="Ada", created_at=START)


async def test_ten_thousand_documents_in_one_call_are_all_stamped() -> None:
    with frozen(START):
        await User.insert_many([User(name=str(number)) for number in range(10_000)])
    assert await User.find({"created_at": START, "updated_at": START}).count() == 10_000


async def test_a_query_update_moves_updated_at_only() -> None:
    with frozen(START):
        await User.insert_many([User(name="a", age=1), User(name="b", age=2)])
    with frozen(LATER):
        assert await User.find(User.name == "a").update({"$inc": {"age": 1}}) == 1
    stamps = {user.name: (user.created_at, user.updated_at) for user in await User.find()}
    assert stamps == {"a": (START, LATER), "b": (START, START)}


async def test_a_query_update_of_each_moves_updated_at_too() -> None:
    with frozen(START):
        ada = await User.create(name="a", age=1)
    with frozen(LATER):
        await User.find().update({"$set": {"age": 2}}, each=True)
    await ada.reload()
    assert (ada.created_at, ada.updated_at, ada.age) == (START, LATER, 2)


async def test_a_document_from_before_the_plugin_gets_the_time_of_its_id() -> None:
    assert home.database is not None
    ada = await User.create(name="Ada")
    store: Any = home.database
    await store.store.replace("user", {"_id": ada.id}, {"name": "Ada"})
    old = await User.get(ada.id)
    with pytest.raises(UnsetFieldError):
        old.created_at  # noqa: B018 # reading is the point
    await old.save()
    assert old.id is not None
    assert old.created_at == old.id.generation_time


async def test_a_failed_save_does_not_fix_created_at() -> None:
    ada = User(name="Ada")
    ada.name = "Ada"
    vars(ada)["age"] = "wrong"
    with frozen(START), pytest.raises(ValidationError):
        await ada.save()
    ada.age = 3
    with frozen(LATER):
        await ada.save()
    assert ada.created_at == LATER


async def test_the_stamps_can_be_compared_and_sorted_by() -> None:
    for moment in (LATER, START):
        with frozen(moment):
            await User.create(name=moment.isoformat())
    assert [user.created_at for user in await User.find().sort("created_at")] == [START, LATER]
    assert await User.find(User.created_at > START).count() == 1


def test_the_mixin_without_the_plugin_is_an_error() -> None:
    with pytest.raises(ModelDefinitionError, match="Add 'timestamp' to Meta.plugins"):

        class Forgotten(Timestamped, BaseModel, registry=home):
            name = StringField()


def test_a_field_of_the_same_name_is_an_error() -> None:
    with pytest.raises(PluginConflictError, match="'created_at' clashes.*earnorm-timestamp"):

        class Clashing(BaseModel, registry=home):
            created_at = StringField()

            class Meta:
                plugins = ["timestamp"]
