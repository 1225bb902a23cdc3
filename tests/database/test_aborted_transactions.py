"""What instances know, and what is lost, when a transaction comes to nothing: nothing is."""

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from earnorm import (
    BaseModel,
    Database,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    connect,
    inspect,
)
from earnorm.stores import Transaction

pytestmark = pytest.mark.needs("transactions")


@pytest.fixture
async def database(home: ModelRegistry) -> AsyncIterator[Database]:
    async with connect("sqlite://", registry=home) as opened:
        yield opened


class City(EmbeddedModel):
    name = StringField()


def define(home: ModelRegistry, name: str = "Account", **meta: Any) -> Any:
    fields = {
        "owner": StringField(),
        "balance": IntegerField(default=0),
        "tags": ListField(StringField()),
        "city": EmbeddedField(City, required=False),
        "Meta": type("Meta", (), meta),
    }
    return type(name, (BaseModel,), fields, registry=home)


async def stored(model: Any, instance: Any) -> Any:
    (document,) = await model.find({"_id": instance.id}).as_documents()
    return document


@pytest.mark.parametrize("plugins", [[], ["softdelete"], ["timestamp", "softdelete"]])
async def test_what_is_assigned_after_a_delete_that_came_to_nothing_is_saved(
    home: ModelRegistry, database: Database, plugins: list[str]
) -> None:
    account = define(home, plugins=plugins)
    ada = await account.create(owner="Ada", city=City(name="London"))
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
        async with database.transaction():
            await ada.delete()
            ada.owner = "Ada King"
            ada.tags.append("a")
            ada.city.name = "Paris"
            1 / 0  # noqa: B018  # the fault
    assert set(inspect(ada).changes) == {"owner", "tags", "city.name"}
    await ada.save()
    document = await stored(account, ada)
    assert (document["owner"], document["tags"], document["city"]) == (
        "Ada King",
        ["a"],
        {"name": "Paris"},
    )


async def test_what_was_saved_again_after_a_delete_that_came_to_nothing_is_saved(
    home: ModelRegistry, database: Database
) -> None:
    account = define(home, revision=True)
    ada = await account.create(owner="Ada")
    ada.balance = 1
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
        async with database.transaction():
            await ada.save()
            await ada.delete()
            ada.owner = "Ada King"
            await ada.save()
            1 / 0  # noqa: B018  # the fault
    assert {path: one.before for path, one in inspect(ada).changes.items()} == {
        "owner": "Ada",
        "balance": 0,
    }
    await ada.save()
    document = await stored(account, ada)
    assert (document["owner"], document["balance"], document["_revision"]) == ("Ada King", 1, 2)


async def test_an_extra_that_a_delete_set_and_that_came_to_nothing_is_none(
    home: ModelRegistry, database: Database
) -> None:
    class Marks:
        def replace_delete(self, model: Any) -> dict[str, Any]:
            return {"$set": {"gone": True}}

    home.plugin("marks")(Marks)
    account = define(home, plugins=["marks"])
    ada = await account.create(owner="Ada")
    await account.find().update({"$set": {"nick": "Countess"}}, each=True)
    await ada.reload()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
        async with database.transaction():
            await ada.delete()
            assert ada.gone is True
            ada.nick = "Enchantress"
            1 / 0  # noqa: B018  # the fault
    assert set(inspect(ada).changes) == {"nick"}
    await ada.save()
    document = await stored(account, ada)
    assert document["nick"] == "Enchantress"
    assert "gone" not in document


async def test_what_was_reloaded_from_a_transaction_that_came_to_nothing_counts_as_changed(
    home: ModelRegistry, database: Database
) -> None:
    account = define(home)
    ada = await account.create(owner="Ada")
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
        async with database.transaction():
            await account.find().update({"$set": {"owner": "Bob", "tags": ["b"]}})
            await ada.reload()
            1 / 0  # noqa: B018  # the fault
    assert {path: one.before for path, one in inspect(ada).changes.items()} == {
        "owner": "Ada",
        "tags": [],
    }
    inspect(ada).revert()
    assert (ada.owner, ada.tags) == ("Ada", [])


async def test_an_instance_whose_insert_came_to_nothing_keeps_what_refers_to_it(
    home: ModelRegistry, database: Database
) -> None:
    account = define(home)
    order: Any = type("Order", (BaseModel,), {"account": ReferenceField("Account")}, registry=home)
    ada = account(owner="Ada")
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
        async with database.transaction():
            await ada.save()
            first = order(account=ada)
            await first.save()
            1 / 0  # noqa: B018  # the fault
    assert ada.id is None
    await ada.save()
    await first.save()
    assert first.account.id == ada.id
    assert [one async for one in database.check_references()] == []


async def test_a_caller_who_is_cancelled_again_and_again_waits_for_the_commit(
    home: ModelRegistry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = define(home)
    bob = account(owner="Bob")
    begun, may_go_on = hold(database, monkeypatch, "commit")

    async def work() -> None:
        async with database.transaction():
            await bob.save()

    task = asyncio.create_task(work())
    await begun.wait()
    await cancel_thrice(task)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await account.find().count() == 1
    assert not inspect(bob).is_new


async def test_a_caller_who_is_cancelled_again_and_again_waits_for_the_write(
    home: ModelRegistry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = define(home)
    ada = await account.create(owner="Ada")
    begun, may_go_on = hold(database, monkeypatch, "update")

    async def work() -> None:
        async with database.transaction():
            ada.owner = "Ada King"
            await ada.save()

    task = asyncio.create_task(work())
    await begun.wait()
    await cancel_thrice(task)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert set(inspect(ada).changes) == {"owner"}
    await ada.save()
    assert (await stored(account, ada))["owner"] == "Ada King"


async def test_a_write_that_fails_when_nobody_waits_for_it_any_longer_is_not_cried_out(
    home: ModelRegistry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = define(home, indexes=[{"fields": ["owner"], "unique": True}])
    await account.create(owner="Ada")
    begun, may_go_on = hold(database, monkeypatch, "insert")
    cried: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: cried.append(context))

    async def work() -> None:
        async with database.transaction():
            await account.create(owner="Ada")

    task = asyncio.create_task(work())
    await begun.wait()
    await cancel_thrice(task)
    may_go_on.set()
    await asyncio.wait([task])
    del task
    gc.collect()
    assert cried == []


async def test_what_went_wrong_is_told_also_where_the_store_cannot_be_told_to_abort(
    home: ModelRegistry, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = define(home)
    bob = account(owner="Bob")
    begin = database.store.begin

    async def begin_without_end(**how: Any) -> Any:
        transaction = await begin(**how)
        abort = transaction.abort

        async def lose() -> None:
            await abort()
            raise AutoReconnect("the connection was lost")

        monkeypatch.setattr(transaction, "abort", lose, raising=False)
        return transaction

    monkeypatch.setattr(database.store, "begin", begin_without_end)
    with pytest.raises(ZeroDivisionError) as caught:  # noqa: PT012  # a block inside
        async with database.transaction():
            await bob.save()
            1 / 0  # noqa: B018  # the fault
    assert "the connection was lost" in caught.value.__notes__[0]
    assert inspect(bob).is_new


def hold(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> tuple[asyncio.Event, asyncio.Event]:
    """Stops every transaction at this call; the events tell that it has begun, and let it go on."""
    begun, may_go_on = asyncio.Event(), asyncio.Event()
    begin = database.store.begin

    async def begin_held(**how: Any) -> Transaction:
        transaction = await begin(**how)
        call = getattr(transaction, name)

        async def held(*args: Any, **kwargs: Any) -> Any:
            begun.set()
            await may_go_on.wait()
            return await call(*args, **kwargs)

        monkeypatch.setattr(transaction, name, held, raising=False)
        return transaction

    monkeypatch.setattr(database.store, "begin", begin_held)
    return begun, may_go_on


async def cancel_thrice(task: "asyncio.Task[Any]") -> None:
    for _ in range(3):
        task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
