"""What a store computes for a query: aggregations, different values, plans, claims; and how it is told to run."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DateField,
    DocumentError,
    EmbeddedModel,
    FilterError,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    StringField,
    UpdateError,
    connect,
)


class PerAuthor(EmbeddedModel):
    author = StringField(alias="_id")
    books = IntegerField()
    newest = IntegerField(required=False)


def define(home: ModelRegistry, **meta: Any) -> Any:
    fields = {
        "title": StringField(),
        "author": StringField(alias="a"),
        "year": IntegerField(),
        "tags": ListField(StringField()),
        "bought": DateField(required=False),
        "Meta": type("Meta", (), meta),
    }
    return type("Book", (BaseModel,), fields, registry=home)


async def shelf(home: ModelRegistry, **meta: Any) -> Any:
    book = define(home, **meta)
    await connect("sqlite://", registry=home)
    await book.insert_many(
        [
            book(title="Momo", author="Ende", year=1973, tags=["novel", "time"]),
            book(title="Jim Knopf", author="Ende", year=1960, tags=["novel"]),
            book(title="Solaris", author="Lem", year=1961, tags=["novel", "sea"]),
        ]
    )
    return book


@pytest.fixture
async def book(home: ModelRegistry) -> AsyncIterator[Any]:
    yield await shelf(home)
    await home.database.aclose()  # type: ignore[union-attr]  # a Database


GROUP = [
    {"$group": {"_id": "$a", "books": {"$sum": 1}, "newest": {"$max": "$year"}}},
    {"$sort": {"_id": 1}},
]


async def test_an_aggregation_gives_dictionaries(book: Any) -> None:
    assert await book.find().aggregate(GROUP) == [
        {"_id": "Ende", "books": 2, "newest": 1973},
        {"_id": "Lem", "books": 1, "newest": 1961},
    ]


async def test_an_aggregation_gives_instances_of_what_it_is_told(book: Any) -> None:
    results = await book.find(book.year > 1960).aggregate(GROUP, into=PerAuthor)
    assert results == [
        PerAuthor(author="Ende", books=1, newest=1973),
        PerAuthor(author="Lem", books=1, newest=1961),
    ]
    renamed = book.find().sort("year").limit(1).aggregate([{"$match": {}}], into=book)
    assert [one.title for one in await renamed] == ["Jim Knopf"]


async def test_an_aggregation_sees_what_the_query_finds_in_its_order(book: Any) -> None:
    titles = book.find().sort("-year").skip(1).limit(1).aggregate([{"$project": {"title": 1}}])
    assert [one["title"] async for one in titles] == ["Solaris"]
    assert await book.find().limit(0).aggregate([{"$count": "n"}]) == []
    first = (
        await book.find().sort("title").aggregate([{"$project": {"_id": 0, "title": 1}}]).first()
    )
    assert first == {"title": "Jim Knopf"}


async def test_what_does_not_fit_the_results_is_told(book: Any) -> None:
    with pytest.raises(DocumentError, match="newest"):
        await book.find().aggregate(
            [{"$project": {"_id": "$a", "books": "$year", "newest": "$title"}}], into=PerAuthor
        )


@pytest.mark.parametrize(
    ("pipeline", "fault"),
    [
        ({"$match": {}}, "a list of stages"),
        ("[]", "a list of stages"),
        ([{}], "stage 0"),
        ([{"$match": {}, "$sort": {"a": 1}}], "stage 0"),
        ([{"$match": {}}, {"match": {}}], "stage 1.*'match'"),
        ([{"$match": {}}, 3], "stage 1"),
        ([{"$out": "other"}], "past every hook"),
        ([{"$merge": {"into": "other"}}], "past every hook"),
        ([{"$facet": {"a": [{"$out": "other"}]}}], r"\$out would write past every hook"),
        ([{"$unionWith": {"coll": "x", "pipeline": [{"$out": "y"}]}}], "past every hook"),
        ([{"$lookup": {"from": "x", "as": "y", "pipeline": [{"$merge": "z"}]}}], "past every hook"),
        ([{"$match": {"when": object()}}], r"pipeline\.0\.\$match\.when: cannot be kept"),
    ],
)
async def test_what_is_no_pipeline_is_told(book: Any, pipeline: Any, fault: str) -> None:
    with pytest.raises(FilterError, match=fault):
        await book.find().aggregate(pipeline)


async def test_different_values_are_those_of_the_field(book: Any) -> None:
    assert sorted(await book.find().distinct(book.author)) == ["Ende", "Lem"]
    assert sorted(await book.find().distinct("tags")) == ["novel", "sea", "time"]
    assert await book.find(book.author == "Lem").distinct("year") == [1961]
    assert await book.find().distinct("bought") in ([None], [])
    with pytest.raises(FilterError, match=r"distinct\(\) takes"):
        await book.find().distinct(3)
    with pytest.raises(FilterError, match="no skip"):
        await book.find().limit(2).distinct("year")


@pytest.mark.needs("explain")
async def test_an_index_is_seen_in_the_plan(home: ModelRegistry) -> None:
    book = await shelf(home, indexes=[{"fields": ["year"], "name": "by_year"}])
    plan = await book.find(book.year == 1961).explain()
    assert "by_year" in str(plan["queryPlanner"]["winningPlan"])
    plan = await book.find(book.title == "x").explain()
    assert "COLLSCAN" in str(plan["queryPlanner"]["winningPlan"])
    await home.database.aclose()  # type: ignore[union-attr]  # a Database


async def test_workers_claim_each_document_once(book: Any) -> None:
    free = book.find(~book.tags.contains("claimed")).sort("year")
    claims = [free.find_one_and_update({"$push": {"tags": "claimed"}}) for _ in range(5)]
    found = await asyncio.gather(*claims)
    assert sorted(one.title for one in found if one is not None) == ["Jim Knopf", "Momo", "Solaris"]
    assert found.count(None) == 2


async def test_a_claim_gives_the_document_as_it_was_if_asked(book: Any) -> None:
    query = book.find().sort("-year")
    before = await query.find_one_and_update(book.title.set("Momo 2"), returned="before")
    assert before.title == "Momo"
    assert (await book.get(before.id)).title == "Momo 2"
    with pytest.raises(UpdateError, match="'before' or 'after', not 'new'"):
        await query.find_one_and_update(book.title.set("x"), returned="new")
    with pytest.raises(FilterError, match="no skip"):
        await query.limit(2).find_one_and_update(book.title.set("x"))


async def test_the_update_hooks_run_round_a_claim(home: ModelRegistry) -> None:
    ran: list[Any] = []

    @home.plugin("noting")
    class Noting:
        def before_update(self, update: Any) -> None:
            update["$set"]["year"] = 1

        def after_update(self, matched: int) -> None:
            ran.append(matched)

    book = await shelf(home, plugins=["noting"])
    found = await book.find(book.author == "Lem").find_one_and_update(book.title.set("S"))
    assert (found.title, found.year) == ("S", 1)
    assert await book.find(book.author == "nobody").find_one_and_update(book.title.set("S")) is None
    assert ran == [1, 0]
    await home.database.aclose()  # type: ignore[union-attr]  # a Database


async def test_a_claim_cannot_choose_among_models_with_other_plugins(home: ModelRegistry) -> None:
    @home.plugin("marking")
    class Marking:
        def before_update(self, update: Any) -> None:
            pass

    book = define(home)
    type("Comic", (book,), {"Meta": type("Meta", (), {"plugins": ["marking"]})}, registry=home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(UpdateError, match="other plugins"):
            await book.find().find_one_and_update(book.title.set("x"))


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"hnt": "x"}, "'hnt'.*'hint'"),
        ({"max_time": -1}, "'max_time' is more than 0"),
        ({"read_concern": "most"}, "'read_concern' is one of"),
        ({"batch_size": True}, "'batch_size' is a whole number"),
    ],
)
async def test_options_that_none_has_are_told(
    book: Any, home: ModelRegistry, options: Any, fault: str
) -> None:
    with pytest.raises(FilterError, match=fault):
        book.find().options(**options)
    with pytest.raises(ModelDefinitionError, match=fault):
        define(home, store_options=options)
