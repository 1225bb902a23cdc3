"""Required, defaults, aliases, choices and validators: what every field type shares."""

from datetime import UTC, datetime
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DateTimeField,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    FieldDefinitionError,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    StringField,
    ValidationError,
)

anything: Any = IntegerField  # to write what type checkers would refuse
items: Any = ListField


class Settings(EmbeddedModel):
    theme = StringField(default="light")
    muted = ListField(StringField())


def define(home: ModelRegistry, **fields: Any) -> Any:
    return type("User", (BaseModel,), fields, registry=home)


def test_a_missing_required_value_is_refused(home: ModelRegistry) -> None:
    with pytest.raises(ValidationError, match="User: 1 fault\n  name: is required$") as caught:
        define(home, name=StringField())()
    assert [(fault.path, fault.code) for fault in caught.value.errors] == [("name", "required")]


def test_a_default_is_taken_when_nothing_is_given(home: ModelRegistry) -> None:
    user = define(home, name=StringField(default="Ada"), age=IntegerField(default=0))
    assert user().to_document() == {"name": "Ada", "age": 0}
    assert user(name="Bob").name == "Bob"


def test_a_default_does_not_stand_in_for_none(home: ModelRegistry) -> None:
    with pytest.raises(ValidationError, match="name: a value is required, None is none"):
        define(home, name=StringField(default="Ada"))(name=None)


def test_an_optional_field_with_a_default_can_be_none(home: ModelRegistry) -> None:
    user = define(home, name=StringField(required=False, default="Ada"))
    assert (user().name, user(name=None).name) == ("Ada", None)


def test_a_default_is_copied_for_each_instance(home: ModelRegistry) -> None:
    written: list[str] = ["a"]
    user = define(
        home,
        tags=ListField(StringField(), default=written),
        data=DictField(default={"deep": [1]}),
        settings=EmbeddedField(Settings, default=Settings(muted=["bob"])),
    )
    first = user()
    first.tags.append("b")
    first.data["deep"].append(2)
    first.settings.muted.append("eve")
    second = user()
    assert (second.tags, second.data, second.settings.muted) == (["a"], {"deep": [1]}, ["bob"])
    assert written == ["a"]


def test_containers_are_empty_by_default_and_not_shared(home: ModelRegistry) -> None:
    user = define(home, tags=ListField(StringField()), scores=DictField(IntegerField()))
    first = user()
    first.tags.append("a")
    first.scores["b"] = 1
    assert (user().tags, user().scores) == ([], {})


def test_a_default_factory_is_called_for_each_instance(home: ModelRegistry) -> None:
    numbers = iter(range(10))
    user = define(home, number=IntegerField(default_factory=lambda: next(numbers)))
    assert [user().number, user(number=7).number, user().number] == [0, 7, 1]


def test_what_a_default_factory_makes_is_checked(home: ModelRegistry) -> None:
    wrong: Any = lambda: "one"  # noqa: E731
    user = define(home, number=IntegerField(default_factory=wrong))
    with pytest.raises(ValidationError, match="number: must be an integer, not str"):
        user()


def test_a_default_also_fills_in_for_documents_from_before_the_field(home: ModelRegistry) -> None:
    user = define(home, tags=ListField(StringField(), default=["new"]))
    first, second = user.from_document({}), user.from_document({})
    first.tags.append("b")
    assert second.tags == ["new"]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (lambda: anything(default="one"), "'number' does not fit it: number: must be an integer"),
        (lambda: anything(minimum=1, default=0), "number: must be at least 1"),
        (lambda: anything(choices=[1, 2], default=3), "number: must be one of 1, 2"),
        (lambda: items(IntegerField(), default=["one"]), "number.0: must be an integer"),
    ],
)  # fmt: skip
def test_a_default_that_does_not_fit_is_refused_at_the_class_line(
    home: ModelRegistry, field: Any, message: str
) -> None:
    with pytest.raises(ModelDefinitionError) as caught:
        define(home, number=field())
    assert message in str(caught.value)


def test_an_alias_is_the_stored_name(home: ModelRegistry) -> None:
    user = define(home, name=StringField(alias="n"))
    ada = user(name="Ada")
    assert ada.to_document() == {"n": "Ada"}
    assert user.from_document({"n": "Ada"}) == ada
    with pytest.raises(ValidationError, match="n: is no field of User"):
        user(n="Ada")
    with pytest.raises(AttributeError):
        ada.n = "Bob"


def test_choices_limit_the_values(home: ModelRegistry) -> None:
    user = define(home, role=StringField(choices=["admin", "guest"]))
    ada = user(role="admin")
    with pytest.raises(ValidationError, match="role: must be one of 'admin', 'guest'") as caught:
        ada.role = "root"
    assert caught.value.errors[0].code == "choices"
    assert ada.role == "admin"


def test_choices_are_of_the_fields_own_type(home: ModelRegistry) -> None:
    launch = datetime(2024, 5, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    event = define(home, at=DateTimeField(choices={launch}), tags=DictField(choices=[{"a": (1,)}]))
    assert event(at=launch, tags={"a": [1]}).at == launch.replace(microsecond=123_000)
    choices: Any = ["red", 1]
    message = r"Paint\.colour: the choice 1 does not fit the field, it must be a string, not int"
    with pytest.raises(FieldDefinitionError, match=message):
        type("Paint", (BaseModel,), {"colour": StringField(choices=choices)}, registry=home)


def test_an_optional_field_with_choices_can_be_none(home: ModelRegistry) -> None:
    user = define(home, role=StringField(choices=["admin"], required=False))
    assert user().role is None
    assert user(role=None).role is None


def test_a_validator_refuses_with_its_own_words(home: ModelRegistry) -> None:
    def even(value: int) -> None:
        if value % 2:
            raise ValueError(f"{value} is odd")

    def never(value: int) -> None:
        raise ValueError

    numbers = define(home, number=IntegerField(validators=[even, never]))
    with pytest.raises(ValidationError) as caught:
        numbers(number=3)
    found = [(fault.path, fault.code, fault.message) for fault in caught.value.errors]
    assert found == [("number", "validator", "3 is odd"), ("number", "validator", "is refused")]


def test_a_validator_sees_checked_values_only(home: ModelRegistry) -> None:
    seen: list[object] = []
    numbers = define(home, number=IntegerField(validators=[seen.append], required=False))
    numbers(number=3.0)
    numbers(number=None)
    with pytest.raises(ValidationError):
        numbers(number="three")
    assert seen == [3]
    assert type(seen[0]) is int


def test_an_error_that_is_no_refusal_goes_through(home: ModelRegistry) -> None:
    def broken(value: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        define(home, number=IntegerField(validators=[broken]))(number=3)


def test_documents_are_read_whatever_the_constraints_say(home: ModelRegistry) -> None:
    user = define(home, role=StringField(choices=["admin"]), age=IntegerField(minimum=18))
    old = user.from_document({"role": "root", "age": 3})
    assert (old.role, old.age) == ("root", 3)
