"""Models that inherit one another, validators and secrets, with the types that users may count on."""

from typing import assert_type

from earnorm import (
    SECRET,
    BaseModel,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    Explanation,
    IntegerField,
    ListField,
    Query,
    Reference,
    ReferenceField,
    StringField,
    ValidationError,
    registry,
    validates,
)


class Animal(BaseModel):
    name = StringField()
    age = IntegerField(default=1)

    class Meta:
        discriminator = "animal"
        strict = True


class Dog(Animal):
    breed = StringField()

    class Meta(Animal.Meta):
        collection = "animal"

    @validates("name", "breed")
    def check_names(self) -> None:
        if self.name == self.breed:
            raise ValueError("has the name of its breed")


class Puppy(Dog):
    weeks = IntegerField()

    def check_names(self) -> None:
        super().check_names()


class Chip(EmbeddedModel):
    number = IntegerField(secret=True)

    @validates("number")
    def check_number(self) -> None: ...


class Owner(BaseModel):
    email = EmailField(secret=True, required=False)
    pets = ListField(ReferenceField(Animal, secret=True))
    chip = EmbeddedField(Chip, secret=True)


async def finding() -> None:
    await assert_type(Animal.find(), Query[Animal])
    await assert_type(Dog.find(Animal.name == "Rex"), Query[Dog])
    assert_type(await Animal.find(Dog.breed == "pug"), list[Animal])
    assert_type(await Animal.find().first(), Animal | None)
    assert_type(await Puppy.create(name="Bo", breed="pug", weeks=7), Puppy)
    for animal in await Animal.find():
        if isinstance(animal, Dog):
            assert_type(animal.breed, str)
    assert_type(await Animal.insert_many([Dog(), Puppy(), Animal()]), list[Animal])


async def fields(owner: Owner, puppy: Puppy) -> None:
    assert_type(owner.email, str | None)
    assert_type(owner.pets, list[Reference[Animal]])
    assert_type(owner.chip.number, int)
    assert_type(await owner.pets[0].fetch(), Animal)
    assert_type(puppy.name, str)
    assert_type(puppy.check_names(), None)


def explaining(error: ValidationError) -> None:
    assert_type(registry.explain(Puppy, "plugins"), Explanation)
    assert_type(
        [origin.where for origin in registry.explain("Dog", "strict").origins], list[str | None]
    )
    print(error.errors[0].input is SECRET)
