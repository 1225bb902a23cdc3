"""Marked, left out, seen again, restored, or deleted for good."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DocumentNotFoundError,
    DuplicateKeyError,
    EmailField,
    HookBypassError,
    ModelRegistry,
    StringField,
    UniqueValidator,
    connect,
)
from earnorm.testing import frozen
from earnorm_softdelete import LIVING, SoftDeletable, only_deleted, purge, restore, with_deleted

START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
LATER = START + timedelta(days=1)

home = ModelRegistry("soft deletes")


class User(SoftDeletable, BaseModel, registry=home):
    name = StringField()
    email = EmailField(required=False)

    class Meta:
        indexes = [{"fields": [("email", 1)], "unique": True, "partial": LIVING}]
        validators = [UniqueValidator("email")]
        plugins = ["softdelete"]


class Stamped(BaseModel, registry=home):
    name = StringField()

    class Meta:
        plugins = ["timestamp", "softdelete"]


@home.plugin("shout")
class Shout:
    def before_save(self, instance: Any) -> None:
        instance.name = instance.name.upper()


class Loud(BaseModel, registry=home):
    name = StringField()

    class Meta:
        plugins = ["softdelete", "shout"]


@pytest.fixture(autouse=True)
async def database() -> AsyncIterator[None]:
    async with connect("sqlite://", registry=home):
        yield


async def create(name: str, email: str | None = None) -> User:
    return await User.create(name=name, email=email or f"{name}@example.com")


async def test_a_deleted_document_is_marked_and_left_out_everywhere() -> None:
    ada, bob = await create("ada"), await create("bob")
    assert ada.deleted_at is None
    with frozen(START):
        assert await ada.delete() is True
    assert ada.deleted_at == START
    assert await User.find() == [bob]
    assert [user async for user in User.find()] == [bob]
    assert await User.find().count() == 1
    assert not await User.find(User.name == "ada").exists()
    assert await User.find(User.name == "ada").first() is None
    with pytest.raises(DocumentNotFoundError):
        await User.get(ada.id)


async def test_deleting_twice_finds_nothing_the_second_time() -> None:
    ada = await create("ada")
    with frozen(START):
        await ada.delete()
    with frozen(LATER):
        assert await ada.delete() is False
    await ada.reload()
    assert ada.deleted_at == START


async def test_deleted_documents_can_be_seen() -> None:
    ada, bob = await create("ada"), await create("bob")
    await ada.delete()
    assert [user.name for user in await with_deleted(User.find()).sort("name")] == ["ada", "bob"]
    assert await only_deleted(User.find()) == [ada]
    assert await only_deleted(User.find(User.name == "bob")).count() == 0
    assert await User.find() == [bob]


async def test_an_instance_is_restored() -> None:
    ada = await create("ada")
    await ada.delete()
    assert await restore(ada) == 1
    assert ada.deleted_at is None
    assert await User.find() == [ada]
    assert await restore(ada) == 0


async def test_a_stale_copy_does_not_undelete() -> None:
    ada = await create("ada")
    stale = await User.get(ada.id)
    await ada.delete()
    stale.name = "stale"
    with pytest.raises(DocumentNotFoundError, match="'softdelete' leaves it out now"):
        await stale.save()
    assert await User.find().count() == 0
    assert await restore(stale) == 1
    assert stale.name == "ada"
    assert await User.find() == [stale]


async def test_a_query_is_restored() -> None:
    for name in ("ada", "bob", "eve"):
        await (await create(name)).delete()
    assert await restore(User.find({"name": {"$in": ["ada", "bob"]}})) == 2
    assert sorted(user.name for user in await User.find()) == ["ada", "bob"]


async def test_a_query_delete_marks_every_match() -> None:
    await create("ada")
    bob = await create("bob")
    with frozen(START):
        assert await User.find(User.name == "ada").delete() == 1
    assert await User.find() == [bob]
    assert [user.deleted_at for user in await only_deleted(User.find())] == [START]


async def test_deleting_for_good() -> None:
    ada, bob, eve = await create("ada"), await create("bob"), await create("eve")
    await ada.delete()
    assert await purge(ada) == 1
    assert await purge(bob) == 1
    assert await with_deleted(User.find()) == [eve]
    await eve.delete()
    assert await purge(only_deleted(User.find())) == 1
    assert await with_deleted(User.find()).count() == 0


async def test_a_query_purge_of_living_documents_leaves_the_others() -> None:
    ada, bob = await create("ada"), await create("bob")
    assert await purge(User.find(User.name == "ada")) == 1
    assert await with_deleted(User.find()) == [bob]
    assert ada.id != bob.id


async def test_a_deleted_users_email_is_free_again() -> None:
    ada = await create("ada", "ada@example.com")
    with pytest.raises(DuplicateKeyError, match="email: is taken"):
        await create("imposter", "ada@example.com")
    await ada.delete()
    second = await create("second", "ada@example.com")
    with pytest.raises(DuplicateKeyError):
        await restore(ada)
    assert ada.deleted_at is not None
    await second.delete()
    await restore(ada)
    assert await User.find() == [ada]


async def test_a_soft_delete_moves_updated_at_one_by_one_and_by_query() -> None:
    with frozen(START):
        one: Any = await Stamped.create(name="one")
        await Stamped.create(name="two")
    with frozen(LATER):
        await one.delete()
        await Stamped.find().delete()
    assert (one.deleted_at, one.updated_at) == (LATER, LATER)
    stamps = {(user.created_at, user.updated_at, user.deleted_at) for user in await gone(Stamped)}
    assert stamps == {(START, LATER, LATER)}


async def gone(model: type[Any]) -> list[Any]:
    return list(await only_deleted(model.find()))


async def test_a_plugin_that_knows_only_saves_is_not_passed_by() -> None:
    one, two = await Loud.create(name="one"), await Loud.create(name="two")
    assert home.database is not None
    await Loud.find().update({"$set": {"name": "quiet"}}, skip_hooks=["shout"])
    assert await one.delete() is True
    assert [user.name for user in await gone(Loud)] == ["QUIET"]
    with pytest.raises(HookBypassError, match="a query delete has no instances"):
        await Loud.find().delete()
    assert await Loud.find().delete(each=True) == 1
    await restore(Loud.find(), skip_hooks=["shout"])
    assert await Loud.find().delete(skip_hooks=["shout"]) == 2
    assert await purge(Loud.find()) == 2
    assert two.name == "TWO"


async def test_unsaved_changes_of_a_deleted_instance_are_not_written() -> None:
    ada = await create("ada")
    ada.name = "changed and not saved"
    await ada.delete()
    assert ada.name == "changed and not saved"
    (found,) = await only_deleted(User.find())
    assert found.name == "ada"


async def test_a_document_from_before_the_plugin_is_alive() -> None:
    store: Any = home.database
    ada = await create("ada")
    await store.store.replace("user", {"_id": ada.id}, {"name": "ada", "email": None})
    (found,) = await User.find()
    assert found.deleted_at is None


async def test_a_deleted_instance_can_be_saved_while_a_living_one_has_its_email() -> None:
    ada = await create("ada", "ada@example.com")
    await ada.delete()
    await create("second", "ada@example.com")
    ada.name = "renamed"
    await ada.save()
    assert [user.name for user in await only_deleted(User.find())] == ["renamed"]


async def test_a_purged_instance_can_be_saved_anew() -> None:
    ada = await create("ada")
    await purge(ada)
    await ada.save()
    assert await User.find() == [ada]


async def test_the_field_may_have_another_name() -> None:
    class Page(BaseModel, registry=ModelRegistry("pages")):
        title = StringField()

        class Meta:
            plugins = ["softdelete"]
            plugin_options = {"softdelete": {"field": "removed_at"}}

    async with connect("sqlite://", registry=Page.__registry__):
        page: Any = await Page.create(title="a")
        await Page.create(title="b")
        await page.delete()
        assert page.removed_at is not None
        assert [one.title for one in await Page.find()] == ["b"]
        assert [one.title for one in await only_deleted(Page.find())] == ["a"]
        assert await restore(page) == 1
        assert await Page.find(Page.title == "b").delete() == 1
        assert await restore(Page.find()) == 1
        assert await Page.find().count() == 2
