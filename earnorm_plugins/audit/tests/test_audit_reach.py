"""How far the log reaches: registries, databases, bases and children, hooks that write, large writes."""

from datetime import timedelta
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    IntegerField,
    ModelRegistry,
    ReferenceField,
    StringField,
    connect,
    hookimpl,
    now,
)
from earnorm_audit import acting_as, history, purge_history, restore_version


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("far")


async def versions(target: Any) -> list[tuple[int, str]]:
    return [(entry.version, entry.operation) for entry in await history(target)]


async def test_a_registry_may_give_the_plugin_to_every_model_and_entries_have_no_entries() -> None:
    home = ModelRegistry("all", plugins=["audit"])

    class User(BaseModel, registry=home):
        name = StringField()

    async with connect("sqlite://", registry=home) as database:
        ada = await User.create(name="Ada")
        await User.find().update({"$set": {"name": "Ada L."}})
        assert await versions(ada) == [(1, "insert"), (2, "update")]
        assert await purge_history(User, before=now() + timedelta(days=1)) == 2
        await ada.delete()
        assert await database.store.count("audit", {}) == 1


async def test_old_entries_go_for_good_whatever_plugins_the_registry_gives() -> None:
    home = ModelRegistry("soft", plugins=["softdelete"])

    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home) as database:
        ada = await User.create(name="Ada")
        await ada.delete()
        assert await purge_history(User, before=now() + timedelta(days=1)) == 2
        assert await database.store.count("audit", {}) == 0


async def test_only_some_fields_are_logged_if_the_model_says_so(home: ModelRegistry) -> None:
    class Thing(BaseModel, registry=home):
        name = StringField(alias="n")
        size = IntegerField(default=0)

        class Meta:
            plugins = ["audit"]
            plugin_options = {"audit": {"only": ["name"]}}

    async with connect("sqlite://", registry=home):
        thing = await Thing.create(name="a")
        await Thing.find().update({"$inc": {"size": 1}})
        (entry,) = await history(thing)
        assert [(change.path, change.after) for change in entry.changes] == [("n", "a")]


async def test_an_abstract_base_gives_the_plugin_and_its_options(home: ModelRegistry) -> None:
    class Owned(BaseModel, registry=home):
        owner = StringField()

        class Meta:
            abstract = True
            plugins = ["audit"]
            plugin_options = {"audit": {"exclude": ["owner", "created_at", "updated_at"]}}

    class Cup(Owned, registry=home):
        size = IntegerField(default=1)

    class Jar(Owned, registry=home):
        size = IntegerField(default=2)

    async with connect("sqlite://", registry=home):
        cup, jar = await Cup.create(owner="Ada"), await Jar.create(owner="Ada")
        await Cup.find().update({"$set": {"owner": "Bob"}})
        for one, size in ((cup, 1), (jar, 2)):
            (entry,) = await history(type(one))
            assert entry.document_id == one.id
            assert [(change.path, change.after) for change in entry.changes] == [("size", size)]


async def test_a_child_may_be_logged_although_its_base_is_not(home: ModelRegistry) -> None:
    class Animal(BaseModel, registry=home):
        name = StringField()

    class Dog(Animal, registry=home):
        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home):
        dogs = [Dog(name="Rex"), Dog(name="Pug")]
        await Animal.insert_many([Animal(name="Cat"), *dogs])
        await Animal.find().update({"$set": {"name": "X"}})
        await Animal.find().delete()
        for dog in dogs:
            assert await versions(dog) == [(1, "insert"), (2, "update"), (3, "delete")]
        assert await history(Dog).count() == 6
        back = await restore_version(Dog, (await history(dogs[0]))[0])
        assert back.name == "Rex"


async def test_documents_of_other_programs_may_have_ids_of_another_type(
    home: ModelRegistry,
) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home) as database:
        await database.store.insert(
            "user", [{"_id": "ada", "name": "Ada"}, {"_id": 7, "name": "B"}]
        )
        await User.find().update({"$set": {"name": "X"}})
        await User.find().delete()
        entries = await history(User).find({"document_id": "ada"})
        assert [entry.operation for entry in entries] == ["update", "delete"]
        assert await history(User).count() == 4


async def test_what_a_delete_does_in_another_database_is_logged_there_or_undone(
    home: ModelRegistry,
) -> None:
    away = ModelRegistry("away")

    class Saboteur:
        is_on = True

        @hookimpl(wrapper=True)
        def after_delete(self) -> Any:
            if self.is_on:
                raise ZeroDivisionError
            yield

        after_update = after_delete

    saboteur = Saboteur()
    away.plugins.register("saboteur", saboteur)

    class User(BaseModel, registry=home):
        name = StringField()

    class Order(BaseModel, registry=away):
        by = ReferenceField(User, on_delete="cascade", required=False)
        seller = ReferenceField(User, on_delete="nullify", required=False)

        class Meta:
            plugins = ["saboteur", "audit"]

    home.register(Order)
    async with connect("sqlite://", registry=home), connect("sqlite://", registry=away):
        for field in ("by", "seller"):
            ada = await User.create(name="Ada")
            order = await Order.create(**{field: ada})
            saboteur.is_on = True
            with pytest.raises(ZeroDivisionError):
                await ada.delete()
            assert await versions(order) == [(1, "insert")]
            assert (await Order.get(order.id)).to_document()[field] == ada.id
            saboteur.is_on = False
            await ada.delete()
            assert len(await versions(order)) == 2


async def test_what_a_hook_saves_again_has_an_entry_of_its_own(home: ModelRegistry) -> None:
    @home.plugin("counter")
    class Counter:
        async def after_save(self, instance: Any) -> None:
            if instance.count < 2:
                instance.count += 1
                await instance.save()

    for plugins in (["audit", "counter"], ["counter", "audit"]):
        body = {"count": IntegerField(default=0), "Meta": type("Meta", (), {"plugins": plugins})}
        thing: Any = type(f"Thing{plugins[0]}", (BaseModel,), body, registry=home)
        async with connect("sqlite://", registry=home):
            one = await thing.create()
            told = [
                (change.before, change.after)
                for entry in await history(one)
                for change in entry.changes
                if change.path == "count"
            ]
            assert told == [(None, 0), (0, 1), (1, 2)]


async def test_a_failure_that_a_transaction_outlives_leaves_no_gap(
    home: ModelRegistry,
) -> None:
    @home.plugin("saboteur")
    class Saboteur:
        ignores_query_writes = True

        @hookimpl(wrapper=True)
        def after_save(self) -> Any:
            raise ZeroDivisionError
            yield

    class Thing(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["saboteur", "audit"]

    async with connect("sqlite://", registry=home) as database:
        with acting_as("later"):
            async with database.transaction():
                things = [Thing(name="a"), Thing(name="b")]
                for thing, actor in zip(things, ("ada", "bob"), strict=True):
                    with pytest.raises(ZeroDivisionError), acting_as(actor):
                        await thing.save()
                await Thing.find({"name": "a"}).update({"$set": {"name": "c"}})
        told = [
            (entry.operation, entry.actor, entry.changes[0].after)
            for thing in things
            for entry in await history(thing)
        ]
        assert told == [("insert", "ada", "c"), ("insert", "bob", "b")]


async def test_nobody_dates_an_entry_back(home: ModelRegistry) -> None:
    class Thing(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home):
        thing = await Thing.create(name="a")
        moment = now()
        for wrong in (moment - timedelta(days=1), moment + timedelta(days=1)):
            update = {"$set": {"updated_at": wrong}}
            await Thing.find().update(update, skip_hooks=["timestamp"])
            at = (await history(thing))[-1].at
            assert timedelta(0) <= at - moment < timedelta(minutes=1)


async def test_a_large_write_is_logged_whole(home: ModelRegistry) -> None:
    class Row(BaseModel, registry=home):
        number = IntegerField()

        class Meta:
            plugins = ["audit"]
            plugin_options = {"audit": {"only": ["number"]}}

    async with connect("sqlite://", registry=home) as database:
        await Row.insert_many([Row(number=number) for number in range(1_100)])
        await Row.find().update({"$inc": {"number": 1}})
        await Row.find().delete()
        by = {"version": "$version", "operation": "$operation"}
        counted = await history(Row).aggregate([{"$group": {"_id": by, "count": {"$sum": 1}}}])
        assert {(tuple(one["_id"].values()), one["count"]) for one in counted} == {
            ((1, "insert"), 1_100),
            ((2, "update"), 1_100),
            ((3, "delete"), 1_100),
        }
        assert await database.store.count("row", {}) == 0
