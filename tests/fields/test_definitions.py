"""Field declarations that could never work are refused where they are written."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    BooleanField,
    DateTimeField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    FieldDefinitionError,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ObjectIdField,
    ReferenceField,
    StringField,
    UniqueValidator,
)

home = ModelRegistry("definitions")
NEXT_YEAR, LAST_YEAR = datetime(2025, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC)


class Address(EmbeddedModel):
    street = StringField()


class User(BaseModel, registry=home):
    name = StringField()


anything: Any = StringField  # to write what type checkers would refuse
integer: Any = IntegerField
moment: Any = DateTimeField
items: Any = ListField
mapping: Any = DictField
embedded: Any = EmbeddedField
reference: Any = ReferenceField
unique: Any = UniqueValidator


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: anything(default="a", default_factory=str), "a field takes default or default_factory, not both"),
        (lambda: anything(default=None), "default=None needs required=False: a required field is never None"),
        (lambda: anything(default_factory="a"), "default_factory='a' cannot be called. Give a function without"),
        (lambda: anything(choices="abc"), "choices takes a list of values, not 'abc'"),
        (lambda: anything(choices=3), "choices takes a list of values, not 3"),
        (lambda: anything(validators=len), "validators takes a list of functions, not <built-in function len>"),
        (lambda: anything(validators=["strip"]), "validators holds 'strip', which cannot be called"),
        (lambda: anything(validators=[UniqueValidator("name")]), "a UniqueValidator belongs in Meta.validators"),
        (lambda: anything(requird=True), "StringField has no option 'requird'. Did you mean 'required'?"),
        (lambda: anything(maximum=3), "StringField has no option 'maximum'. The options are: required, min_length"),
        (lambda: anything(pattern="("), "the pattern '(' is not a regular expression: missing )"),
        (lambda: anything(pattern=b"a"), "pattern takes a regular expression as text, not b'a'"),
        (lambda: anything(min_length=3, max_length=2), "min_length=3 is above max_length=2: no value would fit"),
        (lambda: anything(min_length="3"), "min_length='3' is a str, and values are not compared with that"),
        (lambda: EmailField(pattern=".*"), "EmailField has no option 'pattern'."),  # type: ignore[call-overload]
        (lambda: integer(minimum=3, maximum=2), "minimum=3 is above maximum=2: no value would fit"),
        (lambda: integer(minimum=True), "minimum=True is a bool"),
        (lambda: FloatField(minimum=1.5, maximum=1.0), "minimum=1.5 is above maximum=1.0"),
        (lambda: BooleanField(minimum=1), "BooleanField has no option 'minimum'."),  # type: ignore[call-overload]
        (lambda: ObjectIdField(lenght=1), "ObjectIdField has no option 'lenght'."),  # type: ignore[call-overload]
        (lambda: moment(minimum=NEXT_YEAR, maximum=LAST_YEAR), "is above maximum=datetime.datetime(2023"),
        (lambda: moment(minimum="2024-01-01"), "minimum='2024-01-01' is a str"),
        (lambda: items(StringField), "ListField takes the field of its items, as in ListField(StringField()), not <class"),
        (lambda: items(str), "ListField takes the field of its items"),
        (lambda: items(StringField(), min_length=2, max_length=1), "min_length=2 is above max_length=1"),
        (lambda: mapping(IntegerField), "DictField takes the field of its values, as in DictField(IntegerField()), not"),
        (lambda: embedded(User), "EmbeddedField takes a subclass of EmbeddedModel, not <class"),
        (lambda: embedded(EmbeddedModel), "EmbeddedField takes a subclass of EmbeddedModel, not <class"),
        (lambda: embedded("Address"), "EmbeddedField takes a subclass of EmbeddedModel, not 'Address'"),
        (lambda: reference(3), "ReferenceField takes a model or its name, not 3"),
        (lambda: reference(""), "ReferenceField takes a model or its name, not ''"),
        (lambda: reference(int), "ReferenceField takes a model or its name, not <class 'int'>"),
        (lambda: reference(Address), "ReferenceField takes a model or its name, not <class"),
        (lambda: unique(), "UniqueValidator takes the names of fields, as in UniqueValidator('email')"),
        (lambda: unique(["email"]), "UniqueValidator takes the names of fields"),
    ],
)  # fmt: skip
def test_a_declaration_that_could_never_work_is_refused(
    write: Callable[[], object], message: str
) -> None:
    with pytest.raises(FieldDefinitionError) as caught:
        write()
    assert message in str(caught.value)
    assert isinstance(caught.value, TypeError)


def test_unique_validators_are_equal_when_their_fields_are() -> None:
    assert UniqueValidator("a", "b") == UniqueValidator("a", "b") != UniqueValidator("b", "a")
    assert len({UniqueValidator("a"), UniqueValidator("a")}) == 1
    assert repr(UniqueValidator("a", "b")) == "UniqueValidator('a', 'b')"


def test_one_field_object_can_serve_two_names() -> None:
    shared = StringField()

    class Person(BaseModel, registry=home):
        first = last = shared

    ada = Person(first="Ada", last="Lovelace")
    assert ada.to_document() == {"first": "Ada", "last": "Lovelace"}
    assert repr(Person.__metadata__.fields["last"]).endswith("Person.last>")
