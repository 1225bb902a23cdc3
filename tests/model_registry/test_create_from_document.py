"""A model that is made of its document is the one that the document describes."""

import json
import sys
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import (
    AnyField,
    DateTimeField,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    IntegerField,
    ListField,
    LiteralField,
    ModelDocument,
    ModelDocumentError,
    ModelRegistry,
    ReferenceField,
    SetField,
    StringField,
    TupleField,
    UniqueValidator,
    connect,
    validates,
)
from earnorm.metadata import EXTENSION, Snapshot
from earnorm.plugins import PluginManager
from earnorm.schema import to_bson_schema, to_class_diagram, to_json_schema
from tests.model_registry.conftest import define, define_plain
from tests.models.test_generated_codec import models as random_models


class Address(EmbeddedModel):
    """Where somebody lives."""

    city = StringField(alias="c")


class Named:
    @validates("name")
    def no_shouting(self) -> None:
        if self.name.isupper():  # type: ignore[attr-defined] # a field of whoever has the method
            raise ValueError("shouts")


UNIQUE = {"unique": True, "sparse": True}


@pytest.mark.parametrize(
    "of_root", [[], [{"fields": ["a"], "unique": True}], [{"fields": ["a"], **UNIQUE}]]
)
@pytest.mark.parametrize(
    "of_child",
    [
        [],
        [{"fields": ["b"], "expire_after": 5}],
        [{"fields": ["a", "b"], "unique": True, "partial": {"b": {"$exists": True}}}],
        [{"fields": ["b"], **UNIQUE}],
    ],
)
@pytest.mark.parametrize(
    "of_grandchild", [[], [{"fields": [("c", -1), "_type"]}], [{"fields": ["a", "c"], **UNIQUE}]]
)
def test_indexes_that_are_limited_to_a_child_are_limited_once(
    home: ModelRegistry, of_root: Any, of_child: Any, of_grandchild: Any
) -> None:
    base: Any = define_plain(home, "z.P", a=StringField(alias="aa"), Meta=options(indexes=of_root))
    child_options = options(indexes=of_child, discriminator="qq")
    names = {"__module__": "z", "__qualname__": "Q", "b": DateTimeField(), "Meta": child_options}
    child = type("Q", (base,), names)
    names = {
        "__module__": "z",
        "__qualname__": "R",
        "c": StringField(),
        "Meta": options(indexes=of_grandchild),
    }
    grandchild = type("R", (child,), names)
    snapshot = home.snapshot()
    assert ModelRegistry.from_snapshot(snapshot).snapshot() == snapshot
    document = home.get_document(grandchild)
    home.unregister(grandchild)
    assert home.get_document(home.create_model(document=document)) == document


def options(**said: Any) -> type:
    return type("Meta", (), said)


def no_shouting(value: str) -> None:
    """Refuses capitals."""


def fresh() -> ModelRegistry:
    return ModelRegistry("another", manager=PluginManager("another"))


def rebuilt(home: ModelRegistry, model: Any, **options: Any) -> Any:
    document = home.get_document(model)
    other = fresh()
    made = other.create_model(document=document, **options)
    assert other.get_document(made) == document
    return made


async def test_it_has_the_same_fingerprint_and_works(home: ModelRegistry) -> None:
    class Meta:
        indexes = [
            {
                "fields": [("email", -1), "houses.city"],
                "unique": True,
                "partial": {"houses.city": "x"},
            }
        ]
        extra = "forbid"

    model = define(
        home,
        "shop.User",
        __doc__="A person.",
        email=StringField(alias="mail", max_length=9),
        name=StringField(default="Ada", pattern="[A-Za-z]+"),
        houses=ListField(EmbeddedField(Address)),
        boss=ReferenceField("User", required=False, on_delete="nullify"),
        no_shouting=Named.no_shouting,
        Meta=Meta,
    )
    made = rebuilt(home, model, imports=[__name__])
    assert (made.__module__, made.__qualname__, made.__doc__) == ("shop", "User", "A person.")
    with pytest.raises(ValueError, match="shouts"):
        made(email="a", name="ADA")
    async with connect("sqlite://", registry=made.__registry__):
        await made(email="a", houses=[{"city": "Paris"}]).save()
        (found,) = await made.find(made.houses.city == "Paris")
        assert (found.name, found.houses[0].city) == ("Ada", "Paris")


@settings(max_examples=100, deadline=None)
@given(model=random_models())
def test_any_model_comes_back(model: Any) -> None:
    rebuilt(model.__registry__, model, imports=lambda path: True)


class Shape(EmbeddedModel):
    name = StringField()


class Circle(Shape, discriminator="round"):
    radius = IntegerField()


class Group(Shape, extra="forbid"):
    """Holds itself, as a union takes subclasses."""

    shapes = ListField(EmbeddedUnionField(Shape))


def test_a_union_takes_the_subclasses_of_its_models_again(home: ModelRegistry) -> None:
    made = rebuilt(home, define(home, "shop.Drawing", shape=EmbeddedUnionField(Shape)))
    circle = {"_type": "round", "name": "c", "radius": 1}
    drawing = made(shape={"_type": "Group", "name": "g", "shapes": [circle]})
    assert drawing.shape.shapes[0].radius == 1


def test_an_instance_that_is_a_default_comes_back(home: ModelRegistry) -> None:
    rich = Group(name="g", shapes=[Circle(name="c", radius=2)])
    made = rebuilt(
        home, define(home, "shop.Drawing", shape=EmbeddedUnionField(Shape, default=rich))
    )
    assert made().shape.to_document() == {**rich.to_document()}
    assert type(made().shape).__name__ == "Group"


def test_a_child_is_made_below_its_parent(home: ModelRegistry) -> None:
    class Meta:
        indexes = [{"fields": ["breed"], "unique": True, "sparse": True}]
        validators = [UniqueValidator("breed")]

    animal = define(home, "shop.Animal", name=StringField(), house=EmbeddedField(Address))
    names = {
        "__module__": "shop",
        "__qualname__": "Dog",
        "Meta": Meta,
        "breed": StringField(alias="b"),
    }
    dog = type("Dog", (animal,), names)
    other = fresh()
    with pytest.raises(ModelDocumentError, match=r"shop\.Animal.*not registered.*Make that model"):
        other.create_model(document=home.get_document(dog))
    assert other.get_all_models() == []
    parent = other.create_model(document=home.get_document(animal))
    child: Any = other.create_model(document=home.get_document(dog))
    assert issubclass(child, parent)
    assert other.get_document(child) == home.get_document(dog)
    assert set(vars(child)) >= {"breed"}
    parts = {"name": "Rex", "house": parent(name="x", house={"city": "Y"}).house, "breed": "z"}
    assert child(**parts).house.city == "Y"


def test_all_that_stands_in_the_way_is_told_at_once(home: ModelRegistry) -> None:
    class Meta:
        validators = [lambda instance: None]

    model = define_plain(
        home,
        "shop.User",
        word=StringField(secret=True, default="hush"),
        name=StringField(validators=[lambda value: None]),
        tags=ListField(StringField(validators=[no_shouting])),
        Meta=Meta,
    )
    with pytest.raises(ModelDocumentError) as raised:
        fresh().create_model(document=home.get_document(model))
    found = {one.path: (one.code, one.message) for one in raised.value.faults}
    assert [(path, code) for path, (code, _) in found.items()] == [
        ("fields.word.default", "secret"),
        ("fields.name.validators.0", "opaque"),
        ("fields.tags.items.validators.0", "import"),
        ("validators.0", "opaque"),
    ]
    assert "Give it a name at the top of a module" in found["validators.0"][1]
    assert f"imports=['{__name__}']" in found["fields.tags.items.validators.0"][1]
    assert all(path in str(raised.value) for path in found)


def changed(document: ModelDocument, *path: Any, value: Any) -> ModelDocument:
    """The document with another value at a path."""
    content = document.content
    place: Any = content
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return ModelDocument.of(content)


@pytest.mark.parametrize(
    ("name", "imports"),
    [
        ("os:system", ()),
        ("os:system", ["tests"]),
        (f"{__name__}:json.loads", [__name__]),
        ("os:system", lambda name: name.startswith("tests")),
        ("this_is_not_there:thing", ["this_is_not_there"]),
        (f"{__name__}:NOTHING", [__name__]),
        ("nonsense", lambda name: True),
    ],
)
def test_a_document_imports_what_the_caller_trusts_and_nothing_else(
    home: ModelRegistry, name: str, imports: Any
) -> None:
    document = home.get_document(define(home, "shop.User", name=StringField()))
    arguments = {"validators": [{"$import": name}]}
    hostile = changed(document, EXTENSION, "fields", "name", "arguments", value=arguments)
    with pytest.raises(ModelDocumentError, match="validators"):
        fresh().create_model(document=hostile, imports=imports)
    assert "this_is_not_there" not in sys.modules


def test_imports_are_modules_and_no_text(home: ModelRegistry) -> None:
    document = home.get_document(define(home, "shop.User"))
    with pytest.raises(TypeError, match=r"Write imports=\['shop.models'\]"):
        fresh().create_model(document=document, imports="shop")


def test_a_document_that_was_changed_by_hand_is_refused(home: ModelRegistry) -> None:
    document = home.get_document(define(home, "shop.User", name=StringField(max_length=9)))
    edited = changed(document, "properties", "name", "maxLength", value=8)
    other = fresh()
    with pytest.raises(ModelDocumentError, match="/properties/name/maxLength: would be 9"):
        other.create_model(document=edited)
    assert other.get_all_models() == []
    assert other.history() == []


def test_a_document_is_given_alone(home: ModelRegistry) -> None:
    document = home.get_document(define(home, "shop.User"))
    with pytest.raises(TypeError, match="has name, meta beside it"):
        home.create_model("User", document=document, meta={"abstract": True})
    with pytest.raises(TypeError, match="takes the name of the model"):
        home.create_model()
    with pytest.raises(TypeError, match="takes a ModelDocument"):
        home.create_model(document={})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1",
        "[" * 100_000,
        '{"x-earnorm": {"key": "a.A", "format": 1, "odd": ' + "[" * 400 + "]" * 400 + "}}",
        '{"x-earnorm": {"key": "a.A", "format": 1}}',
        '{"x-earnorm": {"key": "a.A", "format": 1, "n": ' + "9" * 5000 + "}}",
        '{"x-earnorm": {"key": "a.A", "format": 1, "n": "\\ud800"}}',
    ],
)
def test_any_text_that_is_no_document_is_refused(text: str) -> None:
    document = ModelDocument(text)
    with pytest.raises(ModelDocumentError):
        fresh().create_model(document=document)
    with pytest.raises(ModelDocumentError):
        ModelRegistry.from_snapshot(Snapshot(1, {"a.A": document}))


def test_what_is_nested_too_deep_is_refused(home: ModelRegistry) -> None:
    content = home.get_document(define(home, "shop.User")).content
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    content["title"] = deep
    with pytest.raises(ModelDocumentError, match="nested too deep"):
        ModelDocument.of(content)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from([[], {}, [[]], "x" * 3000, "__class__", "id", "StringField", "Field", "os:system", "a.b"]),
    st.sampled_from(
        [
            {"$ref": "#/$defs/Shape"}, {"$ref": "#/$defs/Group"}, {"$ref": "#/$defs/Shap%"}, {"$ref": []},
            {"$ref": "#/$defs/ShapeVariant"}, {"$import": "os:system"}, {"$import": []}, {"$opaque": "..."},
            {"$secret": True}, {"$map": [[1]]}, {"$map": [[[], 1]]}, {"$map": 3}, {"$set": [[]]}, {"$set": 1},
            {"$numberLong": "9" * 5000}, {"$numberLong": {}}, {"$numberDouble": "x"}, {"$numberDecimal": "x"},
            {"$date": "x"}, {"$date": []}, {"$day": "x"}, {"$seconds": 1e300}, {"$seconds": "x"}, {"$oid": "x"},
            {"$pattern": "(", "flags": 0}, {"$pattern": "a"}, {"$pattern": "a", "flags": "x"}, {"$binary": 1},
            {"$unknown": 1}, {"$microseconds": "x"},
            {"$embedded": {"$ref": "#/$defs/Shape"}, "values": {"name": 3}}, {"$embedded": 1}, {"$embedded": 1, "values": {}},
            {"$embedded": {"$ref": "#/$defs/Shape"}, "values": []}, {"type": "Field", "kind": "Field"}, {"type": [], "kind": 1},
            {"type": "os:system", "kind": 1},
        ]
    ),
)  # fmt: skip


def places(value: Any) -> Any:
    """Every place in a JSON value: what holds it, and under which key or position."""
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        yield value, key
        yield from places(value[key])


def rich_document() -> ModelDocument:
    home = fresh()

    class Meta:
        indexes = [
            {"fields": ["name", "shape"], "unique": True},
            {
                "fields": ["shape.name"],
                "partial": {"$or": [{"age": {"$gt": 1}}, {"shape.name": "a"}]},
            },
        ]
        validators = [UniqueValidator("name", "shape")]
        strict = True

    model = define_plain(
        home,
        "shop.Drawing",
        __doc__="Drawn.",
        name=StringField(alias="n", pattern="a", choices=["a"], default="a"),
        age=IntegerField(maximum=2**60, required=False),
        shape=EmbeddedUnionField(Shape, default=Circle(name="c", radius=1)),
        pair=TupleField(IntegerField(), DateTimeField(minimum=datetime(2000, 1, 1, tzinfo=UTC))),
        tail=TupleField(SetField(LiteralField("a", 1)), ...),
        free=AnyField(default={"$a": timedelta(1)}),
        boss=ReferenceField("User", required=False, on_delete="nullify"),
        no_shouting=Named.no_shouting,
        Meta=Meta,
    )
    return home.get_document(model)


RICH = rich_document().text


@pytest.mark.filterwarnings("ignore::earnorm.UnbackedUniqueWarning")
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_what_is_changed_anyhow_is_refused_with_that_error_or_comes_back(
    data: st.DataObject,
) -> None:
    content = json.loads(RICH)
    for _ in range(data.draw(st.integers(1, 3))):
        place, key = data.draw(st.sampled_from(list(places(content))))
        if data.draw(st.booleans()):
            place[key] = deepcopy(data.draw(VALUES))
        else:
            del place[key]
    other = fresh()
    try:
        document = ModelDocument.of(content)
        for walker in (to_json_schema, to_bson_schema, to_class_diagram):
            with suppress(ModelDocumentError):
                walker(document)
        made = other.create_model(document=document, imports=[__name__])
    except ModelDocumentError:
        assert other.get_all_models() == []
    else:
        assert other.get_document(made) == document


def test_all_models_of_a_snapshot_come_back(home: ModelRegistry) -> None:
    animal = define(home, "shop.Zebra", house=EmbeddedField(Address))
    names = {"__module__": "shop", "__qualname__": "Aardvark", "owner": ReferenceField("User")}
    type("Aardvark", (animal,), names)
    define(home, "shop.User", house=EmbeddedField(Address), friend=ReferenceField("User"))
    snapshot = home.snapshot()
    made = ModelRegistry.from_snapshot(snapshot, name="yesterday")
    assert made.snapshot() == snapshot
    assert made.name == "yesterday"
    models: Any = {model.__name__: model for model in made.get_all_models()}
    assert issubclass(models["Aardvark"], models["Zebra"])
    assert made.get_dependents("shop.User") == [models["Aardvark"], models["User"]]
    place = models["User"](house={"city": "x"}, friend="0" * 24).house
    assert models["Zebra"](house=place).house.city == "x"


def test_plugins_contribute_again_what_they_contributed() -> None:
    home = ModelRegistry("a test", plugins=["timestamp"])

    class Meta:
        plugins = ["softdelete", "audit"]
        plugin_options = {"softdelete": {"field": "removed_at"}}

    class Below:
        indexes = [{"fields": ["breed", "removed_at"], "unique": True}]

    parent = define(home, "a.User", name=StringField(), Meta=Meta)
    names = {"__module__": "z", "__qualname__": "Dog", "breed": StringField(), "Meta": Below}
    type("Dog", (parent,), names)
    snapshot = home.snapshot()
    made = ModelRegistry.from_snapshot(snapshot)
    assert made.snapshot() == snapshot
    assert made.enabled == ("timestamp",)
    assert any(key.startswith("earnorm_audit.") for key in snapshot)


def test_a_plugin_that_is_not_here_is_told() -> None:
    class Meta:
        plugins = ["timestamp"]

    one = define(ModelRegistry(), "shop.User", Meta=Meta)
    document = one.__registry__.get_document(one)
    unknown = changed(document, EXTENSION, "plugins", 0, "name", value="timestmp")
    with pytest.raises(ModelDocumentError, match="names the plugin 'timestmp', which"):
        ModelRegistry().create_model(document=unknown)
    old = changed(document, EXTENSION, "plugins", 0, "version", value="0.9")
    with pytest.raises(ModelDocumentError, match=r"earnorm-timestamp 0\.9, and here it is of"):
        ModelRegistry().create_model(document=old)
    ours = changed(document, EXTENSION, "plugins", 0, "of_registry", value=True)
    with pytest.raises(ModelDocumentError, match=r"Use a ModelRegistry\(plugins=\['timestamp'\]"):
        ModelRegistry().create_model(document=ours)
    assert ModelRegistry.from_snapshot(one.__registry__.snapshot()).snapshot()


def test_a_snapshot_tells_the_faults_of_all_models(home: ModelRegistry) -> None:
    parent = define(home, "shop.Animal", name=StringField(validators=[lambda value: None]))
    type("Dog", (parent,), {"__module__": "shop", "__qualname__": "Dog"})
    define(home, "shop.User", name=StringField(default="x", secret=True))
    with pytest.raises(ModelDocumentError) as raised:
        ModelRegistry.from_snapshot(home.snapshot())
    assert {one.path.partition(":")[0] for one in raised.value.faults} == {
        "shop.Animal",
        "shop.Dog",
        "shop.User",
    }
