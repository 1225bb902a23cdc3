"""Instances and errors can be copied and pickled."""

import copy
import inspect as python
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

import earnorm
from earnorm import (
    BaseModel,
    DateTimeField,
    DictField,
    DocumentError,
    DuplicateKeyError,
    EarnORMError,
    EmbeddedField,
    EmbeddedModel,
    FieldFault,
    ListField,
    ModelRegistry,
    PartialWriteError,
    ReferenceField,
    StringField,
    ValidationError,
    connect,
    inspect,
)

home = ModelRegistry("copies")


class Address(EmbeddedModel):
    street = StringField()


class User(BaseModel, registry=home):
    name = StringField()
    born = DateTimeField(required=False)
    address = EmbeddedField(Address, required=False)
    tags = ListField(StringField())
    data = DictField()
    boss = ReferenceField("User", required=False)
    team = ListField(DictField(ReferenceField("User")))


def stored_user() -> Any:
    user: Any = User.from_document(
        {
            "_id": ObjectId(b"0" * 12),
            "name": "Ada",
            "born": datetime(1815, 12, 10, tzinfo=UTC),
            "address": {"street": "Main"},
            "tags": ["a"],
            "data": {"deep": [1]},
            "boss": ObjectId(b"1" * 12),
            "team": [{"bob": ObjectId(b"2" * 12)}],
            "note": [1],
        }
    )
    user._private = ["kept"]
    return user


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_is_equal_and_knows_the_same(duplicate: Callable[[Any], Any]) -> None:
    user = stored_user()
    copied = duplicate(user)
    assert copied == user
    assert copied.__class__.__qualname__ == "User"
    assert copied.to_document() == user.to_document()
    assert repr(copied.team) == repr(user.team)
    assert (inspect(copied).is_new, copied._private) == (False, ["kept"])
    assert inspect(duplicate(User(name="Bob"))).is_new


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickled])
def test_assigning_to_a_copy_leaves_the_original_alone(duplicate: Callable[[Any], Any]) -> None:
    user = stored_user()
    copied = duplicate(user)
    copied.name = "Bob"
    copied.note = "changed"
    assert (user.name, user.note) == ("Ada", [1])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_nothing_inside_a_deep_copy_is_shared(duplicate: Callable[[Any], Any]) -> None:
    user = stored_user()
    copied = duplicate(user)
    copied.tags.append("b")
    copied.data["deep"].append(2)
    copied.address.street = "Side"
    copied.note.append(2)
    assert user == stored_user()


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickled])
async def test_a_copy_can_be_saved_and_deleted_by_itself(duplicate: Callable[[Any], Any]) -> None:
    async with connect("sqlite://", registry=home):
        user = await User.create(name="Ada")
        copied = duplicate(user)
        copied.name = "Bob"
        await copied.save()
        assert (await user.reload()).name == "Bob"
        await copied.delete()
        assert (inspect(copied).is_new, inspect(user).is_new) == (True, False)


async def test_a_copy_that_is_made_in_a_hook_stays_closed() -> None:
    made: list[Any] = []
    registry = ModelRegistry("hooks")

    @registry.plugin("archive")
    class Archive:
        def before_save(self, instance: Any) -> None:
            made.extend([copy.copy(instance), copy.deepcopy(instance)])

    class Page(BaseModel, registry=registry):
        class Meta:
            plugins = ["archive"]

    async with connect("sqlite://", registry=registry):
        await Page().save()
    for copied in made:
        with pytest.raises(AttributeError, match="Page has no field 'note'"):
            copied.note = 1


ERRORS: list[EarnORMError] = [
    ValidationError("User", [FieldFault(path="name", code="type", message="is wrong", input=3)]),
    DuplicateKeyError("User", [FieldFault(path="name", code="duplicate", message="is taken")], index="i", key={"a": 1}),
    DocumentError("User", ObjectId(b"0" * 12), [FieldFault(path="name", code="type", message="is wrong")]),
    PartialWriteError("User", [FieldFault(path="1.name", code="duplicate", message="is taken")], written=[0, 2]),
]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error: EarnORMError) -> None:
    for twin in (pickled(error), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


# How to make one of each other error: what a constructor asks for, by the name of its parameter.
PARTS: dict[str, Any] = {
    "available": {"timestamp": "earnorm-timestamp 1"},
    "candidates": ["shop.User", "crm.User"],
    "count": 2,
    "cycle": ["a", "b"],
    "document_id": ObjectId(b"0" * 12),
    "enabled": ["a"],
    "errors": [FieldFault(path="a", code="type", message="is wrong")],
    "exceptions": [ValueError("first")],
    "plugins": {"a": "before_save"},
    "seconds": 1.5,
    "version": 7,
}
NAMED = {name: getattr(earnorm, name) for name in earnorm.__all__ if name.endswith("Error")}
OTHERS = {name: kind for name, kind in NAMED.items() if kind not in {type(e) for e in ERRORS}}


def make(kind: Any) -> Exception:
    parameters = list(python.signature(kind.__init__).parameters.values())[1:]
    if issubclass(kind, ExceptionGroup):
        arguments: list[Any] = ["failed", PARTS["exceptions"]]
    elif parameters[0].kind is python.Parameter.VAR_POSITIONAL:
        arguments = ["failed"]
    else:
        arguments = [PARTS.get(p.name, p.name) for p in parameters if p.kind is not p.KEYWORD_ONLY]
    named = {p.name: PARTS.get(p.name, p.name) for p in parameters if p.kind is p.KEYWORD_ONLY}
    error: Exception = kind(*arguments, **named)
    return error


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_every_public_error_survives_pickling(name: str) -> None:
    error = make(OTHERS[name])
    twin = pickled(error)
    assert (type(twin), str(twin)) == (type(error), str(error))
    assert vars(twin) == vars(error) or issubclass(type(error), ExceptionGroup)
