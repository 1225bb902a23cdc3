"""Trees of models: which classes may inherit a concrete one, and what their documents say."""

import gc
from types import MappingProxyType
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    DateTimeField,
    DocumentError,
    IntegerField,
    ModelDefinitionError,
    ModelRegistry,
    ModelReplacedWarning,
    ReferenceField,
    StringField,
    UniqueValidator,
)
from tests.model_registry.conftest import define_plain


def meta(**options: Any) -> type:
    return type("Meta", (), options)


def child(base: type[Any], key: str, **namespace: Any) -> Any:
    """A class of a module, which is there to stay."""
    module, _, name = key.rpartition(".")
    return type(name, (base,), {"__module__": module, "__qualname__": name, **namespace})


@pytest.fixture
def animal(home: ModelRegistry) -> Any:
    return define_plain(home, "zoo.Animal", name=StringField())


@pytest.fixture
def dog(animal: Any) -> Any:
    return child(animal, "zoo.Dog", breed=StringField(default="mutt"))


def test_a_child_lives_in_the_collection_of_its_root_and_says_what_it_is(
    home: ModelRegistry, animal: Any, dog: Any
) -> None:
    metadata = home.get_metadata(dog)
    assert (metadata.collection, metadata.root, metadata.discriminator) == (
        "animal",
        "zoo.Animal",
        "Dog",
    )
    assert list(metadata.fields) == ["id", "name", "breed"]
    assert dog(name="Rex").to_document() == {"name": "Rex", "breed": "mutt", "_type": "Dog"}
    assert home.get_all_models() == [animal, dog]


def test_the_root_stores_what_it_stored_before_it_had_children(animal: Any, dog: Any) -> None:
    assert animal(name="Ant").to_document() == {"name": "Ant"}
    metadata = animal.__metadata__
    assert (metadata.root, metadata.discriminator) == (None, None)


def test_a_discriminator_can_be_named_and_is_never_inherited(animal: Any) -> None:
    dog = child(animal, "zoo.Dog", Meta=meta(discriminator="canis"))
    puppy = child(dog, "zoo.Puppy")
    assert dog(name="Rex").to_document()["_type"] == "canis"
    assert puppy(name="Bo").to_document()["_type"] == "Puppy"
    assert animal.from_document({"name": "Rex", "_type": "canis"}) == dog(name="Rex")


def test_a_root_with_a_discriminator_writes_it_and_reads_documents_without(
    home: ModelRegistry,
) -> None:
    being = define_plain(home, "zoo.Being", name=StringField(), Meta=meta(discriminator="being"))
    assert being(name="x").to_document() == {"name": "x", "_type": "being"}
    assert being.from_document({"name": "x"}) == being(name="x")
    assert being.from_document({"name": "x", "_type": "being"}) == being(name="x")
    tree = child(being, "zoo.Tree")
    assert type(being.from_document({"name": "x", "_type": "Tree"})) is tree


def test_a_document_becomes_an_instance_of_the_class_that_it_names(animal: Any, dog: Any) -> None:
    puppy = child(dog, "zoo.Puppy", weeks=IntegerField())
    stored = {"name": "Bo", "breed": "pug", "weeks": 7, "_type": "Puppy"}
    for model in (animal, dog, puppy):
        bo = model.from_document(stored)
        assert type(bo) is puppy
        assert bo.weeks == 7
        assert bo.to_document() == stored
    assert stored["_type"] == "Puppy"


def test_other_keys_of_a_document_stay_extras(animal: Any, dog: Any) -> None:
    rex = animal.from_document({"name": "Rex", "breed": "pug", "_type": "Dog", "chip": 7})
    assert rex.chip == 7
    assert rex.to_document() == {"name": "Rex", "breed": "pug", "chip": 7, "_type": "Dog"}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            "Dgo",
            "_type: names no class that inherits Animal. Did you mean 'Dog'? Import the module",
        ),
        ("Horse", "_type: names no class that inherits Animal. Import the module that defines it"),
        ("animal", "_type: names no class that inherits Animal"),
        ("", "names no class"),
        (3, "names no class"),
        ({"$ne": 1}, "names no class"),
        (["Dog"], "names no class"),
        (True, "names no class"),
    ],
)
def test_a_document_of_an_unknown_class_is_refused(
    animal: Any, dog: Any, kind: object, message: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        animal.from_document({"_id": 1, "name": "x", "_type": kind})
    assert message in str(caught.value)
    assert [fault.path for fault in caught.value.errors] == ["_type"]
    assert [fault.input for fault in caught.value.errors] == [kind]


def test_a_document_of_a_class_that_was_not_imported_is_refused_by_a_model_without_children(
    home: ModelRegistry,
) -> None:
    lonely = define_plain(home, "zoo.Lonely", name=StringField())
    with pytest.raises(DocumentError, match="declare a field with alias='_type'"):
        lonely.from_document({"name": "x", "_type": "Dog"})


def test_a_model_without_children_may_have_a_field_that_is_stored_as_type(
    home: ModelRegistry,
) -> None:
    event = define_plain(home, "zoo.Event", kind=StringField(alias="_type"))
    assert event.from_document({"_type": "click"}).kind == "click"  # type: ignore[attr-defined] # defined by type()
    with pytest.raises(ModelDefinitionError, match="'kind' is stored as '_type'"):
        child(event, "zoo.Click")
    assert home.get_all_models() == [event]


def test_a_root_reads_documents_that_another_program_marked_with_its_name(animal: Any) -> None:
    stored = {"name": "x", "_type": "Animal"}
    assert animal.from_document(stored).to_document() == stored


def test_a_child_refuses_documents_of_other_classes(animal: Any, dog: Any) -> None:
    child(animal, "zoo.Cat")
    with pytest.raises(DocumentError, match="says Cat, which is no Dog; Animal reads it"):
        dog.from_document({"name": "Tom", "_type": "Cat"})
    with pytest.raises(DocumentError, match="_type: is missing, and a document without it belongs"):
        dog.from_document({"name": "Ant"})
    assert type(dog.from_document({"name": "x", "_type": "Dog", "breed": "b"})) is dog


def test_faults_of_a_childs_document_name_the_fields_of_the_child(animal: Any, dog: Any) -> None:
    with pytest.raises(DocumentError) as caught:
        animal.from_document({"name": 3, "breed": 4, "_type": "Dog"})
    assert [fault.path for fault in caught.value.errors] == ["name", "breed"]


@pytest.mark.parametrize("kind", [dict, MappingProxyType])
def test_a_childs_document_that_does_not_fit_is_one_of_the_child(
    animal: Any, dog: Any, kind: Any
) -> None:
    with pytest.raises(DocumentError) as caught:
        animal.from_document(kind({"name": 3, "_type": "Dog"}))
    assert caught.value.model == dog.__qualname__


def test_a_child_of_the_same_name_as_its_root_is_told_apart(animal: Any) -> None:
    other = child(animal, "farm.Animal", legs=IntegerField())
    assert type(animal.from_document({"name": "x", "legs": 4, "_type": "Animal"})) is other
    assert type(animal.from_document({"name": "x"})) is animal


def test_an_abstract_model_between_two_concrete_ones_lends(animal: Any) -> None:
    pet = child(animal, "zoo.Pet", owner=StringField(), Meta=meta(abstract=True))
    cat = child(pet, "zoo.Cat")
    assert cat(name="Tom", owner="Ada").to_document()["_type"] == "Cat"
    assert cat.__metadata__.root == "zoo.Animal"
    with pytest.raises(ModelDefinitionError, match="is abstract and has no instances"):
        pet(name="x", owner="y")
    with pytest.raises(ModelDefinitionError, match="is abstract and has no documents"):
        pet.find().to_list().send(None)


def test_two_concrete_bases_are_refused_unless_one_inherits_the_other(
    home: ModelRegistry, animal: Any, dog: Any
) -> None:
    cat = child(animal, "zoo.Cat")
    plant = define_plain(home, "zoo.Plant")
    for other in (cat, plant):
        with pytest.raises(ModelDefinitionError) as caught:
            type("Chimera", (dog, other), {"__module__": "zoo", "__qualname__": "Chimera"})
        assert f"inherits from zoo.Dog and from zoo.{other.__name__}, which are both" in str(
            caught.value
        )
    puppy = type("Puppy", (dog, animal), {"__module__": "zoo", "__qualname__": "Puppy"})
    assert home.get_all_models() == [animal, dog, cat, plant, puppy]


def test_a_child_cannot_leave_the_collection_of_its_root(home: ModelRegistry, animal: Any) -> None:
    for namespace in ({"_collection": "dogs"}, {"Meta": meta(collection="dogs")}):
        with pytest.raises(
            ModelDefinitionError, match="names the collection 'dogs', and inherits zoo"
        ):
            child(animal, "zoo.Dog", **namespace)
    assert child(animal, "zoo.Dog", _collection="animal").__metadata__.collection == "animal"


def test_a_child_cannot_leave_the_registry_of_its_root(animal: Any) -> None:
    with pytest.raises(ModelDefinitionError, match="would lie in different databases"):
        type("Dog", (animal,), {}, registry=ModelRegistry("another"))


def test_two_classes_with_one_discriminator_are_refused(
    home: ModelRegistry, animal: Any, dog: Any
) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        child(animal, "farm.Dog")
    assert "farm.Dog: has the discriminator 'Dog', and so has zoo.Dog" in str(caught.value)
    with pytest.raises(ModelDefinitionError, match="and so has zoo.Dog"):
        child(dog, "zoo.Puppy", Meta=meta(discriminator="Dog"))
    assert home.get_all_models() == [animal, dog]
    assert type(animal.from_document({"name": "x", "breed": "b", "_type": "Dog"})) is dog


def test_a_reloaded_child_takes_its_own_place(animal: Any, dog: Any) -> None:
    with pytest.warns(ModelReplacedWarning):
        again = child(animal, "zoo.Dog", breed=StringField())
    assert type(animal.from_document({"name": "x", "breed": "b", "_type": "Dog"})) is again


def test_a_child_that_cannot_be_registered_is_no_member(
    home: ModelRegistry, animal: Any, dog: Any
) -> None:
    @home.plugin("refusing")
    class Refusing:
        def on_register(self) -> None:
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        child(animal, "zoo.Cat", Meta=meta(plugins=["refusing"]))
    with pytest.raises(DocumentError):
        animal.from_document({"name": "Tom", "_type": "Cat"})
    with pytest.raises(RuntimeError), pytest.warns(ModelReplacedWarning):
        child(animal, "zoo.Dog", Meta=meta(plugins=["refusing"]))
    assert type(animal.from_document({"name": "x", "breed": "b", "_type": "Dog"})) is dog


def test_local_children_are_forgotten_and_never_in_the_way_of_the_next(animal: Any) -> None:
    def one() -> Any:
        class Dog(animal):  # type: ignore[misc] # a class that a fixture makes
            bark = StringField(alias="b")

        return Dog

    def two() -> Any:
        class Dog(animal):  # type: ignore[misc] # a class that a fixture makes
            bark = StringField(alias="wau")

        return Dog

    one()
    kept = two()  # what one() made may not be collected yet
    with pytest.raises(ModelDefinitionError, match="has the discriminator 'Dog', and so has"):
        child(animal, "farm.Dog")
    del kept
    gc.collect()
    with pytest.raises(DocumentError):
        animal.from_document({"name": "x", "b": "y", "_type": "Dog"})


@pytest.mark.parametrize("value", ["", 3, None, ["Dog"], b"Dog"])
def test_a_discriminator_is_a_string(animal: Any, value: object) -> None:
    with pytest.raises(ModelDefinitionError, match="Meta.discriminator must be a string, not"):
        child(animal, "zoo.Dog", Meta=meta(discriminator=value))


def test_an_abstract_model_has_no_discriminator(animal: Any) -> None:
    with pytest.raises(ModelDefinitionError, match="is abstract, so it has no documents for a"):
        child(animal, "zoo.Pet", Meta=meta(abstract=True, discriminator="pet"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"breed": StringField(alias="b")}, "the field 'breed' is stored as 'b', and as 'breed' in zoo.Dog"),
        ({"kind": StringField(alias="breed")}, "the field 'kind' is stored as 'breed', and so is 'breed' in zoo.Dog"),
        ({"name": StringField(alias="n")}, "the field 'name' is stored as 'n', and as 'name' in zoo.Animal"),
        ({"race": StringField(alias="_type")}, "the field 'race' is stored as '_type'"),
    ],
)  # fmt: skip
def test_a_name_means_one_stored_name_in_the_whole_tree(
    animal: Any, dog: Any, fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        child(animal, "zoo.Cat", **fields)
    assert message in str(caught.value)


def test_a_unique_or_expiring_index_of_a_child_is_limited_to_its_documents(animal: Any) -> None:
    indexes = [
        {"fields": ["chip"], "unique": True},
        {"fields": ["name"], "unique": True, "name": "by_name", "partial": {"chip": None}},
        {"fields": ["chip", "name"]},
        {"fields": [("_type", 1), "chip"], "unique": True},
        {"fields": ["chip"], "unique": True, "sparse": True, "name": "thin"},
        {"fields": ["chip", "name"], "unique": True, "sparse": True, "name": "both"},
        {"fields": ["seen"], "expire_after": 60},
    ]
    fields = {"chip": StringField(), "seen": DateTimeField(required=False)}
    dog = child(animal, "zoo.Dog", **fields, Meta=meta(indexes=indexes))
    puppy = child(dog, "zoo.Puppy")
    assert [
        (index.name, index.partial and dict(index.partial)) for index in dog.__metadata__.indexes
    ] == [
        ("chip_1_Dog", {"_type": "Dog"}),
        ("by_name_Dog", {"chip": None, "_type": "Dog"}),
        ("chip_1_name_1", None),
        ("_type_1_chip_1", None),
        ("thin_Dog", {"chip": {"$exists": True}, "_type": "Dog"}),
        (
            "both_Dog",
            {"$or": [{"chip": {"$exists": True}}, {"name": {"$exists": True}}], "_type": "Dog"},
        ),
        ("seen_1_Dog", {"_type": "Dog"}),
    ]
    assert not any(index.sparse for index in dog.__metadata__.indexes)
    assert puppy.__metadata__.indexes[0].name == "chip_1_Puppy"


def test_a_unique_index_of_the_root_holds_for_all(home: ModelRegistry) -> None:
    root = define_plain(
        home,
        "zoo.Named",
        name=StringField(),
        Meta=meta(indexes=[{"fields": ["name"], "unique": True}]),
    )
    dog = child(root, "zoo.Dog", Meta=meta(indexes=[{"fields": [("name", 1)], "unique": True}]))
    assert dog.__metadata__.indexes == root.__metadata__.indexes


def test_a_reference_to_the_root_takes_a_child(home: ModelRegistry, animal: Any, dog: Any) -> None:
    visit: Any = define_plain(home, "zoo.Visit", patient=ReferenceField(animal))
    rex = dog(name="Rex", id=ObjectId())
    assert visit(patient=rex).patient.loaded is rex


def test_a_child_overrides_methods_and_fields(animal: Any) -> None:
    class Cat(animal):  # type: ignore[misc] # a class that a fixture makes
        name = StringField(max_length=3)

        def greet(self) -> str:
            return f"{self.name}!"

    assert Cat(name="Tom").greet() == "Tom!"
    assert animal(name="Thomas").name == "Thomas"
    with pytest.raises(ValueError, match="at most 3"):
        Cat(name="Thomas")


def test_validators_of_the_root_hold_for_its_children(home: ModelRegistry) -> None:
    root = define_plain(
        home,
        "zoo.Named",
        name=StringField(),
        Meta=meta(
            validators=[UniqueValidator("name")], indexes=[{"fields": ["name"], "unique": True}]
        ),
    )
    assert child(root, "zoo.Dog").__metadata__.validators == (UniqueValidator("name"),)


def test_the_first_instance_of_a_child_has_the_childs_defaults() -> None:
    home = ModelRegistry()

    class Paper(BaseModel, registry=home):
        pages = IntegerField(default=2)

    class Card(Paper):
        pages = IntegerField(default=1)

    assert (Paper().pages, Card().pages, Card().pages) == (2, 1, 1)
