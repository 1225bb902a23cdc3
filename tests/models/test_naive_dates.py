"""A naive date in a document is UTC, wherever it stands and however the document is read."""

import copy
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bson import Code, DBRef, Int64, ObjectId, Regex, tz_util
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import (
    AnyField,
    BaseModel,
    DateField,
    DateTimeField,
    DictField,
    DocumentError,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    Field,
    IntegerField,
    JsonField,
    ListField,
    ModelRegistry,
    SetField,
    StringField,
    TupleField,
)
from earnorm.errors import FieldFault
from earnorm.models.codec import ModelCodec

NOON = datetime(2024, 7, 15, 12, 0, 0, 5000)


class Stay(EmbeddedModel):
    start = DateTimeField()
    end = DateTimeField(required=False)
    notes = AnyField(required=False)


class Visit(EmbeddedModel, discriminator="visit"):
    days = ListField(DateField())
    at = SetField(DateTimeField())


class Period(Field[Any]):
    """A stranger's field type, whose author has never met a naive date."""

    is_mutable = False

    def convert(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        assert all(moment.tzinfo is not None for moment in value.values())
        return tuple(moment.astimezone(UTC) for moment in value.values())

    def encode(self, value: Any) -> Any:
        return dict(zip(("start", "end"), value, strict=True))


class InZone(Field[Any]):
    """One that reads what is stored by itself."""

    is_mutable = False

    def decode(self, stored: Any, path: str, faults: list[FieldFault]) -> Any:
        return stored and stored.astimezone(timezone(timedelta(hours=5)))


# moments of the calendar's ends, of nights with a change of the clocks, and finer than BSON has them
MOMENTS = st.one_of(
    st.just(NOON),
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),
    st.sampled_from([datetime(2024, 3, 10, 2, 30), datetime(2024, 11, 3, 1, 30, fold=1)]),
    st.datetimes().map(
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ),
).map(lambda moment: moment.replace(fold=0))  # BSON counts, and has no second 1:30
DAYS = st.dates().map(lambda day: datetime(day.year, day.month, day.day))
FREE = st.recursive(
    st.one_of(
        MOMENTS,
        st.sampled_from([None, 1, Int64(1), True, "a", b"b", ObjectId(b"1" * 12), Regex("a")]),
        st.builds(lambda moment: Code("f", {"at": [moment]}), MOMENTS),
        st.builds(lambda moment: DBRef("c", moment, "d", at={"b": moment}), MOMENTS),
        st.just(Code("f")),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=6,
)
STAYS = st.fixed_dictionaries(
    {"start": MOMENTS}, optional={"end": MOMENTS | st.none(), "notes": FREE, "more": FREE}
)
VISITS = st.fixed_dictionaries(
    {
        "_type": st.just("visit"),
        "days": st.lists(DAYS, max_size=2),
        "at": st.lists(MOMENTS, max_size=2),
    }
)
EITHER = VISITS | STAYS.map(lambda stay: {"_type": "Stay", **stay})
FIELDS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (DateTimeField, MOMENTS),
    (lambda **o: DateTimeField(choices=[NOON.replace(tzinfo=UTC)], **o), MOMENTS),
    (lambda **o: DateTimeField(strict=True, minimum=NOON, **o), MOMENTS),
    (DateField, DAYS),
    (AnyField, FREE.filter(lambda value: value is not None)),
    (DictField, st.dictionaries(st.text("ab"), FREE, max_size=3)),
    (lambda **o: DictField(DateTimeField(), **o), st.dictionaries(st.text("ab"), MOMENTS)),
    (lambda **o: DictField(keys=IntegerField(), **o), st.dictionaries(st.just("1"), FREE)),
    (lambda **o: ListField(DateTimeField(), **o), st.lists(MOMENTS, max_size=3)),
    (lambda **o: ListField(DateTimeField(required=False), **o), st.lists(MOMENTS | st.none())),
    (lambda **o: ListField(DateField(), **o), st.lists(DAYS, max_size=3)),
    (lambda **o: ListField(ListField(DateTimeField()), **o), st.lists(st.lists(MOMENTS))),
    (lambda **o: ListField(AnyField(required=False), **o), st.lists(FREE, max_size=3)),
    (lambda **o: SetField(DateTimeField(), **o), st.lists(MOMENTS, max_size=3)),
    (lambda **o: TupleField(DateTimeField(), DateField(), **o), st.tuples(MOMENTS, DAYS).map(list)),
    (lambda **o: TupleField(DateTimeField(), ..., **o), st.lists(MOMENTS, max_size=3)),
    (lambda **o: EmbeddedField(Stay, **o), STAYS),
    (lambda **o: ListField(EmbeddedField(Stay), **o), st.lists(STAYS, max_size=2)),
    (lambda **o: DictField(EmbeddedField(Stay), **o), st.dictionaries(st.text("ab"), STAYS)),
    (lambda **o: EmbeddedUnionField(Stay, Visit, **o), EITHER),
    (lambda **o: ListField(EmbeddedUnionField(Stay, Visit), **o), st.lists(EITHER, max_size=2)),
    (Period, st.fixed_dictionaries({"start": MOMENTS, "end": MOMENTS})),
    (lambda **o: ListField(Period(), **o), st.lists(st.builds(lambda m: {"start": m}, MOMENTS))),
    (InZone, st.just(NOON)),
    (lambda **o: TupleField(InZone(), ..., **o), st.lists(st.just(NOON), max_size=2)),
    (lambda **o: DictField(InZone(), **o), st.dictionaries(st.text("ab"), st.just(NOON))),
]  # fmt: skip


@st.composite
def examples(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    """A model of a few fields, and a document of it whose dates are all naive."""
    namespace: dict[str, Any] = {}
    values: dict[str, st.SearchStrategy[Any]] = {"_id": st.just(ObjectId(b"1" * 12))}
    for number in range(draw(st.integers(1, 4))):
        make, stored = draw(st.sampled_from(FIELDS))
        required = draw(st.booleans())
        namespace[f"field{number}"] = make(required=required)
        values[f"field{number}"] = stored if required else stored | st.none()
    model = type("Random", (BaseModel,), namespace, registry=ModelRegistry("random"))
    extras = draw(st.dictionaries(st.sampled_from(["more", "most"]), FREE))
    return model, {**draw(st.fixed_dictionaries(values)), **extras}


def in_zone(value: Any, zone: tzinfo) -> Any:
    """The same document with aware dates."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone)
    if isinstance(value, dict):
        return {name: in_zone(item, zone) for name, item in value.items()}
    if isinstance(value, list):
        return [in_zone(item, zone) for item in value]
    if isinstance(value, DBRef):
        link = in_zone(dict(value.as_doc()), zone)
        return DBRef(link.pop("$ref"), link.pop("$id"), link.pop("$db"), **link)
    if isinstance(value, Code) and value.scope:
        return Code(str(value), in_zone(dict(value.scope), zone))
    return value


def shown(value: Any) -> Any:
    """The value with all types and time zones."""
    if isinstance(value, (BaseModel, EmbeddedModel)):
        extras = getattr(value.__state__, "extras", None)
        return (
            type(value),
            shown({k: v for k, v in vars(value).items() if k != "__trace__"}),
            shown(extras),
        )
    if isinstance(value, Mapping):
        return type(value), [(name, shown(item)) for name, item in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [shown(item) for item in value]
    if isinstance(value, set):
        return type(value), sorted(map(repr, value))
    if isinstance(value, Code):
        return type(value), str(value), shown(value.scope)
    if isinstance(value, DBRef):
        return type(value), shown(dict(value.as_doc()))
    return type(value), repr(value)


def readings(model: Any, document: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """What each way of reading makes of the document, and what it remembers of it."""
    interpreted = ModelCodec(model, model.__codec__.fields)
    for load in (model.from_document, model.__codec__.load_trusted, interpreted.load_slowly):
        instance = load(document)
        state = instance.__state__
        yield shown(instance), (shown(state.pictures), shown(state.extras_picture))


@pytest.mark.parametrize("zone", [UTC, tz_util.utc])
@pytest.mark.usefixtures("new_york")
def test_naive_dates_are_read_as_those_in_utc(zone: tzinfo) -> None:
    @settings(max_examples=80, deadline=None)
    @given(examples())
    def hold(example: tuple[Any, dict[str, Any]]) -> None:
        model, naive = example
        before = copy.deepcopy(naive)
        checked, trusted, interpreted = readings(model, naive)
        assert [checked, trusted, interpreted] == list(readings(model, in_zone(naive, zone)))
        assert checked == interpreted
        assert shown(naive) == shown(before)

    hold()


@pytest.mark.usefixtures("new_york")
def test_an_argument_stays_local_time() -> None:
    """The rule is one of documents: in Python, a naive date is local."""
    local = Stay(start=NOON).start
    assert local == NOON.replace(tzinfo=ZoneInfo("America/New_York"))
    assert ModelCodec.decode(Stay.__codec__, {"start": NOON}, "", []).start == NOON.replace(
        tzinfo=UTC
    )


@pytest.mark.usefixtures("new_york")
@pytest.mark.parametrize("wrapped", [MappingProxyType, lambda document: document])
def test_what_bson_never_gives_is_read_alike(home: ModelRegistry, wrapped: Any) -> None:
    """Tuples, sets and other mappings, in a document that was written by hand."""

    class Trip(BaseModel, registry=home):
        stay = EmbeddedField(Stay)
        at = ListField(DateTimeField())
        free = DictField()
        days = SetField(DateTimeField())

    trip = Trip.from_document(
        wrapped(
            {
                "stay": MappingProxyType({"start": NOON}),
                "at": (NOON,),
                "free": MappingProxyType({"a": (NOON,)}),
                "days": {NOON},
                "extra": (frozenset({NOON}),),
            }
        )
    )
    aware = NOON.replace(tzinfo=UTC)
    assert (trip.stay.start, trip.at, trip.free, trip.days) == (
        aware,
        [aware],
        {"a": [aware]},
        {aware},
    )
    assert trip.__state__.extras == {"extra": (frozenset({aware}),)}


def test_a_zone_that_somebody_gave_stays_in_free_values(home: ModelRegistry) -> None:
    class Note(BaseModel, registry=home):
        data = AnyField()

    zoned = NOON.replace(tzinfo=ZoneInfo("America/New_York"))
    data = Note.from_document({"data": [zoned, NOON.replace(microsecond=7)]}).data
    assert data[0].tzinfo is zoned.tzinfo
    assert data[1] == NOON.replace(microsecond=7, tzinfo=UTC)


def test_a_subclass_of_datetime_stays_one(home: ModelRegistry) -> None:
    class Pendulum(datetime):
        pass

    class Note(BaseModel, registry=home):
        data = AnyField()
        at = DateTimeField()

    moment = Pendulum(2024, 7, 15)
    note = Note.from_document({"data": moment, "at": moment})
    assert (type(note.data), note.data.tzinfo) == (Pendulum, UTC)
    assert note.at == datetime(2024, 7, 15, tzinfo=UTC)


def test_an_error_tells_of_aware_dates(home: ModelRegistry) -> None:
    class Note(BaseModel, registry=home):
        text = StringField()
        data = JsonField()

    with pytest.raises(DocumentError) as caught:
        Note.from_document({"_id": NOON, "text": NOON, "data": 1})
    assert caught.value.document_id == NOON.replace(tzinfo=UTC)
    assert caught.value.errors[0].input == NOON.replace(tzinfo=UTC)
