"""The common stages and expressions of aggregation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from bson import Int64
from pymongo.errors import OperationFailure

from earnorm.stores.protocol import Documents, Store
from earnorm.testing.stores.comparing import exact, fill
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves, proves_cases
from earnorm.typing import Document, OperationOptions

__all__ = ["AggregationSuite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineCase:
    """What the stages give of the documents."""

    name: str
    documents: tuple[Document, ...]
    pipeline: tuple[Document, ...]
    expected: tuple[Document, ...]


def _case(
    name: str,
    documents: Iterable[Document],
    stages: Iterable[Document],
    expected: Iterable[Document],
) -> PipelineCase:
    return PipelineCase(
        name=f"aggregation/{name}",
        documents=tuple(documents),
        pipeline=tuple(stages),
        expected=tuple(expected),
    )


_SALES: Final = [
    {"_id": 1, "item": "a", "n": 2, "price": 10, "tags": ["x", "y"]},
    {"_id": 2, "item": "b", "n": 1, "price": 20, "tags": []},
    {"_id": 3, "item": "a", "n": 5, "price": 10, "tags": ["y"]},
    {"_id": 4, "item": "c", "n": 3, "price": 5},
]
_BY_ID: Final = {"$sort": {"_id": 1}}
_ITEM: Final = {"$project": {"item": 1}}

_STAGES: Final = [
    _case("stages/none", [{"_id": 1, "b": 1, "a": 2}], [], [{"_id": 1, "b": 1, "a": 2}]),
    _case("stages/$match", _SALES, [{"$match": {"item": "a", "n": {"$gt": 2}}}, _ITEM], [{"_id": 3, "item": "a"}]),
    _case("stages/$project", _SALES[:1], [{"$project": {"_id": 0, "n": 1, "total": {"$multiply": ["$n", "$price"]}}}], [{"n": 2, "total": 20}]),
    _case("stages/$project without", _SALES[1:2], [{"$project": {"price": 0, "tags": 0}}], [{"_id": 2, "item": "b", "n": 1}]),
    _case("stages/$addFields", [{"_id": 1, "a": 1}], [{"$addFields": {"a": 2, "b.c": "$a"}}], [{"_id": 1, "a": 2, "b": {"c": 1}}]),
    _case("stages/$set and $unset", [{"_id": 1, "a": 1}], [{"$set": {"b": "$a"}}, {"$unset": "a"}], [{"_id": 1, "b": 1}]),
    _case("stages/$sort, $skip, $limit", _SALES, [{"$sort": {"n": -1}}, {"$skip": 1}, {"$limit": 2}, {"$project": {"n": 1}}], [{"_id": 4, "n": 3}, {"_id": 1, "n": 2}]),
    _case("stages/$limit, then $sort", [{"_id": n} for n in range(3)], [{"$sort": {"_id": -1}}, {"$limit": 2}, _BY_ID], [{"_id": 1}, {"_id": 2}]),
    _case("stages/$count", _SALES, [{"$match": {"n": {"$gte": 2}}}, {"$count": "many"}], [{"many": 3}]),
    _case("stages/$count of nothing", _SALES, [{"$match": {"n": 99}}, {"$count": "many"}], []),
    _case("stages/$unwind", _SALES, [_BY_ID, {"$unwind": "$tags"}, {"$project": {"tags": 1}}], [{"_id": 1, "tags": "x"}, {"_id": 1, "tags": "y"}, {"_id": 3, "tags": "y"}]),
    _case(
        "stages/$unwind with options",
        _SALES,
        [_BY_ID, {"$unwind": {"path": "$tags", "preserveNullAndEmptyArrays": True, "includeArrayIndex": "i"}}, {"$project": {"tags": 1, "i": 1}}],
        [{"_id": 1, "tags": "x", "i": Int64(0)}, {"_id": 1, "tags": "y", "i": Int64(1)}, {"_id": 2, "i": None}, {"_id": 3, "tags": "y", "i": Int64(0)}, {"_id": 4, "i": None}],
    ),
    _case("stages/$replaceRoot", [{"_id": 1, "a": {"b": 2}}], [{"$replaceRoot": {"newRoot": "$a"}}], [{"b": 2}]),
    _case(
        "stages/$facet",
        _SALES,
        [{"$facet": {"cheap": [{"$match": {"price": {"$lt": 10}}}, _ITEM], "all": [{"$count": "n"}]}}],
        [{"cheap": [{"_id": 4, "item": "c"}], "all": [{"n": 4}]}],
    ),
    _case(
        "stages/$lookup",
        [{"_id": 1, "k": "p"}, {"_id": 2, "k": "q", "of": 1}, {"_id": 3, "k": "q", "of": [1, 2]}],
        [{"$match": {"of": {"$exists": True}}}, _BY_ID, {"$lookup": {"from": "c", "localField": "of", "foreignField": "_id", "as": "found"}}, {"$project": {"found._id": 1}}],
        [{"_id": 2, "found": [{"_id": 1}]}, {"_id": 3, "found": [{"_id": 1}, {"_id": 2}]}],
    ),
]  # fmt: skip


def _grouped(name: str, accumulator: Any, expected: Any) -> PipelineCase:
    stages = [{"$sort": {"_id": 1}}, {"$group": {"_id": None, "v": accumulator}}]
    return _case(f"$group/{name}", _SALES, stages, [{"_id": None, "v": expected}])


_GROUPS: Final = [
    _case(
        "$group/by a field",
        _SALES,
        [{"$group": {"_id": "$item", "n": {"$sum": "$n"}, "many": {"$sum": 1}}}, _BY_ID],
        [{"_id": "a", "n": 7, "many": 2}, {"_id": "b", "n": 1, "many": 1}, {"_id": "c", "n": 3, "many": 1}],
    ),
    _case(
        "$group/by two",
        _SALES,
        [{"$group": {"_id": {"item": "$item", "price": "$price"}}}, _BY_ID],
        [{"_id": {"item": "a", "price": 10}}, {"_id": {"item": "b", "price": 20}}, {"_id": {"item": "c", "price": 5}}],
    ),
    _case(
        "$group/null and missing are one",
        [{"_id": 1, "a": None}, {"_id": 2}, {"_id": 3, "a": 1}, {"_id": 4, "a": 1.0}],
        [{"$group": {"_id": "$a", "ids": {"$push": "$_id"}}}, _BY_ID, {"$project": {"_id": 0, "n": {"$size": "$ids"}}}],
        [{"n": 2}, {"n": 2}],
    ),
    _grouped("$sum", {"$sum": {"$multiply": ["$n", "$price"]}}, 105),
    _grouped("$sum of texts", {"$sum": "$item"}, 0),
    _grouped("$avg", {"$avg": "$n"}, 2.75),
    _grouped("$avg of nothing", {"$avg": "$none"}, None),
    _grouped("$min", {"$min": "$price"}, 5),
    _grouped("$max across types", {"$max": {"$ifNull": ["$tags", "$n"]}}, ["y"]),
    _grouped("$first", {"$first": "$item"}, "a"),
    _grouped("$last", {"$last": "$item"}, "c"),
    _grouped("$push", {"$push": "$n"}, [2, 1, 5, 3]),
    _grouped("$push leaves out what is missing", {"$push": "$tags"}, [["x", "y"], [], ["y"]]),
]  # fmt: skip

_DOCUMENT: Final = {
    "_id": 1, "i": 7, "d": 2.5, "s": "Ada", "t": "ada,bob", "l": [1, 2, 3], "o": {"x": 1}, "n": None,
    "date": datetime(2024, 2, 29, 13, 5, 9, tzinfo=UTC),
}  # fmt: skip

_EXPRESSIONS: Final[dict[str, tuple[Any, Any]]] = {
    "$add": ({"$add": ["$i", 1, "$d"]}, 10.5),
    "$add null": ({"$add": ["$i", "$n"]}, None),
    "$subtract": ({"$subtract": ["$i", 10]}, -3),
    "$multiply": ({"$multiply": ["$i", 2]}, 14),
    "$divide": ({"$divide": ["$i", 2]}, 3.5),
    "$mod": ({"$mod": ["$i", 4]}, 3),
    "$abs": ({"$abs": {"$subtract": [2, "$i"]}}, 5),
    "$ceil": ({"$ceil": "$d"}, 3.0),
    "$floor": ({"$floor": "$d"}, 2.0),
    "$eq across types": ({"$eq": ["$i", 7.0]}, True),
    "$ne": ({"$ne": ["$i", "7"]}, True),
    "$cmp": ({"$cmp": ["$i", "$s"]}, -1),
    "$lt missing": ({"$lt": ["$missing", None]}, True),
    "$and": ({"$and": [True, "$i", "$s"]}, True),
    "$or": ({"$or": [0, None, "$missing"]}, False),
    "$not": ({"$not": ["$n"]}, True),
    "$cond": ({"$cond": {"if": {"$gt": ["$i", 5]}, "then": "big", "else": "small"}}, "big"),
    "$ifNull": ({"$ifNull": ["$n", "$missing", "x"]}, "x"),
    "$switch": ({"$switch": {"branches": [{"case": {"$eq": ["$i", 7]}, "then": 1}], "default": 0}}, 1),
    "$concat": ({"$concat": ["$s", "-", "$t"]}, "Ada-ada,bob"),
    "$concat null": ({"$concat": ["$s", "$n"]}, None),
    "$toLower": ({"$toLower": "$s"}, "ada"),
    "$toUpper": ({"$toUpper": "$s"}, "ADA"),
    "$split": ({"$split": ["$t", ","]}, ["ada", "bob"]),
    "$strLenCP": ({"$strLenCP": "$s"}, 3),
    "$substrCP": ({"$substrCP": ["$t", 4, 3]}, "bob"),
    "$size": ({"$size": "$l"}, 3),
    "$in": ({"$in": [2, "$l"]}, True),
    "$arrayElemAt": ({"$arrayElemAt": ["$l", -1]}, 3),
    "$slice": ({"$slice": ["$l", 2]}, [1, 2]),
    "$concatArrays": ({"$concatArrays": ["$l", [4]]}, [1, 2, 3, 4]),
    "$map": ({"$map": {"input": "$l", "as": "x", "in": {"$multiply": ["$$x", 2]}}}, [2, 4, 6]),
    "$filter": ({"$filter": {"input": "$l", "as": "x", "cond": {"$gt": ["$$x", 1]}}}, [2, 3]),
    "$reduce": ({"$reduce": {"input": "$l", "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}}, 6),
    "$sum of an array": ({"$sum": "$l"}, 6),
    "$isArray": ({"$isArray": ["$l"]}, True),
    "$type": ({"$type": "$d"}, "double"),
    "$type missing": ({"$type": "$missing"}, "missing"),
    "$literal": ({"$literal": "$s"}, "$s"),
    "$mergeObjects": ({"$mergeObjects": ["$o", {"y": 2}]}, {"x": 1, "y": 2}),
    "a document": ({"k": "$i", "l": ["$s"]}, {"k": 7, "l": ["Ada"]}),
    "$year": ({"$year": "$date"}, 2024),
    "$month": ({"$month": "$date"}, 2),
    "$dayOfMonth": ({"$dayOfMonth": "$date"}, 29),
    "$hour": ({"$hour": "$date"}, 13),
    "$dateToString": ({"$dateToString": {"date": "$date", "format": "%Y-%m-%dT%H:%M:%S"}}, "2024-02-29T13:05:09"),
    "$toString": ({"$toString": "$i"}, "7"),
    "$toInt": ({"$toInt": "42"}, 42),
    "$$ROOT": ("$$ROOT.o.x", 1),
    "a path": ("$o.x", 1),
}  # fmt: skip

_CASES: Final = [
    *_STAGES,
    *_GROUPS,
    *(
        _case(
            f"expressions/{name}",
            [_DOCUMENT],
            [{"$project": {"_id": 0, "v": expression}}],
            [{"v": value}],
        )
        for name, (expression, value) in _EXPRESSIONS.items()
    ),
]


class AggregationSuite(OpensStore):
    """Pipelines, by MongoDB's manual."""

    @proves_cases(_CASES)
    async def test_stages_give(self, store: Store, case: PipelineCase) -> None:
        """Exactly these documents, in this order."""
        await fill(store, case.documents)

        found = await _aggregated(store, case.pipeline)

        assert [exact(one) for one in found] == [exact(one) for one in case.expected]

    @proves("aggregation/refused")
    async def test_what_is_no_stage(self, store: Store) -> None:
        """`OperationFailure` for what MongoDB does not know; 40324 is its code for an unknown stage."""
        await fill(store, [{"_id": 1}])

        with pytest.raises(OperationFailure) as failure:
            await _aggregated(store, [{"$nope": {}}])
        assert failure.value.code == 40324
        wrong: list[Document] = [
            {"$limit": 0},
            {"$skip": -1},
            {"$match": 1},
            {"$sort": {}},
            {"$count": ""},
        ]
        for stage in wrong:
            with pytest.raises(OperationFailure):
                await _aggregated(store, [stage])

    @proves("aggregation/batches")
    async def test_batches_of_an_aggregation(self, store: Store) -> None:
        """A result of any length, in batches of at most the size that was asked for."""
        await fill(store, [{"_id": n} for n in range(500)])

        options = OperationOptions(batch_size=60)
        batches = [batch async for batch in store.aggregate("c", [_BY_ID], options=options)]

        assert all(len(batch) <= 60 for batch in batches)
        assert [one["_id"] for batch in batches for one in batch] == list(range(500))


async def _aggregated(store: Documents, pipeline: Sequence[Document]) -> list[dict[str, Any]]:
    return [one async for batch in store.aggregate("c", pipeline) for one in batch]
