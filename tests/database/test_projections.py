"""Parts of documents, view classes, stored documents, and documents that are trusted."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    Database,
    DateTimeField,
    DictField,
    DocumentError,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    FilterError,
    IntegerField,
    ListField,
    ModelRegistry,
    ObjectIdField,
    Reference,
    ReferenceField,
    StringField,
    connect,
)


class Address(EmbeddedModel):
    city = StringField(alias="c")
    zip = StringField(default="0")


class Line(EmbeddedModel):
    sku = StringField(alias="s")
    quantity = IntegerField()


def define(home: ModelRegistry) -> Any:
    class User(BaseModel, registry=home):
        name = StringField(alias="n")
        age = IntegerField(required=False)
        address = EmbeddedField(Address, alias="to", required=False)
        lines = ListField(EmbeddedField(Line))
        boss = ReferenceField("User", required=False)
        notes = DictField(StringField())
        data = DictField()

    return User


async def with_ada(home: ModelRegistry) -> tuple[Any, Any]:
    user = define(home)
    ada = await user.create(
        name="Ada",
        age=36,
        address={"city": "London"},
        lines=[{"sku": "a", "quantity": 1}, {"sku": "b", "quantity": 2}],
        notes={"k": "v", "l": "w"},
        data={"x": {"y": [1]}},
    )
    return user, ada


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (lambda u: [u.name], {"name": "Ada"}),
        (lambda u: ["name", "age"], {"name": "Ada", "age": 36}),
        (lambda u: ["n"], {"n": "Ada"}),
        (lambda u: [u.address.city], {"address": {"city": "London"}}),
        (lambda u: ["to.c", "address.zip"], {"to": {"c": "London"}, "address": {"zip": "0"}}),
        (lambda u: [u.name, u.address], {"name": "Ada", "address": Address(city="London")}),
        (lambda u: ["address"], {"address": Address(city="London")}),
        (lambda u: ["address.city", "address"], {"address": Address(city="London")}),
        (lambda u: ["address", "address.city"], {"address": Address(city="London")}),
        (lambda u: [u.lines.each.sku], {"lines": [{"sku": "a"}, {"sku": "b"}]}),
        (lambda u: [u.lines], {"lines": [Line(sku="a", quantity=1), Line(sku="b", quantity=2)]}),
        (lambda u: [u.notes["k"]], {"notes": {"k": "v"}}),
        (lambda u: [u.notes["gone"]], {"notes": {}}),
        (lambda u: [u.data["x"]["y"]], {"data": {"x": {"y": [1]}}}),
        (lambda u: ["boss"], {"boss": None}),
        (lambda u: ["planet"], {}),
    ],
)
async def test_a_projection_gives_dictionaries_under_the_names_that_were_written(
    home: ModelRegistry, parts: Any, expected: dict[str, Any]
) -> None:
    async with connect("sqlite://", registry=home):
        user, _ = await with_ada(home)
        query = user.find().project(*parts(user))
        assert await query == [expected]
        assert await query.first() == expected
        assert [one async for one in query] == [expected]
        assert await query.count() == 1


async def test_values_are_those_of_instances(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        await user.create(name="Bob", boss=ada)
        bob = await user.find(user.name == "Bob").project(user.id, user.boss).first()
        assert isinstance(bob["boss"], Reference)
        assert (await bob["boss"].fetch()) == ada
        assert isinstance(bob["id"], ObjectId)


class Watched:
    """A store that remembers what it was asked for, and what it gave."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.given: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def find(self, *asked: Any, **how: Any) -> AsyncGenerator[list[Any], None]:
        async for documents in self._store.find(*asked, **how):
            self.given += documents
            yield documents


async def test_only_what_is_asked_for_leaves_the_store(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home) as database:
        user, ada = await with_ada(home)
        watched: Any = Watched(database.store)
        home.database = Database(watched, home)
        await user.find().project(user.name, user.lines.each.sku)
        assert watched.given == [{"_id": ada.id, "n": "Ada", "lines": [{"s": "a"}, {"s": "b"}]}]
        watched.given.clear()
        await user.find(user.id == ada.id).sort("age").project(user.name).page(1)
        assert watched.given == [{"_id": ada.id, "n": "Ada", "age": 36}]
        watched.given.clear()
        assert await user.find({"_id": ada.id}).project("age").first() == {"age": 36}
        assert watched.given == [{"_id": ada.id, "age": 36}]


async def test_a_missing_value_is_that_of_its_field(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home) as database:
        user, ada = await with_ada(home)
        await database.store.update("user", {}, {"$unset": {"age": 1, "to": 1, "lines": 1}})
        found = await user.find().project("age", "address.city", "lines.sku").first()
        assert found == {"age": None, "address": None, "lines": []}
        await database.store.update("user", {}, {"$set": {"to": {"c": "x"}, "n": 3}})
        assert await user.find().project("address.zip").first() == {"address": {"zip": "0"}}
        with pytest.raises(DocumentError, match=r"n: must be a string") as caught:
            await user.find().project("name")
        assert caught.value.document_id == ada.id
        await database.store.update("user", {}, {"$unset": {"n": 1}})
        with pytest.raises(DocumentError, match="n: is missing, and a value is required"):
            await user.find().project("name")
        assert await user.find().project("age").first() == {"age": None}


class Place(EmbeddedModel):
    city = StringField()


class Item(EmbeddedModel):
    sku = StringField(alias="number")


class Summary(EmbeddedModel):
    id = ObjectIdField()
    name = StringField()
    address = EmbeddedField(Place, alias="place", required=False)
    lines = ListField(EmbeddedField(Item))


class Whole(EmbeddedModel):
    address = EmbeddedField(Address, required=False)


async def test_a_view_has_some_of_the_fields_by_name(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home) as database:
        user, ada = await with_ada(home)
        assert await user.find().project(Summary) == [
            Summary(
                id=ada.id,
                name="Ada",
                address=Place(city="London"),
                lines=[Item(sku="a"), Item(sku="b")],
            )
        ]
        await database.store.update("user", {}, {"$set": {"to.planet": "Earth"}})
        whole = await user.find().project(Whole).first()
        assert whole.address.planet == "Earth"
        await database.store.update("user", {}, {"$set": {"to": None, "n": 3}})
        assert await user.find().project(Whole) == [Whole(address=None)]
        with pytest.raises(DocumentError, match=r"Summary: .*\n  name: must be a string") as caught:
            await user.find().project(Summary)
        assert caught.value.document_id == ada.id


class Misspelt(EmbeddedModel):
    nmae = StringField()


class Deep(EmbeddedModel):
    address = EmbeddedField(Misspelt)


class Flat(EmbeddedModel):
    address = StringField()


class Tall(EmbeddedModel):
    name = EmbeddedField(Place)


class Key(EmbeddedModel):
    word = StringField(secret=True)
    hint = StringField(default="")


class OpenKey(EmbeddedModel):
    word = StringField()


class Hint(EmbeddedModel):
    hint = StringField()


class Safe(BaseModel, registry=ModelRegistry("safes")):
    pin = StringField(secret=True)
    codes = ListField(StringField(), secret=True)
    key = EmbeddedField(Key)
    hidden = EmbeddedField(Hint, secret=True)
    keys = ListField(EmbeddedField(Key))
    by_name = DictField(EmbeddedField(Key))
    either = EmbeddedUnionField(Hint, Key, required=False)


def view(**fields: Any) -> Any:
    return type("View", (EmbeddedModel,), fields)


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (view(pin=StringField()), "pin is secret"),
        (view(pin=IntegerField()), "pin is secret"),
        (view(codes=ListField(StringField())), "codes is secret"),
        (view(key=EmbeddedField(OpenKey)), "key.word is secret"),
        (view(hidden=EmbeddedField(Hint)), "hidden is secret"),
        (view(keys=ListField(EmbeddedField(OpenKey))), "keys.word is secret"),
        (view(by_name=DictField(EmbeddedField(OpenKey))), "by_name holds a secret"),
        (view(by_name=DictField(EmbeddedField(Hint))), "by_name holds a secret"),
        (view(by_name=DictField()), "by_name holds a secret"),
        (view(either=EmbeddedField(OpenKey)), "either.word is secret"),
    ],
    ids=lambda it: str(it).replace(" ", "_"),
)
def test_a_view_that_would_show_a_secret_is_refused(wanted: Any, path: str) -> None:
    shown = path.partition(" ")[0]
    with pytest.raises(FilterError, match=rf"Safe.{path}, and View.{shown} would show it: declare"):
        _ = Safe.find().project(wanted)


async def test_a_view_that_hides_what_the_model_hides_is_taken() -> None:
    wanted = view(
        pin=StringField(secret=True),
        codes=ListField(StringField(secret=True)),
        key=EmbeddedField(Hint),
        hidden=EmbeddedField(Hint, secret=True),
        keys=ListField(EmbeddedField(Key)),
        by_name=DictField(EmbeddedField(Key)),
    )
    key = {"word": "hunter2", "hint": "h"}
    async with connect("sqlite://", registry=Safe.__registry__):
        await Safe.create(
            pin="hunter2",
            codes=["hunter2"],
            key=key,
            hidden={"hint": "hunter2"},
            keys=[key],
            by_name={"a": key},
        )
        (found,) = await Safe.find().project(wanted)
        assert found.pin == found.codes[0] == found.keys[0].word == "hunter2"
        assert found.key == Hint(hint="h")
        assert "hunter2" not in repr(found)


class Timed(BaseModel, registry=ModelRegistry("elsewhere")):
    at = DateTimeField(required=False)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "takes names or paths"),
        (["nmae"], "User has no 'nmae' to project. Did you mean 'name'?"),
        (["address.cty"], "User has no 'address.cty' to project. Did you mean 'city'?"),
        (["name.x"], "User has no 'name.x' to project"),
        (["lines.0.sku"], "names a position"),
        (["$where"], r"User has no '\$where'"),
        (["address.$"], r"User has no 'address.\$'"),
        ([""], "takes names of fields"),
        (["a..b"], "takes names of fields"),
        ([3], "takes names of fields"),
        ([None], "takes names of fields"),
        ([{"name": 1}], "takes names of fields"),
        ([["name"]], "takes names of fields"),
        ([Timed.at], "User has no 'at' to project"),
        (["name", Place], "takes names of fields"),
        ([int], "takes a subclass of EmbeddedModel for a view"),
        ([Timed], "takes a subclass of EmbeddedModel for a view"),
        ([Misspelt], "Misspelt has the field 'nmae', and .*User has not. Did you mean 'name'?"),
        ([Deep], "Deep has the field 'address.nmae', and .*User has not"),
        ([Flat], "only both, or none, can be embedded"),
        ([Tall], "only both, or none, can be embedded"),
    ],
    ids=str,
)
def test_a_projection_that_no_document_has_is_refused_at_once(
    home: ModelRegistry, parts: list[Any], message: str
) -> None:
    user = define(home)
    with pytest.raises(FilterError, match=message):
        user.find().project(*parts)


def test_a_lone_embedded_path_is_told_from_a_view(home: ModelRegistry) -> None:
    user = define(home)
    with pytest.raises(FilterError, match=r"Write its name: project\('address'\)"):
        user.find().project(user.address)


async def test_documents_come_as_they_are_stored(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home) as database:
        user, ada = await with_ada(home)
        await database.store.update("user", {}, {"$set": {"age": "old", "planet": "Earth"}})
        with pytest.raises(DocumentError):
            await user.find()
        (document,) = await user.find().as_documents()
        assert document == {**ada.to_document(), "age": "old", "planet": "Earth"}
        assert await user.find(user.name == "Eve").as_documents().first() is None


async def test_queries_with_a_shape_are_queries(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        await user.create(name="Bob")
        plain = user.find()
        shaped = plain.project("name").sort("-name").limit(1).find(user.name != "Zoe")
        assert await shaped == [{"name": "Bob"}]
        assert len(await plain) == 2
        assert await plain.project("name").find(user.name == "Ada").update(user.age.inc()) == 1
        assert (
            await plain.project("name").find(user.name == "Ada").update(user.age.inc(), each=True)
            == 1
        )
        assert (await ada.reload()).age == 38
        assert await plain.as_documents().find(user.name == "Bob").delete() == 1


async def test_a_trusted_find_gives_the_same_instances(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home) as database:
        user, ada = await with_ada(home)
        trusted = user.find(user.name == "Ada", trusted=True)
        assert await trusted == [ada]
        assert await trusted.sort("age").first() == ada
        assert (await trusted.page(1)).items == [ada]
        (again,) = await trusted
        again.age = 37
        await again.save()
        assert (await ada.reload()).age == 37
        await database.store.update("user", {}, {"$unset": {"n": 1}})
        with pytest.raises(DocumentError, match="n: is missing"):
            await user.find(trusted=True)


async def test_trusted_documents_of_children_are_of_their_classes(home: ModelRegistry) -> None:
    class Animal(BaseModel, registry=home):
        name = StringField()

    class Dog(Animal):
        barks = IntegerField(default=1)

    async with connect("sqlite://", registry=home):
        await Animal.create(name="a")
        await Dog.create(name="b", barks=3)
        found = await Animal.find(trusted=True).sort("name")
        assert found == [await Animal.find(Animal.name == "a").first(), await Dog.find().first()]
        pages = await Animal.find().sort(Dog.barks.desc()).page(1)
        assert [type(one) for one in pages.items] == [Dog]
        rest = await Animal.find().sort("-barks").page(1, after=pages.next)
        assert [type(one) for one in rest.items] == [Animal]


async def test_ids_in_a_mapping_may_be_written_as_digits(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        bob = await user.create(name="Bob", boss=ada, data={"id": str(ada.id)})
        for condition, expected in (
            ({"id": str(ada.id)}, [ada]),
            ({"_id": {"$in": [str(ada.id), bob.id]}}, [ada, bob]),
            ({"boss": str(ada.id)}, [bob]),
            ({"boss": {"$ne": str(ada.id)}}, [ada]),
            ({"boss": {"$not": {"$eq": str(ada.id)}}}, [ada]),
            ({"data.id": str(ada.id)}, [bob]),
            ({"id": "x"}, []),
            ({"name": str(ada.id)}, []),
        ):
            assert await user.find(condition).sort("name") == expected


async def test_conditions_on_items_are_under_field_names(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        for condition in (
            {"lines": {"$elemMatch": {"sku": "b", "quantity": {"$gt": 1}}}},
            {"lines": {"$all": [{"$elemMatch": {"sku": "b"}}, {"$elemMatch": {"sku": "a"}}]}},
            {"lines": {"$not": {"$elemMatch": {"sku": "z"}}}},
            {"lines": {"$elemMatch": {"$or": [{"sku": "z"}, {"sku": "b"}]}}},
            {"$nor": [{"lines": {"$elemMatch": {"sku": "a", "quantity": 2}}}]},
        ):
            assert await user.find(condition) == [ada]
        with pytest.raises(FilterError, match="names 's' twice"):
            await user.find({"lines": {"$elemMatch": {"sku": 1, "s": 2}}})
