"""What a field accepts and reads as: by its class, by what its author states, by its base."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

import pytest
from bson import ObjectId

import earnorm
from earnorm import (
    BaseModel,
    BooleanField,
    DateTimeField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    Field,
    FieldDefinitionError,
    FloatField,
    IntegerField,
    ListField,
    ListLike,
    ModelRegistry,
    ObjectIdField,
    Reference,
    ReferenceField,
    StringField,
)
from earnorm.codegen import accepted_type, value_type

T = TypeVar("T")
home = ModelRegistry("home")


class Address(EmbeddedModel):
    city = StringField()


class User(BaseModel, registry=home):
    friend = ReferenceField("User")
    nobody = ReferenceField("Nobody")


class Money(Field[Decimal]): ...


class Price(Money):
    accepts = Decimal | int


class Computed(Field[T], Generic[T]):
    def __init__(self, form: Any) -> None:
        super().__init__()
        self.form = form

    @property
    def accepts(self) -> Any:
        return self.form


class Untyped(Field): ...  # type: ignore[type-arg] # as untyped code has it


class Short(StringField[str]): ...


class Colour(StringField[Decimal]): ...


FIELDS: list[tuple[Field[Any], Any, Any]] = [
    (StringField(), str, str),
    (EmailField(), str, str),
    (IntegerField(required=False), int | None, int | None),
    (FloatField(), float, float),
    (BooleanField(), bool, bool),
    (DateTimeField(), datetime, datetime),
    (ObjectIdField(), ObjectId | str, ObjectId),
    (ListField(StringField()), ListLike[str] | tuple[str, ...], list[str]),
    (
        ListField(ObjectIdField(required=False)),
        ListLike[ObjectId | str | None] | tuple[ObjectId | str | None, ...],
        list[ObjectId | None],
    ),
    (DictField(), Mapping[str, Any], dict[str, Any]),
    (DictField(IntegerField(), required=False), Mapping[str, int] | None, dict[str, int] | None),
    (EmbeddedField(Address), Address | Mapping[str, Any], Address),
    (ReferenceField(User), User | Reference[User] | ObjectId | str, Reference[User]),
    (Money(), Decimal, Decimal),
    (Price(required=False), Decimal | int | None, Decimal | None),
    (ListField(Price()), ListLike[Decimal | int] | tuple[Decimal | int, ...], list[Decimal]),
    (Untyped(), Any, Any),
    (Short(), str, str),
    (Colour(), Decimal, Decimal),
    (Computed(int), int, Any),
]


@pytest.mark.parametrize(
    ("field", "accepted", "value"), FIELDS, ids=[str(n) for n in range(len(FIELDS))]
)
def test_a_field_accepts_and_reads_as(field: Field[Any], accepted: Any, value: Any) -> None:
    assert accepted_type(field) == accepted
    assert value_type(field) == value


def test_a_reference_by_name_accepts_what_is_registered_under_it() -> None:
    fields = home.get_metadata(User).fields
    assert accepted_type(fields["friend"]) == User | Reference[User] | ObjectId | str
    assert accepted_type(fields["nobody"]) is Any
    assert value_type(fields["nobody"]) == Reference[Any]


@pytest.mark.parametrize("wrong", [3, len, [], {"a": 1}])
def test_an_author_who_states_no_type_is_told(wrong: Any) -> None:
    with pytest.raises(FieldDefinitionError, match=r"Computed.accepts is .*, which is no type"):
        accepted_type(Computed(wrong))


def test_every_field_type_of_ours_is_in_the_table() -> None:
    made = {type(field) for field, _, _ in FIELDS}
    ours = {getattr(earnorm, name) for name in earnorm.__all__ if name.endswith("Field")}
    assert ours - {Field} <= made
