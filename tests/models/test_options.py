"""What a model makes of the options of its bases."""

from typing import Any

import pytest

from earnorm import (
    BaseModel,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    StringField,
    UniqueValidator,
    UnknownModelError,
    UnknownOptionError,
    ValidationError,
)
from earnorm.metadata import OPTIONS, Merge


def meta(**options: Any) -> type:
    return type("Meta", (), options)


def check(instance: Any) -> None:
    """A validator."""


def test_lists_add_up_from_the_farthest_base_without_duplicates(home: ModelRegistry) -> None:
    home.plugin("one")(type("One", (), {}))
    home.plugin("two")(type("Two", (), {}))

    class Base(BaseModel, registry=home):
        name = StringField()

        class Meta:
            abstract = True
            plugins = ["one"]
            indexes = [{"fields": ["name"], "unique": True}]
            validators = [UniqueValidator("name"), check]

    class Child(Base):
        class Meta:
            plugins = ["two", "one"]
            indexes = [{"fields": [("name", 1)], "unique": True}, {"fields": [("name", -1)]}]
            validators = [check, UniqueValidator("name")]

    metadata = Child.__metadata__
    assert [plugin.name for plugin in metadata.plugins] == ["one", "two"]
    assert [index.name for index in metadata.indexes] == ["name_1", "name_-1"]
    assert metadata.validators == (UniqueValidator("name"), check)


def test_the_nearest_class_decides_a_scalar(home: ModelRegistry) -> None:
    class Base(BaseModel, registry=home):
        class Meta:
            abstract = True
            strict = True

    class Silent(Base):
        class Meta:
            collection = "silent"

    class Lax(Silent):
        class Meta:
            strict = False

    class Mixin:
        Meta = meta(strict=True)

    class Mixed(Mixin, Lax):  # type: ignore[misc] # each has a Meta of its own
        pass

    assert [model.__metadata__.options["strict"] for model in (Silent, Lax, Mixed)] == [
        True,
        False,
        True,
    ]
    assert [model.__strict__ for model in (Silent, Lax, Mixed)] == [True, False, True]


def test_strict_reaches_fields_that_say_nothing_and_those_of_bases(home: ModelRegistry) -> None:
    class Base(BaseModel, registry=home):
        age = IntegerField()
        size = IntegerField(strict=False)

        class Meta:
            abstract = True

    class Lax(Base):
        pass

    class Strict(Base):
        tags = ListField(IntegerField())

        class Meta:
            strict = True

    class LaxAgain(Strict):
        class Meta:
            strict = False

    values: dict[str, Any] = {"age": 3.0, "size": 3.0}
    assert Lax(**values).age == 3
    assert LaxAgain(**values, tags=[3.0]).tags == [3]
    with pytest.raises(ValidationError) as caught:
        Strict(**values, tags=[3.0])
    assert [(fault.path, fault.code) for fault in caught.value.errors] == [
        ("age", "strict"),
        ("tags.0", "strict"),
    ]


@pytest.mark.parametrize(
    ("option", "value"), [("abstract", True), ("collection", "things"), ("discriminator", "thing")]
)
def test_what_is_a_class_s_own_is_not_inherited_even_through_meta(
    home: ModelRegistry, option: str, value: object
) -> None:
    options = {"abstract": True} if option == "collection" else {}
    base: Any = type(
        "Base", (BaseModel,), {"Meta": meta(**{option: value}, **options)}, registry=home
    )
    metas = [meta(), type("Meta", (base.Meta,), {}), type("Meta", (base.Meta,), {"indexes": []})]
    for name, written in zip(("One", "Two", "Three"), metas, strict=True):
        child: Any = type(name, (base,), {"Meta": written})
        assert not child.__metadata__.abstract
        if option == "collection":
            assert child.__metadata__.collection == name.lower()
        if option == "discriminator":
            assert child.__metadata__.discriminator == name


def test_every_option_says_how_it_merges() -> None:
    assert {name for name, option in OPTIONS.items() if option.merge is Merge.OWN} == {
        "abstract",
        "collection",
        "discriminator",
    }
    assert {name for name, option in OPTIONS.items() if option.merge is Merge.ADDED} == {
        "indexes",
        "plugins",
        "silenced_checks",
        "validators",
    }


@pytest.mark.parametrize("value", [1, "yes", None, []])
def test_strict_is_a_truth_value(home: ModelRegistry, value: object) -> None:
    with pytest.raises(ModelDefinitionError, match="Meta.strict must be True or False, not"):
        type("User", (BaseModel,), {"Meta": meta(strict=value)}, registry=home)


def test_an_index_of_a_base_cannot_be_changed_under_its_name(home: ModelRegistry) -> None:
    class Base(BaseModel, registry=home):
        name = StringField()

        class Meta:
            abstract = True
            indexes = [{"fields": ["name"]}]

    with pytest.raises(ModelDefinitionError, match="two indexes are called 'name_1'"):
        type("Child", (Base,), {"Meta": meta(indexes=[{"fields": ["name"], "unique": True}])})


class TestExplain:
    """`registry.explain` says where a value comes from."""

    @pytest.fixture
    def child(self, home: ModelRegistry) -> Any:
        home.plugin("one")(type("One", (), {}))
        home.plugin("two")(type("Two", (), {}))

        class Base(BaseModel, registry=home):
            age = IntegerField()

            class Meta:
                abstract = True
                plugins = ["one"]
                strict = True

        class Child(Base):
            class Meta:
                plugins = [
                    "one",
                    "two",
                ]

        return Child

    def lines(self) -> list[str]:
        with open(__file__, encoding="utf-8") as source:
            return ["", *source.read().splitlines()]

    def test_each_item_of_a_list_has_its_class_and_line(
        self, home: ModelRegistry, child: Any
    ) -> None:
        explanation = home.explain(child, "plugins")
        assert explanation.value == ("one", "two")
        assert [origin.value for origin in explanation.origins] == ["one", "two"]
        assert [origin.given_by.rpartition(".")[2] for origin in explanation.origins] == [
            "Base",
            "Child",
        ]
        places = [str(origin.where).rpartition(":") for origin in explanation.origins]
        assert all(path.endswith("test_options.py") for path, _, _ in places)
        written = [self.lines()[int(line)].strip() for _, _, line in places]
        assert written == ['plugins = ["one"]', '"two",']

    def test_a_scalar_has_the_class_that_decided(self, home: ModelRegistry, child: Any) -> None:
        (origin,) = home.explain(child, "strict").origins
        assert (origin.value, origin.given_by.rpartition(".")[2]) == (True, "Base")
        assert str(origin).startswith(
            "True from tests.models.test_options.TestExplain.child.<locals>.Base ("
        )

    def test_what_nobody_says_has_a_reason(self, home: ModelRegistry, child: Any) -> None:
        for option, end in {
            "collection": "collection = 'child', from the name of the class",
            "discriminator": "discriminator = None, as it inherits no concrete model",
            "abstract": "abstract = False, the default",
            "indexes": "indexes = [], the default",
        }.items():
            assert str(home.explain(child, option)).endswith(
                f"TestExplain.child.<locals>.Child: {end}"
            )

    def test_every_option_can_be_explained(self, home: ModelRegistry, child: Any) -> None:
        for option in OPTIONS:
            assert home.explain(child, option).option == option
            assert hash(home.explain(child, "plugins")) is not None

    def test_a_collection_can_be_named_beside_meta(self, home: ModelRegistry) -> None:
        class User(BaseModel, registry=home):
            _collection = "people"

        (origin,) = home.explain(User, "collection").origins
        line = int(str(origin.where).rpartition(":")[2])
        assert self.lines()[line].strip() == '_collection = "people"'

    def test_without_source_the_class_is_all_that_is_known(self, home: ModelRegistry) -> None:
        user: Any = type(
            "User",
            (BaseModel,),
            {"__module__": "nowhere", "Meta": meta(strict=True)},
            registry=home,
        )
        (origin,) = home.explain(user, "strict").origins
        assert (str(origin), origin.where) == ("True from nowhere.User", None)

    def test_unknown_names_are_errors(self, home: ModelRegistry, child: Any) -> None:
        with pytest.raises(
            UnknownOptionError, match="no option 'plugin'. Did you mean 'plugins'?"
        ) as caught:
            home.explain(child, "plugin")
        assert caught.value.name == "plugin"
        with pytest.raises(UnknownOptionError, match="The options are: abstract, collection"):
            home.explain(child, "ordering")
        with pytest.raises(UnknownModelError):
            home.explain("Nobody", "plugins")
