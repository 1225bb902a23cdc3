"""What users ask a registry for, with the types that they may count on."""

from typing import assert_type

from earnorm import (
    AsyncSubscription,
    BaseModel,
    ListField,
    Metadata,
    Model,
    ModelChanged,
    ModelRegistered,
    ModelRegistry,
    ReferenceField,
    RegistryEvent,
    Relationship,
    StringField,
    Subscription,
    registry,
)

other = ModelRegistry()


class User(BaseModel):
    name = StringField()


class Order(BaseModel):
    user = ReferenceField(User)
    items = ListField(ReferenceField("Product"))


def registries() -> None:
    assert_type(registry.get_model("User"), type[Model])
    assert_type(registry.get_all_models(), list[type[Model]])
    assert_type(registry.get_metadata(User), Metadata)
    assert_type(registry.get_relationships(Order), list[Relationship])
    assert_type(registry.get_dependents(User), list[type[Model]])
    assert_type(other.register(User), type[User])
    other.register_many([User, Order])


async def a_model_of_a_registry() -> None:
    model = registry.get_model("User")
    found = await model.find({"name": "Ada"})
    assert_type(found, list[Model])
    await model(name="Ada").save()


def note(event: ModelRegistered) -> None:
    assert_type(event.model, str)


async def pass_on(event: RegistryEvent) -> None:
    assert_type(event.model, str | None)


def events() -> None:
    assert_type(registry.events(), list[RegistryEvent])
    assert_type(registry.events(kinds=ModelRegistered), list[ModelRegistered])
    assert_type(registry.events(3, kinds=(ModelRegistered, ModelChanged)), list[RegistryEvent])
    assert_type(registry.subscribe(note, kinds=ModelRegistered, since=0), Subscription)
    assert_type(registry.subscribe(pass_on), AsyncSubscription)
    assert_type(
        registry.subscribe(pass_on, kinds=(ModelRegistered, ModelChanged)), AsyncSubscription
    )
