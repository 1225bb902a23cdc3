"""What plugins are told of writes that are certain, and of those that came to nothing."""

import asyncio
from functools import partial
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    TransactionConflictError,
    connect,
)
from earnorm.errors import EarnORMError
from earnorm.typing import Write

pytestmark = pytest.mark.needs("transactions")


class Watcher:
    """Keeps what it is told, in words."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def before_commit(self, writes: Any) -> None:
        self.told.append(f"before {_words(writes)}")

    async def after_commit(self, writes: Any) -> None:
        self.told.append(f"committed {_words(writes)}")

    async def after_rollback(self, writes: Any) -> None:
        self.told.append(f"undone {_words(writes)}")


def _words(writes: Any) -> list[str]:
    assert all(isinstance(write, Write) for write in writes)
    return [f"{one.operation} {one.model.__name__} {one.count}" for one in writes]


@pytest.fixture
def watcher(home: ModelRegistry) -> Watcher:
    watcher = Watcher()
    home.plugins.register("watcher", watcher)
    return watcher


@pytest.fixture
def note(home: ModelRegistry, watcher: Watcher) -> Any:
    class Note(BaseModel, registry=home):
        text = StringField()
        tags = ListField(StringField())

        class Meta:
            plugins = ["watcher"]

    return Note


async def create_and_leave(model: Any, **values: Any) -> None:
    await model.create(**values)
    raise RuntimeError("changed my mind")


async def test_a_write_outside_a_transaction_is_certain_at_once(
    home: ModelRegistry, watcher: Watcher, note: Any
) -> None:
    async with connect("sqlite://", registry=home):
        one = await note.create(text="a")
        one.text = "b"
        await one.save()
        await note.insert_many([note(text="c"), note(text="d")])
        await note.find().update({"$set": {"text": "e"}})
        await note.find().find_one_and_update({"$set": {"text": "f"}})
        await note.find({"text": "e"}).update({"$set": {"text": "g"}}, each=True)
        await one.delete()
        await note.find().delete()
    assert watcher.told == [
        "committed ['insert Note 1']",
        "committed ['update Note 1']",
        "committed ['insert Note 2']",
        "committed ['update Note 3']",
        "committed ['update Note 1']",
        "committed ['update Note 1']",
        "committed ['update Note 1']",
        "committed ['delete Note 1']",
        "committed ['delete Note 2']",
    ]


async def test_the_writes_of_a_transaction_are_told_when_it_is_committed(
    home: ModelRegistry, watcher: Watcher, note: Any
) -> None:
    async with connect("sqlite://", registry=home) as database, database.transaction():
        await note.create(text="a")
        await note.find().update({"$set": {"text": "b"}})
        assert watcher.told == []
    writes = "['insert Note 1', 'update Note 1']"
    assert watcher.told == [f"before {writes}", f"committed {writes}"]


async def test_a_write_says_what_it_was_about(home: ModelRegistry, note: Any) -> None:
    found: list[Write] = []
    home.plugins.register(
        "keeper", type("Keeper", (), {"after_commit": lambda self, writes: found.extend(writes)})
    )

    class Kept(note):  # type: ignore[misc]
        class Meta:
            plugins = ["keeper"]

    async with connect("sqlite://", registry=home):
        one = await Kept.create(text="a")
        await Kept.find(Kept.text == "a").delete()
    saved, deleted = found
    assert (saved.model, list(saved.instances), saved.filter) == (Kept, [one], None)
    assert (list(deleted.instances), deleted.filter is not None) == ([], True)


async def test_what_came_to_nothing_is_told(
    home: ModelRegistry, watcher: Watcher, note: Any
) -> None:
    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(RuntimeError, match="changed my mind"):
            await database.with_transaction(partial(create_and_leave, note, text="a"))
        assert await note.find().count() == 0
    assert watcher.told == ["undone ['insert Note 1']"]


async def test_an_error_before_the_commit_undoes_the_transaction(
    home: ModelRegistry, watcher: Watcher, note: Any
) -> None:
    def refuse(self: Any, writes: Any) -> None:
        raise RuntimeError("out of stock")

    home.plugins.register("stock", type("Stock", (), {"before_commit": refuse}))

    class Order(BaseModel, registry=home):
        class Meta:
            plugins = ["watcher", "stock"]

    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(RuntimeError, match="out of stock"):
            async with database.transaction():
                await Order.create()
        assert await Order.find().count() == 0
    assert watcher.told == ["before ['insert Order 1']", "undone ['insert Order 1']"]


async def test_what_is_written_before_the_commit_belongs_to_the_transaction(
    home: ModelRegistry, watcher: Watcher, note: Any
) -> None:
    async def count(self: Any, writes: Any) -> None:
        await note.create(text=f"{len(writes)} orders")

    home.plugins.register("counter", type("Counter", (), {"before_commit": count}))

    class Order(BaseModel, registry=home):
        class Meta:
            plugins = ["counter"]

    async with connect("sqlite://", registry=home) as database:
        async with database.transaction():
            await Order.create()
        assert [one.text for one in await note.find()] == ["1 orders"]
    assert watcher.told == ["committed ['insert Note 1']"]


async def test_what_is_done_after_the_commit_is_outside(home: ModelRegistry, note: Any) -> None:
    async def log(self: Any, writes: Any) -> None:
        await note.create(text="logged")
        raise EarnORMError("and then it failed")

    home.plugins.register("logger", type("Logger", (), {"after_commit": log}))

    class Order(BaseModel, registry=home):
        class Meta:
            plugins = ["logger"]

    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(EarnORMError, match="and then it failed"):
            async with database.transaction():
                await Order.create()
        assert (await Order.find().count(), await note.find().count()) == (1, 1)


async def test_an_error_after_the_commit_does_not_do_the_work_again(home: ModelRegistry) -> None:
    def fail(self: Any, writes: Any) -> None:
        raise TransactionConflictError(
            "Order", "the mail was busy", labels=["TransientTransactionError"]
        )

    home.plugins.register("mailer", type("Mailer", (), {"after_commit": fail}))

    class Order(BaseModel, registry=home):
        class Meta:
            plugins = ["mailer"]

    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(TransactionConflictError, match="busy"):
            await database.with_transaction(lambda: Order.create())
        assert await Order.find().count() == 1


async def test_of_work_that_is_done_again_each_try_is_told(
    home: ModelRegistry, watcher: Watcher, note: Any
) -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        await note.create(text="a")
        if tries == 1:
            raise TransactionConflictError(
                "Order", "somebody was faster", labels=["TransientTransactionError"]
            )

    async with connect("sqlite://", registry=home) as database:
        await database.with_transaction(work)
    assert watcher.told == [
        "undone ['insert Note 1']",
        "before ['insert Note 1']",
        "committed ['insert Note 1']",
    ]


async def test_an_error_of_a_plugin_that_is_told_of_nothing_is_a_note_of_the_cause(
    home: ModelRegistry, note: Any
) -> None:
    def fail(self: Any, writes: Any) -> None:
        raise OSError("disk gone")

    home.plugins.register("sad", type("Sad", (), {"after_rollback": fail}))

    class Order(BaseModel, registry=home):
        class Meta:
            plugins = ["sad"]

    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(RuntimeError, match="changed my mind") as caught:
            await database.with_transaction(partial(create_and_leave, Order))
    assert any("disk gone" in one for one in caught.value.__notes__)


async def test_a_write_whose_after_save_fails_is_certain_all_the_same(
    home: ModelRegistry, watcher: Watcher
) -> None:
    def fail(self: Any, instance: Any) -> None:
        raise OSError("disk gone")

    home.plugins.register("sad", type("Sad", (), {"after_save": fail}))

    class Order(BaseModel, registry=home):
        class Meta:
            plugins = ["watcher", "sad"]

    async with connect("sqlite://", registry=home):
        with pytest.raises(OSError, match="disk gone"):
            await Order.create()
    assert watcher.told == ["committed ['insert Order 1']"]


async def test_a_cascade_is_told_too(home: ModelRegistry, watcher: Watcher, note: Any) -> None:
    class Reply(BaseModel, registry=home):
        to = ReferenceField(note, on_delete="cascade")

        class Meta:
            plugins = ["watcher"]

    async with connect("sqlite://", registry=home):
        one = await note.create(text="a")
        await Reply.create(to=one)
        watcher.told.clear()
        await one.delete()
    assert watcher.told == ["committed ['delete Reply 1']", "committed ['delete Note 1']"]


async def test_transactions_side_by_side_are_told_apart(
    home: ModelRegistry, watcher: Watcher, note: Any
) -> None:
    async with connect("sqlite://", registry=home) as database:

        async def work(count: int) -> None:
            await note.insert_many([note(text=str(n)) for n in range(count)])

        await asyncio.gather(*(database.with_transaction(partial(work, count)) for count in (1, 2)))
    committed = [one for one in watcher.told if one.startswith("committed")]
    assert sorted(committed) == ["committed ['insert Note 1']", "committed ['insert Note 2']"]
