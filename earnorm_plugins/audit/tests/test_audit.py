"""Every write has its entry: who, what, when; secrets stay secret; versions come back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    Database,
    DictField,
    DuplicateKeyError,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    PluginOptionsError,
    ReferenceField,
    StringField,
    TimeDeltaField,
    ValidationError,
    connect,
)
from earnorm.testing import frozen
from earnorm_audit import (
    AuditEntry,
    UnknownVersionError,
    acting_as,
    history,
    purge_history,
    restore_version,
    version_of,
)
from earnorm_softdelete import restore, with_deleted

START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
DAY = timedelta(days=1)

home = ModelRegistry("audited")


class Card(EmbeddedModel):
    bank = StringField()
    number = StringField(secret=True)


class Address(EmbeddedModel):
    city = StringField()
    zip_code = StringField(alias="zip", default="")


class User(BaseModel, registry=home):
    name = StringField()
    email = StringField(alias="mail", required=False)
    age = IntegerField(default=0)
    pin = StringField(secret=True, required=False)
    address = EmbeddedField(Address, required=False)
    card = EmbeddedField(Card, required=False)
    tags = ListField(StringField())
    notes: Any = DictField(IntegerField())
    patience = TimeDeltaField(required=False)

    class Meta:
        plugins = ["audit"]
        indexes = [{"fields": ["email"], "unique": True, "partial": {"email": {"$gt": ""}}}]


class Page(BaseModel, registry=home):
    title = StringField()
    author = ReferenceField(User, on_delete="cascade", required=False)
    editor = ReferenceField(User, on_delete="nullify", required=False)

    class Meta:
        plugins = ["softdelete", "audit"]


class Counter(BaseModel, registry=home):
    name = StringField()
    hits = IntegerField(default=0)
    token = StringField(secret=True, default="t")

    class Meta:
        plugins = ["audit"]
        plugin_options = {
            "audit": {
                "exclude": ["hits", "created_at", "updated_at"],
                "collection": "counted",
                "keep_days": 30,
            }
        }


class Animal(BaseModel, registry=home):
    name = StringField()

    class Meta:
        plugins = ["audit"]
        plugin_options = {"audit": {"exclude": ["created_at", "updated_at"]}}


class Dog(Animal, registry=home):
    chip = StringField(secret=True)


@pytest.fixture(autouse=True)
async def database() -> AsyncIterator[Database]:
    async with connect("sqlite://", registry=home) as database:
        yield database


Told = list[tuple[str, str, dict[str, tuple[Any, Any]]]]


async def told(target: Any) -> Told:
    """The entries: operation, and the changes by path, without the fields of `timestamp`."""
    return [
        (
            entry.operation,
            entry.actor or "",
            {
                change.path: (change.before, change.after)
                for change in entry.changes
                if change.path not in ("created_at", "updated_at")
            },
        )
        for entry in await history(target)
    ]


async def test_a_write_of_each_kind_has_its_entry() -> None:
    with frozen(START):
        ada = await User.create(name="Ada")
    ada.name = "Ada L."
    with frozen(START + DAY):
        await ada.save()
    await User.find().update({"$inc": {"age": 1}})
    await User.find().update({"$inc": {"age": 1}}, each=True)
    await User.find().find_one_and_update({"$set": {"name": "Lady"}})
    await ada.delete()

    entries = await history(ada)
    assert [entry.version for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [entry.at for entry in entries[:2]] == [START, START + DAY]
    assert await told(ada) == [
        ("insert", "", {
            "name": (None, "Ada"), "age": (None, 0), "mail": (None, None), "pin": (None, "***"),
            "address": (None, None), "card": (None, "***"), "tags": (None, []), "notes": (None, {}),
            "patience": (None, None),
        }),
        ("update", "", {"name": ("Ada", "Ada L.")}),
        ("update", "", {"age": (0, 1)}),
        ("update", "", {"age": (1, 2)}),
        ("update", "", {"name": ("Ada L.", "Lady")}),
        ("delete", "", {
            "name": ("Lady", None), "age": (2, None), "mail": (None, None), "pin": ("***", None),
            "address": (None, None), "card": ("***", None), "tags": ([], None), "notes": ({}, None),
            "patience": (None, None),
        }),
    ]  # fmt: skip


async def test_a_bulk_insert_has_an_entry_for_each_document() -> None:
    users = await User.insert_many([User(name=name) for name in "abc"])
    for user in users:
        (entry,) = await history(user)
        assert (entry.operation, entry.version) == ("insert", 1)


async def test_a_query_write_has_an_entry_for_each_document_that_it_changed() -> None:
    ada, bob = await User.insert_many([User(name="Ada", age=1), User(name="Bob", age=2)])
    await User.find().update({"$max": {"age": 2}})
    assert (await told(ada))[1:] == [("update", "", {"age": (1, 2)})]
    assert [entry for entry in await told(bob) if "age" in entry[2]][1:] == []
    await User.find(User.name == "Ada").delete()
    assert [entry.operation for entry in await history(ada)] == ["insert", "update", "delete"]


async def test_a_change_inside_a_value_is_told_by_its_path() -> None:
    ada: Any = await User.create(name="Ada", address=Address(city="London"), notes={"a": 1, "b": 2})
    ada.address.city = "Paris"
    ada.notes["c"] = 3
    ada.tags.append("x")
    await ada.save()
    ada.notes = {"c": 3, "a": 1}
    await ada.save()
    ada.notes["a.b"] = 4
    await ada.save()
    assert (await told(ada))[1:] == [
        (
            "update",
            "",
            {"address.city": ("London", "Paris"), "notes.c": (None, 3), "tags": ([], ["x"])},
        ),
        ("update", "", {"notes": ({"a": 1, "b": 2, "c": 3}, {"c": 3, "a": 1})}),
        ("update", "", {"notes": ({"c": 3, "a": 1}, {"c": 3, "a": 1, "a.b": 4})}),
    ]
    assert (await version_of(ada, 1))["notes"] == {"a": 1, "b": 2}


async def test_values_are_told_apart_as_the_store_does() -> None:
    ada = await User.create(name="Ada")
    for value in (1, 1.0, True):
        await User.find().update({"$set": {"extra": value}}, each=True)
    changes = [list(changes["extra"]) for _, _, changes in (await told(ada))[1:]]
    assert [[type(one) for one in change] for change in changes] == [
        [type(None), int],
        [int, float],
        [float, bool],
    ]


async def test_secrets_are_not_in_the_log(database: Database) -> None:
    ada: Any = await User.create(name="Ada", pin="1815-p", card=Card(bank="B", number="4711-n"))
    ada.pin = "1852-p"
    ada.card.number = "4712-n"
    await ada.save()
    ada.pin = None
    await ada.save()
    _, changed, gone = await told(ada)
    assert changed[2] == {"pin": ("***", "***"), "card.number": ("***", "***")}
    assert gone[2] == {"pin": ("***", "***")}
    stored = [one async for batch in database.store.find("audit", {}) for one in batch]
    assert not any(secret in repr(stored) for secret in ("-p", "-n"))
    assert "'B'" in repr(stored)


async def test_the_actor_is_who_acts_in_the_block() -> None:
    boss = await User.create(name="Boss")
    with acting_as("ada"):
        ada = await User.create(name="Ada")
        with acting_as(boss):
            await User.find(User.name == "Ada").update({"$inc": {"age": 1}})
        await asyncio.create_task(ada.delete())
    assert [actor for _, actor, _ in await told(ada)] == ["ada", f"User:{boss.id}", "ada"]
    assert [actor for _, actor, _ in await told(boss)] == [""]
    with pytest.raises(ValueError, match="never saved"), acting_as(User(name="Nobody")):
        pass


async def test_a_soft_delete_is_an_update_and_a_purge_a_delete() -> None:
    page = await Page.create(title="Plugins")
    with frozen(START):
        await page.delete()
    await restore(page)
    await Page.find().delete()
    await page.delete(skip_hooks=["softdelete"])
    entries = await history(page)
    assert [entry.operation for entry in entries] == ["insert", *3 * ["update"], "delete"]
    assert (await told(page))[1][2] == {"deleted_at": (None, START)}


async def test_what_follows_from_a_delete_is_logged_too() -> None:
    ada = await User.create(name="Ada")
    written = await Page.create(title="Written", author=ada)
    edited = await Page.create(title="Edited", editor=ada)
    await ada.delete()
    assert list((await told(written))[1][2]) == ["deleted_at"]
    assert (await told(edited))[1][2] == {"editor": (ada.id, None)}


async def test_a_failure_leaves_neither_write_nor_entry() -> None:
    await User.create(name="Ada", email="a@example.org")
    bob = User(name="Bob", email="a@example.org")
    with pytest.raises(DuplicateKeyError):
        await bob.save()
    with pytest.raises(DuplicateKeyError):
        await User.insert_many([User(name="C", email="c@example.org"), bob])
    assert len(await history(User)) == 1
    assert await User.find().count() == 1
    bob.email = "b@example.org"
    await bob.save()
    assert [entry.operation for entry in await history(bob)] == ["insert"]


async def test_a_transaction_has_one_entry_for_each_write_or_none(database: Database) -> None:
    ada = await User.create(name="Ada")
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # a block inside
        async with database.transaction():
            ada.age = 1
            await ada.save()
            assert len(await history(ada)) == 2
            1 / 0  # noqa: B018  # the fault
    assert len(await history(ada)) == 1
    async with database.transaction():
        ada.age = 2
        await ada.save()
        await User.find().update({"$inc": {"age": 1}})
    assert [changes.get("age") for _, _, changes in (await told(ada))[1:]] == [(0, 2), (2, 3)]


async def test_writers_at_once_have_their_entries_in_order() -> None:
    ada = await User.create(name="Ada")
    copies = [await User.get(ada.id) for _ in range(10)]

    async def add(copy: User, number: int) -> None:
        copy.age = number
        await copy.save()

    await asyncio.gather(*(add(copy, number) for number, copy in enumerate(copies, 1)))
    entries = await history(ada)
    assert [entry.version for entry in entries] == list(range(1, 12))
    age = 0
    for _, _, changes in (await told(ada))[1:]:
        before, after = changes["age"]
        assert before == age
        age = after
    assert (await ada.reload()).age == age


async def test_the_options_say_what_is_logged_where_and_how_long(database: Database) -> None:
    with frozen(START):
        counter = await Counter.create(name="home")
    counter.hits = 1
    await counter.save()
    counter.name = "start"
    await counter.save()
    assert await told(counter) == [
        ("insert", "", {"name": (None, "home"), "token": (None, "***")}),
        ("update", "", {"name": ("home", "start")}),
    ]
    first = (await history(counter))[0]
    assert first.expires_at == START + 30 * DAY
    assert await database.store.count("audit", {}) == 0
    expiring = [i for i in await database.store.indexes("counted") if i.expire_after is not None]
    assert [index.fields for index in expiring] == [(("expires_at", 1),)]
    # what the log leaves out, a restore leaves alone
    await restore_version(counter, 1)
    assert (counter.name, counter.hits) == ("home", 1)


async def test_wrong_options_are_refused_at_the_class_line() -> None:
    with pytest.raises(ModelDefinitionError, match="names 'nmae', which is no field"):

        class Misspelt(BaseModel, registry=home):
            name = StringField()

            class Meta:
                plugins = ["audit"]
                plugin_options = {"audit": {"only": ["nmae"]}}

    with pytest.raises(PluginOptionsError, match="plugin_options.audit.keep_days"):

        class Misread(BaseModel, registry=home):
            class Meta:
                plugins = ["audit"]
                plugin_options = {"audit": {"keep_days": 0}}


async def test_a_child_class_is_in_the_history_of_its_base() -> None:
    cat, dog = await Animal.create(name="Cat"), await Dog.create(name="Rex", chip="0815")
    await Animal.find().update({"$set": {"name": "X"}})
    assert len(await history(Animal)) == 4
    assert [entry.document_id for entry in await history(Dog)] == [dog.id, dog.id]
    assert (await told(dog))[0][2]["chip"] == (None, "***")
    assert (await told(cat))[1:] == [("update", "", {"name": ("Cat", "X")})]
    await restore_version(dog, 1)
    assert (dog.name, dog.chip) == ("Rex", "0815")


async def test_a_version_comes_back_by_number_entry_and_moment() -> None:
    with frozen(START):
        ada = await User.create(name="One", patience=timedelta(seconds=3))
    with frozen(START + DAY):
        ada.name, ada.patience = "Two", timedelta(seconds=5)
        await ada.save()
    first, _ = await history(ada)

    assert await restore_version(ada, 1) is ada
    assert (ada.name, ada.patience) == ("One", timedelta(seconds=3))
    await restore_version(ada, 2)
    assert ada.name == "Two"
    await restore_version(ada, first)
    assert ada.name == "One"
    await restore_version(ada, START + DAY + timedelta(hours=1))
    assert (ada.name, ada.patience) == ("Two", timedelta(seconds=5))
    assert (await history(ada))[-1].version == 6
    assert (await version_of(ada, 1))["name"] == "One"


async def test_a_deleted_document_comes_back_with_all_that_plugins_brought() -> None:
    with frozen(START):
        page = await Page.create(title="Gone")
        await Page.find().update({"$set": {"extra": 7}}, each=True)
    with frozen(START + DAY):
        await page.delete()
        await page.delete(skip_hooks=["softdelete"])
    entries = await history(Page)
    back: Any = await restore_version(Page, entries[2])
    assert back.id == page.id
    assert back.created_at == START
    assert back.deleted_at == START + DAY
    assert back.extra == 7
    assert await with_deleted(Page.find()).count() == 1
    again: Any = await restore_version(page, entries[0])
    assert again.deleted_at is None


async def test_a_deleted_document_that_needs_a_secret_does_not_come_back() -> None:
    dog = await Dog.create(name="Rex", chip="0815")
    await dog.delete()
    with pytest.raises((ValidationError, LookupError, ValueError), match="chip"):
        await restore_version(dog, 1)
    assert await Animal.find().count() == 0


async def test_a_version_that_the_log_does_not_have_is_an_error() -> None:
    with frozen(START):
        ada = await User.create(name="Ada")
    for version in (0, 2):
        with pytest.raises(UnknownVersionError, match=f"no version {version} "):
            await restore_version(ada, version)
    with pytest.raises(UnknownVersionError, match="no entry up to"):
        await restore_version(ada, START - DAY)
    await ada.delete()
    with pytest.raises(UnknownVersionError, match="no document in that version"):
        await restore_version(ada, 2)
    with pytest.raises(TypeError, match="give an instance, or an entry"):
        await restore_version(User, 1)
    other = await User.create(name="Bob")
    with pytest.raises(ValueError, match="of another document"):
        await restore_version(other, (await history(ada))[0])


async def test_old_entries_are_purged_and_the_newer_versions_stay() -> None:
    with frozen(START):
        ada = await User.create(name="One")
    for number, name in enumerate(("Two", "Three"), 1):
        ada.name = name
        with frozen(START + number * DAY):
            await ada.save()
    assert await purge_history(User, before=START + DAY) == 1
    await restore_version(ada, 2)
    assert ada.name == "Two"
    with pytest.raises(UnknownVersionError):
        await restore_version(ada, 0)


async def test_a_document_from_before_the_plugin_has_a_history_from_now_on(
    database: Database,
) -> None:
    found = await User.create(name="Old")
    await database.store.delete("audit", {})
    await User.find().update({"$set": {"name": "New"}})
    assert await told(found) == [("update", "", {"name": ("Old", "New")})]


async def test_the_history_is_a_query() -> None:
    ada = await User.create(name="Ada")
    await User.find().update({"$inc": {"age": 1}})
    aged = history(User).find({"changes.path": "age"})
    assert [entry.version for entry in await aged.find({"operation": "update"})] == [2]
    assert await history(ada).find(AuditEntry.version > 1).count() == 1


async def test_a_model_without_the_plugin_has_no_history() -> None:
    class Plain(BaseModel, registry=home):
        name = StringField()

    with pytest.raises(ValueError, match="does not enable the plugin 'audit'"):
        await history(Plain)


async def test_entries_lie_in_the_database_of_the_document(database: Database) -> None:
    async with connect("sqlite://", registry=ModelRegistry("a tenant")) as tenant:
        ada = User(name="Ada")
        await tenant.save(ada)
        assert await history(User).count() == 0
        with tenant.use():
            assert await history(ada).count() == 1


async def test_a_registry_has_entries_of_its_own() -> None:
    other = ModelRegistry("other")

    class Thing(BaseModel, registry=other):
        name = StringField()

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=other):
        thing = await Thing.create(name="a")
        assert type((await history(thing))[0]) is not type(
            (await history(await User.create(name="Ada")))[0]
        )
        assert await history(User).count() == 1
    assert [model.__name__ for model in other.get_all_models()] == ["Thing", "AuditEntry_audit"]
