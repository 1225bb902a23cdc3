"""Probes of what an update may do."""

from datetime import datetime
from typing import Any

import pytest
from bson import Int64, Timestamp
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import OperationFailure, WriteError

from tests.mongodb_servers.probes.probe import Document, fill


def _after(
    database: Database[Document], document: Document, update: Any, **options: Any
) -> Document:
    """What becomes of the document, without its `_id`."""
    things = fill(database, [document])
    things.update_one({"_id": 1}, update, **options)
    (found,) = things.find({}, {"_id": 0})
    return found


def set_and_unset(database: Database[Document]) -> None:
    update = {"$set": {"b.c": 1, "l.1": 9}, "$unset": {"a": ""}}
    assert _after(database, {"a": 1, "l": [1, 2]}, update) == {"l": [1, 9], "b": {"c": 1}}


def arithmetic(database: Database[Document]) -> None:
    update = {
        "$inc": {"a": 2, "new": 1},
        "$mul": {"b": 1.5, "zero": 2},
        "$min": {"c": 1},
        "$max": {"d": 9},
    }
    after = _after(database, {"a": 1, "b": 2, "c": 5, "d": 5}, update)
    assert after == {"a": 3, "b": 3.0, "c": 1, "d": 9, "new": 1, "zero": 0}


def int_overflows_to_long(database: Database[Document]) -> None:
    after = _after(database, {"a": 2**31 - 1}, {"$inc": {"a": 1}})
    assert after == {"a": 2**31}
    assert isinstance(after["a"], Int64)


def bit(database: Database[Document]) -> None:
    assert _after(database, {"a": 13}, {"$bit": {"a": {"and": 10}}}) == {"a": 8}


def rename(database: Database[Document]) -> None:
    assert _after(database, {"a": 1, "b": 2}, {"$rename": {"a": "c.d"}}) == {"b": 2, "c": {"d": 1}}


def set_on_insert(database: Database[Document]) -> None:
    things = database["things"]
    update = {"$set": {"a": 1}, "$setOnInsert": {"b": 2}}
    assert things.update_one({"_id": 1}, update, upsert=True).upserted_id == 1
    assert things.find_one() == {"_id": 1, "b": 2, "a": 1} or things.find_one() == {
        "_id": 1,
        "a": 1,
        "b": 2,
    }
    things.update_one({"_id": 1}, {"$setOnInsert": {"b": 3}}, upsert=True)
    assert (things.find_one() or {})["b"] == 2


def current_date(database: Database[Document]) -> None:
    update = {"$currentDate": {"a": True, "b": {"$type": "timestamp"}}}
    after = _after(database, {}, update)
    assert isinstance(after["a"], datetime)
    assert isinstance(after["b"], Timestamp)


def push(database: Database[Document]) -> None:
    assert _after(database, {"a": [1]}, {"$push": {"a": 2, "b": {"c": 1}}}) == {
        "a": [1, 2],
        "b": [{"c": 1}],
    }


def push_each(database: Database[Document]) -> None:
    assert _after(database, {"a": [1]}, {"$push": {"a": {"$each": [2, 3]}}}) == {"a": [1, 2, 3]}


def push_position(database: Database[Document]) -> None:
    update = {"$push": {"a": {"$each": [2, 3], "$position": 0}}}
    assert _after(database, {"a": [1]}, update) == {"a": [2, 3, 1]}


def push_sort_and_slice(database: Database[Document]) -> None:
    update = {"$push": {"a": {"$each": [{"n": 2}, {"n": 4}], "$sort": {"n": -1}, "$slice": 2}}}
    assert _after(database, {"a": [{"n": 3}]}, update) == {"a": [{"n": 4}, {"n": 3}]}


def add_to_set(database: Database[Document]) -> None:
    update = {"$addToSet": {"a": {"$each": [1, 2, 2]}, "b": 1}}
    assert _after(database, {"a": [1]}, update) == {"a": [1, 2], "b": [1]}


def pop(database: Database[Document]) -> None:
    assert _after(database, {"a": [1, 2], "b": [1, 2]}, {"$pop": {"a": 1, "b": -1}}) == {
        "a": [1],
        "b": [2],
    }


def pull(database: Database[Document]) -> None:
    update = {"$pull": {"a": 1, "b": {"n": {"$gt": 1}}, "c": {"$in": [1, 2]}}}
    before = {"a": [1, 2, 1], "b": [{"n": 1}, {"n": 2}], "c": [1, 2, 3]}
    assert _after(database, before, update) == {"a": [2], "b": [{"n": 1}], "c": [3]}


def pull_all(database: Database[Document]) -> None:
    assert _after(database, {"a": [1, 2, 3, 1]}, {"$pullAll": {"a": [1, 3]}}) == {"a": [2]}


def positional(database: Database[Document]) -> None:
    things = fill(database, [{"a": [{"n": 1}, {"n": 2}]}])
    things.update_one({"a.n": 2}, {"$set": {"a.$.hit": True}})
    assert things.find_one() == {"_id": 1, "a": [{"n": 1}, {"n": 2, "hit": True}]}


def positional_by_elem_match(database: Database[Document]) -> None:
    things = fill(database, [{"a": [{"n": 1, "m": 1}, {"n": 1, "m": 2}]}])
    things.update_one({"a": {"$elemMatch": {"n": 1, "m": 2}}}, {"$inc": {"a.$.n": 5}})
    assert things.find_one() == {"_id": 1, "a": [{"n": 1, "m": 1}, {"n": 6, "m": 2}]}


def positional_all(database: Database[Document]) -> None:
    assert _after(database, {"a": [1, 2]}, {"$inc": {"a.$[]": 10}}) == {"a": [11, 12]}
    database.drop_collection("things")
    before = {"a": [{"n": [1]}, {"n": [2]}]}
    assert _after(database, before, {"$set": {"a.$[].n.$[]": 0}}) == {"a": [{"n": [0]}, {"n": [0]}]}


def array_filters(database: Database[Document]) -> None:
    before = {"a": [1, 5, 9]}
    after = _after(database, before, {"$set": {"a.$[big]": 0}}, array_filters=[{"big": {"$gt": 4}}])
    assert after == {"a": [1, 0, 0]}


def array_filters_in_documents(database: Database[Document]) -> None:
    before = {"a": [{"n": 1, "v": 0}, {"n": 2, "v": 0}]}
    after = _after(database, before, {"$set": {"a.$[e].v": 7}}, array_filters=[{"e.n": 2}])
    assert after == {"a": [{"n": 1, "v": 0}, {"n": 2, "v": 7}]}


def unused_array_filter_is_refused(database: Database[Document]) -> None:
    with pytest.raises(WriteError) as caught:
        _after(database, {"a": [1]}, {"$set": {"b": 1}}, array_filters=[{"e": 1}])
    assert caught.value.code == 9


def pipeline_update(database: Database[Document]) -> None:
    update = [{"$set": {"b": {"$add": ["$a", 1]}}}, {"$unset": "a"}]
    assert _after(database, {"a": 1}, update) == {"b": 2}


def upsert_takes_equalities(database: Database[Document]) -> None:
    things = database["things"]
    query = {"a": 1, "b.c": 2, "d": {"$gt": 3}, "$and": [{"e": 5}]}
    done = things.update_one(query, {"$set": {"f": 6}}, upsert=True)
    found = things.find_one() or {}
    assert found.pop("_id") == done.upserted_id
    assert found == {"a": 1, "b": {"c": 2}, "e": 5, "f": 6}
    assert (done.matched_count, done.modified_count) == (0, 0)


def upsert_of_replacement(database: Database[Document]) -> None:
    things = database["things"]
    assert things.replace_one({"_id": 7}, {"a": 1}, upsert=True).upserted_id == 7
    assert things.find_one() == {"_id": 7, "a": 1}


def update_counts(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}, {"a": 1}, {"a": 2}])
    done = things.update_many({}, {"$set": {"a": 1}})
    assert (done.matched_count, done.modified_count) == (3, 1)
    assert things.delete_many({"a": 1}).deleted_count == 3


def find_one_and(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}, {"a": 2}])
    assert things.find_one_and_update({}, {"$inc": {"a": 10}}, sort=[("a", -1)]) == {
        "_id": 2,
        "a": 2,
    }
    after = things.find_one_and_update(
        {"_id": 1}, {"$inc": {"a": 1}}, return_document=ReturnDocument.AFTER, projection={"_id": 0}
    )
    assert after == {"a": 2}
    assert things.find_one_and_replace({"_id": 1}, {"b": 1}) == {"_id": 1, "a": 2}
    assert things.find_one_and_delete({"_id": 1}) == {"_id": 1, "b": 1}
    assert things.find_one_and_delete({"_id": 1}) is None


def find_one_and_upsert(database: Database[Document]) -> None:
    after = database["things"].find_one_and_update(
        {"_id": 3}, {"$set": {"a": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert after == {"_id": 3, "a": 1}


def find_one_and_array_filters(database: Database[Document]) -> None:
    things = fill(database, [{"a": [1, 5]}])
    after = things.find_one_and_update(
        {}, {"$set": {"a.$[e]": 0}}, array_filters=[{"e": 5}], return_document=ReturnDocument.AFTER
    )
    assert after == {"_id": 1, "a": [1, 0]}


def identifier_is_immutable(database: Database[Document]) -> None:
    with pytest.raises(WriteError) as caught:
        _after(database, {"a": 1}, {"$set": {"_id": 2}})
    assert caught.value.code == 66


def replaced_identifier_is_immutable(database: Database[Document]) -> None:
    things = fill(database, [{"a": 1}])
    with pytest.raises(WriteError) as caught:
        things.replace_one({"a": 1}, {"_id": 2})
    assert caught.value.code == 66


def conflicting_updates_are_refused(database: Database[Document]) -> None:
    with pytest.raises(WriteError) as caught:
        _after(database, {"a": {"b": 1}}, {"$set": {"a.b": 1}, "$unset": {"a": ""}})
    assert caught.value.code == 40


def inc_of_a_string_is_refused(database: Database[Document]) -> None:
    with pytest.raises(WriteError) as caught:
        _after(database, {"a": "x"}, {"$inc": {"a": 1}})
    assert caught.value.code == 14


def path_through_a_scalar_is_refused(database: Database[Document]) -> None:
    with pytest.raises(WriteError) as caught:
        _after(database, {"a": 1}, {"$set": {"a.b": 1}})
    assert caught.value.code == 28


def push_to_a_scalar_is_refused(database: Database[Document]) -> None:
    with pytest.raises(WriteError) as caught:
        _after(database, {"a": 1}, {"$push": {"a": 1}})
    assert caught.value.code == 2


def unknown_modifier_is_refused(database: Database[Document]) -> None:
    with pytest.raises(WriteError) as caught:
        _after(database, {"a": 1}, {"$double": {"a": 1}})
    assert caught.value.code == 9


def find_one_and_error_codes(database: Database[Document]) -> None:
    things = fill(database, [{"a": "x"}])
    with pytest.raises(OperationFailure) as caught:
        things.find_one_and_update({}, {"$inc": {"a": 1}})
    assert caught.value.code == 14
