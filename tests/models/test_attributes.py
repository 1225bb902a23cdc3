"""Constructing instances, and reading, setting and deleting their attributes."""

from functools import cached_property
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    EmailField,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
    UnsetFieldError,
    ValidationError,
    connect,
)

home = ModelRegistry("attributes")


class User(BaseModel, registry=home):
    name = StringField()
    email = EmailField(required=False)
    age = IntegerField(minimum=0, required=False)
    tags = ListField(StringField())

    kind = "person"

    @property
    def upper(self) -> str:
        return self.name.upper()

    @property
    def shown(self) -> str:
        return f"<{self.name}>"

    @shown.setter
    def shown(self, value: str) -> None:
        self.name = value.strip("<>")

    @property
    def broken(self) -> str:
        unknown: Any = self
        return str(unknown.nmae)

    @cached_property
    def expensive(self) -> list[str]:
        return [self.name]


def any_user(**values: Any) -> Any:
    return User(**{"name": "Ada", **values})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"nmae": "Ada"}, "name: is required\n  nmae: is no field of User. Did you mean 'name'?"),
        ({"name": "Ada", "xyzzy": 1}, "xyzzy: is no field of User."),
        ({"name": "Ada", "kind": "cat"}, "kind: is no field of User."),
        ({"name": "Ada", "save": 1}, "save: is no field of User."),
        ({"name": "Ada", "_name": 1}, "_name: is no field of User. Did you mean 'name'?"),
        ({"name": "Ada", "_id": 1}, "_id: is no field of User. Did you mean 'id'?"),
        ({"name": "Ada", "$set": 1}, "$set: is no field of User."),
        ({"name": "Ada", "__class__": int}, "__class__: is no field of User."),
        ({"name": "Ada", "self": 1, "cls": 1}, "self: is no field of User.\n  cls: is no field of User."),
    ],
)  # fmt: skip
def test_an_argument_that_is_no_field_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        User(**values)
    assert message in str(caught.value)
    assert caught.value.errors[-1].code == "unknown"


async def test_create_refuses_the_same_arguments() -> None:
    async with connect("sqlite://", registry=home):
        with pytest.raises(ValidationError, match="cls: is no field of User"):
            await User.create(name="Ada", cls=1)
        assert await User.find().count() == 0


def test_values_are_given_by_name_only() -> None:
    positional: Any = User
    with pytest.raises(TypeError):
        positional("Ada")


def test_an_assignment_is_checked_and_a_refused_one_changes_nothing() -> None:
    user = any_user(age=3)
    with pytest.raises(ValidationError, match="User: 1 fault\n  age: must be at least 0"):
        user.age = -1
    with pytest.raises(ValidationError, match="name: a value is required, None is none"):
        user.name = None
    assert (user.age, user.name) == (3, "Ada")
    user.age = None
    assert user.age is None


def test_an_attribute_that_nobody_declared_cannot_be_set_or_read() -> None:
    user = any_user()
    with pytest.raises(
        AttributeError, match="User has no field 'nmae'. Did you mean 'name'"
    ) as caught:
        user.nmae = "Ada"
    assert (caught.value.name, caught.value.obj) == ("nmae", user)
    with pytest.raises(AttributeError, match="User has no field 'emial'. Did you mean 'email'"):
        user.emial  # noqa: B018 # reading raises
    with pytest.raises(AttributeError, match="User has no field 'nmae'"):
        User.from_document({"name": "Ada"}).nmae  # type: ignore[attr-defined] # noqa: B018
    assert not hasattr(user, "nmae")


@pytest.mark.parametrize("name", ["kind", "upper", "save", "find", "expensive"])
def test_what_the_class_defines_is_not_overwritten_on_an_instance(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(any_user(), name, "x")


def test_properties_work_and_are_not_stored() -> None:
    user = any_user()
    user.shown = "<Bob>"
    assert (user.name, user.upper, user.shown) == ("Bob", "BOB", "<Bob>")
    assert user.expensive is user.expensive
    assert set(user.to_document()) == {"name", "email", "age", "tags"}


def test_a_property_that_fails_is_told_by_its_own_error() -> None:
    with pytest.raises(AttributeError, match="User has no field 'nmae'. Did you mean 'name'"):
        any_user().broken  # noqa: B018 # reading raises


def test_names_with_an_underscore_are_plain_attributes_and_never_stored() -> None:
    user = any_user()
    user._note = {"anything": object()}
    user.__dict__["_other"] = 1
    assert user._note is not None
    assert "_note" not in user.to_document()
    assert user == any_user()
    assert "_note" not in repr(user)
    del user._note
    with pytest.raises(AttributeError, match="User has no field '_note'"):
        user._note  # noqa: B018 # reading raises


async def test_private_attributes_cannot_come_in_the_way_of_saving() -> None:
    async with connect("sqlite://", registry=home):
        user = any_user()
        for name in ("_database", "_state", "_codec", "_fields", "_set_extra", "_check_assignment"):
            setattr(user, name, "mine")
        await user.save()
        user.name = "Bob"
        await user.save()
        assert (await User.get(user.id)).name == "Bob"
        assert (await user.reload())._database == "mine"


def test_a_field_cannot_be_deleted() -> None:
    user = any_user()
    with pytest.raises(
        AttributeError, match=r"User\.name is a field and cannot be deleted; assign None"
    ):
        del user.name
    with pytest.raises(AttributeError):
        del user.nmae


def test_a_value_that_was_taken_out_by_force_is_told_as_unset() -> None:
    user = any_user()
    del vars(user)["name"]
    with pytest.raises(
        UnsetFieldError, match=r"User\.name has no value yet: it was deleted or never"
    ):
        user.name  # noqa: B018 # reading raises
    assert repr(user) == "User(id=None, email=None, age=None, tags=[])"


def test_the_id_is_none_before_the_first_save_and_never_assigned() -> None:
    user = any_user()
    assert user.id is None
    for value in (ObjectId(), None):
        with pytest.raises(
            AttributeError, match="id is set by the store when the instance is saved"
        ):
            user.id = value
    with pytest.raises(AttributeError):
        del user.id


async def test_an_id_can_be_chosen_at_construction() -> None:
    chosen = ObjectId()
    async with connect("sqlite://", registry=home):
        user = any_user(id=str(chosen))
        assert user.id == chosen
        await user.save()
        assert (await User.get(chosen)).name == "Ada"
    with pytest.raises(ValidationError, match="id: must be an ObjectId, not int"):
        any_user(id=7)


def test_a_subclass_can_have_a_constructor_of_its_own() -> None:
    class Named(BaseModel, registry=ModelRegistry("own constructor")):
        name = StringField()

        def __init__(self, name: str, **values: Any) -> None:
            self._raw = name
            super().__init__(name=name.title(), **values)

    named = Named("ada")
    assert (named.name, named._raw) == ("Ada", "ada")
    assert Named.from_document({"name": "bob"}).name == "bob"


def test_instances_are_equal_when_class_and_values_are() -> None:
    class Other(BaseModel, registry=ModelRegistry("others")):
        name = StringField()

    assert any_user() == any_user()
    assert any_user() != any_user(age=1)
    assert any_user() != any_user(id=ObjectId())
    assert any_user() != Other(name="Ada")
    assert any_user() != {"name": "Ada"}
    assert User.from_document({"name": "Ada"}) == any_user()
    assert User.from_document({"name": "Ada", "extra": 1}) != any_user()


def test_instances_are_not_hashable() -> None:
    with pytest.raises(TypeError, match="unhashable type: 'User'"):
        hash(any_user())


def test_repr_shows_values_and_shortens_huge_ones() -> None:
    assert repr(any_user(age=36)) == "User(id=None, name='Ada', email=None, age=36, tags=[])"
    huge = any_user(name="x" * 1_000_000, tags=["y" * 50] * 100)
    assert len(repr(huge)) < 300
    assert "xxx…" in repr(huge)


def test_repr_shows_extras_after_the_fields() -> None:
    user = User.from_document({"name": "Ada", "note": "z" * 1000})
    assert repr(user).startswith(
        "User(id=None, name='Ada', email=None, age=None, tags=[], note='zzz"
    )
    assert len(repr(user)) < 200
