"""Methods that look at several fields at once."""

from collections.abc import Callable
from typing import Any

import pytest

from earnorm import (
    SECRET,
    BaseModel,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    FieldDefinitionError,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    StringField,
    UpdateError,
    ValidationError,
    connect,
    validates,
)
from earnorm.models.codec import ModelCodec


class Span(EmbeddedModel):
    low = IntegerField(alias="l")
    high = IntegerField()
    note = StringField(required=False)

    @validates("low", "high")
    def check_order(self) -> None:
        if self.high < self.low:
            raise ValueError("ends before it starts")


def define(home: ModelRegistry) -> Any:
    class Period(BaseModel, registry=home):
        starts = IntegerField()
        ends = IntegerField(default=9, alias="e")
        name = StringField(default="x", max_length=3)
        span = EmbeddedField(Span, required=False)
        spans = ListField(EmbeddedField(Span))
        named = DictField(EmbeddedField(Span))

        @validates("starts", "ends")
        def check_order(self) -> None:
            if self.ends < self.starts:
                raise ValueError("ends before it starts")

        @validates("name")
        def check_name(self) -> None:
            if self.name == "no":
                raise ValueError

    return Period


def faults(error: ValidationError) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in error.errors]


def refused(call: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        call()
    return faults(caught.value)


def test_a_method_refuses_an_instance_under_the_paths_of_its_fields(home: ModelRegistry) -> None:
    period = define(home)
    with pytest.raises(ValidationError) as caught:
        period(starts=5, ends=3)
    assert [(f.path, f.code, f.message, f.input) for f in caught.value.errors] == [
        ("starts", "validator", "ends before it starts", 5),
        ("ends", "validator", "ends before it starts", 3),
    ]
    assert period(starts=5).ends == 9


def test_defaults_count(home: ModelRegistry) -> None:
    assert refused(lambda: define(home)(starts=10)) == [
        ("starts", "validator"),
        ("ends", "validator"),
    ]


def test_all_faults_are_told_at_once(home: ModelRegistry) -> None:
    wrong = {"low": 2, "high": 1}
    period = define(home)
    many = {"starts": 5, "ends": 3, "name": "long", "span": wrong, "spans": [wrong]}
    assert refused(lambda: period(**many, named={"a": wrong}, x=1)) == [
        ("name", "max_length"),
        ("span.low", "validator"),
        ("span.high", "validator"),
        ("spans.0.low", "validator"),
        ("spans.0.high", "validator"),
        ("named.a.low", "validator"),
        ("named.a.high", "validator"),
        ("x", "unknown"),
        ("starts", "validator"),
        ("ends", "validator"),
    ]


def test_a_method_whose_fields_do_not_fit_is_not_called(home: ModelRegistry) -> None:
    period = define(home)
    assert refused(lambda: period(starts="5", name="no")) == [
        ("starts", "type"),
        ("name", "validator"),
    ]
    assert refused(lambda: period(name="no")) == [("starts", "required"), ("name", "validator")]


def test_what_a_method_meets_beside_faults_of_other_fields_is_passed_over(
    home: ModelRegistry,
) -> None:
    class User(BaseModel, registry=home):
        name = StringField()
        age = IntegerField()

        @validates("name")
        def check(self) -> None:
            if self.age > 3:
                raise ValueError("no")

    assert refused(lambda: User(name="x", age="y")) == [("age", "type")]
    user = User(name="x", age=1)
    vars(user)["age"] = "y"
    found: list[Any] = []
    user.__codec__.validate(user, "", found)
    assert [fault.path for fault in found] == ["age"]


def test_any_other_error_of_a_method_is_its_own(home: ModelRegistry) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        @validates("name")
        def check(self) -> None:
            raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        User(name="x")


@pytest.mark.parametrize("answer", [False, True, 0, "x"])
def test_an_answer_is_an_error_because_it_would_mean_nothing(
    home: ModelRegistry, answer: object
) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        @validates("name")
        def check(self) -> None:
            return answer  # type: ignore[return-value] # on purpose

    with pytest.raises(TypeError, match=r"check returned \w+, and its answer means nothing"):
        User(name="x")


def test_both_paths_say_the_same(home: ModelRegistry) -> None:
    period = define(home)
    reference = ModelCodec(period, period.__metadata__.fields)
    for values in (
        {"starts": 1},
        {"starts": 10},
        {"starts": 1, "span": {"low": 2, "high": 1}},
        {"starts": 10, "name": "no", "spans": [{"low": 2, "high": 1}, {"low": 1, "high": 2}]},
        {"starts": None, "name": "no"},
    ):
        found: list[Any] = []
        for is_fast in (True, False):
            try:
                made = period(**values) if is_fast else _slowly(reference, period, values)
                found.append(made.to_document())
            except ValidationError as error:
                found.append(error.errors)
        assert found[0] == found[1]


def _slowly(reference: ModelCodec, model: Any, values: dict[str, Any]) -> Any:
    instance = object.__new__(model)
    reference.initialise(instance, dict(values))
    return instance


async def test_assignments_may_pass_through_a_state_that_no_save_lets_through(
    home: ModelRegistry,
) -> None:
    period = define(home)
    async with connect("sqlite://", registry=home):
        one = await period.create(starts=1, ends=2, span={"low": 1, "high": 2})
        one.starts = 5
        one.span.low = 7
        with pytest.raises(ValidationError) as caught:
            await one.save()
        assert faults(caught.value) == [
            ("span.low", "validator"),
            ("span.high", "validator"),
            ("starts", "validator"),
            ("ends", "validator"),
        ]
        one.ends, one.span.high = 6, 8
        await one.save()
        assert (await period.get(one.id)) == one
        batch = [period(starts=1), period(starts=1)]
        batch[1].starts = 10
        with pytest.raises(ValidationError) as caught:
            await period.insert_many(batch)
        assert faults(caught.value) == [("1.starts", "validator"), ("1.ends", "validator")]


def test_a_stored_document_is_read_as_it_is(home: ModelRegistry) -> None:
    assert define(home).from_document({"starts": 5, "e": 3}).ends == 3


async def test_a_query_update_does_not_pass_a_method_by(home: ModelRegistry) -> None:
    period = define(home)
    async with connect("sqlite://", registry=home):
        await period.create(
            starts=1, span={"low": 1, "high": 2}, named={"a": {"low": 1, "high": 2}}
        )
        cases = {
            "ends": "'check_order'",
            "e": "'check_order'",
            "name": "'check_name'",
            "span.low": "'Span.check_order'",
            "spans.0.high": "'Span.check_order'",
            "named.a.l": "'Span.check_order'",
        }
        for path, named in cases.items():
            with pytest.raises(UpdateError) as caught:
                await period.find().update({"$set": {path: 1}})
            assert f"the validator {named} looks at instances" in str(caught.value)
            assert "each=True" in str(caught.value)
        assert await period.find().update({"$unset": {"span.note": ""}}) == 1
        assert await period.find().update({"$set": {"span": {"low": 3, "high": 4}}}) == 1
        with pytest.raises(ValidationError):
            await period.find().update({"$set": {"span": {"low": 4, "high": 3}}})
        assert await period.find().update({"$set": {"ends": 4}}, each=True) == 1
        with pytest.raises(ValidationError):
            await period.find().update({"$set": {"ends": 0}}, each=True)


def test_methods_are_inherited_and_overridden(home: ModelRegistry) -> None:
    class Mixin:
        @validates("name")
        def check_mixed(self) -> None:
            raise ValueError("mixed")

    class Base(BaseModel, registry=home):
        name = StringField()
        age = IntegerField(default=1)

        class Meta:
            abstract = True

        @validates("name")
        def check(self) -> None:
            raise ValueError("base")

    class Same(Base):
        pass

    class Other(Base):
        def check(self) -> None:
            raise ValueError("other")

    class Narrow(Base):
        @validates("age")
        def check(self) -> None:
            raise ValueError("narrow")

    class Mixed(Mixin, Base):
        check = None  # type: ignore[assignment] # takes the validator out

    assert [_said(one) for one in (Same, Other, Narrow, Mixed)] == [
        [("name", "base")],
        [("name", "other")],
        [("age", "narrow")],
        [("name", "mixed")],
    ]
    assert dict(Mixed.__metadata__.methods) == {"check_mixed": ("name",)}


def _said(model: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        model(name="x")
    return [(fault.path, fault.message) for fault in caught.value.errors]


def test_a_method_of_the_author_s_constructor_is_obeyed(home: ModelRegistry) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        def __init__(self, name: str) -> None:
            super().__init__(name=name)

        @validates("name")
        def check(self) -> None:
            if self.name == "no":
                raise ValueError("no")

    assert User("yes").name == "yes"
    with pytest.raises(ValidationError):
        User("no")


async def later(self: Any) -> None: ...


@pytest.mark.parametrize(
    ("namespace", "message"),
    [
        ({"check": validates("nme")(lambda self: None)}, "the validator 'check' looks at the unknown field 'nme'. Did you mean 'name'?"),
        ({"check": validates("x")(lambda self: None)}, "The fields are: id, name."),
        ({"check": validates("name")(later)}, "the validator 'check' is 'async def'"),  # type: ignore[type-var] # on purpose
        ({"check": validates("name")(lambda self, value: None)}, "takes more than the instance"),  # type: ignore[type-var] # on purpose
        ({"check": validates("name")(lambda: None)}, "takes more than the instance"),  # type: ignore[type-var] # on purpose
    ],
)  # fmt: skip
def test_a_faulty_method_is_an_error_at_the_class_line(
    home: ModelRegistry, namespace: dict[str, Any], message: str
) -> None:
    for base, options in ((BaseModel, {"registry": home}), (EmbeddedModel, {})):
        with pytest.raises(ModelDefinitionError) as caught:
            type("User", (base,), {"name": StringField(), **namespace}, **options)
        assert message.replace("id, ", "" if base is EmbeddedModel else "id, ") in str(caught.value)
    assert home.get_all_models() == []


def test_a_method_cannot_be_overridden_by_something_else(home: ModelRegistry) -> None:
    class Base(BaseModel, registry=home):
        name = StringField()

        class Meta:
            abstract = True

        @validates("name")
        def check(self) -> None: ...

    for value in (3, property(lambda self: None), StringField()):
        with pytest.raises(
            ModelDefinitionError, match="takes the place of a validator of its base"
        ):
            type("User", (Base,), {"check": value})


@pytest.mark.parametrize(
    "call",
    [
        lambda: validates(),
        lambda: validates(3),  # type: ignore[arg-type] # on purpose
        lambda: validates(lambda self: None),  # type: ignore[arg-type] # on purpose
        lambda: validates("name")(3),  # type: ignore[type-var] # on purpose
        lambda: validates("name")(staticmethod(lambda: None)),  # type: ignore[type-var] # on purpose
        lambda: validates("name")(classmethod(lambda cls: None)),  # type: ignore[type-var] # on purpose
        lambda: validates("name")(property(lambda self: None)),  # type: ignore[type-var] # on purpose
    ],
)
def test_a_wrong_use_of_the_mark_is_an_error(call: Callable[[], object]) -> None:
    with pytest.raises(FieldDefinitionError, match="validates"):
        call()


async def test_a_method_waits_for_the_plugin_that_sets_its_field(home: ModelRegistry) -> None:
    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["timestamp"]

        @validates("created_at")
        def check(self) -> None:
            raise ValueError("never")

    user = User(name="x")
    async with connect("sqlite://", registry=home):
        with pytest.raises(ValidationError, match="created_at: never"):
            await user.save()


def test_secrets_stay_out_of_what_methods_say(home: ModelRegistry) -> None:
    class User(BaseModel, registry=home):
        name = StringField()
        password = StringField(secret=True)

        @validates("name", "password")
        def check(self) -> None:
            raise ValueError(f"{self.password} is the password of {self.name}")

    with pytest.raises(ValidationError) as caught:
        User(name="ada", password="hunter2")
    assert [(f.message, f.input) for f in caught.value.errors] == [
        ("is refused", "ada"),
        ("is refused", SECRET),
    ]
    assert "hunter2" not in str(caught.value)


async def test_secrets_stay_out_of_what_validators_of_meta_say(home: ModelRegistry) -> None:
    def check(user: Any) -> None:
        raise ValueError(f"{user.password} is no password")

    class User(BaseModel, registry=home):
        password = StringField(secret=True)
        Meta = type("Meta", (), {"validators": [check]})

    async with connect("sqlite://", registry=home):
        with pytest.raises(ValidationError, match="is refused"):
            await User.create(password="hunter2")
