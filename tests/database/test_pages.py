"""Reading page by page, while others write."""

import base64
import math
import random
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import bson
import pytest
from bson import Decimal128, Int64, MaxKey, ObjectId, Regex, Timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import (
    BaseModel,
    CursorError,
    DictField,
    EmbeddedModel,
    FilterError,
    IntegerField,
    ListField,
    ModelRegistry,
    Page,
    StringField,
    connect,
)

NOON = datetime(2024, 5, 1, tzinfo=UTC)


def define(home: ModelRegistry, *plugins: str) -> Any:
    class User(BaseModel, registry=home):
        name = StringField(alias="n", default="")
        age = IntegerField(required=False)
        tags = ListField(StringField())
        data = DictField()

        class Meta:
            pass

    return User


async def fill(user: Any, count: int) -> list[Any]:
    people = [
        user(name=f"{n % 7}", age=n % 3 or None, tags=["x"], data={"v": n % 5})
        for n in range(count)
    ]
    return list(await user.insert_many(people))


async def walk(query: Any, size: int) -> list[Page[Any]]:
    pages = [await query.page(size)]
    while pages[-1].next is not None:
        assert len(pages) < 100, "the pages have no end"
        pages.append(await query.page(size, after=pages[-1].next))
    return pages


@pytest.mark.parametrize("size", [1, 4, 10, 50])
@pytest.mark.parametrize(
    "sort",
    [(), ("name",), ("-name", "age"), ("age", "-name"), ("-age",), ("data.v", "-age"), ("-id",), ("id", "name")],
    ids=str,
)  # fmt: skip
async def test_pages_put_together_are_the_whole_in_its_order(
    home: ModelRegistry, sort: tuple[str, ...], size: int
) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user, 30)
        query = user.find(user.name != "6").sort(*sort)
        pages = await walk(query, size)
        assert [len(page.items) for page in pages[:-1]] == [size] * (len(pages) - 1)
        found = [one for page in pages for one in page.items]
        last = sort[-1] if sort else "id"
        tie = () if {"id", "-id"} & set(sort) else ("-id" if last.startswith("-") else "id",)
        assert found == await query.sort(*sort, *tie)


async def test_the_last_page_is_known_for_the_last(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        assert await user.find().page(3) == Page(items=[], next=None)
        await fill(user, 6)
        first = await user.find().page(3)
        second = await user.find().page(3, after=first.next)
        assert first.next is not None
        assert second.next is None
        await user.find().delete()
        assert await user.find().page(3, after=first.next) == Page(items=[], next=None)


@pytest.mark.parametrize("sort", [("age", "name"), ("-age",), ("name", "-age"), ()], ids=str)
async def test_no_document_comes_twice_and_none_is_missed_while_others_write(
    home: ModelRegistry, sort: tuple[str, ...]
) -> None:
    user = define(home)
    chance = random.Random(7)
    async with connect("sqlite://", registry=home):
        staying = {one.id for one in await fill(user, 60)}
        leaving = [one.id for one in await fill(user, 60)]
        query, seen, cursor = user.find().sort(*sort), [], None
        while True:
            page = await query.page(7, after=cursor)
            seen += [one.id for one in page.items]
            for gone in (leaving.pop(), leaving.pop()):
                await user.find(user.id == gone).delete()
            new = [
                user(name=str(chance.randrange(7)), age=chance.choice([None, 1, 2])) for _ in "ab"
            ]
            leaving += [one.id for one in await user.insert_many(new)]
            cursor = page.next
            if cursor is None or len(seen) > 500:
                break
        assert len(seen) == len(set(seen))
        assert staying <= set(seen)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.5, 2**60, Int64(2)]),
    st.sampled_from([Decimal128("1.50"), Decimal128("NaN"), Decimal128("1E+40")]),
    st.text(max_size=2),
    st.sampled_from([b"", b"a", UUID(int=1), NOON, Timestamp(1, 1), ObjectId(b"0" * 12)]),
    st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 1) | st.none(), max_size=2),
)
documents = st.lists(
    st.fixed_dictionaries({}, optional={"a": values, "b": values, "c": values}), max_size=12
)
keys = st.lists(
    st.tuples(st.sampled_from(["data.a", "data.b", "data.c"]), st.sampled_from(["", "-"])),
    min_size=1,
    max_size=3,
    unique_by=lambda key: key[0],
)


@pytest.mark.once
@settings(max_examples=150, deadline=None, database=None)
@given(documents, keys, st.integers(1, 5))
async def test_pages_follow_the_order_of_all_types_of_values(
    held: list[dict[str, Any]], sort: list[tuple[str, str]], size: int
) -> None:
    home = ModelRegistry("pages")
    user = define(home)
    async with connect("sqlite://", registry=home):
        await user.insert_many([user(data=data) for data in held])
        names = [f"{sign}{name}" for name, sign in sort]
        pages = await walk(user.find().sort(*names), size)
        found = [one.id for page in pages for one in page.items]
        whole = await user.find().sort(*names, "-id" if names[-1].startswith("-") else "id")
        assert found == [one.id for one in whole]


async def test_a_page_has_the_shape_of_its_query(home: ModelRegistry) -> None:
    class Named(EmbeddedModel):
        name = StringField()

    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user, 5)
        query = user.find().sort("-age", "data.v")
        whole = await query.sort("-age", "data.v", "id")
        for shaped, expected in (
            (query.project("name"), [{"name": one.name} for one in whole]),
            (query.project(Named), [Named(name=one.name) for one in whole]),
            (query.project("data"), [{"data": one.data} for one in whole]),
            (query.as_documents(), [one.to_document() for one in whole]),
        ):
            pages = await walk(shaped, 2)
            assert [one for page in pages for one in page.items] == expected


async def test_a_cursor_serves_another_filter_of_the_same_sort(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user, 20)
        page = await user.find().sort("data.v").page(8)
        after = page.items[-1].data["v"]
        rest = await user.find(user.data["v"] != after).sort("data.v").page(50, after=page.next)
        assert {one.data["v"] for one in rest.items} == {v for v in range(5) if v > after}


async def test_a_cursor_shows_nothing_that_a_plugin_hides(home: ModelRegistry) -> None:
    class Hiding:
        def narrow_query(self, model: type) -> Any:
            return {"age": {"$ne": None}}

    home.plugin("hiding")(Hiding)

    class User(BaseModel, registry=home):
        age = IntegerField(required=False)

        class Meta:
            plugins = ["hiding"]

    async with connect("sqlite://", registry=home):
        await User.insert_many([User(age=n % 2 or None) for n in range(10)])
        pages = await walk(User.find().sort("age"), 2)
        assert [one.age for page in pages for one in page.items] == [1] * 5
        everybody = await walk(User.find().widen("hiding").sort("age"), 3)
        assert sum(len(page.items) for page in everybody) == 10


def forge(values: Any, cursor: str, **changes: Any) -> str:
    """A cursor with other values, made as this release makes them."""
    written = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    payload = bson.encode({**bson.decode(written[8:]), "values": values, **changes})
    checksum = blake2b(payload, digest_size=8).digest()
    return base64.urlsafe_b64encode(checksum + payload).rstrip(b"=").decode()


async def test_a_cursor_that_was_changed_is_refused(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user, 20)
        query = user.find().sort("name")
        cursor = (await query.page(2)).next
        assert set(cursor) <= set(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        )
        changed = [
            cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
            for place in range(len(cursor))
        ]
        wrong = [
            "",
            "x",
            "=",
            cursor + "=",
            cursor + "A",
            cursor[:-4],
            cursor * 2,
            "a" * 100_000,
            "é",
            "\0",
        ]
        types: list[Any] = [3, True, b"x", {"$ne": 1}, ["x"], object()]
        for bad in [*changed, *wrong, *types]:
            with pytest.raises(CursorError, match="is none that a page gave.*without after="):
                await query.page(2, after=bad)
        with pytest.raises(CursorError) as caught:
            await query.page(2, after="x")
        assert (caught.value.cursor, caught.value.model) == ("x", user.__metadata__.key)
        assert isinstance(caught.value, ValueError)


async def test_a_cursor_belongs_to_its_model_and_its_sort(home: ModelRegistry) -> None:
    class Other(BaseModel, registry=home):
        name = StringField(alias="n")

    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user, 20)
        cursor = (await user.find().sort("name").page(2)).next
        for query in (
            user.find(),
            user.find().sort("-name"),
            user.find().sort("age"),
            user.find().sort("name", "age"),
            Other.find().sort("name"),
        ):
            with pytest.raises(CursorError, match="belongs to another model or another sort"):
                await query.page(2, after=cursor)
        assert await user.find().sort(user.name.asc()).page(2, after=cursor)


@pytest.mark.parametrize(
    "smuggled",
    [{"$gt": ""}, {"$where": "1"}, {"$ne": None}, {"": {"$regex": "."}}, 5, None, True, NOON, b"x"],
    ids=repr,
)
async def test_values_that_somebody_forges_are_only_ever_compared_with(
    home: ModelRegistry, smuggled: Any
) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        people = await fill(user, 20)
        query = user.find().sort("name")
        cursor = (await query.page(2)).next
        page = await query.page(50, after=forge([smuggled, ObjectId(b"0" * 12)], cursor))
        # names are strings: all come after a value of a lesser type, none after one of a greater
        is_less = smuggled is None or smuggled == 5
        assert len(page.items) == (len(people) if is_less and smuggled is not True else 0)


@pytest.mark.parametrize(
    "values", [[], ["x"], ["x", "y", "z"], "xy", {"0": "x"}, [["x"], "y"], [Regex("x"), "y"], [MaxKey(), 1]]
)  # fmt: skip
async def test_values_that_no_cursor_has_are_refused(home: ModelRegistry, values: Any) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user, 5)
        cursor = (await user.find().sort("name").page(2)).next
        with pytest.raises(CursorError):
            await user.find().sort("name").page(2, after=forge(values, cursor))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (lambda u: u.find().skip(1), r"takes no skip\(\) and no limit\(\)"),
        (lambda u: u.find().limit(5), r"takes no skip\(\) and no limit\(\)"),
        (lambda u: u.find().sort("tags"), "'tags' is a list and has several places"),
        (lambda u: u.find().sort("name", u.tags.at(0)), "is a list and has several places"),
        (lambda u: u.find().sort("data.v.0"), "has a list there, which a cursor cannot hold"),
    ],
)
async def test_a_query_that_has_no_pages_says_why(
    home: ModelRegistry, query: Any, message: str
) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await user.insert_many([user(data={"v": [1, 2]}), user(data={"v": [3]})])
        with pytest.raises(FilterError, match=message):
            await query(user).page(1)


async def test_a_list_in_a_free_value_is_told_when_a_page_comes_to_it(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        held: list[Any] = [1, 2, [3], Regex("x")]
        await user.insert_many([user(data={"v": value}) for value in held])
        query = user.find().sort(user.data["v"])
        assert len((await query.page(1)).items) == 1
        with pytest.raises(FilterError, match="has a list there"):
            await query.page(3)


@pytest.mark.parametrize("size", [0, -1, 1.0, "1", True, None, 2**64, {"$gt": 0}])
async def test_the_size_of_a_page_is_a_whole_number(home: ModelRegistry, size: Any) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(FilterError, match=r"page\(\) takes a whole number from 1"):
            await user.find().page(size)


async def test_a_value_that_is_too_long_for_a_cursor_is_told(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await user.insert_many([user(name="x" * 20_000) for _ in range(3)])
        with pytest.raises(FilterError, match="too long for a cursor"):
            await user.find().sort("name").page(1)
        assert len((await user.find().sort("age").page(1)).items) == 1
