"""The generated functions give what the interpreted path gives: the same values, of the same types, and the same faults."""

import copy
import traceback
from array import array
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Flag, IntEnum, StrEnum
from typing import Any

import pytest
from bson import Binary, Decimal128, ObjectId, decode, encode
from bson.codec_options import CodecOptions
from bson.int64 import Int64
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import (
    AnyField,
    BaseModel,
    BooleanField,
    BytesField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    DocumentError,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    EnumField,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    LiteralField,
    ModelRegistry,
    ObjectIdField,
    Point,
    PointField,
    ReferenceField,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    URLField,
    UUIDField,
    ValidationError,
    VectorField,
)
from earnorm.models.changes import find_changes
from earnorm.models.codec import ModelCodec


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Bits(Flag):
    A = 1
    B = 2


class Inner(EmbeddedModel):
    street = StringField(max_length=5)
    floor = IntegerField(required=False, alias="f")


class Other(EmbeddedModel, discriminator="other"):
    size = DecimalField(minimum=0)


def refuse_seven(value: Any) -> None:
    if value == 7:
        raise ValueError("is unlucky")


DAY = date(2026, 1, 2)
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
    lambda **o: DecimalField(**o),
    lambda **o: DecimalField(minimum=0, maximum=9, max_digits=3, decimal_places=1, **o),
    lambda **o: URLField(max_length=20, **o),
    lambda **o: UUIDField(**o),
    lambda **o: BytesField(min_length=1, max_length=3, **o),
    lambda **o: DateField(maximum=DAY, **o),
    lambda **o: TimeDeltaField(minimum=timedelta(0), **o),
    lambda **o: EnumField(Colour, **o),
    lambda **o: EnumField(Bits, choices=[Bits.A], **o),
    lambda **o: LiteralField("red", 1, True, **o),
    lambda **o: PointField(**o),
    lambda **o: VectorField(dimensions=2, **o),
    lambda **o: VectorField(dtype="packed_bit", **o),
    lambda **o: SetField(StringField(), max_length=2, **o),
    lambda **o: SetField(EnumField(Level, required=False), **o),
    lambda **o: TupleField(IntegerField(), DecimalField(required=False), **o),
    lambda **o: TupleField(LiteralField("red", "green"), ..., **o),
    lambda **o: DictField(StringField(), keys=IntegerField(), **o),
    lambda **o: DictField(keys=EnumField(Level), **o),
    lambda **o: EmbeddedUnionField(Inner, Other, **o),
    lambda **o: ListField(EmbeddedUnionField(Inner, Other), **o),
    lambda **o: ListField(BytesField(), **o),
    lambda **o: ListField(DecimalField(), **o),
    lambda **o: EmbeddedField(Other, **o),
    lambda **o: AnyField(**o),
    lambda **o: JsonField(**o),
    lambda **o: IntegerField(strict=True, **o),
    lambda **o: FloatField(strict=True, **o),
    lambda **o: DateTimeField(strict=True, **o),
    lambda **o: EmbeddedField(Inner, strict=True, **o),
    lambda **o: ListField(IntegerField(strict=True), strict=True, **o),
]
DEFAULTS: dict[int, Any] = {0: "x", 1: "ab", 4: 7, 7: 1, 8: True, 12: ["a"], 17: {"a": [1]}}

# What is drawn at random hardly ever fits these: for each kind of field, values that nearly do.
NEARLY: dict[Any, st.SearchStrategy[Any]] = {
    DecimalField: st.one_of(
        st.sampled_from(["1.5", "9.99", "1_0", "-1", "1E+7000", " 1", 10**40, Decimal128("2.5")]),
        st.sampled_from([Decimal(word) for word in ("1.50", "0.05", "-0", "NaN", "sNaN", "9E+1")]),
        st.decimals(allow_nan=True),
    ),
    URLField: st.sampled_from(["http://a.b", "https://[::1]/?", "ftp://a", "http://a b", "http:/a"]),
    UUIDField: st.one_of(st.uuids(), st.uuids().map(str), st.uuids().map(Binary.from_uuid)),
    BytesField: st.one_of(st.binary(max_size=4), st.just(bytearray(b"a")), st.just(Binary(b"a", 5))),
    DateField: st.sampled_from([DAY, DAY + timedelta(1), NOON, datetime(2024, 1, 1, tzinfo=UTC)]),
    TimeDeltaField: st.one_of(st.timedeltas(), st.sampled_from([5, 3.0, 2**63, -1])),
    EnumField: st.sampled_from([Colour.RED, "red", Bits.A, Bits.A | Bits.B, 3, -1, True, "Red"]),
    LiteralField: st.sampled_from(["red", 1, True, 1.0, Colour.RED, [1], "rde"]),
    PointField: st.sampled_from(
        [
            Point(longitude=1, latitude=2),
            {"type": "Point", "coordinates": [1, 2]},
            {"type": "Point", "coordinates": [1, float("nan")]},
            {"type": "Point", "coordinates": [1]},
        ]
    ),
    VectorField: st.one_of(
        st.lists(st.sampled_from([0, 1, True, 0.1, 1e39]), min_size=2, max_size=2),
        st.sampled_from([(0.5, 2.0), (1, 0), array("d", [1, 2]), b"ab", Binary(b"\x27\x00a", 9)]),
    ),
    SetField: st.one_of(
        st.sets(st.text("ab", max_size=2), max_size=3),
        st.sets(st.sampled_from([Level.HIGH, 3, None, 3.0])),
        st.sampled_from([[[1]], [{}], frozenset("a"), {"a", None}]),
    ),
    TupleField: st.sampled_from(
        [(1, Decimal(2)), [1, "2"], (1, None), (1,), (1, 2, 3), ("red", "red"), ["gren"], ()]
    ),
    DictField: st.sampled_from([{1: "a"}, {"1": "a"}, {3: 1}, {Level.HIGH: 1}, {2.0: "a"}, {"01": "a"}]),
    EmbeddedUnionField: st.sampled_from(
        [
            Inner(street="a"),
            Other(size=1),
            {"_type": "other", "size": "1.5"},
            {"_type": "Inner", "street": "a", "floor": 1},
            {"_type": "Iner"},
            {"_type": 3},
            {"size": 1},
        ]
    ),
    ListField: st.one_of(
        st.lists(st.one_of(st.decimals(allow_nan=False), st.binary(max_size=2)), max_size=2),
        st.lists(st.sampled_from([Inner(street="a"), {"_type": "other", "size": 2}]), max_size=2),
    ),
    EmbeddedField: st.sampled_from([{"street": "a"}, {"size": "2"}, {"size": Decimal128("3")}]),
}  # fmt: skip

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
    return st.fixed_dictionaries({}, optional={name: fitting(model, name) for name in names})


def fitting(model: Any, name: str) -> st.SearchStrategy[Any]:
    """Anything, and what nearly fits the field of this name, or of this stored name."""
    fields = model.__codec__.fields.values()
    kind = next((type(field) for field in fields if name in (field.name, field.stored_name)), None)
    return VALUES | NEARLY[kind] if kind in NEARLY else VALUES


def shown(value: Any) -> Any:
    """The value with its types, so that 1, 1.0 and True differ and NaN equals itself."""
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items() if name != "__trace__"}
    if isinstance(value, (list, tuple)):
        return type(value), [shown(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return type(value), sorted(map(repr, value))
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
    return known(instance)


def loaded(codec: Any, documents: list[dict[str, Any]], *, trusted: bool = False) -> Any:
    """What becomes of a batch, or the faults of the first document that does not fit."""
    batch = copy.deepcopy(documents)
    try:
        instances = codec.load_all(batch, trusted=trusted)
    except DocumentError as error:
        return faults(error)
    assert instances is batch
    return [known(instance) for instance in instances]


def known(instance: Any) -> Any:
    state = instance.__state__
    memory = state.stored, shown(state.pictures), shown(state.changed), shown(state.extras_picture)
    return shown(vars(instance)), shown(state.extras), memory


def agree_on_values_and_on_faults(data: st.DataObject) -> None:
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
        spoilt = data.draw(fitting(model, name))
        vars(instance)[name], vars(twin)[name] = spoilt, copy.deepcopy(spoilt)
        agree_on_record(generated, interpreted, instance)
        found: tuple[list[Any], list[Any]] = ([], [])
        generated.validate(instance, "p.", found[0])
        interpreted.validate(twin, "p.", found[1])
        assert [str(fault) for fault in found[0]] == [str(fault) for fault in found[1]]
        assert shown(vars(instance)) == shown(vars(twin))


def agree_on_record(generated: Any, interpreted: ModelCodec, instance: Any) -> None:
    """What is recorded at once is what checking, encoding and taking pictures give, one after the other."""
    recorded = generated.record(copy.deepcopy(instance))
    if recorded is None:
        return
    document, pictures = recorded
    found: list[Any] = []
    twin = copy.deepcopy(instance)
    interpreted.validate(twin, "", found)
    assert found == []
    assert encode(document) == encode(interpreted.encode(twin))
    assert shown(pictures) == shown(interpreted.pictures(vars(twin)))


def decode_alike(data: st.DataObject) -> None:
    model = data.draw(models())
    generated, interpreted = model.__codec__, ModelCodec(model, model.__codec__.fields)
    stored_names = [field.stored_name for field in model.__codec__.fields.values()]
    documents = []
    for _ in range(5):
        document = data.draw(
            st.fixed_dictionaries(
                {}, optional={name: fitting(model, name) for name in [*stored_names, "extra"]}
            )
        )
        found = decoded(generated, document)
        assert found == decoded(interpreted, document)
        assert loaded(generated, [document]) == (found if isinstance(found, list) else [found])
        if not isinstance(found, list):
            documents.append(document)
    assert loaded(generated, documents) == [decoded(interpreted, one) for one in documents]
    trusted = [known(generated.load_trusted(copy.deepcopy(one))) for one in documents]
    assert loaded(generated, documents, trusted=True) == trusted


@pytest.mark.parametrize("hold", [agree_on_values_and_on_faults, decode_alike])
def test_both_paths_are_equal(hold: Any) -> None:
    settings(max_examples=120, deadline=None)(given(st.data())(hold))()


@pytest.mark.soak
@pytest.mark.parametrize("hold", [agree_on_values_and_on_faults, decode_alike])
def test_both_paths_are_equal_over_thousands_of_models(hold: Any) -> None:
    settings(max_examples=2000, deadline=None)(given(st.data())(hold))()


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


def test_an_exact_instance_is_recorded_on_the_fast_path_with_naive_dates() -> None:
    class Person(BaseModel, registry=ModelRegistry("record")):
        born = DateTimeField()
        died = DateTimeField(required=False)
        tags = ListField(StringField())
        home = EmbeddedField(Inner)
        work = EmbeddedField(Inner, required=False)

    person = Person(born=NOON, tags=["a"], home={"street": "x"})
    codec: Any = Person.__codec__
    document, pictures = codec.record(person)
    assert document["born"] == NOON.replace(tzinfo=None)
    assert encode(document) == encode(person.to_document())
    assert pictures == (("a",), ("x", None), None)
    assert document["tags"] is not person.tags
    person.home.__dict__["street"] = "much too long"
    assert codec.record(person) is None


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


def test_documents_that_nobody_else_holds_are_let_go_of_and_their_lists_kept() -> None:
    class Tagged(BaseModel, registry=ModelRegistry("batch")):
        at = DateTimeField()
        tags = ListField(StringField())
        home = EmbeddedField(Inner)

    def document(**more: Any) -> dict[str, Any]:
        home = {"street": "x", "f": 1}
        return {"_id": ObjectId(), "at": datetime(2026, 1, 2), "tags": ["a"], "home": home, **more}

    plain, extended, spoilt = document(), document(extra=1), document(at=datetime(1, 1, 1))
    tags = plain["tags"]
    codec: Any = Tagged.__codec__
    batch = [plain, extended, spoilt]
    one, two, three = codec.load_all(batch)
    assert batch == [one, two, three]
    assert one.tags is tags
    assert (one.at, two.at) == (datetime(2026, 1, 2, tzinfo=UTC),) * 2
    assert (one.__trace__, three.at) == ((("a",), "x", 1), datetime(1, 1, 1, tzinfo=UTC))
    assert two.extra == 1
    one.tags.append("b")
    one.home.street = "y"
    assert sorted(find_changes(one)) == ["home.street", "tags"]
    with pytest.raises(DocumentError, match=r"home\.street"):
        codec.load_all([document(), document(home={"street": 1})])


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
