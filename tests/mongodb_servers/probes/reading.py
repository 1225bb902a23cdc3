"""Probes of finding, ordering, projecting, counting and of cursors."""

import pytest
from bson import Int64, ObjectId
from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import OperationFailure

from tests.mongodb_servers.probes.probe import Document, Documents, fill, ids


def _projected(
    things: Documents, projection: Document, query: Document | None = None
) -> Document | None:
    return things.find_one(query or {}, {"_id": 0, **projection})


def projection_of_fields(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1, "b": {"c": 2, "d": 3}, "l": [{"x": 1, "y": 2}]}])
    assert _projected(things, {"b.c": 1, "l.x": 1}) == {"b": {"c": 2}, "l": [{"x": 1}]}
    assert _projected(things, {"b.c": 0, "l": 0}) == {"a": 1, "b": {"d": 3}}
    assert things.find_one({}, {"a": 1}) == {"_id": 1, "a": 1}


def projection_slice(database: Database[Document]) -> None:
    things = fill(database, [{"l": [1, 2, 3, 4]}])
    assert _projected(things, {"l": {"$slice": 2}}) == {"l": [1, 2]}
    assert _projected(things, {"l": {"$slice": [1, 2]}}) == {"l": [2, 3]}


def projection_elem_match(database: Database[Document]) -> None:
    things = fill(database, [{"l": [{"n": 1}, {"n": 2}, {"n": 3}]}])
    assert _projected(things, {"l": {"$elemMatch": {"n": {"$gt": 1}}}}) == {"l": [{"n": 2}]}


def projection_positional(database: Database[Document]) -> None:
    things = fill(database, [{"l": [{"n": 1}, {"n": 2}]}])
    assert _projected(things, {"l.$": 1}, {"l.n": 2}) == {"l": [{"n": 2}]}


def projection_expressions(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1, "b": 2}])
    assert _projected(things, {"sum": {"$add": ["$a", "$b"]}}) == {"sum": 3}


def mixed_projection_is_refused(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1, "b": 2}])
    with pytest.raises(OperationFailure):
        things.find_one({}, {"a": 1, "b": 0})


def sort_across_types(database: Database[Document]) -> None:
    values = [None, 1, "x", {"a": 1}, b"x", ObjectId(), True]
    things = fill(database, [{"v": value} for value in reversed(values)])
    assert [each["v"] for each in things.find().sort("v")] == values


def sort_of_arrays(database: Database[Document]) -> None:
    things = fill(database, [{"v": [1, 9]}, {"v": 5}, {"v": []}, {}, {"v": [3]}])
    assert [each["_id"] for each in things.find().sort([("v", 1), ("_id", 1)])] == [3, 4, 1, 5, 2]
    assert [each["_id"] for each in things.find().sort([("v", -1), ("_id", 1)])] == [1, 2, 5, 4, 3]


def sort_by_several(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 0, "b": {"c": 1}}])
    order = [("a", ASCENDING), ("b", DESCENDING)]
    assert [each["_id"] for each in things.find().sort(order)] == [3, 2, 1]


def sort_by_a_path(database: Database[Document]) -> None:
    things = fill(database, [{"a": {"b": 2}}, {"a": {"b": 1}}, {"a": [{"b": 0}, {"b": 9}]}])
    assert [each["_id"] for each in things.find().sort("a.b")] == [3, 2, 1]


def natural_sort(database: Database[Document]) -> None:
    things = fill(database, [{}, {}, {}])
    assert [each["_id"] for each in things.find().sort("$natural", -1)] == [3, 2, 1]


def strings_by_code_point(database: Database[Document]) -> None:
    values = ["A", "Z", "a", "b", "é", "ﬀ", "😀"]
    things = fill(database, [{"v": value} for value in reversed(values)])
    assert [each["v"] for each in things.find().sort("v")] == values


def large_integers_are_exact(database: Database[Document]) -> None:
    things = fill(database, [{"v": Int64(2**53 + 1)}, {"v": float(2**53)}, {"v": Int64(2**53)}])
    assert ids(things, {"v": Int64(2**53)}) == [2, 3]
    assert ids(things, {"v": {"$gt": float(2**53)}}) == [1]


def skip_and_limit(database: Database[Document]) -> None:
    things = fill(database, [{} for _ in range(10)])
    assert [each["_id"] for each in things.find().sort("_id").skip(3).limit(2)] == [4, 5]
    assert things.count_documents({}, skip=3, limit=5) == 5
    assert things.estimated_document_count() == 10


def batches(database: Database[Document]) -> None:
    things = fill(database, [{} for _ in range(250)])
    cursor = things.find({}, batch_size=100).sort("_id")
    assert [each["_id"] for each in cursor] == [*range(1, 251)]
    with things.find({}, batch_size=10) as cursor:
        next(cursor)
        assert cursor.cursor_id


def closed_cursor_is_not_found(database: Database[Document]) -> None:
    things = fill(database, [{} for _ in range(50)])
    with things.find({}, batch_size=10) as cursor:
        next(cursor)
        database.command("killCursors", "things", cursors=[cursor.cursor_id])
        with pytest.raises(OperationFailure) as caught:
            list(cursor)
    assert caught.value.code == 43


def writes_during_a_cursor(database: Database[Document]) -> None:
    things = fill(database, [{"n": n} for n in range(100)])
    for each in things.find({}, batch_size=10):
        things.update_one({"_id": each["_id"]}, {"$set": {"big": "x" * 100}})
    assert things.count_documents({"big": {"$exists": True}}) == 100


def distinct(database: Database[Document]) -> None:
    things = fill(
        database, [{"a": [1, 2]}, {"a": 2}, {"a": 3}, {"b": 1}, {"c": [{"d": 1}, {"d": 2}]}]
    )
    assert sorted(things.distinct("a")) == [1, 2, 3]
    assert things.distinct("a", {"a": {"$gt": 2}}) == [3]
    assert sorted(things.distinct("c.d")) == [1, 2]


def collation(database: Database[Document]) -> None:
    things = fill(database, [{"s": "ada"}, {"s": "ADA"}, {"s": "Bob"}])
    ignoring_case = {"locale": "en", "strength": 2}
    assert ids(things, {"s": "Ada"}, collation=ignoring_case) == [1, 2]
    found = things.find({}, collation=ignoring_case).sort([("s", 1), ("_id", 1)])
    assert [each["_id"] for each in found] == [1, 2, 3]
    assert things.count_documents({"s": "ada"}, collation=ignoring_case) == 2


def collation_of_a_write(database: Database[Document]) -> None:
    things = fill(database, [{"s": "ada"}])
    ignoring_case = {"locale": "en", "strength": 2}
    assert (
        things.update_one({"s": "ADA"}, {"$set": {"n": 1}}, collation=ignoring_case).matched_count
        == 1
    )
    assert things.delete_one({"s": "ADA"}, collation=ignoring_case).deleted_count == 1


def collation_of_a_collection(database: Database[Document]) -> None:
    things = database.create_collection("things", collation={"locale": "en", "strength": 2})
    things.insert_one({"_id": 1, "s": "ada"})
    assert things.count_documents({"s": "ADA"}) == 1


def hint(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}])
    things.create_index("n", name="by_n")
    assert ids(things, {"n": 1}, hint="by_n") == [1]
    assert things.update_one({"n": 1}, {"$set": {"m": 1}}, hint=[("n", 1)]).modified_count == 1


def unknown_hint_is_refused(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}])
    with pytest.raises(OperationFailure) as caught:
        ids(things, {"n": 1}, hint="nowhere")
    assert caught.value.code == 2


def comment(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}])
    assert ids(things, {"n": 1}, comment="from a test") == [1]
    assert things.update_one({}, {"$set": {"n": 2}}, comment="from a test").modified_count == 1


def max_time(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}])
    assert ids(things, {"n": 1}, max_time_ms=1000) == [1]


def max_time_is_kept(database: Database[Document]) -> None:
    things = database["things"]
    things.insert_many([{"n": n, "s": "x" * 200} for n in range(500)])
    with pytest.raises(OperationFailure) as caught:
        list(things.find({"s": {"$regex": "x*[yz]"}}, max_time_ms=1))
    assert caught.value.code == 50


def explain(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}])
    things.create_index("n")
    explained = things.find({"n": 1}).explain()
    plan = explained["queryPlanner"]["winningPlan"]
    assert "IXSCAN" in str(plan)


def explain_verbosity(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}])
    command = {"find": "things", "filter": {"n": 1}}
    explained = database.command("explain", command, verbosity="executionStats")
    assert explained["executionStats"]["nReturned"] == 1
    assert things.name == "things"


def views(database: Database[Document]) -> None:
    fill(database, [{"n": 1}, {"n": 2}])
    database.create_collection("few", viewOn="things", pipeline=[{"$match": {"n": 2}}])
    assert [each["n"] for each in database["few"].find()] == [2]
