"""What a watch tells of a model's documents."""

from typing import Any

import pytest

from earnorm import (
    BaseModel,
    ChangeEvent,
    FilterError,
    IntegerField,
    ListField,
    ModelRegistry,
    OperationFailedError,
    StringField,
    connect,
)

pytestmark = pytest.mark.needs("change_streams")


def define(home: ModelRegistry, **meta: Any) -> Any:
    fields = {
        "title": StringField(alias="t"),
        "votes": IntegerField(default=0),
        "tags": ListField(StringField()),
        "Meta": type("Meta", (), meta),
    }
    return type("Ticket", (BaseModel,), fields, registry=home)


def titled(change: ChangeEvent[Any]) -> str:
    title: str = change.instance.title  # type: ignore[union-attr]  # of an insert
    return title


async def test_each_change_of_the_model_comes_in_its_order(home: ModelRegistry) -> None:
    ticket = define(home)
    other: Any = type("Other", (BaseModel,), {"n": IntegerField()}, registry=home)
    async with connect("sqlite://", registry=home) as database, database.watch(ticket) as changes:
        made = await ticket.create(title="Milk")
        await other.create(n=1)
        made.votes = 2
        await made.save()
        await ticket.find().update({"$push": {"tags": "late"}})
        await made.delete()

        seen = [await anext(changes) for _ in range(4)]

    assert [change.kind for change in seen] == ["insert", "update", "update", "delete"]
    assert {change.id for change in seen} == {made.id}
    assert seen[0].instance is not None
    assert seen[0].instance.title == "Milk"
    assert seen[1].updated == {"votes": 2}
    assert seen[1].instance is None  # gone when it was read
    assert seen[3].instance is None


async def test_an_update_comes_with_the_document_as_it_is(home: ModelRegistry) -> None:
    ticket = define(home)
    async with connect("sqlite://", registry=home) as database:
        made = await ticket.create(title="Milk", tags=["a"])
        await ticket.find().update({"$set": {"note": "x"}})
        async with database.watch(ticket) as changes:
            await ticket.find().update({"$unset": {"note": 1}, "$set": {"votes": 1}})
            change = await anext(changes)
    assert change.instance is not None
    assert change.instance.id == made.id
    assert (change.instance.votes, change.instance.tags) == (1, ["a"])
    assert change.removed == ("note",)


async def test_a_watch_goes_on_behind_a_token(home: ModelRegistry, tmp_path: Any) -> None:
    ticket = define(home)
    url = f"sqlite:///{tmp_path}/tickets.db"
    async with connect(url, registry=home) as database, database.watch(ticket) as changes:
        await ticket.insert_many([ticket(title=str(number)) for number in range(5)])
        token = [await anext(changes) for _ in range(2)][-1].token
    async with (
        connect(url, registry=home) as database,
        database.watch(ticket, resume_after=token) as changes,
    ):
        assert [titled(await anext(changes)) for _ in range(3)] == ["2", "3", "4"]
        assert changes.resume_token is not None


async def test_a_token_that_is_none_is_refused(home: ModelRegistry) -> None:
    ticket = define(home)
    async with connect("sqlite://", registry=home) as database:
        with pytest.raises((OperationFailedError, FilterError)):
            async with database.watch(ticket, resume_after={"_data": "nonsense"}):
                pass


@pytest.mark.parametrize("wrong", ["text", [3], [{}], [{"match": {}}], [{"$out": "copies"}]])
async def test_what_is_no_pipeline_is_refused(home: ModelRegistry, wrong: Any) -> None:
    ticket = define(home)
    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(FilterError):
            database.watch(ticket, pipeline=wrong)


async def test_a_pipeline_that_takes_changes_apart_is_refused(home: ModelRegistry) -> None:
    ticket = define(home)
    project = {"$project": {"fullDocument": 1}}
    async with (
        connect("sqlite://", registry=home) as database,
        database.watch(ticket, pipeline=[project]) as changes,
    ):
        await ticket.create(title="1")
        with pytest.raises(FilterError, match="takes 'operationType' out"):
            await anext(changes)


async def test_a_transaction_is_seen_when_it_is_committed_and_never_if_it_fails(
    home: ModelRegistry,
) -> None:
    ticket = define(home)
    async with connect("sqlite://", registry=home) as database, database.watch(ticket) as changes:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
            async with database.transaction():
                await ticket.create(title="never")
                1 / 0  # noqa: B018  # the fault
        async with database.transaction():
            await ticket.create(title="together")
            await ticket.create(title="with this")
        titles = [titled(await anext(changes)) for _ in range(2)]
    assert titles == ["together", "with this"]


async def test_stages_narrow_a_watch(home: ModelRegistry) -> None:
    ticket = define(home)
    only_deletes = [{"$match": {"operationType": "delete"}}]
    async with (
        connect("sqlite://", registry=home) as database,
        database.watch(ticket, pipeline=only_deletes) as changes,
    ):
        made = await ticket.create(title="Milk")
        await made.delete()
        assert (await anext(changes)).kind == "delete"


async def test_a_soft_delete_is_an_update(home: ModelRegistry) -> None:
    ticket = define(home, plugins=["softdelete"])
    async with connect("sqlite://", registry=home) as database:
        made = await ticket.create(title="Milk")
        async with database.watch(ticket) as changes:
            await made.delete()
            change = await anext(changes)
    assert change.kind == "update"
    assert change.instance is not None


async def test_a_child_is_watched_through_its_root(home: ModelRegistry) -> None:
    ticket = define(home)
    bug: Any = type("Bug", (ticket,), {"level": IntegerField()}, registry=home)
    async with connect("sqlite://", registry=home) as database:
        with pytest.raises(FilterError, match="shares its collection"):
            database.watch(bug)
        async with database.watch(ticket) as changes:
            await bug.create(title="x", level=3)
            change = await anext(changes)
    assert type(change.instance) is bug
