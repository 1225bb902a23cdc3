"""Probes of indexes: which exist, what they tell of themselves, what they enforce."""

import pytest
from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure

from tests.mongodb_servers.probes.probe import Document, Documents, fill


def _told(things: Documents, name: str) -> Document:
    found = {each["name"]: dict(each) for each in things.list_indexes()}[name]
    found["key"] = dict(found["key"])
    return found


def unique_index(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}])
    assert things.create_index("a", unique=True) == "a_1"
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"a": 1})
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"a": 1.0})
    things.insert_one({})
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"a": None})
    assert _told(things, "a_1")["unique"] is True


def unique_index_over_duplicates_is_refused(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}, {"a": 1}])
    with pytest.raises(DuplicateKeyError):
        things.create_index("a", unique=True)
    assert [*things.index_information()] == ["_id_"]


def unique_multikey_index(database: Database[Document]) -> None:
    things = fill(database, [{"a": [1, 2]}, {"a": [3]}])
    things.create_index("a", unique=True)
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"a": 2})
    things.insert_one({"a": [5, 5]})


def compound_unique_index(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1, "b": 1}])
    assert things.create_index([("a", 1), ("b", -1)], unique=True) == "a_1_b_-1"
    things.insert_one({"a": 1, "b": 2})
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"a": 1, "b": 1})
    assert _told(things, "a_1_b_-1")["key"] == {"a": 1, "b": -1}


def index_of_a_path(database: Database[Document]) -> None:
    things = fill(database, [{"a": {"b": 1}}])
    things.create_index("a.b", unique=True)
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"a": {"b": 1}})
    things.insert_one({"a": {"b": 2}})


def sparse_index(database: Database[Document]) -> None:
    things = fill(database, [{}, {}])
    things.create_index("a", unique=True, sparse=True)
    things.insert_one({"a": 1})
    things.insert_one({})
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"a": 1})
    assert _told(things, "a_1")["sparse"] is True


def partial_index(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1, "living": False}])
    expression = {"living": True}
    things.create_index("a", unique=True, partialFilterExpression=expression)
    things.insert_one({"a": 1, "living": True})
    things.insert_one({"a": 1, "living": False})
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"a": 1, "living": True})
    assert _told(things, "a_1")["partialFilterExpression"] == expression


def ttl_index(database: Database[Document]) -> None:
    things = database["things"]
    things.create_index("at", expireAfterSeconds=60)
    assert _told(things, "at_1")["expireAfterSeconds"] == 60


def collation_index(database: Database[Document]) -> None:
    things = fill(database, [{"s": "ada"}])
    things.create_index("s", unique=True, collation={"locale": "en", "strength": 2})
    with pytest.raises(DuplicateKeyError):
        things.insert_one({"s": "ADA"})
    assert _told(things, "s_1")["collation"]["strength"] == 2


def hidden_index(database: Database[Document]) -> None:
    things = database["things"]
    things.create_index("a", hidden=True)
    assert _told(things, "a_1")["hidden"] is True


def text_and_hashed_index(database: Database[Document]) -> None:
    things = database["things"]
    things.create_index([("s", "text")])
    things.create_index([("h", "hashed")])
    assert {"s_text", "h_hashed"} <= {*things.index_information()}


def indexes_told(database: Database[Document]) -> None:
    things = database["things"]
    things.create_indexes([IndexModel("a", name="mine"), IndexModel([("b", -1)])])
    assert {name: told["key"] for name, told in things.index_information().items()} == {
        "_id_": [("_id", 1)],
        "mine": [("a", 1)],
        "b_-1": [("b", -1)],
    }


def same_index_again(database: Database[Document]) -> None:
    things = database["things"]
    things.create_index("a")
    assert things.create_index("a") == "a_1"
    assert len(things.index_information()) == 2


def other_options_under_the_same_name_are_refused(database: Database[Document]) -> None:
    things = database["things"]
    things.create_index("a")
    with pytest.raises(OperationFailure) as caught:
        things.create_index("a", unique=True)
    assert caught.value.code == 86


def other_name_for_the_same_index_is_refused(database: Database[Document]) -> None:
    things = database["things"]
    things.create_index("a")
    with pytest.raises(OperationFailure) as caught:
        things.create_index("a", name="other")
    assert caught.value.code == 85


def other_keys_under_the_same_name_are_refused(database: Database[Document]) -> None:
    things = database["things"]
    things.create_index("a", name="mine")
    with pytest.raises(OperationFailure) as caught:
        things.create_index("b", name="mine")
    assert caught.value.code == 86


def index_dropped(database: Database[Document]) -> None:
    things = database["things"]
    things.create_index("a", unique=True)
    things.drop_index("a_1")
    assert [*things.index_information()] == ["_id_"]
    things.insert_many([{"a": 1}, {"a": 1}])


def dropping_an_unknown_index_is_refused(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with pytest.raises(OperationFailure) as caught:
        things.drop_index("nowhere")
    assert caught.value.code == 27


def dropping_the_identifier_index_is_refused(database: Database[Document]) -> None:
    things = fill(database, [{}])
    with pytest.raises(OperationFailure) as caught:
        things.drop_index("_id_")
    assert caught.value.code == 72


def index_progress(database: Database[Document]) -> None:
    assert isinstance(list(database.client.admin.aggregate([{"$currentOp": {}}])), list)


def index_use(database: Database[Document]) -> None:
    things = fill(database, [{}])
    assert [each["name"] for each in things.aggregate([{"$indexStats": {}}])] == ["_id_"]
