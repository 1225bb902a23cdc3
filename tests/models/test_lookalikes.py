"""What looks right and would be ignored is told at the class line."""

from typing import Any, ClassVar

import pytest

from earnorm import (
    BaseModel,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    ModelDefinitionError,
    ModelRegistry,
    PluginDefinitionError,
    ReferenceField,
    StringField,
    ValidationError,
)

home = ModelRegistry("lookalikes")


def define(**namespace: Any) -> type[BaseModel]:
    names = {"__module__": "shop", **namespace}
    return type("User", (BaseModel,), names, registry=ModelRegistry())


def test_a_bare_annotation_declares_no_field() -> None:
    with pytest.raises(
        ModelDefinitionError, match=r"'name' declares no field. Write name = StringField\(\)"
    ):
        define(__annotations__={"name": str})


def test_an_annotation_of_a_class_variable_is_fine() -> None:
    annotations = {"limit": ClassVar[int], "_cache": dict, "name": StringField}
    user = define(__annotations__=annotations, name=StringField())
    assert list(user.__metadata__.fields) == ["id", "name"]


def test_a_field_type_without_its_call_is_no_field() -> None:
    with pytest.raises(ModelDefinitionError, match=r"Write name = StringField\(\)"):
        define(name=StringField)


@pytest.mark.parametrize("name", ["meta", "Settings", "Config"])
def test_options_under_another_mappers_name_are_refused(name: str) -> None:
    with pytest.raises(ModelDefinitionError, match=f"has '{name}', which means nothing here"):
        define(**{name: type(name, (), {"collection": "users"})})
    if name == "meta":
        with pytest.raises(ModelDefinitionError, match="Write the options as 'class Meta:'"):
            define(meta={"collection": "users"})


@pytest.mark.parametrize("option", ["name", "indexes", "validators", "plugins", "abstract"])
def test_any_option_gives_it_away(option: str) -> None:
    with pytest.raises(ModelDefinitionError, match="has 'Settings', which means nothing here"):
        define(Settings=type("Settings", (), {option: "x"}))


def test_a_nested_class_of_such_a_name_may_serve_a_purpose_of_its_own() -> None:
    class User(BaseModel, registry=ModelRegistry()):
        class Settings(EmbeddedModel):
            name = StringField()
            collection = StringField()

        class Config:
            path = "/etc/users"

        meta = {"version": 2}
        settings = EmbeddedField(Settings)

    user = User(settings={"name": "dark", "collection": "stamps"})
    assert user.settings == User.Settings(name="dark", collection="stamps")
    assert list(User.__metadata__.fields) == ["id", "settings"]


def test_a_field_may_have_such_a_name() -> None:
    assert "meta" in define(meta=DictField()).__metadata__.fields


def test_a_plugin_decorator_without_a_name_is_refused() -> None:
    with pytest.raises(
        PluginDefinitionError, match=r"write @registry.plugin\('name'\) above the class"
    ):

        @home.plugin  # type: ignore[arg-type] # the point of the test
        class Forgotten:
            pass


def test_reading_through_a_reference_says_how_to_fetch_it() -> None:
    order: Any = type("Order", (BaseModel,), {"user": ReferenceField("User")}, registry=home)
    made = order(user="0" * 24)
    with pytest.raises(
        AttributeError, match="Order.user is a reference, and has no attribute 'name'.*fetch"
    ):
        made.user.name  # noqa: B018 # reading is the point


def test_the_embedded_model_itself_has_no_instances() -> None:
    with pytest.raises(
        ModelDefinitionError, match="EmbeddedModel: is abstract and has no instances"
    ):
        EmbeddedModel()


@pytest.mark.parametrize("base", [BaseModel, EmbeddedModel])
def test_what_a_half_made_instance_lacks_is_told_and_not_sought_for_ever(base: Any) -> None:
    bare = base.__new__(base)
    for name in ("name", "__codec__", "__anything__"):
        with pytest.raises(AttributeError):
            getattr(bare, name)


def test_a_key_that_is_no_name_is_one_more_fault() -> None:
    class Spot(EmbeddedModel):
        city = StringField()

    class Trip(BaseModel, registry=ModelRegistry("trips")):
        start = EmbeddedField(Spot)
        name = StringField()

    with pytest.raises(ValidationError) as caught:
        Trip(start={1: "a"})
    assert [fault.path for fault in caught.value.errors] == ["start.city", "start.1", "name"]
