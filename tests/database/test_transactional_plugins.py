"""Plugins with `transactional = True`: a write and its hooks happen together, or not at all."""

import asyncio
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    Database,
    IntegerField,
    ModelRegistry,
    ReferenceField,
    StringField,
    connect,
    inspect,
)
from earnorm.typing import OperationOptions

pytestmark = pytest.mark.needs("transactions")


class Log:
    """Writes a line for each write, and raises where it is told to."""

    transactional = True

    def __init__(self, home: ModelRegistry) -> None:
        class Line(BaseModel, registry=home):
            text = StringField()

        self.line = Line
        self.fails = ""

    async def write(self, text: str) -> None:
        await self.line.create(text=text)
        if self.fails == text:
            raise ValueError(text)

    async def before_save(self, instance: Any) -> None:
        await self.write("before save")

    async def after_save(self, instance: Any) -> None:
        await self.write("after save")

    async def before_update(self, model: Any, filter: Any) -> None:
        await self.write(f"before update {await model.find(filter).count()}")

    async def after_update(self) -> None:
        await self.write("after update")

    async def before_delete(self) -> None:
        await self.write("before delete")

    async def after_delete(self) -> None:
        await self.write("after delete")

    async def lines(self) -> list[str]:
        return [line.text for line in await self.line.find().sort("id")]


@pytest.fixture
def log(home: ModelRegistry) -> Log:
    log = Log(home)
    home.plugins.register("log", log)
    return log


def define(home: ModelRegistry, name: str = "Account", **fields: Any) -> Any:
    meta = {"plugins": ["log"]}
    body = {"owner": StringField(), "balance": IntegerField(default=0), **fields}
    return type(name, (BaseModel,), {**body, "Meta": type("Meta", (), meta)}, registry=home)


async def write_by(way: str, account: Any, ada: Any) -> Any:
    ada.balance = 5
    ways = {
        "save": lambda: ada.save(),
        "insert": lambda: account.create(owner="Bob"),
        "insert_many": lambda: account.insert_many([account(owner="Bob"), account(owner="Cy")]),
        "delete": lambda: ada.delete(),
        "update": lambda: account.find().update({"$set": {"balance": 5}}),
        "update each": lambda: account.find().update({"$set": {"balance": 5}}, each=True),
        "find_one_and_update": lambda: account.find().find_one_and_update({"$inc": {"balance": 5}}),
        "query delete": lambda: account.find().delete(),
    }
    return await ways[way]()


async def contents(model: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await model.find().sort("id").as_documents()
    return found


@pytest.mark.parametrize(
    ("way", "last"),
    [
        ("save", "after save"),
        ("insert", "after save"),
        ("insert_many", "after save"),
        ("delete", "after delete"),
        ("update", "after update"),
        ("update each", "after save"),
        ("find_one_and_update", "after update"),
        ("query delete", "after delete"),
    ],
)
async def test_an_error_in_a_hook_after_a_write_undoes_the_write_and_what_hooks_wrote(
    home: ModelRegistry, log: Log, way: str, last: str
) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home):
        ada = await account.create(owner="Ada")
        before, lines = await contents(account), await log.lines()
        log.fails = last
        with pytest.raises(ValueError, match=last):
            await write_by(way, account, ada)
        assert await contents(account) == before
        assert await log.lines() == lines
        assert not inspect(ada).is_new

        log.fails = ""
        await write_by(way, account, ada)
        assert await contents(account) != before
        assert (await log.lines())[-1] == last


async def test_an_instance_that_was_not_saved_knows_it(home: ModelRegistry, log: Log) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home):
        ada = account(owner="Ada")
        log.fails = "after save"
        with pytest.raises(ValueError, match="after save"):
            await ada.save()
        assert ada.id is None
        assert inspect(ada).is_new


async def test_a_transaction_that_runs_already_is_the_one(home: ModelRegistry, log: Log) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
            async with database.transaction():
                await account.create(owner="Ada")
                assert await log.lines() == ["before save", "after save"]
                1 / 0  # noqa: B018  # the fault
        assert await log.lines() == []


async def test_the_write_concern_of_a_model_is_that_of_its_transactions(
    home: ModelRegistry, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Account(BaseModel, registry=home):
        owner = StringField()

        class Meta:
            plugins = ["log"]
            store_options = {"write_concern": {"w": "majority", "j": True}, "max_time": 5.0}

    async with connect("sqlite://", registry=home) as database:
        begun: list[Any] = []
        begin = database.store.begin

        async def note(*, options: Any = None) -> Any:
            begun.append(options)
            return await begin(options=options)

        monkeypatch.setattr(database.store, "begin", note)
        ada = await Account.create(owner="Ada")
        await Account.find().update({"$set": {"owner": "Ada L."}})
        await ada.delete()
        durable = OperationOptions(write_concern={"w": "majority", "j": True})
        assert begun == [durable, durable, durable]
        async with database.transaction():
            await Account.create(owner="Bob")


async def test_many_writers_at_once_all_get_through(home: ModelRegistry, log: Log) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home):
        accounts = await account.insert_many([account(owner=str(n)) for n in range(30)])
        for one in accounts:
            one.balance = 1
        await asyncio.gather(*(one.save() for one in accounts))
        assert await account.find(account.balance == 1).count() == 30
        assert (await log.lines()).count("after save") == 60


async def test_who_claims_the_first_match_shows_hooks_no_other(
    home: ModelRegistry, log: Log
) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home):
        await account.insert_many([account(owner=str(n)) for n in range(5)])
        claimed = await account.find().sort("-owner").find_one_and_update({"$inc": {"balance": 1}})
        assert (claimed.owner, claimed.balance) == ("4", 1)
        assert (await log.lines())[-2:] == ["before update 1", "after update"]
        assert (
            await account.find(account.owner == "9").find_one_and_update({"$inc": {"balance": 1}})
            is None
        )


async def test_a_delete_that_comes_to_such_a_plugin_happens_as_a_whole(
    home: ModelRegistry, log: Log
) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

    order = define(home, "Order", user=ReferenceField(User, on_delete="cascade"))
    async with connect("sqlite://", registry=home):
        ada = await User.create(name="Ada")
        await order.create(owner="Ada", user=ada)
        log.fails = "after delete"
        with pytest.raises(ValueError, match="after delete"):
            await ada.delete()
        assert await User.find().count() == 1
        assert await order.find().count() == 1


@pytest.mark.parametrize("rule", ["cascade", "nullify"])
async def test_a_delete_that_comes_to_such_a_plugin_in_another_database_is_whole_there(
    home: ModelRegistry, rule: Any
) -> None:
    away = ModelRegistry("away")
    log = Log(away)
    away.plugins.register("log", log)

    class User(BaseModel, registry=home):
        name = StringField()

    order = define(away, "Order", user=ReferenceField(User, on_delete=rule, required=False))
    home.register(order)
    async with connect("sqlite://", registry=home), connect("sqlite://", registry=away):
        ada = await User.create(name="Ada")
        await order.create(owner="Ada", user=ada)
        before, lines = await contents(order), await log.lines()
        log.fails = {"cascade": "after delete", "nullify": "after update"}[rule]
        with pytest.raises(ValueError, match=log.fails):
            await ada.delete()
        assert (await contents(order), await log.lines()) == (before, lines)
        assert await User.find().count() == 1
        log.fails = ""
        await ada.delete()
        assert await contents(order) != before


async def test_what_hooks_write_is_in_the_database_that_was_named(
    home: ModelRegistry, log: Log
) -> None:
    account = define(home)
    other = ModelRegistry("a tenant")
    async with (
        connect("sqlite://", registry=home) as database,
        connect("sqlite://", registry=other) as tenant,
    ):
        await tenant.save(account(owner="Ada"))
        assert await log.lines() == []
        with tenant.use():
            assert await log.lines() == ["before save", "after save"]
        assert await account.find().count() == 0
        assert database.transaction_info is None


async def test_a_plugin_keeps_what_it_likes_as_long_as_the_transaction(
    home: ModelRegistry,
) -> None:
    seen: list[Any] = []

    @home.plugin("keeper")
    class Keeper:
        transactional = True

        def before_save(self, instance: Any) -> None:
            database: Database = home.database  # type: ignore[assignment]  # what connect has bound
            info = database.transaction_info
            assert info is not None
            seen.append(dict(info))
            info["keeper"] = instance.owner

    class Account(BaseModel, registry=home):
        owner = StringField()

        class Meta:
            plugins = ["keeper"]

    async with connect("sqlite://", registry=home) as database:
        await Account.create(owner="Ada")
        async with database.transaction():
            await Account.create(owner="Bob")
            await Account.create(owner="Cy")
    assert seen == [{}, {}, {"keeper": "Bob"}]
