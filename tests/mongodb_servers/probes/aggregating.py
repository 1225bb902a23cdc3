"""Probes of the stages of an aggregation and of the common expressions."""

from datetime import datetime
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import OperationFailure

from tests.mongodb_servers.probes.probe import Document, fill


def _run(
    database: Database[Document], documents: list[Document], *stages: Document
) -> list[Document]:
    return list(fill(database, documents).aggregate([*stages]))


def match_sort_skip_limit(database: Database[Document]) -> None:
    documents: list[Document] = [{"n": n} for n in range(10)]
    stages: list[Document] = [
        {"$match": {"n": {"$gt": 2}}},
        {"$sort": {"n": -1}},
        {"$skip": 1},
        {"$limit": 2},
    ]
    assert [each["n"] for each in _run(database, documents, *stages)] == [8, 7]


def project_stage(database: Database[Document]) -> None:
    found = _run(database, [{"a": 1, "b": {"c": 2}}], {"$project": {"_id": 0, "x": "$b.c", "a": 1}})
    assert found == [{"a": 1, "x": 2}]


def add_fields_stage(database: Database[Document]) -> None:
    found = _run(database, [{"a": 1}], {"$addFields": {"b": {"$add": ["$a", 1]}, "c.d": "$a"}})
    assert found == [{"_id": 1, "a": 1, "b": 2, "c": {"d": 1}}]


def set_and_unset_stages(database: Database[Document]) -> None:
    assert _run(database, [{"a": 1, "b": 2}], {"$set": {"c": 3}}, {"$unset": "a"}) == [
        {"_id": 1, "b": 2, "c": 3}
    ]


def group_stage(database: Database[Document]) -> None:
    documents = [{"k": "a", "n": 1}, {"k": "a", "n": 3}, {"k": "b", "n": 5}]
    group = {
        "_id": "$k",
        "sum": {"$sum": "$n"},
        "avg": {"$avg": "$n"},
        "min": {"$min": "$n"},
        "max": {"$max": "$n"},
        "first": {"$first": "$n"},
        "last": {"$last": "$n"},
        "all": {"$push": "$n"},
        "how_many": {"$sum": 1},
    }
    found = _run(
        database, documents, {"$sort": {"_id": 1}}, {"$group": group}, {"$sort": {"_id": 1}}
    )
    assert found[0] == {
        "_id": "a",
        "sum": 4,
        "avg": 2.0,
        "min": 1,
        "max": 3,
        "first": 1,
        "last": 3,
        "all": [1, 3],
        "how_many": 2,
    }


def group_by_nothing(database: Database[Document]) -> None:
    assert _run(database, [{"n": 1}, {"n": 2}], {"$group": {"_id": None, "n": {"$sum": "$n"}}}) == [
        {"_id": None, "n": 3}
    ]


def group_into_sets(database: Database[Document]) -> None:
    (found,) = _run(
        database, [{"n": 1}, {"n": 1}], {"$group": {"_id": None, "n": {"$addToSet": "$n"}}}
    )
    assert found["n"] == [1]


def group_by_documents(database: Database[Document]) -> None:
    stages: list[Document] = [
        {"$group": {"_id": {"k": "$k"}, "n": {"$sum": 1}}},
        {"$sort": {"_id.k": 1}},
    ]
    found = _run(database, [{"k": 1}, {"k": 1}, {"k": 2}], *stages)
    assert found == [{"_id": {"k": 1}, "n": 2}, {"_id": {"k": 2}, "n": 1}]


def group_count(database: Database[Document]) -> None:
    assert _run(database, [{}, {}], {"$group": {"_id": None, "n": {"$count": {}}}}) == [
        {"_id": None, "n": 2}
    ]


def unwind_stage(database: Database[Document]) -> None:
    found = _run(database, [{"a": [1, 2]}, {"a": []}, {"a": 5}], {"$unwind": "$a"})
    assert found == [{"_id": 1, "a": 1}, {"_id": 1, "a": 2}, {"_id": 3, "a": 5}]


def unwind_options(database: Database[Document]) -> None:
    unwind = {"path": "$a", "preserveNullAndEmptyArrays": True, "includeArrayIndex": "place"}
    found = _run(database, [{"a": [7]}, {"a": []}], {"$unwind": unwind})
    assert found == [{"_id": 1, "a": 7, "place": 0}, {"_id": 2, "place": None}]


def count_stage(database: Database[Document]) -> None:
    assert _run(database, [{}, {}], {"$count": "n"}) == [{"n": 2}]
    assert list(database["nothing"].aggregate([{"$count": "n"}])) == []


def lookup_stage(database: Database[Document]) -> None:
    database["people"].insert_many([{"_id": 1, "name": "Ada"}, {"_id": 2, "name": "Bob"}])
    lookup = {"from": "people", "localField": "who", "foreignField": "_id", "as": "people"}
    found = _run(database, [{"who": 1}, {"who": 9}, {"who": [1, 2]}], {"$lookup": lookup})
    assert [[person["name"] for person in each["people"]] for each in found] == [
        ["Ada"],
        [],
        ["Ada", "Bob"],
    ]


def lookup_with_a_pipeline(database: Database[Document]) -> None:
    database["people"].insert_many([{"_id": 1, "name": "Ada"}, {"_id": 2, "name": "Bob"}])
    pipeline = [{"$match": {"$expr": {"$eq": ["$_id", "$$who"]}}}, {"$project": {"_id": 0}}]
    lookup = {"from": "people", "let": {"who": "$who"}, "pipeline": pipeline, "as": "people"}
    assert _run(database, [{"who": 2}], {"$lookup": lookup})[0]["people"] == [{"name": "Bob"}]


def facet_stage(database: Database[Document]) -> None:
    facet = {"few": [{"$match": {"n": 1}}], "how_many": [{"$count": "n"}]}
    assert _run(database, [{"n": 1}, {"n": 2}], {"$facet": facet}) == [
        {"few": [{"_id": 1, "n": 1}], "how_many": [{"n": 2}]}
    ]


def replace_root_stage(database: Database[Document]) -> None:
    assert _run(database, [{"a": {"b": 1}}], {"$replaceRoot": {"newRoot": "$a"}}) == [{"b": 1}]


def sort_by_count_stage(database: Database[Document]) -> None:
    assert _run(database, [{"k": 1}, {"k": 2}, {"k": 2}], {"$sortByCount": "$k"})[0] == {
        "_id": 2,
        "count": 2,
    }


def out_stage(database: Database[Document]) -> None:
    _run(database, [{"n": 1}], {"$out": "others"})
    assert database["others"].find_one() == {"_id": 1, "n": 1}


def merge_stage(database: Database[Document]) -> None:
    database["others"].insert_one({"_id": 1, "m": 1})
    _run(database, [{"n": 1}], {"$merge": {"into": "others"}})
    assert database["others"].find_one() == {"_id": 1, "m": 1, "n": 1}


def union_stage(database: Database[Document]) -> None:
    database["others"].insert_one({"_id": 9})
    assert len(_run(database, [{}], {"$unionWith": "others"})) == 2


def _value(database: Database[Document], expression: Any, **document: Any) -> Any:
    database.drop_collection("things")
    (found,) = _run(database, [document], {"$project": {"value": expression}})
    return found.get("value")


def arithmetic_expressions(database: Database[Document]) -> None:
    assert _value(database, {"$add": ["$a", 1, 2]}, a=1) == 4
    assert _value(database, {"$subtract": ["$a", 1]}, a=1) == 0
    assert _value(database, {"$multiply": ["$a", 2]}, a=3) == 6
    assert _value(database, {"$divide": ["$a", 2]}, a=3) == 1.5
    assert _value(database, {"$mod": ["$a", 2]}, a=3) == 1
    assert _value(database, {"$abs": "$a"}, a=-3) == 3
    assert _value(database, {"$add": ["$missing", 1]}, a=1) is None


def conditional_expressions(database: Database[Document]) -> None:
    assert _value(database, {"$cond": [{"$gt": ["$a", 1]}, "big", "small"]}, a=2) == "big"
    assert _value(database, {"$cond": {"if": "$a", "then": 1, "else": 2}}, a=0) == 2
    assert _value(database, {"$ifNull": ["$b", "none"]}, a=0) == "none"
    branches = [{"case": {"$eq": ["$a", 1]}, "then": "one"}]
    assert _value(database, {"$switch": {"branches": branches, "default": "many"}}, a=1) == "one"


def comparison_expressions(database: Database[Document]) -> None:
    assert _value(database, {"$cmp": ["$a", "x"]}, a=1) == -1
    assert _value(database, {"$and": [{"$lt": ["$a", 2]}, {"$ne": ["$a", 0]}]}, a=1) is True
    assert _value(database, {"$in": ["$a", [1, 2]]}, a=1) is True


def string_expressions(database: Database[Document]) -> None:
    assert _value(database, {"$concat": ["$s", "-", "x"]}, s="a") == "a-x"
    assert _value(database, {"$toUpper": "$s"}, s="a") == "A"
    assert _value(database, {"$substrCP": ["$s", 1, 2]}, s="abcd") == "bc"
    assert _value(database, {"$split": ["$s", ","]}, s="a,b") == ["a", "b"]
    assert _value(database, {"$strLenCP": "$s"}, s="añb") == 3


def trim_expression(database: Database[Document]) -> None:
    assert _value(database, {"$trim": {"input": "$s"}}, s=" a ") == "a"


def array_expressions(database: Database[Document]) -> None:
    assert _value(database, {"$size": "$l"}, l=[1, 2]) == 2
    assert _value(database, {"$arrayElemAt": ["$l", -1]}, l=[1, 2]) == 2
    mapping = {"input": "$l", "as": "x", "in": {"$multiply": ["$$x", 2]}}
    assert _value(database, {"$map": mapping}, l=[1, 2]) == [2, 4]
    kept = {"input": "$l", "as": "x", "cond": {"$gt": ["$$x", 1]}}
    assert _value(database, {"$filter": kept}, l=[1, 2]) == [2]
    reduced = {"input": "$l", "initialValue": 0, "in": {"$add": ["$$value", "$$this"]}}
    assert _value(database, {"$reduce": reduced}, l=[1, 2]) == 3
    assert _value(database, {"$slice": ["$l", 1]}, l=[1, 2]) == [1]
    assert _value(database, {"$concatArrays": ["$l", [9]]}, l=[1]) == [1, 9]


def date_expressions(database: Database[Document]) -> None:
    at = datetime(2026, 11, 22, 10, 30)
    assert _value(database, {"$year": "$at"}, at=at) == 2026
    assert (
        _value(database, {"$dateToString": {"date": "$at", "format": "%Y-%m-%d"}}, at=at)
        == "2026-11-22"
    )


def date_arithmetic(database: Database[Document]) -> None:
    at = datetime(2026, 11, 22, 10, 30)
    trunc = {"$dateTrunc": {"date": "$at", "unit": "day"}}
    assert _value(database, trunc, at=at) == datetime(2026, 11, 22)


def conversions(database: Database[Document]) -> None:
    assert _value(database, {"$toString": "$a"}, a=1) == "1"
    assert _value(database, {"$toInt": "$a"}, a="7") == 7
    assert _value(database, {"$type": "$a"}, a="7") == "string"


def literal_and_let(database: Database[Document]) -> None:
    assert _value(database, {"$literal": "$a"}, a=1) == "$a"
    assert _value(database, {"$let": {"vars": {"x": "$a"}, "in": {"$add": ["$$x", 1]}}}, a=1) == 2


def merge_objects(database: Database[Document]) -> None:
    assert _value(database, {"$mergeObjects": ["$a", {"c": 2}]}, a={"b": 1}) == {"b": 1, "c": 2}


def accumulators_as_expressions(database: Database[Document]) -> None:
    assert _value(database, {"$sum": "$l"}, l=[1, 2]) == 3
    assert _value(database, {"$max": ["$a", 5]}, a=1) == 5


def remove_variable(database: Database[Document]) -> None:
    assert _value(database, {"$cond": [True, "$$REMOVE", 1]}, a=1) is None


def unknown_stages_are_refused(database: Database[Document]) -> None:
    with pytest.raises(OperationFailure) as caught:
        list(database["things"].aggregate([{"$juggle": {}}]))
    assert caught.value.code == 40324


def unknown_expressions_are_refused(database: Database[Document]) -> None:
    with pytest.raises(OperationFailure):
        _value(database, {"$juggle": 1}, a=1)


def division_by_zero_is_refused(database: Database[Document]) -> None:
    with pytest.raises(OperationFailure):
        _value(database, {"$divide": ["$a", 0]}, a=1)


def aggregation_in_batches(database: Database[Document]) -> None:
    things = fill(database, [{} for _ in range(250)])
    cursor = things.aggregate([{"$sort": {"_id": 1}}], batchSize=100)
    assert [each["_id"] for each in cursor] == [*range(1, 251)]


def aggregation_with_collation(database: Database[Document]) -> None:
    things = fill(database, [{"s": "ada"}])
    found = things.aggregate([{"$match": {"s": "ADA"}}], collation={"locale": "en", "strength": 2})
    assert len(list(found)) == 1


def aggregation_with_let(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}, {"n": 2}])
    found = things.aggregate([{"$match": {"$expr": {"$eq": ["$n", "$$n"]}}}], let={"n": 2})
    assert [each["_id"] for each in found] == [2]
