"""Where stores may give naive dates, and that nobody sees one."""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from earnorm import (
    AnyField,
    BaseModel,
    Database,
    DateTimeField,
    DictField,
    EmbeddedModel,
    ModelDefinitionError,
    ModelRegistry,
    ReferenceField,
    StringField,
    connect,
)
from earnorm.stores import open_store

NOON = datetime(2024, 7, 15, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("new_york")


class AskedStore:
    """Passes every call on. `asked` holds what each `find` was told of naive dates."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.asked: list[bool] = []

    async def find(
        self, collection: str, *args: Any, options: Any = None, **how: Any
    ) -> AsyncGenerator[list[dict[str, Any]], None]:
        self.asked.append(options is not None and options.naive_dates is True)
        async for batch in self._store.find(collection, *args, options=options, **how):
            yield batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def told(self) -> set[bool]:
        """What was asked since the last time."""
        told = set(self.asked)
        self.asked.clear()
        return told


def define(home: ModelRegistry, **namespace: Any) -> Any:
    fields: dict[str, Any] = {
        "title": StringField(),
        "at": DateTimeField(),
        "data": DictField(),
        "more": AnyField(required=False),
        "before": ReferenceField("Event", required=False),
    }
    return type("Event", (BaseModel,), {**fields, **namespace}, registry=home)


class When(EmbeddedModel):
    at = DateTimeField()
    more = AnyField(required=False)


@pytest.fixture
async def event(home: ModelRegistry) -> AsyncIterator[Any]:
    async with connect("sqlite://", registry=home):
        yield define(home)


@pytest.fixture
async def asked(home: ModelRegistry) -> AsyncIterator[AskedStore]:
    store: Any = AskedStore(await open_store("sqlite://"))
    home.database = Database(store, home)
    yield store
    await store.aclose()


def has_noon(instance: Any) -> bool:
    """Whether each date of the instance is noon, in Python's own UTC."""
    moments = (instance.at, instance.data["at"], instance.more[0])
    return all(moment == NOON and moment.tzinfo is UTC for moment in moments)


async def save(event: Any, **values: Any) -> Any:
    return await event.create(title="a", at=NOON, data={"at": NOON}, more=[NOON], **values)


async def check_readings(event: Any, first: Any) -> None:
    assert has_noon(await event.get(first.id))
    assert has_noon(await first.reload())
    assert all(map(has_noon, await event.find(event.title == "a").sort("at")))
    assert all(map(has_noon, await event.find(event.at == NOON)))
    assert all([has_noon(one) async for one in event.find()])
    assert has_noon(await event.find().first())
    assert all(map(has_noon, await event.find(trusted=True)))
    (after,) = await event.find(event.title == "b").prefetch("before")
    assert has_noon(after.before.loaded)


async def test_every_way_of_reading_gives_aware_dates(event: Any, home: ModelRegistry) -> None:
    first = await save(event)
    await event.create(title="b", at=NOON, data={"at": NOON}, more=[NOON], before=first)
    await check_readings(event, first)
    (view,) = await event.find(event.title == "a").project(When)
    assert (view.at.tzinfo, view.more) == (UTC, [NOON])


@pytest.mark.needs("transactions")
async def test_so_it_is_in_a_transaction(event: Any, home: ModelRegistry) -> None:
    database: Any = home.database
    async with database.transaction():
        first = await save(event)
        await event.create(title="b", at=NOON, data={"at": NOON}, more=[NOON], before=first)
        await check_readings(event, first)


async def test_documents_have_aware_dates(event: Any) -> None:
    await save(event)
    (document,) = await event.find().as_documents()
    assert (document["at"], document["data"]["at"], document["more"]) == (NOON, NOON, [NOON])
    (parts,) = await event.find().project("at", "data", "more")
    assert (parts["at"], parts["data"]["at"], parts["more"]) == (NOON, NOON, [NOON])
    (found,) = await event.find().aggregate([{"$match": {"at": NOON}}])
    assert found["at"] == NOON


async def test_what_was_loaded_is_saved_only_where_it_changed(event: Any) -> None:
    await save(event)
    (loaded,) = await event.find()
    assert await loaded.save() is loaded
    loaded.title = "b"
    await loaded.save()
    (document,) = await event.find().as_documents()
    assert (document["title"], document["at"], document["more"]) == ("b", NOON, [NOON])


async def test_only_who_makes_instances_asks_for_naive_dates(
    home: ModelRegistry, asked: AskedStore
) -> None:
    event = define(home)
    first = await save(event)
    asked.told()
    await event.get(first.id)
    await first.reload()
    await event.find()
    await event.find(trusted=True).options(max_time=60)
    await event.find().first()
    await event.find().project(When)
    assert asked.told() == {True}
    await event.find().as_documents()
    await event.find().project("at")
    await event.find().page(size=1)
    await event.find().update({"$set": {"title": "c"}}, each=True)
    assert asked.told() == {False}


async def test_an_author_of_from_document_gets_aware_dates(
    home: ModelRegistry, asked: AskedStore
) -> None:
    seen: list[datetime] = []

    def from_document(cls: Any, document: dict[str, Any]) -> Any:
        seen.append(document["at"].astimezone(UTC))
        return BaseModel.from_document.__func__(cls, document)  # type: ignore[attr-defined]

    event = define(home, from_document=classmethod(from_document))
    first = await save(event)
    asked.told()
    await event.get(first.id)
    await event.find()
    assert asked.told() == {False}
    assert seen == [NOON, NOON]


def test_nobody_asks_for_it_in_meta(home: ModelRegistry) -> None:
    with pytest.raises(ModelDefinitionError, match="unknown option 'naive_dates'"):
        define(home, Meta=type("Meta", (), {"store_options": {"naive_dates": True}}))
