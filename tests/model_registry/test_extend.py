"""A model that exists gets more fields: the class that others hold, its children, its instances."""

import warnings
from typing import Any

import pytest

import earnorm
from earnorm import (
    BaseModel,
    DateTimeField,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    PluginConflictError,
    PluginFields,
    ReferenceField,
    StringField,
    UnknownPluginError,
    ValidationError,
    connect,
    hookimpl,
    inspect,
    to_json,
)
from tests.model_registry.conftest import define


@pytest.fixture
def user(home: ModelRegistry) -> Any:
    return define(home, "shop.User", name=StringField())


def picture(*models: Any) -> list[dict[str, Any]]:
    return [dict(vars(model)) for model in models]


def test_the_class_stays_and_has_the_field(home: ModelRegistry, user: Any) -> None:
    assert home.extend(user, fields={"age": IntegerField(minimum=0)}) is user
    assert user(name="Ada", age=36).age == 36
    assert list(home.get_metadata("User").fields) == ["id", "name", "age"]
    with pytest.raises(ValidationError, match="age"):
        user(name="Ada", age=-1)
    with pytest.raises(ValidationError, match="age: is required"):
        user(name="Ada")


def test_an_instance_that_was_there_reads_the_default_or_says_that_it_has_none(
    home: ModelRegistry, user: Any
) -> None:
    ada = user(name="Ada")
    home.extend(
        user,
        fields={
            "tags": ListField(StringField()),
            "age": IntegerField(),
            "n": IntegerField(default=1),
        },
    )
    ada.tags.append("new")
    assert (ada.tags, ada.n) == (["new"], 1)
    with pytest.raises(AttributeError, match="age"):
        _ = ada.age
    ada.age = 36
    assert ada.age == 36


async def test_what_was_loaded_before_is_saved_with_what_it_lacked() -> None:
    home = ModelRegistry()

    class Address(EmbeddedModel, registry=home):
        street = StringField()
        city = StringField()

    user: Any = home.create_model(
        "User",
        fields={
            "name": StringField(),
            "address": EmbeddedField(Address),
            "tags": ListField(StringField()),
        },
    )
    async with connect("sqlite:///:memory:", registry=home):
        address = {"street": "Main", "city": "Rome"}
        await user(name="Ada", address=address, tags=["a"]).save()
        loaded = [await user.find().first() for _ in range(3)]
        assert inspect(loaded[1]).changes == {}  # one whose state is spelt out before the extension
        home.extend(
            user,
            fields={
                "notes": ListField(StringField()),
                "level": IntegerField(default=3),
                "nick": StringField(required=False),
            },
        )
        for instance in loaded[:2]:
            assert inspect(instance).changes == {}
            instance.address.city = "Bonn"
            assert set(inspect(instance).changes) == {"address.city"}
            inspect(instance).revert()
            assert instance.address.city == "Rome"
        loaded[0].notes.append("x")
        loaded[0].tags.append("b")
        await loaded[0].save()
        stored = await user.find().first()
        assert (stored.notes, stored.level, stored.tags) == (["x"], 3, ["a", "b"])
        assert inspect(stored).changes == {}
        stored.level = 4
        assert set(inspect(stored).changes) == {"level"}
        await stored.save()
        await loaded[2].reload()
        assert loaded[2].level == 4
        assert to_json(loaded[2]) == to_json(stored)


def test_an_extension_can_be_extended(home: ModelRegistry, user: Any) -> None:
    first = user.from_document({"name": "Ada"})
    home.extend(user, fields={"tags": ListField(StringField())})
    second = user.from_document({"name": "Bob", "tags": ["b"]})
    home.extend(user, fields={"marks": ListField(IntegerField()), "age": IntegerField(default=1)})
    third = user.from_document({"name": "Cy", "tags": ["c"], "marks": [1], "age": 2})
    for instance in (first, second, third):
        assert inspect(instance).changes == {}
        instance.name += "!"
        instance.marks.append(9)
        changed = {path.partition(".")[0] for path in inspect(instance).changes}
        assert {"name", "marks"} <= changed
        assert ("tags" in changed) == (instance is first)  # its document has none yet
    assert [one.age for one in (first, second, third)] == [1, 1, 2]


def test_those_that_inherit_it_are_extended_with_it_and_no_others(
    home: ModelRegistry, user: Any
) -> None:
    staff = type("Staff", (user,), {"__module__": "shop", "desk": IntegerField(default=1)})
    other = define(home, "shop.Other")
    before = home.get_metadata(other)
    assert staff(name="Ada").desk == 1
    home.extend(user, fields={"age": IntegerField(default=7)})
    made: Any = staff(name="Ada", age=8)
    assert (made.age, made.desk) == (8, 1)
    assert set(home.get_metadata(staff).fields) == {"id", "name", "desk", "age"}
    assert home.get_metadata(other) is before
    late: Any = type("Late", (user,), {"__module__": "shop"})
    assert late(name="x").age == 7


def test_a_childs_own_field_stays_its_own(home: ModelRegistry, user: Any) -> None:
    staff: Any = type("Staff", (user,), {"__module__": "shop", "age": IntegerField(default=1)})
    home.extend(user, fields={"age": IntegerField(default=2)})
    assert (user(name="x").age, staff(name="x").age) == (2, 1)


def test_options_that_add_up_are_added(home: ModelRegistry) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            collection = "people"
            indexes = [{"fields": ["name"]}]

    home.extend(
        User,
        fields={"age": IntegerField(default=1)},
        meta={"indexes": [{"fields": ["age"]}], "extra": "forbid"},
    )
    metadata = home.get_metadata(User)
    assert [index.fields for index in metadata.indexes] == [(("name", 1),), (("age", 1),)]
    assert metadata.collection == "people"
    assert metadata.options["extra"] == "forbid"


def test_references_that_are_added_are_seen(home: ModelRegistry, user: Any) -> None:
    order = define(home, "shop.Order")
    home.extend(order, fields={"user": ReferenceField("User")})
    assert home.get_dependents(user) == [order]
    assert home.get_references(order) == [user]


def test_a_plugin_that_is_added_brings_its_fields_and_hooks(home: ModelRegistry) -> None:
    calls = []

    class Stamps(PluginFields, plugin="stamps"):
        stamped = DateTimeField(required=False)

    class Plugin:
        @hookimpl
        def contribute_fields(self, model: type) -> type:
            return Stamps

        def on_register(self, model: type, registry: ModelRegistry) -> None:
            calls.append((model.__name__, registry.name))

    home.plugin("stamps")(Plugin)
    user = define(home, "shop.User", name=StringField())
    other = ModelRegistry("other")
    other.register(user)
    home.extend(user, meta={"plugins": ["stamps"]})
    assert "stamped" in other.get_metadata(user).fields
    assert sorted(calls) == [("User", "a test"), ("User", "other")]


async def test_indexes_that_are_added_are_created_before_the_next_operation() -> None:
    home = ModelRegistry()
    user: Any = home.create_model("User", fields={"name": StringField()})
    async with connect("sqlite:///:memory:", registry=home) as database:
        await user(name="Ada").save()
        home.extend(
            user,
            fields={"email": StringField(required=False)},
            meta={"indexes": [{"fields": ["email"]}]},
        )
        await user(name="Bob", email="b").save()
        assert await database.indexes.plan() == []


def refusing(home: ModelRegistry) -> None:
    class Fields(PluginFields, plugin="clashing"):
        name = StringField()

    class Plugin:
        @hookimpl
        def contribute_fields(self, model: type) -> type:
            return Fields

    home.plugin("clashing")(Plugin)

    class Refusing:
        def on_register(self, model: type, registry: ModelRegistry) -> None:
            raise RuntimeError("not this one")

    home.plugin("refusing")(Refusing)


@pytest.mark.parametrize(
    ("given", "kind", "fault"),
    [
        ({"fields": {"name": IntegerField()}}, ModelDefinitionError, "the field 'name' already"),
        ({"fields": {"shout": IntegerField()}}, ModelDefinitionError, "attribute 'shout' already"),
        ({"fields": {"save": IntegerField()}}, ModelDefinitionError, "reserves"),
        ({"fields": {"_x": IntegerField()}}, ModelDefinitionError, "underscore"),
        ({"fields": {"age": 3}}, ModelDefinitionError, "which is no field"),
        ({"fields": {"age": IntegerField(alias="name")}}, ModelDefinitionError, "alias"),
        ({"fields": {"age": IntegerField(minimum=1, default=0)}}, ModelDefinitionError, "default"),
        ({"fields": {"desk": IntegerField(alias="d")}}, ModelDefinitionError, "desk"),
        ({"meta": {"collection": "x"}}, ModelDefinitionError, r"Meta\.collection"),
        ({"meta": {"strict": True}}, ModelDefinitionError, r"Meta\.strict"),
        ({"meta": {"indexes": [{"fields": ["no"]}]}}, ModelDefinitionError, "unknown field"),
        ({"meta": {"pluginss": []}}, ModelDefinitionError, "unknown option"),
        ({"meta": {"plugins": ["nobody"]}}, UnknownPluginError, "nobody"),
        ({"meta": {"plugins": ["clashing"]}}, PluginConflictError, "clashes with the field"),
        ({"meta": {"plugins": ["refusing"]}}, RuntimeError, "not this one"),
    ],
)
def test_a_fault_leaves_everything_as_it_was(
    home: ModelRegistry, given: dict[str, Any], kind: type[Exception], fault: str
) -> None:
    refusing(home)
    user: Any = define(home, "shop.User", name=StringField(), shout=lambda self: "!")
    staff: Any = type("Staff", (user,), {"__module__": "shop", "desk": IntegerField(default=1)})
    user(name="x"), staff(name="x")
    before, metadata = picture(user, staff), [home.get_metadata(one) for one in (user, staff)]
    with pytest.raises(kind, match=fault):
        home.extend(user, **given)
    assert picture(user, staff) == before
    assert all(home.get_metadata(one.key) is one for one in metadata)
    assert list(user(name="x").to_document()) == ["name"]


def test_only_the_home_of_a_model_extends_it(home: ModelRegistry, user: Any) -> None:
    other = ModelRegistry("other")
    other.register(user)
    with pytest.raises(ModelDefinitionError, match="belongs to a test, which alone can extend it"):
        other.extend(user, fields={"age": IntegerField()})


def test_a_unique_validator_is_warned_of_once(home: ModelRegistry) -> None:
    with pytest.warns(earnorm.UnbackedUniqueWarning):
        user = define(
            home,
            "shop.User",
            name=StringField(),
            Meta=type("Meta", (), {"validators": [earnorm.UniqueValidator("name")]}),
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        home.extend(user, fields={"age": IntegerField()})


def test_history_and_events_tell_of_it_wherever_the_model_is_listed(home: ModelRegistry) -> None:
    user = define(home, "shop.User", name=StringField())
    other = ModelRegistry("other")
    other.register(user)
    child = type("Child", (user,), {"__module__": "shop"})
    heard: list[str] = []
    other.subscribe(lambda event: heard.append(event.kind))
    home.extend(user, fields={"age": IntegerField(default=1)})
    for registry in (home, other):
        first, second = registry.get_versions("shop.User")
        assert "age" not in first.document.content["properties"]
        assert "age" in second.document.content["properties"]
        assert registry.get_document(user) == second.document
    assert len(home.get_versions(child)) == 2
    changed = [event for event in home.events() if event.kind == "model_changed"]
    assert [(event.model, event.as_dict()["reason"]) for event in changed] == [
        ("shop.Child", "extended"),
        ("shop.User", "extended"),
    ]
    # so that what was in between, which nobody read, can be built again as well
    for entry in home.history():
        snapshot = home.at(entry.revision)
        assert ModelRegistry.from_snapshot(snapshot).snapshot() == snapshot
    assert heard == ["model_changed"]


def test_a_refused_extension_is_told_to_nobody(home: ModelRegistry, user: Any) -> None:
    refusing(home)
    events, history = len(home.events()), len(home.history())
    with pytest.raises(RuntimeError):
        home.extend(user, fields={"age": IntegerField()}, meta={"plugins": ["refusing"]})
    assert (len(home.events()), len(home.history())) == (events, history)
    assert "age" not in home.get_document(user).content["properties"]
