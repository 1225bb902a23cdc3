"""The generated functions give what the interpreted path gives: the same values, of the same types, and the same faults."""

import copy
import traceback
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from bson import ObjectId, decode, encode
from bson.codec_options import CodecOptions
from bson.int64 import Int64
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import (
    BaseModel,
    BooleanField,
    DateTimeField,
    DictField,
    DocumentError,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ObjectIdField,
    ReferenceField,
    StringField,
    ValidationError,
)
from earnorm.models.codec import ModelCodec


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Inner(EmbeddedModel):
    street = StringField(max_length=5)
    floor = IntegerField(required=False, alias="f")


def refuse_seven(value: Any) -> None:
    if value == 7:
        raise ValueError("is unlucky")


NOON = datetime(2026, 1, 2, 12, 0, 0, 5000, tzinfo=UTC)
FIELDS: list[Any] = [
    lambda **o: StringField(**o),
    lambda **o: StringField(min_length=1, max_length=4, **o),
    lambda **o: StringField(pattern="[a-c]+", **o),
    lambda **o: EmailField(**o),
    lambda **o: IntegerField(**o),
    lambda **o: IntegerField(minimum=0, maximum=9, validators=[refuse_seven], **o),
    lambda **o: IntegerField(choices=[1, 2, 3], **o),
    lambda **o: FloatField(minimum=-1.5, **o),
    lambda **o: BooleanField(**o),
    lambda **o: DateTimeField(**o),
    lambda **o: DateTimeField(minimum=NOON, **o),
    lambda **o: ObjectIdField(**o),
    lambda **o: ListField(StringField(max_length=3), max_length=3, **o),
    lambda **o: ListField(IntegerField(required=False), **o),
    lambda **o: ListField(ListField(FloatField()), **o),
    lambda **o: ListField(EmbeddedField(Inner), **o),
    lambda **o: DictField(IntegerField(), **o),
    lambda **o: DictField(**o),
    lambda **o: EmbeddedField(Inner, **o),
    lambda **o: ReferenceField("Somebody", **o),
]
DEFAULTS: dict[int, Any] = {0: "x", 1: "ab", 4: 7, 7: 1, 8: True, 12: ["a"], 17: {"a": [1]}}

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.sampled_from([2**63, -(2**63) - 1, 2**70, Int64(5), Level.HIGH, 3.0, 7.0]),
    st.floats(),
    st.text("abcé\ud800\0", max_size=6),
    st.sampled_from(["a@b.cd", "a@b", Colour.RED, "0" * 24, "ada@example.com"]),
    st.sampled_from([NOON, NOON.replace(tzinfo=None), NOON + timedelta(microseconds=7)]),
    st.just(NOON.astimezone(timezone(timedelta(hours=2)))),
    st.just(ObjectId(b"1" * 12)),
    st.just(object),
)
INNER = st.dictionaries(st.sampled_from(["street", "floor", "f", "stret"]), SCALARS, max_size=3)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=4),
    st.lists(st.text("ab", max_size=4), max_size=4),
    st.lists(st.lists(st.floats(), max_size=2), max_size=2),
    st.tuples(SCALARS, SCALARS),
    st.dictionaries(st.text("ab.$", max_size=2), SCALARS, max_size=3),
    INNER,
    st.lists(INNER, max_size=2),
    st.builds(lambda street: Inner(street=street), st.text("ab", max_size=5)),
)


@st.composite
def models(draw: st.DrawFn) -> Any:
    """A model of up to five fields with options of all kinds."""
    namespace: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.integers(0, len(FIELDS) - 1))
        options: dict[str, Any] = {}
        if not draw(st.booleans()):
            options["required"] = False
        elif kind in DEFAULTS and draw(st.booleans()):
            options["default"] = DEFAULTS[kind]
        if draw(st.booleans()):
            options["alias"] = f"s{number}"
        namespace[f"field{number}"] = FIELDS[kind](**options)
    return type("Random", (BaseModel,), namespace, registry=ModelRegistry("random"))


def arguments(model: Any) -> st.SearchStrategy[dict[str, Any]]:
    names = [*(name for name in model.__codec__.fields if name != "id"), "unknown"]
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, VALUES))


def shown(value: Any) -> Any:
    """The value with its types, so that 1, 1.0 and True differ and NaN equals itself."""
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items() if name != "__trace__"}
    if isinstance(value, (list, tuple)):
        return type(value), [shown(item) for item in value]
    if isinstance(value, EmbeddedModel):
        return type(value), shown(vars(value)), shown(value.__state__.extras)
    return type(value), repr(value)


def faults(error: Any) -> list[Any]:
    return [(f.path, f.code, f.message, shown(f.input)) for f in error.errors]


def constructed(codec: Any, model: Any, values: dict[str, Any]) -> Any:
    instance = object.__new__(model)
    try:
        codec.initialise(instance, copy.deepcopy(values))
    except ValidationError as error:
        return faults(error)
    return shown(vars(instance)), instance


def decoded(codec: Any, document: dict[str, Any]) -> Any:
    found: list[Any] = []
    instance = codec.decode(copy.deepcopy(document), "", found)
    if found:
        return [(f.path, f.code, f.message, shown(f.input)) for f in found]
    state = instance.__state__
    known = state.stored, shown(state.pictures), shown(state.changed), shown(state.extras_picture)
    return shown(vars(instance)), shown(state.extras), known


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_both_paths_agree_on_values_and_on_faults(data: st.DataObject) -> None:
    model = data.draw(models())
    generated, interpreted = model.__codec__, ModelCodec(model, model.__codec__.fields)
    for _ in range(5):
        values = data.draw(arguments(model))
        one, other = constructed(generated, model, values), constructed(interpreted, model, values)
        if isinstance(one, list) or isinstance(other, list):
            assert one == other
            continue
        assert one[0] == other[0]
        instance, twin = one[1], other[1]
        assert shown(generated.encode(instance)) == shown(interpreted.encode(twin))
        name = data.draw(st.sampled_from(list(model.__codec__.fields)))
        spoilt = data.draw(VALUES)
        vars(instance)[name], vars(twin)[name] = spoilt, copy.deepcopy(spoilt)
        found: tuple[list[Any], list[Any]] = ([], [])
        generated.validate(instance, "p.", found[0])
        interpreted.validate(twin, "p.", found[1])
        assert [str(fault) for fault in found[0]] == [str(fault) for fault in found[1]]
        assert shown(vars(instance)) == shown(vars(twin))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_both_paths_decode_alike(data: st.DataObject) -> None:
    model = data.draw(models())
    generated, interpreted = model.__codec__, ModelCodec(model, model.__codec__.fields)
    stored_names = [field.stored_name for field in model.__codec__.fields.values()]
    for _ in range(5):
        document = data.draw(
            st.fixed_dictionaries({}, optional=dict.fromkeys([*stored_names, "extra"], VALUES))
        )
        assert decoded(generated, document) == decoded(interpreted, document)


def test_what_bson_gives_back_takes_the_fast_path() -> None:
    class Person(BaseModel, registry=ModelRegistry("fast")):
        name = StringField()
        born = DateTimeField()
        tags = ListField(StringField())
        home = EmbeddedField(Inner)

    person = Person(name="é", born=NOON, tags=["a"], home={"street": "x"})
    options: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
    document = decode(encode({"_id": ObjectId(), **person.to_document()}), options)
    Person.from_document(document)
    codec: Any = Person.__codec__
    loaded = codec.decode_exact(document)
    assert loaded is not None
    assert loaded.born.tzinfo is UTC
    assert loaded.to_document() == document


def test_containers_are_never_shared_with_the_caller() -> None:
    class Tagged(BaseModel, registry=ModelRegistry("shared")):
        tags = ListField(StringField())
        more = ListField(StringField(), required=False)

    given, document = ["a"], {"_id": ObjectId(), "tags": ["a"], "more": []}
    one, two = Tagged(tags=given), Tagged.from_document(document)
    for instance in (one, two):
        instance.tags.append("b")
        instance.to_document()["tags"].append("c")
    two.more.append("d")  # type: ignore[union-attr] # stored as a list
    two.to_document()["more"].clear()
    assert given == ["a"]
    assert document["tags"] == ["a"]
    assert document["more"] == []
    assert (one.tags, two.tags, two.more) == (["a", "b"], ["a", "b"], ["d"])


def test_an_error_inside_generated_code_shows_its_line() -> None:
    def make() -> str:
        raise RuntimeError("no default today")

    class Failing(BaseModel, registry=ModelRegistry("failing")):
        name = StringField(default_factory=make)

    with pytest.raises(RuntimeError) as caught:
        Failing()
    shown_lines = "".join(traceback.format_exception(caught.value))
    assert ".__init__ " in shown_lines
    assert "make_default_" in shown_lines


def test_a_class_generates_nothing_before_it_is_used() -> None:
    class Unused(BaseModel, registry=ModelRegistry("unused")):
        name = StringField()

    codec: Any = Unused.__codec__
    assert not vars(codec).keys() & {"init", "decode_exact", "encode_exact", "is_exact"}
    with pytest.raises(DocumentError):
        Unused.from_document({})
    assert "decode_exact" in vars(codec)
