"""Models that inherit one another, through the store."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    Database,
    DocumentError,
    DocumentNotFoundError,
    DuplicateKeyError,
    HookBypassError,
    IntegerField,
    ModelRegistry,
    PluginNotEnabledError,
    ReferenceField,
    StringField,
    UniqueValidator,
    UpdateError,
    ValidationError,
    connect,
)


class Zoo:
    """A tree of models on a registry of its own."""

    def __init__(self, home: ModelRegistry) -> None:
        class Animal(BaseModel, registry=home):
            name = StringField()

            class Meta:
                indexes = [{"fields": ["name"], "unique": True}]
                validators = [UniqueValidator("name")]

        class Dog(Animal):
            breed = StringField(default="mutt", alias="b")

        class Puppy(Dog):
            weeks = IntegerField(default=1)

        class Cat(Animal):
            lives = IntegerField(default=9)

        class Visit(BaseModel, registry=home):
            patient = ReferenceField(Animal)

        self.home = home
        self.Animal, self.Dog, self.Puppy, self.Cat, self.Visit = Animal, Dog, Puppy, Cat, Visit

    async def fill(self) -> None:
        await self.Animal.insert_many(
            [
                self.Animal(name="Ant"),
                self.Cat(name="Tom"),
                self.Dog(name="Rex", breed="boxer"),
                self.Puppy(name="Bo", breed="pug"),
            ]
        )


@pytest.fixture
def zoo(home: ModelRegistry) -> Zoo:
    return Zoo(home)


@pytest.fixture
async def database(zoo: Zoo) -> AsyncIterator[Database]:
    async with connect("sqlite://", registry=zoo.home) as opened:
        await zoo.fill()
        yield opened


async def raw(database: Database, collection: str = "animal") -> list[dict[str, Any]]:
    found = database.store.find(collection, {}, sort=[("name", 1)])
    return [document async for batch in found for document in batch]


async def names(query: Any) -> list[str]:
    return sorted([one.name async for one in query])


async def test_finding_gives_a_model_and_its_children_each_as_its_class(
    zoo: Zoo, database: Database
) -> None:
    found = await zoo.Animal.find().sort("name")
    assert [(type(one), one.name) for one in found] == [
        (zoo.Animal, "Ant"),
        (zoo.Puppy, "Bo"),
        (zoo.Dog, "Rex"),
        (zoo.Cat, "Tom"),
    ]
    assert await names(zoo.Dog.find()) == ["Bo", "Rex"]
    assert await names(zoo.Puppy.find()) == ["Bo"]
    assert await names(zoo.Cat.find()) == ["Tom"]
    assert [document.get("_type") for document in await raw(database)] == [
        None,
        "Puppy",
        "Dog",
        "Cat",
    ]


async def test_every_way_to_ask_keeps_to_the_model_and_its_children(
    zoo: Zoo, database: Database
) -> None:
    tom = await zoo.Cat.find().first()
    assert tom is not None
    assert await zoo.Dog.find().count() == 2
    assert not await zoo.Dog.find({"name": "Tom"}).exists()
    assert await zoo.Dog.find({"name": "Tom"}).first() is None
    assert (await zoo.Animal.get(tom.id)) == tom
    with pytest.raises(DocumentNotFoundError):
        await zoo.Dog.get(tom.id)
    assert await zoo.Dog.find().update({"$set": {"breed": "poodle"}}) == 2
    assert await zoo.Animal.find({"breed": "poodle"}).count() == 2
    assert await zoo.Puppy.find().delete() == 1
    assert await names(zoo.Animal.find()) == ["Ant", "Rex", "Tom"]
    assert await zoo.Animal.find().delete() == 3


async def test_what_was_loaded_through_the_root_is_saved_reloaded_and_deleted_as_what_it_is(
    zoo: Zoo, database: Database
) -> None:
    rex = await zoo.Animal.find({"name": "Rex"}).first()
    assert isinstance(rex, zoo.Dog)
    rex.breed = "beagle"
    await rex.save()
    await rex.reload()
    assert rex.breed == "beagle"
    (stored,) = [one for one in await raw(database) if one["name"] == "Rex"]
    assert (stored["_type"], stored["b"]) == ("Dog", "beagle")
    assert await rex.delete()
    assert await zoo.Dog.find().count() == 1


async def test_a_child_that_is_defined_after_queries_ran_is_found(
    zoo: Zoo, database: Database
) -> None:
    assert await zoo.Cat.find().count() == 1
    await database.store.insert(
        "animal", [{"_id": ObjectId(), "name": "Leo", "_type": "Lion", "lives": 1}]
    )
    with pytest.raises(DocumentError, match="names no class that inherits"):
        await zoo.Animal.find()
    assert await zoo.Animal.find().count() == 5
    assert await zoo.Cat.find().count() == 1

    class Lion(zoo.Cat):  # type: ignore[name-defined,misc] # a class that a fixture makes
        pass

    assert await names(zoo.Cat.find()) == ["Leo", "Tom"]
    assert type(await zoo.Animal.find({"name": "Leo"}).first()) is Lion


async def test_documents_from_before_the_first_child_are_the_roots(home: ModelRegistry) -> None:
    class Plant(BaseModel, registry=home):
        name = StringField()

    async with connect("sqlite://", registry=home) as database:
        await Plant.create(name="Fern")

        class Tree(Plant):
            height = IntegerField(default=1)

        await Tree.create(name="Oak")
        assert [type(one) for one in await Plant.find().sort("name")] == [Plant, Tree]
        assert await names(Plant.find({"_type": None})) == ["Fern"]
        assert await names(Plant.find({"_type": {"$ne": "Tree"}})) == ["Fern"]
        assert await names(Plant.find({"_type": {"$in": ["Tree"]}})) == ["Oak"]
        assert "_type" not in (await raw(database, "plant"))[0]


async def test_filters_and_sorts_of_the_root_may_name_fields_of_children(
    zoo: Zoo, database: Database
) -> None:
    assert await names(zoo.Animal.find(zoo.Dog.breed == "pug")) == ["Bo"]
    assert await names(zoo.Animal.find({"breed": "pug"})) == ["Bo"]
    assert await names(zoo.Animal.find({"$or": [{"breed": "pug"}, {"lives": 9}]})) == ["Bo", "Tom"]
    found = await zoo.Animal.find({"breed": {"$exists": True}}).sort("-breed")
    assert [one.name for one in found] == ["Bo", "Rex"]


async def test_a_query_update_of_the_root_changes_all_and_no_field_of_a_child(
    zoo: Zoo, database: Database
) -> None:
    assert await zoo.Animal.find({"name": "Tom"}).update({"$set": {"name": "Kit"}}) == 1
    for name in ("breed", "b"):
        with pytest.raises(UpdateError) as caught:
            await zoo.Animal.find().update({"$set": {name: "pug"}})
        assert "has no field" in str(caught.value)
        assert "Dog.find(...).update(...)" in str(caught.value)
    with pytest.raises(UpdateError, match="its child"):
        await zoo.Animal.find().update({"$set": {"lives": 1}}, each=True)
    assert await zoo.Animal.find().update({"$set": {"chip": 7}}) == 4


async def test_the_discriminator_changes_only_where_each_instance_is_checked(
    zoo: Zoo, database: Database
) -> None:
    for update in ({"$set": {"_type": "Cat"}}, {"$unset": {"_type": ""}}):
        with pytest.raises(UpdateError, match="Pass each=True"):
            await zoo.Animal.find().update(update)
    await zoo.Animal.find({"name": "Rex"}).update({"$set": {"_type": "Puppy"}}, each=True)
    assert type(await zoo.Animal.find({"name": "Rex"}).first()) is zoo.Puppy
    with pytest.raises(ValidationError, match="names no class"):
        await zoo.Animal.find({"name": "Tom"}).update({"$set": {"_type": "Dodo"}}, each=True)
    assert await zoo.Cat.find().count() == 1


async def test_an_update_is_checked_as_each_child_declares_the_field(home: ModelRegistry) -> None:
    class Plant(BaseModel, registry=home):
        name = StringField()

    class Moss(Plant):
        name = StringField(max_length=4)

    async with connect("sqlite://", registry=home):
        await Plant.insert_many([Plant(name="Fern"), Moss(name="Moss")])
        with pytest.raises(ValidationError, match="at most 4"):
            await Plant.find().update({"$set": {"name": "Sphagnum"}})
        assert await names(Plant.find()) == ["Fern", "Moss"]
        assert await Plant.find().update({"$set": {"name": "Any"}}) == 2
        assert await names(Plant.find()) == ["Any", "Any"]


async def test_a_unique_value_of_the_root_is_looked_for_in_the_whole_tree(
    zoo: Zoo, database: Database
) -> None:
    with pytest.raises(DuplicateKeyError) as caught:
        await zoo.Puppy.create(name="Tom")
    assert caught.value.index is None
    with pytest.raises(DuplicateKeyError) as caught:
        await zoo.Animal.insert_many([zoo.Dog(name="Ida"), zoo.Cat(name="Ida")])
    assert [fault.path for fault in caught.value.errors] == ["1.name"]


async def test_a_unique_value_of_a_child_is_its_own(home: ModelRegistry) -> None:
    class Plant(BaseModel, registry=home):
        name = StringField()

    class Tree(Plant):
        number = IntegerField()

        class Meta:
            indexes = [{"fields": ["number"], "unique": True}]
            validators = [UniqueValidator("number")]

    class Oak(Tree):
        pass

    class Moss(Plant):
        number = IntegerField()

    async with connect("sqlite://", registry=home) as database:
        await Plant.insert_many([Moss(name="a", number=1), Moss(name="b", number=1)])
        await Plant.insert_many([Plant(name="c"), Plant(name="d"), Tree(name="e", number=1)])
        with pytest.raises(DuplicateKeyError) as caught:
            await Oak.create(name="f", number=1)
        assert caught.value.index is None
        with pytest.raises(DuplicateKeyError) as caught:
            await Plant.insert_many(
                [Tree(name="g", number=2), Moss(name="h", number=2), Oak(name="i", number=2)]
            )
        assert [fault.path for fault in caught.value.errors] == ["2.number"]
        assert {index.name for index in await database.store.indexes("plant")} == {
            "number_1_Tree",
            "number_1_Oak",
        }


async def test_the_unique_index_of_a_child_names_the_field(home: ModelRegistry) -> None:
    class Plant(BaseModel, registry=home):
        name = StringField()

    class Tree(Plant):
        number = IntegerField(alias="n")

        class Meta:
            indexes = [{"fields": ["number"], "unique": True}]

    async with connect("sqlite://", registry=home):
        await Tree.create(name="e", number=1)
        with pytest.raises(DuplicateKeyError) as caught:
            await Plant.insert_many([Plant(name="x"), Tree(name="f", number=1)])
        assert [fault.path for fault in caught.value.errors] == ["1.number"]
        assert caught.value.index == "n_1_Tree"


async def test_a_batch_is_of_one_tree(zoo: Zoo, database: Database) -> None:
    class Plant(BaseModel, registry=zoo.home):
        name = StringField()

    with pytest.raises(ValidationError, match="0: is no instance of Dog"):
        await zoo.Dog.insert_many([zoo.Cat(name="Kit"), zoo.Dog(name="Ida")])  # type: ignore[list-item] # on purpose
    with pytest.raises(ValidationError, match="1: is no instance of Animal"):
        await database.insert_many([zoo.Dog(name="Ida"), Plant(name="Fern")])
    await database.insert_many([zoo.Dog(name="Ida"), zoo.Cat(name="Kit")])
    assert await zoo.Animal.find().count() == 6


async def test_a_reference_to_the_root_fetches_a_child(zoo: Zoo, database: Database) -> None:
    bo = await zoo.Puppy.find().first()
    visit = await zoo.Visit.create(patient=bo)
    fetched = await (await zoo.Visit.get(visit.id)).patient.fetch()
    assert type(fetched) is zoo.Puppy
    assert fetched == bo


class Plugged:
    """A tree whose child has more plugins than its root."""

    def __init__(self, home: ModelRegistry) -> None:
        self.calls: list[str] = []
        calls = self.calls

        @home.plugin("shy")
        class Shy:
            def narrow_query(self, model: type) -> dict[str, Any]:
                return {"shy": None}

        @home.plugin("twin")
        class Twin:
            def before_save(self, instance: Any) -> None:
                calls.append(f"save {instance.name}")

            def before_update(self, model: Any, filter: Any, update: Any) -> None:
                calls.append(f"update {model.__name__}")
                update.setdefault("$set", {})["touched"] = True

            def before_delete(self, model: Any, filter: Any) -> None:
                calls.append(f"delete {model.__name__}")

        @home.plugin("lone")
        class Lone:
            def before_save(self, instance: Any) -> None:
                calls.append(f"lone {instance.name}")

        class Base(BaseModel, registry=home):
            name = StringField()

        class Hidden(Base):
            shy = StringField(required=False)

            class Meta:
                plugins = ["shy"]

        class Watched(Base):
            class Meta:
                plugins = ["twin"]

        class Lonely(Base):
            class Meta:
                plugins = ["lone"]

        self.Base, self.Hidden, self.Watched, self.Lonely = Base, Hidden, Watched, Lonely

    async def fill(self) -> None:
        instances = [
            self.Base(name="base"),
            self.Hidden(name="seen"),
            self.Hidden(name="hidden", shy="yes"),
            self.Watched(name="watched"),
            self.Lonely(name="lonely"),
        ]
        await self.Base.insert_many(instances)


async def test_a_batch_runs_the_hooks_of_each_class(home: ModelRegistry) -> None:
    tree = Plugged(home)
    async with connect("sqlite://", registry=home):
        await tree.fill()
    assert tree.calls == ["save watched", "lone lonely"]


async def test_what_a_childs_plugin_hides_is_hidden_from_the_base(home: ModelRegistry) -> None:
    tree = Plugged(home)
    async with connect("sqlite://", registry=home):
        await tree.fill()
        assert await names(tree.Base.find()) == ["base", "lonely", "seen", "watched"]
        assert await names(tree.Base.find().widen("shy")) == [
            "base",
            "hidden",
            "lonely",
            "seen",
            "watched",
        ]
        assert await tree.Base.find().count() == 4
        with pytest.raises(PluginNotEnabledError, match="Did you mean 'shy'"):
            await tree.Base.find().widen("shyy")
        hidden = await tree.Base.find({"name": "hidden"}).widen("shy").first()
        assert hidden is not None
        with pytest.raises(DocumentNotFoundError, match="'shy'"):
            await tree.Base.get(hidden.id)
        assert await hidden.delete()


async def test_a_query_write_of_the_base_passes_no_hook_of_a_child(home: ModelRegistry) -> None:
    tree = Plugged(home)
    async with connect("sqlite://", registry=home) as database:
        await tree.fill()
        del tree.calls[:]
        with pytest.raises(HookBypassError, match="'lone' implements before_save"):
            await tree.Base.find().update({"$set": {"name": "x"}})
        assert tree.calls == []
        changed = await tree.Base.find().update({"$set": {"seen": 1}}, skip_hooks=["lone"])
        assert (changed, tree.calls) == (4, ["update Watched"])
        stored = await raw(database, "base")
        assert [(one["name"], one.get("seen"), one.get("touched")) for one in stored] == [
            ("base", 1, None),
            ("hidden", None, None),
            ("lonely", 1, None),
            ("seen", 1, None),
            ("watched", 1, True),
        ]
        del tree.calls[:]
        assert await tree.Base.find().update({"$set": {"seen": 2}}, each=True) == 4
        assert sorted(tree.calls) == ["lone lonely", "save watched"]
        del tree.calls[:]
        assert await tree.Base.find().delete() == 4
        assert tree.calls == ["delete Watched"]
        assert [one["name"] for one in await raw(database, "base")] == ["hidden"]
        with pytest.raises(PluginNotEnabledError):
            await tree.Base.find().delete(skip_hooks=["nobody"])


async def test_a_soft_deleted_child_is_gone_for_the_base_too(home: ModelRegistry) -> None:
    class Base(BaseModel, registry=home):
        name = StringField()

    class Kept(Base):
        class Meta:
            plugins = ["softdelete"]

    async with connect("sqlite://", registry=home) as database:
        await Base.insert_many([Base(name="a"), Kept(name="b"), Kept(name="c")])
        assert await Base.find({"name": {"$in": ["a", "b"]}}).delete() == 2
        assert await names(Base.find()) == ["c"]
        assert await names(Base.find().widen("softdelete")) == ["b", "c"]
        assert await Base.find().delete(skip_hooks=["softdelete"]) == 1
        assert [one["name"] for one in await raw(database, "base")] == ["b"]


async def test_filters_cannot_smuggle_a_foreign_class_into_a_child(
    zoo: Zoo, database: Database
) -> None:
    for filter in (
        {"_type": "Cat"},
        {"_type": {"$exists": True}, "name": "Tom"},
        {"$or": [{"_type": "Cat"}, {"name": "Tom"}]},
    ):
        assert await zoo.Dog.find(filter).count() == 0
        assert await zoo.Dog.find(filter).delete() == 0
    assert await zoo.Animal.find().count() == 4
