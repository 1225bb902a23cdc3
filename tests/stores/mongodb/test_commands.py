"""What reaches a server: told by one that notes it."""

from typing import Any

import pytest
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, WriteError

from earnorm import Index, UnsupportedError
from earnorm.stores import Delete, Insert, Replace, Update
from earnorm.stores.mongodb import MongoStore, open_mongodb
from earnorm.typing import OperationOptions
from tests.stores.mongodb.scripted_server import ScriptedServer

OPTIONS = OperationOptions(
    read_concern="majority",
    write_concern={"w": 2, "j": True, "wtimeoutMS": 500},
    read_preference="secondaryPreferred",
    collation={"locale": "en", "strength": 2},
    hint=(("age", 1), ("name", -1)),
    comment="who asks",
    max_time=1.5,
    batch_size=7,
)
COLLATION = {"locale": "en", "strength": 2}
HINT = {"age": 1, "name": -1}
WRITE_CONCERN = {"w": 2, "j": True, "wtimeout": 500}


async def drained(batches: Any) -> list[Any]:
    return [document async for batch in batches for document in batch]


def picked(command: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: command[name] for name in names if name in command}


async def test_a_find_is_sent_with_all_of_its_options(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["find"].append(server.found({"_id": 1}))

    found = await drained(
        scripted.find(
            "users",
            {"age": {"$gt": 3}},
            sort=[("age", -1)],
            skip=2,
            limit=5,
            projection={"name": 1},
            options=OPTIONS,
        )
    )

    assert found == [{"_id": 1}]
    command = server.last("find")
    del command["lsid"], command["$db"]
    assert command.pop("$readPreference") == {"mode": "secondaryPreferred"}
    assert command == {
        "find": "users",
        "filter": {"age": {"$gt": 3}},
        "sort": {"age": -1},
        "skip": 2,
        "limit": 5,
        "projection": {"name": 1},
        "batchSize": 7,
        "readConcern": {"level": "majority"},
        "collation": COLLATION,
        "hint": HINT,
        "comment": "who asks",
        "maxTimeMS": 1500,
    }


async def test_without_options_nothing_is_sent_but_the_size_of_batches(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["find"].append(server.found())

    assert await drained(scripted.find("users", {})) == []

    command = server.last("find")
    assert set(command) == {"find", "filter", "batchSize", "lsid", "$db"}
    assert command["batchSize"] == 500


@pytest.mark.parametrize("name", ["count", "aggregate"])
async def test_aggregations_are_sent_with_all_of_their_options(
    scripted: MongoStore, server: ScriptedServer, name: str
) -> None:
    server.replies["aggregate"].append(server.found({"_id": 1, "n": 3}))

    if name == "count":
        assert await scripted.count("users", {}, skip=1, limit=4, options=OPTIONS) == 3
    else:
        stages: list[dict[str, Any]] = [{"$match": {}}]
        assert await drained(scripted.aggregate("users", stages, options=OPTIONS)) == [
            {"_id": 1, "n": 3}
        ]

    command = server.last("aggregate")
    assert picked(command, "collation", "hint", "comment", "maxTimeMS", "readConcern") == {
        "collation": COLLATION,
        "hint": HINT,
        "comment": "who asks",
        "maxTimeMS": 1500,
        "readConcern": {"level": "majority"},
    }
    if name == "count":
        assert command["pipeline"][:3] == [{"$match": {}}, {"$skip": 1}, {"$limit": 4}]
    else:
        assert command["cursor"] == {"batchSize": 7}


async def test_distinct_is_sent_with_all_of_its_options(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["distinct"].append({"ok": 1, "values": ["a", 1]})

    assert await scripted.distinct("users", "tags", {"age": 3}, options=OPTIONS) == ["a", 1]

    assert picked(server.last("distinct"), "key", "query", "hint", "collation", "maxTimeMS") == {
        "key": "tags",
        "query": {"age": 3},
        "hint": HINT,
        "collation": COLLATION,
        "maxTimeMS": 1500,
    }


async def test_explain_asks_for_the_plan_of_the_find_and_does_not_run_it(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    plan = {"queryPlanner": {"winningPlan": {"stage": "IXSCAN"}}}
    server.replies["explain"].append({"ok": 1, **plan})

    explained = await scripted.explain(
        "users", {"age": 3}, sort=[("age", 1)], limit=2, options=OPTIONS
    )

    assert explained["queryPlanner"] == plan["queryPlanner"]
    command = server.last("explain")
    assert command["verbosity"] == "queryPlanner"
    assert command["comment"] == "who asks"
    assert command["explain"] == {
        "find": "users",
        "filter": {"age": 3},
        "sort": {"age": 1},
        "limit": 2,
        "collation": COLLATION,
        "hint": HINT,
    }


async def write(store: MongoStore, name: str, options: OperationOptions) -> None:
    match name:
        case "insert":
            await store.insert("users", [{"_id": 1}], options=options)
        case "insert many":
            await store.insert("users", [{"_id": 1}, {"_id": 2}], options=options)
        case "update":
            await store.update("users", {}, {"$set": {"a": 1}}, options=options)
        case "replace":
            await store.replace("users", {}, {"a": 1}, options=options)
        case "delete":
            await store.delete("users", {}, options=options)
        case "bulk":
            await store.bulk("users", [Delete(filter={})], options=options)
        case "find_one_and_update":
            await store.find_one_and_update("users", {}, {"$set": {"a": 1}}, options=options)
        case "find_one_and_replace":
            await store.find_one_and_replace("users", {}, {"a": 1}, options=options)
        case "find_one_and_delete":
            await store.find_one_and_delete("users", {}, options=options)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("insert", "insert"),
        ("insert many", "insert"),
        ("update", "update"),
        ("replace", "update"),
        ("delete", "delete"),
        ("bulk", "delete"),
        ("find_one_and_update", "findAndModify"),
        ("find_one_and_replace", "findAndModify"),
        ("find_one_and_delete", "findAndModify"),
    ],
)
async def test_a_write_is_sent_with_its_concern_comment_time_hint_and_collation(
    scripted: MongoStore, server: ScriptedServer, name: str, sent: str
) -> None:
    counts = {"n": 1, "nModified": 1, "value": None}
    server.replies[sent].append({"ok": 1, **counts})

    await write(scripted, name, OPTIONS)

    command = server.last(sent)
    assert command["comment"] == "who asks"
    assert 0 < command["maxTimeMS"] <= 1500
    assert "txnNumber" in command or name in {"update", "delete", "bulk"}, "it can be retried"
    # with a limit of the client's, PyMongo takes wtimeout out: the limit is for all of it
    assert command["writeConcern"] | {"wtimeout": 500} == WRITE_CONCERN
    statement = {"update": "updates", "delete": "deletes"}.get(sent)
    if sent != "insert":
        part = command[statement][0] if statement else command
        assert picked(part, "hint", "collation") == {"hint": HINT, "collation": COLLATION}


async def test_a_batch_is_one_message(scripted: MongoStore, server: ScriptedServer) -> None:
    server.replies["insert"].append({"ok": 1, "n": 3})

    await scripted.insert("users", [{"_id": n} for n in range(3)], ordered=False)

    assert server.names() == ["insert"]
    command = server.last("insert")
    assert command["documents"] == [{"_id": 0}, {"_id": 1}, {"_id": 2}]
    assert command["ordered"] is False


async def test_nothing_is_sent_for_nothing(scripted: MongoStore, server: ScriptedServer) -> None:
    await scripted.insert("users", [])
    assert (await scripted.bulk("users", [])).inserted == 0
    assert await scripted.count("users", {}, limit=0) == 0
    assert await drained(scripted.find("users", {}, limit=0)) == []

    assert server.commands == []


async def test_the_parts_of_a_bulk_are_sent_as_they_are(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].append({"ok": 1, "n": 1})
    server.replies["update"].append(
        {"ok": 1, "n": 3, "nModified": 1, "upserted": [{"index": 1, "_id": None}]}
    )
    server.replies["delete"].append({"ok": 1, "n": 2})

    result = await scripted.bulk(
        "users",
        [
            Insert(document={"_id": 1}),
            Update(
                filter={"a": 1},
                update={"$set": {"b.$[x]": 1}},
                many=True,
                array_filters=({"x": 3},),
            ),
            Replace(filter={"_id": None}, document={"a": 1}, upsert=True),
            Delete(filter={"c": 1}, many=True),
        ],
    )

    assert (result.inserted, result.matched, result.modified, result.deleted) == (1, 2, 1, 2)
    assert result.upserted == {2: None}
    many, upsert = server.last("update")["updates"]
    assert (many["q"], many["u"]) == ({"a": 1}, {"$set": {"b.$[x]": 1}})
    assert (many["multi"], many["arrayFilters"]) == (True, [{"x": 3}])
    assert (upsert["q"], upsert["u"], upsert["upsert"]) == ({"_id": None}, {"a": 1}, True)
    assert not upsert.get("multi")
    assert server.last("delete")["deletes"] == [{"q": {"c": 1}, "limit": 0}]


@pytest.mark.parametrize("concern", [0, {"w": 0}])
async def test_a_write_that_nobody_acknowledges_is_refused(
    scripted: MongoStore, server: ScriptedServer, concern: Any
) -> None:
    with pytest.raises(UnsupportedError, match="w=0.*use w=1"):
        await scripted.insert("u", [{"_id": 1}], options=OperationOptions(write_concern=concern))

    assert server.commands == []


@pytest.mark.parametrize("concern", [-1, {"x": 1}, {"w": [1]}, {"w": 1, "wtimeout": -1}])
async def test_what_is_no_write_concern_is_a_value_error(
    scripted: MongoStore, concern: Any
) -> None:
    with pytest.raises(ValueError, match="write concern"):
        await scripted.insert("u", [{"_id": 1}], options=OperationOptions(write_concern=concern))


TAKEN = {
    "index": 0,
    "code": 11000,
    "errmsg": "E11000 duplicate key error",
    "keyPattern": {"name": 1},
    "keyValue": {"name": "Ada"},
}


@pytest.mark.parametrize("size", [1, 3])
async def test_a_fault_by_which_nothing_is_stored_is_an_error_of_its_own(
    scripted: MongoStore, server: ScriptedServer, size: int
) -> None:
    server.replies["insert"].append({"ok": 1, "n": 0, "writeErrors": [TAKEN]})

    with pytest.raises(DuplicateKeyError) as caught:
        await scripted.insert("users", [{"_id": n} for n in range(size)])

    assert caught.value.code == 11000
    assert caught.value.details == TAKEN


async def test_another_fault_of_the_first_document_is_a_write_error(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    invalid = {"index": 0, "code": 121, "errmsg": "Document failed validation"}
    server.replies["insert"].append({"ok": 1, "n": 0, "writeErrors": [invalid]})

    with pytest.raises(WriteError, match="Document failed validation") as caught:
        await scripted.insert("users", [{"_id": 1}, {"_id": 2}])

    assert not isinstance(caught.value, DuplicateKeyError)
    assert (caught.value.code, caught.value.details) == (121, invalid)


@pytest.mark.parametrize(("ordered", "stored"), [(True, 1), (False, 2)])
async def test_a_batch_that_is_stored_in_part_is_a_bulk_write_error(
    scripted: MongoStore, server: ScriptedServer, ordered: bool, stored: int
) -> None:
    # what some servers count is not what they stored
    server.replies["insert"].append({"ok": 1, "n": 3, "writeErrors": [{**TAKEN, "index": 1}]})

    with pytest.raises(BulkWriteError) as caught:
        await scripted.insert("users", [{"_id": n} for n in range(3)], ordered=ordered)

    [fault] = caught.value.details["writeErrors"]
    assert (fault["index"], fault["keyValue"]) == (1, {"name": "Ada"})
    assert caught.value.details["nInserted"] == stored


async def test_the_collation_of_a_collection_is_known_in_its_indexes(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    swedish = {"locale": "sv", "strength": 3, "version": "57.1"}
    server.replies["listIndexes"].append(
        server.found(
            {"name": "_id_", "key": {"_id": 1}, "collation": swedish},
            {"name": "a_1", "key": {"a": 1}, "collation": swedish},
            {"name": "b_1", "key": {"b": 1}, "collation": {**swedish, "strength": 1}},
            {"name": "c_1", "key": {"c": 1}},
        )
    )

    listed = await scripted.indexes("users")

    assert [(one.collation, one.inherits_collation) for one in listed] == [
        ({"locale": "sv"}, True),
        ({"locale": "sv", "strength": 1}, False),
        (None, False),
    ]


async def test_keys_that_a_server_leaves_out_are_found_by_the_name_of_the_index(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    fault = {"index": 0, "code": 11000, "errmsg": "E11000 collection: shop.users index: by_name"}
    server.replies["insert"].append({"ok": 1, "n": 0, "writeErrors": [fault]})
    server.replies["listIndexes"].append(
        server.found({"name": "_id_", "key": {"_id": 1}}, {"name": "by_name", "key": {"name": -1}})
    )

    with pytest.raises(DuplicateKeyError) as caught:
        await scripted.insert("users", [{"_id": 1, "name": "Ada"}])

    assert caught.value.details is not None
    assert caught.value.details["keyPattern"] == {"name": -1}
    assert caught.value.details["keyValue"] == {"name": "Ada"}


async def test_the_error_stays_where_its_keys_cannot_be_found(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    fault = {"index": 0, "code": 11000, "errmsg": "E11000"}
    server.replies["insert"].append({"ok": 1, "n": 0, "writeErrors": [fault]})
    server.replies["listIndexes"].append({"ok": 0, "code": 13, "errmsg": "not authorized"})

    with pytest.raises(DuplicateKeyError, match="E11000"):
        await scripted.insert("users", [{"_id": 1}])


async def test_the_cursor_of_a_find_that_is_left_early_is_closed(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["find"].append(server.found({"_id": 1}, {"_id": 2}, cursor=4711))

    batches = scripted.find("users", {})
    assert await anext(batches) == [{"_id": 1}, {"_id": 2}]
    await batches.aclose()

    assert server.closed_cursors == [4711]
    assert server.names() == ["find"]


async def test_the_cursor_of_an_aggregation_that_is_left_early_is_closed(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["aggregate"].append(server.found({"_id": 1}, {"_id": 2}, cursor=4711))

    batches = scripted.aggregate("users", [], options=OperationOptions(batch_size=2))
    assert await anext(batches) == [{"_id": 1}, {"_id": 2}]
    await batches.aclose()

    assert server.closed_cursors == [4711]


async def test_a_batch_is_what_one_message_brought(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["find"].append(server.found({"_id": 1}, {"_id": 2}, cursor=4711))
    more = {"id": 0, "ns": "shop.users", "nextBatch": [{"_id": 3}]}
    server.replies["getMore"].append({"ok": 1, "cursor": more})

    batches = [batch async for batch in scripted.find("users", {})]

    assert batches == [[{"_id": 1}, {"_id": 2}], [{"_id": 3}]]


async def test_a_read_is_tried_again_once_when_the_connection_is_lost(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["find"].extend([None, server.found({"_id": 1})])

    assert await drained(scripted.find("users", {})) == [{"_id": 1}]
    assert server.names() == ["find", "find"]


async def test_a_write_is_tried_again_once_under_the_same_number(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].extend([None, {"ok": 1, "n": 1}])

    await scripted.insert("users", [{"_id": 1}])

    first, second = server.commands
    assert first["txnNumber"] == second["txnNumber"]
    assert first["lsid"] == second["lsid"]


async def test_the_options_of_the_url_are_pymongos(server: ScriptedServer) -> None:
    store = await open_mongodb(
        server.url("w=majority&retryWrites=false&readConcernLevel=local&appName=till")
    )
    server.replies["find"].append(server.found())

    await store.insert("users", [{"_id": 1}])
    assert await drained(store.find("users", {})) == []
    await store.aclose()

    assert server.last("insert")["writeConcern"] == {"w": "majority"}
    assert "txnNumber" not in server.last("insert")
    assert server.last("find")["readConcern"] == {"level": "local"}


async def test_an_index_is_sent_with_all_of_its_options(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    await scripted.create_index(
        "users",
        Index(
            fields=(("name", 1), ("age", -1)),
            unique=True,
            partial={"deleted": None},
            sparse=True,
            expire_after=3600.0,
            collation={"locale": "en", "strength": 2},
            name="living",
        ),
    )

    [sent] = server.last("createIndexes")["indexes"]
    assert sent.pop("collation")["locale"] == "en"
    assert sent == {
        "name": "living",
        "key": {"name": 1, "age": -1},
        "unique": True,
        "partialFilterExpression": {"deleted": None},
        "sparse": True,
        "expireAfterSeconds": 3600,
    }


async def test_an_expiry_in_parts_of_seconds_is_refused(scripted: MongoStore) -> None:
    with pytest.raises(UnsupportedError, match="0.5 seconds.*whole seconds"):
        await scripted.create_index("u", Index(fields=(("at", 1),), expire_after=0.5))


async def test_an_index_is_listed_without_what_the_server_filled_in(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    filled_in = {
        "caseLevel": False,
        "caseFirst": "off",
        "numericOrdering": False,
        "alternate": "non-ignorable",
        "maxVariable": "punct",
        "normalization": False,
        "backwards": False,
        "version": "57.1",
    }
    server.replies["listIndexes"].append(
        server.found(
            {"v": 2, "key": {"_id": 1}, "name": "_id_"},
            {
                "v": 2,
                "key": {"name": 1.0},
                "name": "name_1",
                "unique": True,
                "partialFilterExpression": {"a": {"$eq": 1}, "b": {"$exists": True}, "c": None},
                "expireAfterSeconds": 60,
                "collation": {"locale": "en", "strength": 2, **filled_in},
            },
            {"v": 2, "key": {"at": -1}, "name": "at_-1", "sparse": True},
            {
                "v": 2,
                "key": {"place": "2dsphere"},
                "name": "place_2dsphere",
                "2dsphereIndexVersion": 3,
            },
            {
                "v": 2,
                "key": {"mot": 1},
                "name": "mot_1",
                "collation": {"locale": "fr_CA", "strength": 3, **filled_in, "backwards": True},
            },
        )
    )

    assert await scripted.indexes("users") == [
        Index(
            fields=(("name", 1),),
            unique=True,
            partial={"a": 1, "b": {"$exists": True}, "c": None},
            expire_after=60,
            collation={"locale": "en", "strength": 2},
        ),
        Index(fields=(("at", -1),), sparse=True),
        Index(fields=(("place", "2dsphere"),)),  # type: ignore[arg-type]  # of another program
        Index(fields=(("mot", 1),), collation={"locale": "fr_CA"}),
    ]


async def test_an_index_or_a_collection_that_is_not_there_is_dropped_without_an_error(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    for code in (26, 27):
        server.replies["dropIndexes"].append({"ok": 0, "code": code, "errmsg": "not found"})
        await scripted.drop_index("users", "name_1")
    server.replies["drop"].append({"ok": 0, "code": 26, "errmsg": "ns not found"})
    await scripted.drop_collection("users")
    server.replies["dropIndexes"].append({"ok": 0, "code": 13, "errmsg": "not authorized"})
    with pytest.raises(OperationFailure, match="not authorized"):
        await scripted.drop_index("users", "name_1")


async def test_collections_are_listed_without_views_and_the_servers_own(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["listCollections"].append(
        server.found({"name": "users"}, {"name": "system.views"}, {"name": "orders"})
    )

    assert await scripted.collections() == ["orders", "users"]
    assert server.last("listCollections")["filter"] == {"type": {"$ne": "view"}}
