"""Probes of the server itself: what it says of itself, sessions, transactions, change streams."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pymongo import ReadPreference
from pymongo.change_stream import ChangeStream
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure
from pymongo.read_concern import ReadConcern

from tests.mongodb_servers.probes.probe import Document, fill


def hello(database: Database[Document]) -> None:
    told = database.client.admin.command("hello")
    assert told["isWritablePrimary"] is True
    assert told["maxWireVersion"] >= 9
    assert {"maxBsonObjectSize", "maxWriteBatchSize", "localTime"} <= told.keys()


def build_info(database: Database[Document]) -> None:
    told = database.client.server_info()
    assert len(told["versionArray"]) >= 3
    assert told["version"].count(".") >= 2


def replica_set(database: Database[Document]) -> None:
    told = database.client.admin.command("hello")
    assert told["setName"]
    assert told["me"] in told["hosts"]


def server_status(database: Database[Document]) -> None:
    assert database.client.admin.command("serverStatus")["version"]


def collections_and_databases_told(database: Database[Document]) -> None:
    fill(database, [{}])
    assert database.list_collection_names() == ["things"]
    assert database.name in database.client.list_database_names()
    database.drop_collection("things")
    assert database.list_collection_names() == []


def collection_options_told(database: Database[Document]) -> None:
    database.create_collection("things", capped=True, size=4096)
    (told,) = database.list_collections()
    assert told["options"]["capped"] is True


def statistics(database: Database[Document]) -> None:
    fill(database, [{}, {}])
    assert database.command("collStats", "things")["count"] == 2
    assert database.command("dbStats")["collections"] == 1


def sessions(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with database.client.start_session() as session:
        things.update_one({}, {"$set": {"n": 1}}, session=session)
        assert things.find_one({}, session=session) == {"_id": 1, "n": 1}


def causal_consistency(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with database.client.start_session() as session:
        things.update_one({}, {"$set": {"n": 1}}, session=session)
        assert session.operation_time is not None


def transactions(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with database.client.start_session() as session:
        with session.start_transaction():
            things.insert_one({"_id": 2}, session=session)
            assert things.count_documents({}) == 1
        assert things.count_documents({}) == 2
        session.start_transaction()
        things.insert_one({"_id": 3}, session=session)
        session.abort_transaction()
    assert things.count_documents({}) == 2


def transaction_conflicts(database: Database[Document]) -> None:
    things = fill(database, [{}])
    client = database.client
    with client.start_session() as one, client.start_session() as two:
        one.start_transaction()
        two.start_transaction()
        things.update_one({"_id": 1}, {"$set": {"n": 1}}, session=one)
        with pytest.raises(OperationFailure) as caught:
            things.update_one({"_id": 1}, {"$set": {"n": 2}}, session=two)
        assert caught.value.code == 112
        assert caught.value.has_error_label("TransientTransactionError")
        one.commit_transaction()


def retryable_writes(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}])
    updates = [{"q": {"_id": 1}, "u": {"$inc": {"n": 1}}}]
    with database.client.start_session() as session:
        for _ in range(2):
            database.command("update", "things", updates=updates, txnNumber=1, session=session)
    assert things.find_one() == {"_id": 1, "n": 2}


def _next(stream: ChangeStream[Document]) -> Document:
    """The next change, within a few seconds."""
    deadline = time.monotonic() + 3
    while (change := stream.try_next()) is None:
        assert time.monotonic() < deadline, "no change arrived"
    return change


def change_streams(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with things.watch(max_await_time_ms=500) as stream:
        things.insert_one({"_id": 2, "n": 1})
        things.update_one({"_id": 2}, {"$set": {"n": 2}})
        things.delete_one({"_id": 2})
        changes = [_next(stream) for _ in range(3)]
    assert [change["operationType"] for change in changes] == ["insert", "update", "delete"]
    assert changes[0]["fullDocument"] == {"_id": 2, "n": 1}
    assert {change["documentKey"]["_id"] for change in changes} == {2}
    assert changes[0]["ns"] == {"db": database.name, "coll": "things"}


def change_stream_updates_described(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1, "m": 1}])
    with things.watch(max_await_time_ms=500) as stream:
        things.update_one({}, {"$set": {"n": 2}, "$unset": {"m": 1}})
        described = _next(stream)["updateDescription"]
    assert described["updatedFields"] == {"n": 2}
    assert described["removedFields"] == ["m"]


def change_stream_resumed(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with things.watch(max_await_time_ms=500) as stream:
        things.insert_many([{"_id": 2}, {"_id": 3}])
        token = _next(stream)["_id"]
        assert stream.resume_token == token
    with things.watch(resume_after=token, max_await_time_ms=500) as stream:
        assert _next(stream)["documentKey"] == {"_id": 3}
    with things.watch(start_after=token, max_await_time_ms=500) as stream:
        assert _next(stream)["documentKey"] == {"_id": 3}


def change_stream_with_whole_documents(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}])
    with things.watch(full_document="updateLookup", max_await_time_ms=500) as stream:
        things.update_one({}, {"$set": {"n": 2}})
        assert _next(stream)["fullDocument"] == {"_id": 1, "n": 2}


def change_stream_filtered(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with things.watch([{"$match": {"fullDocument.n": 2}}], max_await_time_ms=500) as stream:
        things.insert_many([{"_id": 2, "n": 1}, {"_id": 3, "n": 2}])
        assert _next(stream)["documentKey"] == {"_id": 3}


def change_stream_of_replacements(database: Database[Document]) -> None:
    things = fill(database, [{"n": 1}])
    with things.watch(max_await_time_ms=500) as stream:
        things.replace_one({"_id": 1}, {"m": 2})
        change = _next(stream)
    assert change["operationType"] == "replace"
    assert change["fullDocument"] == {"_id": 1, "m": 2}


def change_stream_of_a_database(database: Database[Document]) -> None:
    with database.watch(max_await_time_ms=500) as stream:
        fill(database, [{}])
        assert _next(stream)["ns"]["coll"] == "things"


def change_stream_without_changes(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with things.watch(max_await_time_ms=100) as stream:
        assert stream.try_next() is None
        assert stream.resume_token is not None


def change_stream_invalidated(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with things.watch(max_await_time_ms=500) as stream:
        things.drop()
        assert [_next(stream)["operationType"] for _ in range(2)] == ["drop", "invalidate"]


def unknown_resume_token_is_refused(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with (
        pytest.raises(OperationFailure),
        things.watch(resume_after={"_data": "nonsense"}) as stream,
    ):
        _next(stream)


def read_concerns(database: Database[Document]) -> None:
    fill(database, [{}])
    for level in ("local", "majority", "available"):
        things = database.get_collection("things", read_concern=ReadConcern(level))
        assert things.find_one() == {"_id": 1}


def linearizable_reads(database: Database[Document]) -> None:
    fill(database, [{}])
    things = database.get_collection("things", read_concern=ReadConcern("linearizable"))
    assert things.find_one() == {"_id": 1}


def read_preferences(database: Database[Document]) -> None:
    fill(database, [{}])
    things = database.get_collection("things", read_preference=ReadPreference.SECONDARY_PREFERRED)
    assert things.find_one() == {"_id": 1}


def concurrent_increments(database: Database[Document]) -> None:
    things = fill(database, [{"n": 0}])

    def add(_: int) -> None:
        things.update_one({"_id": 1}, {"$inc": {"n": 1}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(400)))
    assert things.find_one() == {"_id": 1, "n": 400}


def concurrent_claims(database: Database[Document]) -> None:
    things = fill(database, [{"taken": False} for _ in range(200)])

    def claim(_: int) -> int | None:
        found = things.find_one_and_update({"taken": False}, {"$set": {"taken": True}})
        return found["_id"] if found else None

    with ThreadPoolExecutor(8) as pool:
        claimed = [each for each in pool.map(claim, range(250)) if each is not None]
    assert sorted(claimed) == [*range(1, 201)]


def concurrent_unique_inserts(database: Database[Document]) -> None:
    things = database["things"]
    things.create_index("n", unique=True)

    def insert(n: int) -> bool:
        try:
            things.insert_one({"n": n % 50})
        except DuplicateKeyError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(insert, range(400))) == 50


def concurrent_compare_and_set(database: Database[Document]) -> None:
    things = fill(database, [{"version": 0}])

    def attempt(version: int) -> int:
        return things.update_one(
            {"_id": 1, "version": version % 100}, {"$inc": {"version": 1}}
        ).modified_count

    with ThreadPoolExecutor(8) as pool:
        won = sum(pool.map(attempt, [version for version in range(100) for _ in range(4)]))
    assert things.find_one() == {"_id": 1, "version": won}
