"""Probes of bulk writes, of what an error tells, and of documents and names that are refused."""

import pytest
from bson import encode
from pymongo import (
    DeleteMany,
    DeleteOne,
    InsertOne,
    ReplaceOne,
    UpdateMany,
    UpdateOne,
    WriteConcern,
)
from pymongo.database import Database
from pymongo.errors import (
    BulkWriteError,
    DocumentTooLarge,
    DuplicateKeyError,
    OperationFailure,
    WriteError,
)

from tests.mongodb_servers.probes.probe import Document, fill


def bulk_ordered(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}])
    with pytest.raises(BulkWriteError) as caught:
        things.bulk_write([InsertOne({"_id": 2}), InsertOne({"_id": 1}), InsertOne({"_id": 3})])
    assert things.count_documents({}) == 2
    details = caught.value.details
    assert details["nInserted"] == 1
    assert [(each["index"], each["code"]) for each in details["writeErrors"]] == [(1, 11000)]


def bulk_unordered(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}])
    with pytest.raises(BulkWriteError) as caught:
        things.bulk_write(
            [InsertOne({"_id": 1}), InsertOne({"_id": 2}), InsertOne({"_id": 1})], ordered=False
        )
    assert things.count_documents({}) == 2
    assert [each["index"] for each in caught.value.details["writeErrors"]] == [0, 2]


def bulk_of_every_kind(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}, {"a": 1}, {"a": 2}, {"a": 3}])
    done = things.bulk_write(
        [
            InsertOne({"_id": 9}),
            UpdateOne({"_id": 1}, {"$set": {"b": 1}}),
            UpdateMany({"a": 1}, {"$inc": {"a": 1}}),
            ReplaceOne({"_id": 3}, {"c": 1}),
            ReplaceOne({"_id": 10}, {"c": 1}, upsert=True),
            DeleteOne({"_id": 4}),
            DeleteMany({"c": 1}),
        ]
    )
    counts = (done.inserted_count, done.matched_count, done.modified_count, done.deleted_count)
    assert counts == (1, 4, 4, 3)
    assert done.upserted_ids == {4: 10}


def unacknowledged_writes(database: Database[Document]) -> None:
    things = database.get_collection("things", write_concern=WriteConcern(w=0))
    assert not things.insert_one({"_id": 1}).acknowledged
    assert database["things"].find_one({"_id": 1}) == {"_id": 1}


def write_concern_majority(database: Database[Document]) -> None:
    things = database.get_collection(
        "things", write_concern=WriteConcern("majority", wtimeout=1000)
    )
    assert things.insert_one({"_id": 1}).acknowledged


def duplicate_identifier(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}])
    with pytest.raises(DuplicateKeyError) as caught:
        things.insert_one({"_id": 1})
    assert caught.value.code == 11000


def duplicate_key_details(database: Database[Document]) -> None:
    things = fill(database, [{"e": "x"}])
    things.create_index("e", unique=True)
    with pytest.raises(DuplicateKeyError) as caught:
        things.insert_one({"e": "x"})
    details = caught.value.details or {}
    assert details["keyPattern"] == {"e": 1}
    assert details["keyValue"] == {"e": "x"}


def duplicate_key_message(database: Database[Document]) -> None:
    things = fill(database, [{"e": "x"}])
    things.create_index("e", unique=True)
    with pytest.raises(
        DuplicateKeyError, match=r'E11000 duplicate key error.* index: e_1 dup key: \{ e: "x" \}'
    ):
        things.insert_one({"e": "x"})


def duplicate_key_of_an_update(database: Database[Document]) -> None:
    things = fill(database, [{"e": "x"}, {"e": "y"}])
    things.create_index("e", unique=True)
    with pytest.raises(DuplicateKeyError):
        things.update_one({"_id": 2}, {"$set": {"e": "x"}})
    with pytest.raises(DuplicateKeyError):
        things.find_one_and_update({"_id": 2}, {"$set": {"e": "x"}})


def large_documents(database: Database[Document]) -> None:
    document = {"_id": 1, "s": "x" * (16 * 1024 * 1024 - 100)}
    database["things"].insert_one(document)
    assert database["things"].find_one() == document


def too_large_documents_are_refused(database: Database[Document]) -> None:
    with pytest.raises((DocumentTooLarge, OperationFailure)):
        database["things"].insert_one({"s": "x" * (16 * 1024 * 1024 + 1)})


def documents_grown_too_large_are_refused(database: Database[Document]) -> None:
    things = database["things"]
    things.insert_one({"_id": 1, "a": "x" * (9 * 1024 * 1024)})
    with pytest.raises(OperationFailure):
        things.update_one({"_id": 1}, {"$set": {"b": "x" * (9 * 1024 * 1024)}})


def deep_documents(database: Database[Document]) -> None:
    document: Document = {}
    for _ in range(90):
        document = {"a": document}
    database["things"].insert_one({"_id": 1, **document})
    assert encode(database["things"].find_one() or {}) == encode({"_id": 1, **document})


def too_deep_documents_are_refused(database: Database[Document]) -> None:
    document: Document = {}
    for _ in range(300):
        document = {"a": document}
    with pytest.raises(OperationFailure):
        database["things"].insert_one({"_id": 1, **document})


def odd_collection_names(database: Database[Document]) -> None:
    for name in ("order", "a.b", "my-coll", "x'y\"z", "ünï", "a b", "select * from x", "1"):
        database[name].insert_one({"_id": name})
        assert database[name].find_one() == {"_id": name}


def odd_field_names(database: Database[Document]) -> None:
    document = {"_id": 1, "a b": 1, "x'y\"z": 2, "ünï": {"'": 3}, "--": 4}
    database["things"].insert_one(document)
    assert database["things"].find_one({"x'y\"z": 2, "ünï.'": 3}) == document


def empty_field_names(database: Database[Document]) -> None:
    database["things"].insert_one({"_id": 1, "": 2})
    assert database["things"].find_one({"": 2}) == {"_id": 1, "": 2}


def nul_in_strings(database: Database[Document]) -> None:
    database["things"].insert_one({"_id": "a\0b", "s": "\0"})
    assert database["things"].find_one({"s": "\0"}) == {"_id": "a\0b", "s": "\0"}


def order_of_fields(database: Database[Document]) -> None:
    database["things"].insert_one({"_id": 1, "z": 1, "a": 1})
    database["things"].update_one({}, {"$set": {"b": 1, "z": 2}})
    assert [*(database["things"].find_one() or {})] == ["_id", "z", "a", "b"]


def validators(database: Database[Document]) -> None:
    schema = {"$jsonSchema": {"required": ["n"]}}
    things = database.create_collection("things", validator=schema)
    with pytest.raises(WriteError) as caught:
        things.insert_one({"_id": 1})
    assert caught.value.code == 121


def capped_collections(database: Database[Document]) -> None:
    things = database.create_collection("things", capped=True, size=4096, max=2)
    things.insert_many([{"_id": n} for n in range(3)])
    assert [each["_id"] for each in things.find()] == [1, 2]


def renamed_collections(database: Database[Document]) -> None:
    fill(database, [{}]).rename("others")
    assert database["others"].count_documents({}) == 1
    assert "things" not in database.list_collection_names()


def unknown_commands_are_refused(database: Database[Document]) -> None:
    with pytest.raises(OperationFailure) as caught:
        database.command("beautify")
    assert caught.value.code == 59
