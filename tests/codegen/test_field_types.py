"""What a field accepts and reads as: by its class, by what its author states, by its base."""

import enum
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import pytest
from bson import ObjectId

import earnorm
from earnorm import (
    AnyField,
    BaseModel,
    BooleanField,
    BytesField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    EnumField,
    Field,
    FieldDefinitionError,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    ListLike,
    LiteralField,
    ModelRegistry,
    ObjectIdField,
    Point,
    PointField,
    Reference,
    ReferenceField,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    URLField,
    UUIDField,
    VectorField,
)
from earnorm.codegen import accepted_type, value_type
from earnorm.typing import JsonValue

T = TypeVar("T")
home = ModelRegistry("home")


class Address(EmbeddedModel):
    city = StringField()


class User(BaseModel, registry=home):
    friend = ReferenceField("User")
    nobody = ReferenceField("Nobody")


class Circle(EmbeddedModel):
    radius = FloatField()


class Colour(enum.Enum):
    RED = "red"
    NONE = 0


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


class Shade(StringField[Decimal]): ...


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
    (URLField(), str, str),
    (BytesField(), bytes | bytearray | memoryview, bytes),
    (DateField(), date, date),
    (TimeDeltaField(), timedelta, timedelta),
    (DecimalField(), Decimal | int | str, Decimal),
    (UUIDField(), UUID | str, UUID),
    (EnumField(Colour, required=False), Colour | str | int | None, Colour | None),
    (LiteralField("a", 1), str | int, str | int),
    (PointField(), Point | Mapping[str, Any], Point),
    (AnyField(required=False), Any, Any),
    (
        JsonField(),
        bool | int | float | str | Sequence[Any] | Mapping[str, Any],
        JsonValue,
    ),
    (VectorField(), Any, tuple[float, ...]),
    (VectorField(dtype="int8"), Any, tuple[int, ...]),
    (
        SetField(UUIDField()),
        Set[UUID | str] | ListLike[UUID | str] | tuple[UUID | str, ...],
        set[UUID],
    ),
    (
        TupleField(StringField(), DecimalField()),
        tuple[str, Decimal | int | str] | ListLike[str | Decimal | int],
        tuple[str, Decimal],
    ),
    (TupleField(UUIDField(), ...), tuple[UUID | str, ...] | ListLike[UUID | str], tuple[UUID, ...]),
    (DictField(UUIDField(), keys=DateField()), Mapping[date, UUID | str], dict[date, UUID]),
    (DictField(keys=UUIDField()), Mapping[UUID, Any], dict[UUID, Any]),
    (
        EmbeddedUnionField(Address, Circle),
        Address | Circle | Mapping[str, Any],
        Address | Circle,
    ),
    (UUIDField(strict=True), UUID, UUID),
    (ListField(UUIDField(strict=True), strict=True), list[UUID], list[UUID]),
    (EmbeddedField(Address, strict=True), Address, Address),
    (ReferenceField(User, strict=True), User | Reference[User], Reference[User]),
    (Money(), Decimal, Decimal),
    (Price(required=False), Decimal | int | None, Decimal | None),
    (ListField(Price()), ListLike[Decimal | int] | tuple[Decimal | int, ...], list[Decimal]),
    (Untyped(), Any, Any),
    (Short(), str, str),
    (Shade(), Decimal, Decimal),
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
