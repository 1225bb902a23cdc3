"""`TypedModel` is `BaseModel` with annotations: the same at run time, stricter at the class line."""

from typing import Any, ClassVar

import pytest

import earnorm
from earnorm import (
    BaseModel,
    Field,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    StringField,
    TypedModel,
    ValidationError,
    connect,
)
from earnorm_timestamp import Timestamped


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("home")


def test_it_is_a_model_like_any_other(home: ModelRegistry) -> None:
    class User(TypedModel, registry=home):
        name: Field[str] = StringField(min_length=2)
        age: Field[int | None] = IntegerField(required=False, default=None)
        tags: Field[list[str]] = ListField(StringField(), default_factory=list)
        limit: ClassVar[int] = 3

        class Meta:
            collection = "users"

    class Plain(BaseModel, registry=home):
        name = StringField(min_length=2)
        age = IntegerField(required=False, default=None)
        tags = ListField(StringField(), default_factory=list)

    ada = User(name="Ada")
    assert ada.to_document() == Plain(name="Ada").to_document()
    assert User.from_document(ada.to_document()) == ada
    assert home.get_metadata(User).collection == "users"
    assert list(User.__metadata__.fields) == list(Plain.__metadata__.fields)
    faults = [str(fault) for fault in _faults(User)]
    assert faults == [str(fault) for fault in _faults(Plain)]
    assert len(faults) == 2


def _faults(model: Any) -> list[Any]:
    with pytest.raises(ValidationError) as caught:
        model(name="A", nme="Ada")
    return [(fault.path, fault.code) for fault in caught.value.errors]


async def test_it_is_saved_and_found_and_has_the_fields_of_plugins(home: ModelRegistry) -> None:
    class Base(TypedModel, registry=home):
        slug: Field[str] = StringField()

        class Meta:
            abstract = True

    class Page(Timestamped, Base):
        title: Field[str] = StringField()

        class Meta(Base.Meta):
            plugins = ["timestamp"]

    async with connect("sqlite://", registry=home):
        page = await Page.create(slug="first", title="First")
        (found,) = await Page.find(Page.title == "First", Page.created_at <= page.updated_at)
    assert found == page
    assert found.created_at == page.created_at


def test_it_is_abstract_itself_and_registered_nowhere() -> None:
    with pytest.raises(ModelDefinitionError, match="TypedModel is abstract|is abstract"):
        TypedModel()
    assert TypedModel not in earnorm.registry


def test_its_subclasses_need_not_be_abstract_again(home: ModelRegistry) -> None:
    class One(TypedModel, registry=home): ...

    assert One in home


def test_a_field_without_an_annotation_is_an_error(home: ModelRegistry) -> None:
    with pytest.raises(ModelDefinitionError) as caught:

        class User(TypedModel, registry=home):
            name = StringField()

    assert "the field 'name' has no annotation" in str(caught.value)
    assert "name: Field[...] = StringField(...)" in str(caught.value)
    assert home.get_all_models() == []


def test_an_alias_is_an_error_that_says_where_it_works(home: ModelRegistry) -> None:
    with pytest.raises(
        ModelDefinitionError, match=r"the field 'name' has the alias 'n'.*BaseModel"
    ):

        class User(TypedModel, registry=home):
            name: Field[str] = StringField(alias="n")


def test_an_annotation_without_a_field_is_an_error(home: ModelRegistry) -> None:
    with pytest.raises(ModelDefinitionError, match="declares no field"):

        class User(TypedModel, registry=home):
            name: Field[str]


def test_fields_of_a_mixin_without_annotations_are_left_alone(home: ModelRegistry) -> None:
    class Greeting:
        greeting = StringField(default="Hello", alias="g")

    class Polite(Greeting, TypedModel, registry=home):
        name: Field[str] = StringField()

    assert Polite(name="Ada").to_document() == {"g": "Hello", "name": "Ada"}


def test_type_checkers_are_told_every_field_type() -> None:
    transform = TypedModel.__dataclass_transform__  # type: ignore[attr-defined] # PEP 681 sets it
    ours = {getattr(earnorm, name) for name in earnorm.__all__ if name.endswith("Field")}
    assert ours <= set(transform["field_specifiers"])
