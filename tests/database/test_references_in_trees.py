"""References to and from models that inherit one another."""

from collections import Counter
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DeleteRestrictedError,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    ReferenceField,
    ReverseReference,
    StringField,
    UnknownReferenceError,
)


class Zoo:
    """Animals that refer to keepers, and visits that refer to animals."""

    def __init__(self, home: ModelRegistry, *, visit: str = "none", walk: str = "none") -> None:
        rule: Any = {"visit": visit, "walk": walk}

        class Keeper(BaseModel, registry=home):
            pass

        class Animal(BaseModel, registry=home):
            name = StringField()
            keeper = ReferenceField(Keeper, required=False, on_delete="cascade")
            visits = ReverseReference("Visit", "patient")

        class Dog(Animal):
            friend = ReferenceField("Cat", required=False, on_delete="nullify")
            walks = ReverseReference("Walk", "dog")

        class Cat(Animal):
            class Meta:
                plugins = ["softdelete"]

        class Visit(BaseModel, registry=home):
            patient = ReferenceField(Animal, on_delete=rule["visit"])

        class Walk(BaseModel, registry=home):
            dog = ReferenceField(Dog, on_delete=rule["walk"])
            others = ListField(ReferenceField(Animal, on_delete="nullify"))

        self.Keeper: Any = Keeper
        self.Animal: Any = Animal
        self.Dog: Any = Dog
        self.Cat: Any = Cat
        self.Visit: Any = Visit
        self.Walk: Any = Walk


async def test_a_reference_to_a_base_loads_its_children(home: ModelRegistry, counted: Any) -> None:
    zoo = Zoo(home)
    tom = await zoo.Cat.create(name="Tom")
    rex = await zoo.Dog.create(name="Rex", friend=tom)
    await zoo.Visit.insert_many([zoo.Visit(patient=one) for one in (tom, rex, rex)])
    counted.forget()
    visits = await zoo.Visit.find().prefetch("patient.friend", "patient.visits")
    assert Counter(counted.finds) == {"visit": 2, "animal": 2}
    assert {type(one.patient.loaded) for one in visits} == {zoo.Cat, zoo.Dog}
    dog = next(one.patient.loaded for one in visits if one.patient.id == rex.id)
    assert dog.friend.loaded.name == "Tom"
    assert len(dog.visits.loaded) == 2
    with pytest.raises(UnknownReferenceError, match="friend"):
        zoo.Cat.find().prefetch("friend")


async def test_the_way_back_leads_to_children_as_to_bases(
    home: ModelRegistry, counted: Any
) -> None:
    zoo = Zoo(home)
    rex = await zoo.Dog.create(name="Rex")
    await zoo.Visit.create(patient=rex)
    await zoo.Walk.create(dog=rex)
    assert (await rex.visits.count(), await rex.walks.count()) == (1, 1)
    animal: Any
    (animal,) = await zoo.Animal.find().prefetch("walks", "visits")
    assert (len(animal.walks.loaded), len(animal.visits.loaded)) == (1, 1)


async def test_rules_to_a_base_and_to_a_child_hold_for_a_child_and_for_a_query_of_the_base(
    home: ModelRegistry, counted: Any
) -> None:
    zoo = Zoo(home, visit="restrict", walk="restrict")
    rex, bo = await zoo.Dog.insert_many([zoo.Dog(name="Rex"), zoo.Dog(name="Bo")])
    visit = await zoo.Visit.create(patient=rex)
    walk = await zoo.Walk.create(dog=bo, others=[rex, bo])
    for blocked in (rex, bo):
        with pytest.raises(DeleteRestrictedError):
            await blocked.delete()
    with pytest.raises(DeleteRestrictedError):
        await zoo.Animal.find().delete()
    assert await zoo.Animal.find().count() == 2
    await visit.delete()
    assert await rex.delete()
    await walk.reload()
    assert [one.id for one in walk.others] == [bo.id]
    await walk.delete()
    assert await zoo.Animal.find().delete() == 1


async def test_each_child_among_the_dependents_is_deleted_its_own_way(
    home: ModelRegistry, counted: Any
) -> None:
    zoo = Zoo(home, visit="cascade")
    keeper = await zoo.Keeper.create()
    tom = await zoo.Cat.create(name="Tom", keeper=keeper)
    rex = await zoo.Dog.create(name="Rex", keeper=keeper)
    ant = await zoo.Animal.create(name="Ant", keeper=keeper)
    await zoo.Visit.insert_many([zoo.Visit(patient=one) for one in (tom, rex, ant)])
    assert await keeper.delete()
    left: Any
    (left,) = await zoo.Animal.find().widen("softdelete")
    assert left.id == tom.id
    assert left.deleted_at is not None
    assert [one.patient.id for one in await zoo.Visit.find()] == [tom.id]


async def test_a_query_over_a_base_keeps_the_rules_of_every_part_before_it_deletes_any(
    home: ModelRegistry, counted: Any
) -> None:
    @home.plugin("quiet")
    class Quiet:
        def after_delete(self, model: Any, filter: Any, deleted: int) -> None:
            pass

    class Thing(BaseModel, registry=home):
        pass

    class Special(Thing):
        class Meta:
            plugins = ["quiet"]

    class Link(BaseModel, registry=home):
        to = ReferenceField(Special, on_delete="restrict")

    await Thing.create()
    link = await Link.create(to=await Special.create())
    with pytest.raises(DeleteRestrictedError):
        await Thing.find().delete()
    assert await Thing.find().count() == 2
    await link.delete()
    assert await Thing.find().delete() == 2


def test_a_child_does_not_redeclare_a_reference_with_another_rule(home: ModelRegistry) -> None:
    class Keeper(BaseModel, registry=home):
        pass

    class Animal(BaseModel, registry=home):
        keeper = ReferenceField(Keeper, required=False, on_delete="nullify")

    with pytest.raises(ModelDefinitionError, match="'keeper' with on_delete='none'.*'nullify'"):

        class Dog(Animal):
            keeper = ReferenceField(Keeper, required=False, on_delete="none")
