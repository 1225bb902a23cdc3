"""Transactions of a database: what happens together, what instances know, who may use one."""

import asyncio
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from earnorm import (
    BaseModel,
    DuplicateKeyError,
    IntegerField,
    ListField,
    ModelRegistry,
    OperationTimeoutError,
    ReferenceField,
    StringField,
    TransactionConflictError,
    TransactionError,
    ValidationError,
    connect,
    inspect,
)
from earnorm.database import transactions

pytestmark = pytest.mark.needs("transactions")


def define(home: ModelRegistry, **meta: Any) -> Any:
    fields = {
        "owner": StringField(),
        "balance": IntegerField(default=0, minimum=0),
        "tags": ListField(StringField()),
        "Meta": type("Meta", (), meta),
    }
    return type("Account", (BaseModel,), fields, registry=home)


async def balances(model: Any) -> dict[str, int]:
    return {one.owner: one.balance async for one in model.find()}


async def test_what_is_written_inside_is_seen_by_nobody_before_the_end(
    home: ModelRegistry,
) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        seen: list[int] = []
        begun, looked = asyncio.Event(), asyncio.Event()

        async def look() -> None:
            await begun.wait()
            seen.append(await account.find().count())
            looked.set()

        looking = asyncio.create_task(look())
        async with database.transaction():
            await account.create(owner="Ada")
            assert await account.find().count() == 1
            begun.set()
            await looked.wait()
        await looking
        assert seen == [0]
        assert await account.find().count() == 1


async def test_a_block_that_raises_leaves_nothing_and_the_instances_know_it(
    home: ModelRegistry,
) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        ada = await account.create(owner="Ada", balance=1, tags=["a"])
        bob = account(owner="Bob")
        gone = await account.create(owner="Gone")

        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
            async with database.transaction():
                ada.balance = 2
                ada.tags.append("b")
                await ada.save()
                ada.balance = 3
                await ada.save()
                await bob.save()
                await gone.delete()
                1 / 0  # noqa: B018  # the fault

        assert await balances(account) == {"Ada": 1, "Gone": 0}
        assert bob.id is None
        assert inspect(bob).is_new
        assert not inspect(gone).is_new
        assert {path: one.before for path, one in inspect(ada).changes.items()} == {
            "balance": 1,
            "tags": ["a"],
        }
        await ada.save()
        await bob.save()
        await gone.delete()
        assert await balances(account) == {"Ada": 3, "Bob": 0}
        assert (await account.get(ada.id)).tags == ["a", "b"]


async def test_a_revision_that_came_to_nothing_is_not_counted(home: ModelRegistry) -> None:
    account = define(home, revision=True)
    async with connect("sqlite://", registry=home) as database:
        ada = await account.create(owner="Ada")
        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
            async with database.transaction():
                ada.balance = 5
                await ada.save()
                1 / 0  # noqa: B018  # the fault
        assert inspect(ada).revision == 1
        await ada.save()
        assert (await account.get(ada.id)).balance == 5


async def test_a_soft_delete_that_came_to_nothing_is_no_delete(home: ModelRegistry) -> None:
    account = define(home, plugins=["timestamp", "softdelete"])
    async with connect("sqlite://", registry=home) as database:
        ada = await account.create(owner="Ada")
        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
            async with database.transaction():
                await ada.delete()
                assert await account.find().count() == 0
                1 / 0  # noqa: B018  # the fault
        assert await account.find().count() == 1
        ada.balance = 4
        await ada.save()
        assert (await account.get(ada.id)).balance == 4


async def test_query_writes_and_rules_of_references_belong_to_the_block(
    home: ModelRegistry,
) -> None:
    account = define(home)
    order: Any = type(
        "Order",
        (BaseModel,),
        {"account": ReferenceField("Account", on_delete="cascade")},
        registry=home,
    )
    async with connect("sqlite://", registry=home) as database:
        ada = await account.create(owner="Ada")
        await order.insert_many([order(account=ada) for _ in range(3)])
        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
            async with database.transaction():
                await account.find().update({"$set": {"balance": 7}})
                assert (
                    await account.find().find_one_and_update({"$set": {"balance": 8}})
                ).balance == 8
                await ada.delete()
                assert await order.find().count() == 0
                1 / 0  # noqa: B018  # the fault
        assert await balances(account) == {"Ada": 0}
        assert await order.find().count() == 3


async def test_what_never_came_to_the_store_does_not_end_the_block(home: ModelRegistry) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        async with database.transaction():
            await account.create(owner="Ada")
            with pytest.raises(ValidationError, match="at least 0"):
                await account.create(owner="Bob", balance=-1)
        assert await balances(account) == {"Ada": 0}


async def test_a_write_that_the_store_refused_ends_the_transaction(home: ModelRegistry) -> None:
    account = define(home, indexes=[{"fields": ["owner"], "unique": True}])
    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(TransactionConflictError, match="aborted") as caught:  # noqa: PT012  # a block inside
            async with database.transaction():
                await account.create(owner="Ada")
                with pytest.raises(DuplicateKeyError):
                    await account.create(owner="Ada")
                await account.create(owner="Bob")
        assert str(caught.value).endswith("let that one leave the block.")
        assert await account.find().count() == 0


async def test_work_that_catches_what_ended_its_transaction_is_not_run_again(
    home: ModelRegistry,
) -> None:
    account = define(home, indexes=[{"fields": ["owner"], "unique": True}])
    async with connect("sqlite://", registry=home) as database:
        await account.create(owner="Ada")
        runs: list[int] = []

        async def work() -> None:
            runs.append(1)
            with pytest.raises(DuplicateKeyError):
                await account.create(owner="Ada")

        with pytest.raises(TransactionConflictError, match="let that one leave"):
            await database.with_transaction(work)
        assert len(runs) == 1


async def test_a_task_that_was_started_inside_may_not_use_it(home: ModelRegistry) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        async with database.transaction():
            with pytest.raises(TransactionError, match="one task at a time"):
                await asyncio.gather(account.create(owner="Ada"), account.create(owner="Bob"))
        assert await account.find().count() == 0


async def test_a_task_that_was_started_inside_may_use_the_database_afterwards(
    home: ModelRegistry,
) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        ended = asyncio.Event()

        async def later() -> None:
            await ended.wait()
            await account.create(owner="Later")

        async with database.transaction():
            task = asyncio.create_task(later())
            await account.create(owner="Ada")
        ended.set()
        await task
        assert await account.find().count() == 2


async def test_transactions_do_not_nest(home: ModelRegistry) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        async with database.transaction():
            await account.create(owner="Ada")
            with pytest.raises(TransactionError, match="do not nest"):
                async with database.transaction():
                    pass
            await account.create(owner="Bob")
        assert await account.find().count() == 2


async def test_an_option_that_no_transaction_has_is_named(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(TypeError, match="no option 'readconcern'. Did you mean 'read_concern'"):
            database.transaction(readconcern="snapshot")  # type: ignore[call-arg]  # the fault
        async with database.transaction(read_concern="snapshot", max_time=5):
            pass


async def test_transactions_of_two_databases_stand_side_by_side(home: ModelRegistry) -> None:
    account = define(home)
    other_home = ModelRegistry("another test")
    other = define(other_home)
    async with (
        connect("sqlite://", registry=home) as database,
        connect("sqlite://", registry=other_home) as elsewhere,
    ):
        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
            async with database.transaction():
                await account.create(owner="Ada")
                async with elsewhere.transaction():
                    await other.create(owner="Bob")
                1 / 0  # noqa: B018  # the fault
        assert await account.find().count() == 0
        assert await other.find().count() == 1


async def test_a_cancelled_block_is_undone_also_what_nobody_waited_for(
    home: ModelRegistry,
) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        inside = asyncio.Event()
        ada = account(owner="Ada")

        async def work() -> None:
            async with database.transaction():
                await ada.save()
                inside.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert inspect(ada).is_new
        assert await account.find().count() == 0
        await ada.save()
        assert await account.find().count() == 1


async def test_a_model_of_which_the_indexes_are_missing_is_refused_inside(
    home: ModelRegistry,
) -> None:
    async with connect("sqlite://", registry=home) as database:
        async with database.transaction():
            account = define(home, indexes=[{"fields": ["owner"], "unique": True}])
            with pytest.raises(TransactionError, match="indexes.apply"):
                await account.create(owner="Ada")
        await account.create(owner="Ada")
        assert await account.find().count() == 1


class Conflicting:
    """A store whose first transactions conflict when they commit, or cannot say whether they did."""

    def __init__(self, store: Any, *labels: str) -> None:
        self._store = store
        self.labels = list(labels)
        self.begun = self.commits = 0
        self.code = 112

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def begin(self, **how: Any) -> Any:
        self.begun += 1
        return _Uncertain(self, await self._store.begin(**how))


class _Uncertain:
    def __init__(self, store: Conflicting, transaction: Any) -> None:
        self._store = store
        self._transaction = transaction

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transaction, name)

    async def commit(self) -> None:
        self._store.commits += 1
        if self._store.labels:
            label = self._store.labels.pop(0)
            raise OperationFailure("try again", self._store.code, {"errorLabels": [label]})
        await self._transaction.commit()


async def conflicting(home: ModelRegistry, *labels: str) -> tuple[Any, Conflicting, Any]:
    database = await connect("sqlite://", registry=home)
    store: Any = Conflicting(database.store, *labels)
    slowed = type(database)(store, home)
    home.database = slowed
    return define(home), store, slowed


async def test_with_transaction_begins_anew_after_a_conflict(home: ModelRegistry) -> None:
    transient = "TransientTransactionError"
    account, store, database = await conflicting(home, transient, transient)
    ada = account(owner="Ada")

    async def work() -> str:
        await ada.save()
        return "done"

    assert await database.with_transaction(work) == "done"
    assert store.begun == 3
    assert await balances(account) == {"Ada": 0}
    assert not inspect(ada).is_new
    await database.aclose()


async def test_a_block_tells_of_a_conflict_and_undoes(home: ModelRegistry) -> None:
    account, store, database = await conflicting(home, "TransientTransactionError")
    ada = account(owner="Ada")
    with pytest.raises(TransactionConflictError):
        async with database.transaction():
            await ada.save()
    assert store.begun == 1
    assert inspect(ada).is_new
    assert await account.find().count() == 0
    await database.aclose()


async def test_a_commit_of_which_nobody_knows_is_made_again(home: ModelRegistry) -> None:
    unknown = "UnknownTransactionCommitResult"
    account, store, database = await conflicting(home, unknown, unknown)
    async with database.transaction():
        await account.create(owner="Ada")
    assert (store.begun, store.commits) == (1, 3)
    assert await account.find().count() == 1
    await database.aclose()


async def test_a_commit_that_had_its_time_is_not_made_again_and_its_outcome_is_called_unknown(
    home: ModelRegistry,
) -> None:
    account, store, database = await conflicting(home, "UnknownTransactionCommitResult")
    store.code = 50
    ada = account(owner="Ada")
    with pytest.raises(OperationTimeoutError) as caught:
        await database.with_transaction(ada.save)
    assert (store.begun, store.commits) == (1, 1)
    assert caught.value.__notes__[0].startswith("Whether the transaction was committed is unknown")
    await database.aclose()


async def test_work_and_commits_have_their_120_seconds_together(
    home: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "MOST_SECONDS", 0.2)
    unknown = "UnknownTransactionCommitResult"
    account, store, database = await conflicting(home, *[unknown] * 10_000)

    async def work() -> None:
        await account.create(owner="Ada")
        await asyncio.sleep(0.19)

    with pytest.raises(TransactionConflictError):
        await database.with_transaction(work)
    assert store.begun == 1
    assert store.commits < 4
    await database.aclose()


async def test_with_transaction_passes_other_errors_on_at_once(home: ModelRegistry) -> None:
    account, store, database = await conflicting(home)

    async def work() -> None:
        await account.create(owner="Ada")
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await database.with_transaction(work)
    assert store.begun == 1
    assert await account.find().count() == 0
    await database.aclose()
