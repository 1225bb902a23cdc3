"""Hostile values: stored and found again exactly, or refused before anything is written."""

import math
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any

import bson
import pytest
from bson import Decimal128, Int64, ObjectId

from earnorm import (
    BaseModel,
    DateTimeField,
    DictField,
    DocumentTooLargeError,
    EarnORMError,
    EmailField,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    ValidationError,
    connect,
    inspect,
)

TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\0" * 1000,
    "'",
    "''",
    '"',
    "'; DROP TABLE users; --",
    "x' OR '1'='1",
    "1); DELETE FROM sqlite_master; --",
    "$where",
    "$ne",
    '{"$ne": ""}',
    "function() { return true; }",
    ".*",
    "(a+)+$",
    "%",
    "_",
    "\\",
    "\x01\x02\x1b[2J\x7f\x80\x9f",
    "\r\n\t\v\f",
    "\u2028\u2029",
    "\u202eabc",
    "\ufeffabc",
    "\uffff\ufffe",
    "😀🏳️‍🌈",
    "e\u0301 is not é",
    "İıſK",
    "{{7*7}}${7*7}%{7*7}",
    "<script>alert(1)</script>",
    "../../../etc/passwd",
    "x" * 1_000_000,
    "'" * 1_000_000,
    "😀" * 250_000,
]


def nested(levels: int, value: Any = "bottom") -> Any:
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def as_bson(value: object) -> bytes:
    """What tells -0.0 from 0.0, and NaN from nothing."""
    return bson.encode({"value": value})


class Fields:
    """Models over one registry."""

    def __init__(self, home: ModelRegistry) -> None:
        class Text(BaseModel, registry=home):
            value = StringField()
            many = ListField(StringField())
            by_name = DictField(StringField())
            free = DictField()

            class Meta:
                indexes = [{"fields": ["value"]}]

        class Number(BaseModel, registry=home):
            value = IntegerField(required=False)
            inexact = FloatField(required=False)
            at = DateTimeField(required=False)
            free = DictField()

            class Meta:
                indexes = [{"fields": ["value"]}, {"fields": ["inexact"]}]

        self.text: Any = Text
        self.number: Any = Number


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: f"{text[:12]!r} of {len(text)}")
async def test_any_text_is_stored_and_found_exactly(
    home: ModelRegistry, url: str, text: str
) -> None:
    model = Fields(home).text
    async with connect(url, registry=home):
        await model.create(value="decoy")
        stored = await model.create(
            value=text, many=[text], by_name={"k": text}, free={"k": [text]}
        )
        loaded = await model.get(stored.id)
        assert (loaded.value, loaded.many, loaded.by_name) == (text, [text], {"k": text})
        assert loaded.free == {"k": [text]}
        ways: list[Any] = [
            model.value == text,
            {"value": text},
            {"value": {"$eq": text}},
            {"value": {"$in": [text]}},
            {"many": text},
            {"by_name.k": text},
            {"free.k": text},
            {"$and": [{"value": text}]},
        ]
        for way in ways:
            assert [found.id for found in await model.find(way)] == [stored.id]
        assert await model.find(model.value == text).update({"$set": {"value": f"{text}!"}}) == 1
        assert (await stored.reload()).value == f"{text}!"


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udcff", "\ud83d"], ids=ascii)  # noqa: PT014 # to ruff all surrogates are one
async def test_text_with_a_lone_surrogate_is_refused_everywhere(
    home: ModelRegistry, url: str, text: str
) -> None:
    model = Fields(home).text
    async with connect(url, registry=home):
        await model.create(value="decoy")
        attempts: list[Callable[[], Any]] = [
            lambda: model.create(value=text),
            lambda: model.create(value="x", many=[text]),
            lambda: model.create(value="x", by_name={"k": text}),
            lambda: model.create(value="x", free={"k": [text]}),
            lambda: model.find({"value": text}).to_list(),
            lambda: model.find({"free.k": {"$in": [text]}}).to_list(),
            lambda: model.find().update({"$set": {"value": text}}),
            lambda: model.find().update({"$set": {"free.k": text}}),
        ]
        for attempt in attempts:
            with pytest.raises(EarnORMError, match="lone surrogate"):
                await attempt()
        with pytest.raises(ValidationError, match="lone surrogate"):
            model.find(model.value == text)
        assert [one.value for one in await model.find()] == ["decoy"]


@pytest.mark.parametrize(
    "number", [0, -1, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63)]
)
async def test_whole_numbers_are_exact_to_the_last_of_64_bits(
    home: ModelRegistry, url: str, number: int
) -> None:
    model = Fields(home).number
    async with connect(url, registry=home):
        for neighbour in (number - 1, number + 1):
            if -(2**63) <= neighbour < 2**63:
                await model.create(value=neighbour)
        stored = await model.create(value=number, free={"n": number, "i": Int64(number)})
        assert await model.find(model.value == number, {"free.n": number}) == [stored]
        assert await model.get(stored.id) == stored
        below, above = (
            [one.value for one in await model.find(model.value < number)],
            [one.value for one in await model.find(model.value > number)],
        )
        assert (below + above).count(number) == 0
        assert all(value < number for value in below)
        assert all(value > number for value in above)


@pytest.mark.parametrize(
    "number", [2**63, -(2**63) - 1, 2**64, 10**400, 10**5000, -(10**5000)], ids=int.bit_length
)
async def test_larger_numbers_are_refused_everywhere(
    home: ModelRegistry, url: str, number: int
) -> None:
    model = Fields(home).number
    async with connect(url, registry=home):
        stored = await model.create(value=1)
        attempts: list[Callable[[], Any]] = [
            lambda: model.create(value=number),
            lambda: model.create(free={"n": [number]}),
            lambda: model.find({"value": number}).to_list(),
            lambda: model.find({"value": {"$gt": number}}).to_list(),
            lambda: model.find().update({"$set": {"value": number}}),
            lambda: model.find().update({"$inc": {"value": number}}),
            lambda: model.find().update({"$inc": {"value": 2**63 - 1}}),
        ]
        for attempt in attempts:
            with pytest.raises(EarnORMError):
                await attempt()
        with pytest.raises(ValidationError, match="does not fit in 64 bits"):
            model.find(model.value > number)
        assert await model.find() == [stored]


@pytest.mark.parametrize("number", [2**63, 2**64, 10**5000], ids=int.bit_length)
async def test_no_page_is_too_far_for_an_answer(home: ModelRegistry, url: str, number: int) -> None:
    model = Fields(home).number
    async with connect(url, registry=home):
        await model.create(value=1)
        for page in ("skip", "limit"):
            with pytest.raises(EarnORMError):
                await getattr(model.find(), page)(number)


@pytest.mark.parametrize(
    "number",
    [0.0, -0.0, math.inf, -math.inf, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1 + 0.2],
)  # fmt: skip
async def test_floats_are_kept_to_the_last_bit(
    home: ModelRegistry, url: str, number: float
) -> None:
    model = Fields(home).number
    async with connect(url, registry=home):
        stored = await model.create(inexact=number, free={"n": number})
        loaded = await model.get(stored.id)
        assert struct.pack("<d", loaded.inexact) == struct.pack("<d", number)
        assert as_bson(loaded.free) == as_bson({"n": number})
        assert await model.find(model.inexact == number).count() == 1


@pytest.mark.parametrize("bits", [0x7FF8000000000000, 0xFFF8000000000001, 0x7FF0000000000001])
async def test_a_number_that_is_none_is_found_by_one(
    home: ModelRegistry, url: str, bits: int
) -> None:
    (number,) = struct.unpack("<d", struct.pack("<Q", bits))
    model = Fields(home).number
    async with connect(url, registry=home):
        await model.create(inexact=1.0)
        stored = await model.create(inexact=number, free={"n": number})
        loaded = await model.get(stored.id)
        assert math.isnan(loaded.inexact)
        assert math.isnan(loaded.free["n"])
        for way in (model.inexact == number, {"inexact": math.nan}, {"free.n": math.nan}):
            assert [one.id for one in await model.find(way)] == [stored.id]
        # MongoDB: NaN is below every number in a sort, and a comparison with it finds only itself.
        assert [one.id for one in await model.find().sort("inexact").limit(1)] == [stored.id]
        assert await model.find(model.inexact > number).count() == 0
        assert await model.find(model.inexact < 5).count() == 1


async def test_values_of_other_types_are_kept_apart(home: ModelRegistry, url: str) -> None:
    model = Fields(home).text
    values: list[Any] = [1, "1", True, "true", None, "None", 0, False, "", [], {}, [[]], b"1", Decimal128("1.5"), 1.5, "1.5"]  # fmt: skip
    async with connect(url, registry=home):
        for n, value in enumerate(values):
            await model.create(value=str(n), free={"x": value})
        for value in values:
            exact = [one.free["x"] for one in await model.find({"free": {"$eq": {"x": value}}})]
            equal = [1.5, Decimal128("1.5")] if value in (1.5, Decimal128("1.5")) else [value]
            assert sorted(map(repr, exact)) == sorted(map(repr, equal))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        datetime(1582, 10, 10, tzinfo=timezone(timedelta(hours=23, minutes=59))),
    ],
)
async def test_moments_are_kept_to_the_edges_of_the_calendar(
    home: ModelRegistry, url: str, moment: datetime
) -> None:
    model = Fields(home).number
    async with connect(url, registry=home):
        stored = await model.create(at=moment, free={"at": moment})
        loaded = await model.get(stored.id)
        assert (loaded.at, loaded.free["at"]) == (moment, moment)
        assert await model.find(model.at == moment, {"free.at": moment}).count() == 1


@pytest.mark.parametrize("levels", [10, 97])
async def test_deep_values_are_kept(home: ModelRegistry, url: str, levels: int) -> None:
    model = Fields(home).text
    async with connect(url, registry=home):
        stored = await model.create(value="x", free={"deep": nested(levels)})
        assert (await model.get(stored.id)).free == {"deep": nested(levels)}
        assert await model.find({"free": {"$eq": {"deep": nested(levels)}}}).count() == 1


@pytest.mark.parametrize("levels", [200, 2_000, 100_000])
async def test_deeper_values_are_refused_and_never_end_in_a_recursion_error(
    home: ModelRegistry, url: str, levels: int
) -> None:
    model = Fields(home).text
    async with connect(url, registry=home):
        deep = nested(levels)
        attempts: list[Callable[[], Any]] = [
            lambda: model.create(value="x", free={"deep": deep}),
            lambda: model.find({"free": deep}).to_list(),
            lambda: model.find({"free": {"$eq": deep}}).to_list(),
            lambda: model.find({"free": {"$in": [deep]}}).to_list(),
            lambda: model.find().update({"$set": {"free": {"deep": deep}}}),
        ]
        for attempt in attempts:
            with pytest.raises(EarnORMError):
                await attempt()
        assert await model.find().count() == 0


@pytest.mark.parametrize("levels", [200, 5_000])
async def test_a_filter_of_too_many_nots_is_refused(
    home: ModelRegistry, url: str, levels: int
) -> None:
    model = Fields(home).text
    deep: Any = {"$eq": "x"}
    for _ in range(levels):
        deep = {"$not": deep}
    async with connect(url, registry=home):
        with pytest.raises(EarnORMError):
            await model.find({"value": deep})


@pytest.mark.parametrize("clause", ["$and", "$or", "$nor"])
@pytest.mark.parametrize(
    "levels",
    [200, 5_000],
)
async def test_a_filter_of_too_many_clauses_within_clauses_is_refused(
    home: ModelRegistry, url: str, clause: str, levels: int
) -> None:
    model = Fields(home).text
    deep: Any = {"value": "x"}
    for _ in range(levels):
        deep = {clause: [deep]}
    async with connect(url, registry=home):
        with pytest.raises(EarnORMError):
            await model.find(deep)


async def test_a_filter_of_a_thousand_joined_expressions_is_answered(
    home: ModelRegistry, url: str
) -> None:
    model = Fields(home).number
    async with connect(url, registry=home):
        for n in range(5):
            await model.create(value=n)
        conditions = [model.value == n for n in range(3, 1003)]
        assert await model.find(reduce(or_, conditions)).count() == 2
        assert await model.find(reduce(and_, conditions)).count() == 0


@pytest.mark.needs("too_large_documents_are_refused")
async def test_a_document_over_16_mebibytes_is_refused(home: ModelRegistry, url: str) -> None:
    model = Fields(home).text
    async with connect(url, registry=home):
        for size in (16 * 2**20, 40 * 2**20):
            large = model(value="x", free={"a": "x" * size})
            with pytest.raises(DocumentTooLargeError, match="MongoDB's limit is 16,777,216"):
                await large.save()
            assert (large.id, inspect(large).is_new) == (None, True)
        kept = await model.create(value="x", free={"a": "x" * (15 * 2**20)})
        with pytest.raises(DocumentTooLargeError):
            await model.find().update({"$set": {"free.b": "x" * (2 * 2**20)}})
        assert await model.get(kept.id) == kept


async def test_one_faulty_instance_stops_the_whole_batch(home: ModelRegistry, url: str) -> None:
    model = Fields(home).text
    async with connect(url, registry=home):
        batch = [model(value=str(n)) for n in range(100)]
        batch[77].free["bad"] = "\ud800"
        with pytest.raises(ValidationError, match=r"77\.free\.bad: holds a lone surrogate"):
            await model.insert_many(batch)
        assert await model.find().count() == 0
        assert {one.id for one in batch} == {None}


class Evil(str):
    """A string that lies about itself."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __str__(self) -> str:
        return "lie"

    def __len__(self) -> int:
        return 1

    def encode(self, *arguments: Any) -> bytes:
        return b"lie"


async def test_a_string_that_lies_is_taken_by_its_characters(home: ModelRegistry, url: str) -> None:
    model = Fields(home).text
    async with connect(url, registry=home):
        stored = await model.create(value=Evil("truth"), free={"a": Evil("truth"), Evil("k"): 1})
        loaded = await model.get(stored.id)
        assert [type(loaded.value), loaded.value, loaded.free] == [
            str,
            "truth",
            {"a": "truth", "k": 1},
        ]


async def test_what_bson_has_no_form_for_is_refused_with_its_path(
    home: ModelRegistry, url: str
) -> None:
    model = Fields(home).text
    values: list[Any] = [
        object(),
        {1},
        range(3),
        1j,
        type,
        lambda: None,
        bytearray(b"a"),
        iter("a"),
    ]
    async with connect(url, registry=home):
        for value in values:
            with pytest.raises(
                ValidationError, match=r"free\.a\.0: cannot be kept: BSON has no form"
            ):
                model(value="x", free={"a": [value]})
            with pytest.raises(EarnORMError, match="BSON has no form"):
                await model.find({"free": {"$eq": value}})
        for number in (Decimal("1e7000"), Decimal(1) / Decimal(3) + Decimal("1e-40")):
            with pytest.raises(EarnORMError):
                await model.create(value="x", free={"a": number * Decimal("1e10000")})
        assert await model.find().count() == 0


async def test_types_of_fields_are_not_confused_by_what_looks_alike(
    home: ModelRegistry, url: str
) -> None:
    class User(BaseModel, registry=home):
        email = EmailField()
        age = IntegerField()
        boss = ReferenceField("User", required=False)

    sound: dict[str, Any] = {"email": "ada@example.com", "age": 36}
    wrong: list[tuple[str, Any]] = [
        ("email", {"$ne": ""}),
        ("email", ["ada@example.com"]),
        ("email", b"ada@example.com"),
        ("age", "36"),
        ("age", {"$gt": 0}),
        ("age", [36]),
        ("boss", {"$ref": "user", "$id": ObjectId()}),
        ("boss", {"$ne": None}),
        ("boss", "'; --"),
        ("id", {"$ne": None}),
        ("id", "0" * 23),
    ]
    async with connect(url, registry=home):
        for name, value in wrong:
            with pytest.raises(ValidationError, match=f"\n  {name}"):
                await User.create(**{**sound, name: value})
        assert await User.find().count() == 0
