"""From a class statement to a model: names, options, bases."""

from collections.abc import Callable
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ModelDefinitionError,
    ModelRegistry,
    StringField,
    UniqueValidator,
)
from earnorm import registry as default_registry


def meta(**options: Any) -> type:
    return type("Meta", (), options)


def define(home: ModelRegistry, name: str = "User", **namespace: Any) -> Any:
    return type(name, (BaseModel,), {"name": StringField(), **namespace}, registry=home)


@pytest.mark.parametrize(
    ("name", "collection"),
    [
        ("User", "user"),
        ("OrderItem", "order_item"),
        ("HTTPLog", "http_log"),
        ("LogHTTP", "log_http"),
        ("A", "a"),
        ("V2User", "v2_user"),
        ("User_Group", "user_group"),
        ("already_snake", "already_snake"),
        ("Ärger", "ärger"),
    ],
)
def test_the_collection_is_the_snake_case_of_the_class_name(
    home: ModelRegistry, name: str, collection: str
) -> None:
    assert define(home, name).__metadata__.collection == collection


def test_the_collection_can_be_named_in_two_ways(home: ModelRegistry) -> None:
    assert define(home, "One", _collection="users").__metadata__.collection == "users"
    assert define(home, "Two", Meta=meta(collection="people")).__metadata__.collection == "people"
    both = define(home, "Both", _collection="users", Meta=meta(collection="users"))
    assert both.__metadata__.collection == "users"


def test_two_names_for_one_collection_are_refused(home: ModelRegistry) -> None:
    with pytest.raises(
        ModelDefinitionError, match="_collection is 'users' and Meta.collection is 'p'"
    ):
        define(home, _collection="users", Meta=meta(collection="p"))


@pytest.mark.parametrize(
    ("collection", "message"),
    [
        (3, "the collection must be a string, not 3"),
        ("", "the collection '' has no name"),
        ("a$b", "has a '$' or a NUL in its name, which MongoDB forbids"),
        ("a\0b", "has a '$' or a NUL in its name, which MongoDB forbids"),
        ("system.users", "starts with 'system.'"),
        (".users", "starts or ends with a dot"),
        ("users.", "starts or ends with a dot"),
        ("\ud800", "has a lone surrogate in its name"),
        ("ü" * 128, "is longer than 255 bytes"),
    ],
)
def test_a_collection_that_mongodb_would_refuse_is_refused(
    home: ModelRegistry, collection: object, message: str
) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        define(home, _collection=collection)
    assert message in str(caught.value)
    assert home.get_all_models() == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colection": "x"}, "Meta has the unknown option 'colection'. Did you mean 'collection'?"),
        ({"plugin": []}, "Meta has the unknown option 'plugin'. Did you mean 'plugins' or 'plugin_options'?"),
        ({"ordering": []}, "The options are: abstract, collection, discriminator,"),
        ({"_collection": "x"}, "Meta has the unknown option '_collection'. Did you mean 'collection'?"),
        ({"plugins": "timestamp"}, "Meta.plugins must be a list, not 'timestamp'"),
        ({"plugins": {"timestamp"}}, "Meta.plugins must be a list, not {'timestamp'}"),
        ({"plugins": [3]}, "Meta.plugins holds 3; name the plugin by a string"),
        ({"indexes": "email"}, "Meta.indexes must be a list, not 'email'"),
        ({"indexes": {"fields": ["name"]}}, "Meta.indexes must be a list, not {'fields'"),
        ({"validators": UniqueValidator("name")}, "Meta.validators must be a list, not UniqueValidator('name')"),
        ({"abstract": "yes"}, "Meta.abstract must be True or False, not 'yes'"),
        ({"abstract": 1}, "Meta.abstract must be True or False, not 1"),
    ],
)  # fmt: skip
def test_a_fault_in_meta_is_an_error_at_the_class_line(
    home: ModelRegistry, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        define(home, Meta=meta(**options))
    assert message in str(caught.value)
    assert caught.value.model.endswith(".User")
    assert home.get_all_models() == []


def test_meta_must_be_a_class(home: ModelRegistry) -> None:
    with pytest.raises(
        ModelDefinitionError, match="Meta must be a class, not {'collection': 'users'}"
    ):
        define(home, Meta={"collection": "users"})


@pytest.mark.filterwarnings("ignore::earnorm.UnbackedUniqueWarning")  # the validator alone is meant
def test_an_abstract_model_lends_its_fields_and_options(home: ModelRegistry) -> None:
    def check(instance: object) -> None: ...

    class Named(BaseModel, registry=home):
        name = StringField()

        class Meta:
            abstract = True
            collection = "things"
            indexes = [{"fields": [("name", 1)]}]
            validators = [UniqueValidator("name"), check]

    class User(Named):
        age = IntegerField()

        class Meta:
            indexes = [{"fields": [("name", 1)]}, {"fields": [("age", -1)]}]
            validators = [UniqueValidator("age")]

    class Pet(Named):
        pass

    assert home.get_all_models() == [User, Pet]
    assert list(User.__metadata__.fields) == ["id", "name", "age"]
    assert [index.name for index in User.__metadata__.indexes] == ["name_1", "age_-1"]
    assert User.__metadata__.validators == (UniqueValidator("name"), check, UniqueValidator("age"))
    assert (User.__metadata__.collection, Pet.__metadata__.collection) == ("user", "pet")
    assert (User.__metadata__.abstract, Named.__metadata__.abstract) == (False, True)
    assert User(name="Ada", age=3).to_document() == {"name": "Ada", "age": 3}


def test_meta_can_inherit_the_meta_of_an_abstract_base(home: ModelRegistry) -> None:
    class Named(BaseModel, registry=home):
        name = StringField()

        class Meta:
            abstract = True
            indexes = [{"fields": ["name"]}]

    class User(Named):
        class Meta(Named.Meta):
            collection = "users"

    assert not User.__metadata__.abstract
    assert [index.name for index in User.__metadata__.indexes] == ["name_1"]
    assert home.get_model("User") is User


def test_an_abstract_model_has_no_instances_and_no_documents(home: ModelRegistry) -> None:
    named = define(home, "Named", Meta=meta(abstract=True))
    with pytest.raises(ModelDefinitionError, match="Named: is abstract and has no instances"):
        named(name="Ada")
    with pytest.raises(ModelDefinitionError, match="Named: is abstract and has no documents"):
        named.__database__()
    with pytest.raises(ModelDefinitionError, match="is abstract and has no instances"):
        BaseModel()
    with pytest.raises(ModelDefinitionError, match="is abstract, and only concrete models"):
        home.register(named)


def test_plain_mixins_lend_fields_and_methods(home: ModelRegistry) -> None:
    class Greeting:
        greeting = StringField(default="Hello")

        def greet(self) -> str:
            return f"{self.greeting}!"

    class User(Greeting, BaseModel, registry=home):
        pass

    class Dog(Greeting, BaseModel, registry=home):
        greeting = StringField(default="Woof", alias="g")

    assert (User().greet(), Dog().greet()) == ("Hello!", "Woof!")
    assert (User().to_document(), Dog().to_document()) == ({"greeting": "Hello"}, {"g": "Woof"})
    assert repr(User.__metadata__.fields["greeting"]).endswith("User.greeting>")


def test_a_base_field_can_be_taken_out(home: ModelRegistry) -> None:
    named = define(home, "Named", Meta=meta(abstract=True), age=IntegerField())
    user = type("User", (named,), {"age": None})
    assert list(user.__metadata__.fields) == ["id", "name"]  # type: ignore[attr-defined] # made by type()


def test_a_model_belongs_to_the_registry_that_it_names_and_else_to_the_default_one() -> None:
    other = ModelRegistry("other")

    class Here(BaseModel):
        pass

    class There(BaseModel, registry=other):
        class Meta:
            abstract = True

    class Below(There):
        pass

    assert Here in default_registry
    assert other.get_all_models() == [Below]
    default_registry.unregister(Here)


@pytest.mark.parametrize("base", [BaseModel, EmbeddedModel])
def test_what_is_no_registry_is_refused(base: type) -> None:
    with pytest.raises(
        ModelDefinitionError, match="User: names the registry 'shop', which is none"
    ):
        type("User", (base,), {}, registry="shop")


@pytest.mark.parametrize(
    "name",
    ["save", "delete", "reload", "get", "find", "create", "insert_many", "to_document", "from_document"],
)  # fmt: skip
@pytest.mark.parametrize("base", [BaseModel, EmbeddedModel])
def test_a_field_cannot_take_a_reserved_name(base: type, name: str) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        type("User", (base,), {name: StringField()}, registry=ModelRegistry("reserved"))
    assert str(caught.value).endswith(
        f"the field {name!r} has a name that EarnORM reserves. Rename it: "
        f"{name}_ = ...(alias={name!r}) stores it the same."
    )
    renamed: Any = type("User", (base,), {f"{name}_": StringField(alias=name)}, registry=ModelRegistry("renamed"))  # fmt: skip
    assert renamed(**{f"{name}_": "x"}).to_document() == {name: "x"}


@pytest.mark.parametrize(
    "value", [StringField(), IntegerField(required=False, alias="_id"), 5, None]
)
def test_the_id_cannot_be_redefined(home: ModelRegistry, value: object) -> None:
    with pytest.raises(ModelDefinitionError, match="redefines id, which is the document's id"):
        define(home, id=value)
    with pytest.raises(ModelDefinitionError, match="redefines id"):
        type("User", (type("Mixin", (), {"id": value}), BaseModel), {}, registry=home)


def test_an_embedded_model_may_have_a_field_called_id(home: ModelRegistry) -> None:
    class Line(EmbeddedModel):
        id = IntegerField()

    class Order(BaseModel, registry=home):
        line = EmbeddedField(Line)

    assert Order(line={"id": 3}).to_document() == {"line": {"id": 3}}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"_secret": StringField()}, "the field '_secret' starts with an underscore"),
        ({"class": StringField()}, "the field 'class' has a name that is no Python identifier"),
        ({"first name": StringField()}, "the field 'first name' has a name that is no Python identifier"),
        ({"a": StringField(alias="")}, "the field 'a' has the alias ''; a stored name is not empty"),
        ({"a": StringField(alias="b.c")}, "the field 'a' has the alias 'b.c'; a stored name"),
        ({"a": StringField(alias="$b")}, "the field 'a' has the alias '$b'; a stored name"),
        ({"a": StringField(alias="b\0")}, "the field 'a' has the alias 'b\\x00'; a stored name"),
        ({"a": StringField(alias="\ud800")}, "the field 'a' has the alias '\\ud800'; a stored name"),
        ({"a": StringField(alias="x"), "b": StringField(alias="x")}, "'b' is stored as 'x', and so is 'a'"),
        ({"a": StringField(alias="b"), "b": StringField()}, "the field 'a' has the alias 'b', which is the name of"),
        ({"a": StringField(alias="b"), "b": StringField(alias="a")}, "has the alias 'b', which is the name of"),
        ({"a": StringField(alias=["b"])}, "the field 'a' has the alias ['b']; a stored name"),  # type: ignore[call-overload]
    ],
)  # fmt: skip
@pytest.mark.parametrize("base", [BaseModel, EmbeddedModel])
def test_names_that_cannot_be_stored_or_told_apart_are_refused(
    base: type, fields: dict[str, Any], message: str
) -> None:
    home = ModelRegistry("names")
    with pytest.raises(ModelDefinitionError) as caught:
        type("User", (base,), fields, registry=home)
    assert message in str(caught.value)
    assert home.get_all_models() == []


def test_only_an_embedded_model_may_store_a_field_as_the_id_is_stored(home: ModelRegistry) -> None:
    with pytest.raises(
        ModelDefinitionError, match="has the alias '_id', which is the document's id"
    ):
        type("User", (BaseModel,), {"a": StringField(alias="_id")}, registry=home)
    group: Any = type("Group", (EmbeddedModel,), {"a": StringField(alias="_id")})
    assert group(a="x").to_document() == {"_id": "x"}


@pytest.mark.parametrize(
    "alias", ["n", "first name", "class", "_n", "ñ", "a" * 1000, "'; --", "\n"]
)
def test_any_other_stored_name_can_be_an_alias(home: ModelRegistry, alias: str) -> None:
    user: Any = type("User", (BaseModel,), {"name": StringField(alias=alias)}, registry=home)
    assert user(name="Ada").to_document() == {alias: "Ada"}


@pytest.mark.parametrize("namespace", [{"Meta": meta()}, {"_collection": "addresses"}])
def test_an_embedded_model_has_no_options(namespace: dict[str, Any]) -> None:
    with pytest.raises(ModelDefinitionError, match="is embedded and has no"):
        type("Address", (EmbeddedModel,), {"street": StringField(), **namespace})


def test_an_embedded_model_can_inherit_another() -> None:
    class Place(EmbeddedModel):
        name = StringField()

    class City(Place):
        people = IntegerField()

    assert City(name="Rome", people=3).to_document() == {"name": "Rome", "people": 3}
    assert Place(name="Rome") != City(name="Rome", people=3)


def test_metadata_is_frozen(home: ModelRegistry) -> None:
    metadata = define(home).__metadata__
    changes: list[Callable[[], object]] = [
        lambda: setattr(metadata, "collection", "x"),
        lambda: metadata.fields.update(age=IntegerField()),
        lambda: metadata.options.update(collection="x"),
    ]
    for change in changes:
        with pytest.raises((AttributeError, TypeError)):
            change()


def test_options_are_a_copy_that_nobody_can_change(home: ModelRegistry) -> None:
    partial = {"name": "x"}
    fields = ["name"]
    written = [{"fields": fields, "partial": partial}]

    class User(BaseModel, registry=home):
        name = StringField()
        Meta = type("Meta", (), {"indexes": written})

    partial["name"], written[0]["unique"] = "y", True  # type: ignore[assignment] # an author may do so
    fields.append("id")
    options = User.__metadata__.options
    assert options["indexes"] == ({"fields": ("name",), "partial": {"name": "x"}},)
    with pytest.raises(TypeError):
        options["indexes"][0]["partial"]["name"] = "z"
    (index,) = User.__metadata__.indexes
    assert (index.fields, index.partial) == ((("name", 1),), {"name": "x"})
