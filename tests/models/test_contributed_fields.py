"""Fields that a plugin brings to a model."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    DateTimeField,
    FieldDefinitionError,
    IntegerField,
    ModelDefinitionError,
    ModelRegistry,
    PluginConflictError,
    PluginDefinitionError,
    PluginFields,
    StringField,
    UniqueValidator,
    UnsetFieldError,
    ValidationError,
    connect,
)

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Stamped(PluginFields, plugin="stamp"):
    made_at = DateTimeField(alias="m")
    note = StringField(required=False)
    count = IntegerField(default=0)


class Stamp:
    def contribute_fields(self, model: type) -> type:
        return Stamped

    def before_save(self, instance: Any) -> None:
        instance.made_at = NOON


@pytest.fixture
def stamped(home: ModelRegistry) -> ModelRegistry:
    """The test's registry, which has the plugin `stamp`."""
    home.plugin("stamp")(Stamp)
    return home


def define(home: ModelRegistry, *bases: type, plugins: Any = ("stamp",), **namespace: Any) -> Any:
    options: dict[str, Any] = {"plugins": list(plugins)}
    for key in ("indexes", "validators"):
        options[key] = namespace.pop(key, [])
    meta = type("Meta", (), options)
    body = {"name": StringField(), "Meta": meta, "__module__": "shop", **namespace}
    return type("User", (*bases, BaseModel), body, registry=home)


def test_contributed_fields_come_last_and_know_their_plugin(stamped: ModelRegistry) -> None:
    user = define(stamped)
    fields = user.__metadata__.fields
    assert list(fields) == ["id", "name", "made_at", "note", "count"]
    assert {name: field.contributed_by for name, field in fields.items()} == {
        "id": None,
        "name": None,
        "made_at": "stamp",
        "note": "stamp",
        "count": "stamp",
    }
    assert (user.made_at > NOON).document == {"m": {"$gt": NOON}}


def test_a_contributed_field_is_unset_until_the_plugin_sets_it(stamped: ModelRegistry) -> None:
    user = define(stamped)(name="Ada")
    with pytest.raises(UnsetFieldError) as caught:
        user.made_at  # noqa: B018 # reading raises
    assert str(caught.value) == (
        "User.made_at has no value yet: the plugin 'stamp' sets it when the instance is saved."
    )
    assert (caught.value.field, isinstance(caught.value, AttributeError)) == ("made_at", True)
    assert not hasattr(user, "made_at")
    assert (user.note, user.count) == (None, 0)
    assert repr(user) == "User(id=None, name='Ada', note=None, count=0)"
    assert "m" not in user.to_document()


async def test_the_plugin_sets_it_and_it_is_loaded_back(stamped: ModelRegistry) -> None:
    user = define(stamped)
    async with connect("sqlite://", registry=stamped):
        ada = await user(name="Ada").save()
        assert ada.made_at == NOON
        loaded = await user.get(ada.id)
        assert loaded == ada
        assert await user.find(user.made_at == NOON, {"made_at": NOON}).count() == 1


@pytest.mark.parametrize("name", ["made_at", "note", "count"])
def test_a_contributed_field_is_no_argument(stamped: ModelRegistry, name: str) -> None:
    with pytest.raises(
        ValidationError, match=f"{name}: is set by the plugin 'stamp', and is no argument"
    ):
        define(stamped)(name="Ada", **{name: NOON})


def test_a_contributed_field_can_be_assigned_and_is_checked(stamped: ModelRegistry) -> None:
    user = define(stamped)(name="Ada")
    user.made_at = NOON
    assert user.made_at == NOON
    with pytest.raises(ValidationError, match="made_at: must be a datetime, not str"):
        user.made_at = "now"
    with pytest.raises(ValidationError, match="made_at: a value is required, None is none"):
        user.made_at = None


async def test_a_plugin_that_forgets_its_field_is_named(home: ModelRegistry) -> None:
    home.plugin("stamp")(type("Forgetful", (), {"contribute_fields": lambda self, model: Stamped}))
    user = define(home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(ValidationError) as caught:
            await user(name="Ada").save()
        assert str(caught.value).endswith(
            "made_at: has no value: the plugin 'stamp' should have set it before the save"
        )
        assert await user.find().count() == 0


def test_a_document_from_before_the_plugin_is_read_and_the_field_is_unset(
    stamped: ModelRegistry,
) -> None:
    user = define(stamped).from_document({"_id": ObjectId(), "name": "Ada"})
    assert not hasattr(user, "made_at")
    assert (user.note, user.count) == (None, 0)


def test_the_mixin_can_be_inherited_for_type_checkers_and_changes_nothing(
    stamped: ModelRegistry,
) -> None:
    plain, mixed = define(stamped), define(ModelRegistry("other"), plugins=[])
    assert list(mixed.__metadata__.fields) == ["id", "name"]
    stamped.unregister(plain)
    with_mixin = define(stamped, Stamped)
    assert list(with_mixin.__metadata__.fields) == list(plain.__metadata__.fields)
    with pytest.raises(ValidationError, match="made_at: is set by the plugin 'stamp'"):
        with_mixin(name="Ada", made_at=NOON)


def test_the_mixin_of_a_plugin_that_is_not_enabled_is_an_error_at_the_class_line(
    stamped: ModelRegistry,
) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        define(stamped, Stamped, plugins=[])
    assert str(caught.value) == (
        "shop.User: inherits Stamped, which declares the fields of the plugin 'stamp', and does not "
        "enable it. Add 'stamp' to Meta.plugins."
    )
    assert stamped.get_all_models() == []


def test_an_abstract_base_can_enable_the_plugin(stamped: ModelRegistry) -> None:
    class Base(Stamped, BaseModel, registry=stamped):
        class Meta:
            abstract = True
            plugins = ["stamp"]

    class User(Base):
        name = StringField()

        class Meta:
            plugins = ["stamp"]

    assert list(User.__metadata__.fields) == ["id", "name", "made_at", "note", "count"]
    assert [plugin.name for plugin in User.__metadata__.plugins] == ["stamp"]


def test_naming_a_plugin_twice_enables_it_once(stamped: ModelRegistry) -> None:
    user = define(stamped, plugins=["stamp", "stamp"])
    assert [plugin.name for plugin in user.__metadata__.plugins] == ["stamp"]


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("made_at", DateTimeField(), "the field 'made_at'"),
        ("note", "a constant", "the attribute 'note'"),
        ("count", property(lambda self: 1), "the attribute 'count'"),
    ],
)
def test_a_name_that_the_model_has_already_clashes(
    stamped: ModelRegistry, name: str, value: object, what: str
) -> None:
    with pytest.raises(PluginConflictError) as caught:
        define(stamped, **{name: value})
    assert f"shop.User: {what} clashes with the field of that name that the plugin 'stamp'" in str(
        caught.value
    )
    assert "Rename yours, or take the plugin out of Meta.plugins." in str(caught.value)
    assert stamped.get_all_models() == []


def test_a_stored_name_that_the_model_has_already_clashes(stamped: ModelRegistry) -> None:
    with pytest.raises(ModelDefinitionError, match="'made_at' is stored as 'm', and so is 'mine'"):
        define(stamped, mine=StringField(alias="m"))


def test_two_plugins_that_bring_the_same_field_clash(stamped: ModelRegistry) -> None:
    class Noted(PluginFields, plugin="notes"):
        note = StringField()

    stamped.plugin("notes")(type("Notes", (), {"contribute_fields": lambda self, model: Noted}))
    with pytest.raises(PluginConflictError) as caught:
        define(stamped, plugins=["stamp", "notes"])
    assert "both contribute the field 'note'. Take one of them out of Meta.plugins." in str(
        caught.value
    )


def test_a_contributed_field_cannot_take_a_reserved_name(home: ModelRegistry) -> None:
    class Saved(PluginFields, plugin="bad"):
        save = DateTimeField()

    home.plugin("bad")(type("Bad", (), {"contribute_fields": lambda self, model: Saved}))
    with pytest.raises(PluginConflictError, match="the attribute 'save' clashes"):
        define(home, plugins=["bad"])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"made_at": DateTimeField()}, "contribute_fields must return a subclass of PluginFields, not {"),
        (Stamp, "contribute_fields must return a subclass of PluginFields, not <class"),
        (Stamped, "it contributes Stamped, which says plugin='stamp'. Write class Stamped(PluginFields, plugin='bad')."),
        (PluginFields, "it contributes PluginFields, which says plugin=''"),
    ],
)  # fmt: skip
def test_a_contribution_of_another_kind_is_refused(
    home: ModelRegistry, answer: object, message: str
) -> None:
    home.plugin("bad")(type("Bad", (), {"contribute_fields": lambda self, model: answer}))
    with pytest.raises(PluginDefinitionError) as caught:
        define(home, plugins=["bad"])
    assert message in str(caught.value)


def test_a_plugin_may_bring_nothing_to_a_model(home: ModelRegistry) -> None:
    home.plugin("stamp")(type("Empty", (), {"contribute_fields": lambda self, model: None}))
    assert list(define(home).__metadata__.fields) == ["id", "name"]


def test_a_mixin_says_whose_fields_it_holds() -> None:
    with pytest.raises(FieldDefinitionError, match="Nameless must say whose fields it holds"):
        type("Nameless", (PluginFields,), {})


@pytest.mark.filterwarnings("ignore::earnorm.UnbackedUniqueWarning")  # the validator alone is meant
async def test_indexes_and_validators_may_name_contributed_fields(stamped: ModelRegistry) -> None:
    user = define(
        stamped, indexes=[{"fields": [("made_at", -1)]}], validators=[UniqueValidator("count")]
    )
    assert user.__metadata__.indexes[0].fields == (("m", -1),)
    async with connect("sqlite://", registry=stamped):
        await user(name="Ada").save()
        with pytest.raises(ValidationError, match="count: is taken"):
            await user(name="Bob").save()
