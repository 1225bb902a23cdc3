"""What users ask a registry for, with the types that they may count on."""

from typing import assert_type

from earnorm import (
    BaseModel,
    ListField,
    Metadata,
    Model,
    ModelRegistry,
    ReferenceField,
    Relationship,
    StringField,
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
