"""What a transaction sends, and how its failures arrive: the server's part is unproven without a real one."""

from typing import Any

import pytest
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from earnorm import InvalidDocumentError, StoreClosedError, TransactionError, UnsupportedError
from earnorm.stores.mongodb import MongoStore, open_mongodb
from earnorm.typing import OperationOptions
from tests.stores.mongodb.scripted_server import STANDALONE, ScriptedServer

DONE = {"ok": 1, "n": 1, "nModified": 1}
CONFLICT = {
    "ok": 0,
    "code": 112,
    "codeName": "WriteConflict",
    "errmsg": "Write conflict during plan execution and yielding is disabled.",
    "errorLabels": ["TransientTransactionError"],
}


def part(command: dict[str, Any]) -> tuple[Any, ...]:
    """Where in which transaction the command belongs."""
    names = ("txnNumber", "startTransaction", "autocommit")
    return (command["lsid"]["id"], *(command.get(name) for name in names))


async def test_the_operations_of_a_transaction_are_one_transaction_of_one_session(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].append(DONE)
    server.replies["find"].append(server.found({"_id": 1}))

    transaction = await scripted.begin()
    assert server.commands == [], "the server hears of it with the first operation"
    await transaction.insert("users", [{"_id": 1}])
    assert [batch async for batch in transaction.find("users", {})] == [[{"_id": 1}]]
    await transaction.commit()

    assert server.names() == ["insert", "find", "commitTransaction"]
    first, second, commit = server.commands
    session, number = part(first)[:2]
    assert part(first) == (session, number, True, False)
    assert part(second) == (session, number, None, False)
    assert part(commit) == (session, number, None, False)
    assert commit["$db"] == "admin"


async def test_the_concerns_of_a_transaction_count_and_those_of_its_operations_do_not(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].append(DONE)
    server.replies["find"].append(server.found())
    own = OperationOptions(read_concern="local", write_concern=1, comment="mine")

    transaction = await scripted.begin(
        options=OperationOptions(read_concern="snapshot", write_concern="majority", max_time=2)
    )
    await transaction.insert("users", [{"_id": 1}], options=own)
    assert [batch async for batch in transaction.find("users", {}, options=own)] == []
    await transaction.commit()

    first, second, commit = server.commands
    assert first["readConcern"]["level"] == "snapshot"
    assert "writeConcern" not in first
    assert "readConcern" not in second
    assert (first["comment"], second["comment"]) == ("mine", "mine")
    assert commit["writeConcern"] == {"w": "majority"}
    assert commit["maxTimeMS"] == 2000


async def test_a_transaction_reads_from_the_primary_whatever_the_url_prefers(
    server: ScriptedServer,
) -> None:
    store = await open_mongodb(server.url("readPreference=secondaryPreferred"))
    server.replies["find"].append(server.found({"_id": 1}))

    transaction = await store.begin()
    assert [batch async for batch in transaction.find("users", {})] == [[{"_id": 1}]]
    await transaction.abort()
    await store.aclose()

    assert "$readPreference" not in server.last("find")


async def test_another_read_preference_is_refused(scripted: MongoStore) -> None:
    with pytest.raises(UnsupportedError, match="'nearest' in a transaction.*primary"):
        await scripted.begin(options=OperationOptions(read_preference="nearest"))


async def test_an_abort_is_sent_and_a_second_one_is_not(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].append(DONE)

    transaction = await scripted.begin()
    await transaction.insert("users", [{"_id": 1}])
    await transaction.abort()
    await transaction.abort()

    assert server.names() == ["insert", "abortTransaction"]


async def test_a_transaction_without_operations_sends_nothing(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    await (await scripted.begin()).commit()
    await (await scripted.begin()).abort()

    assert server.commands == []


async def test_an_abort_that_does_not_arrive_is_no_error(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].append(DONE)
    server.replies["abortTransaction"].extend([None, None])

    transaction = await scripted.begin()
    await transaction.insert("users", [{"_id": 1}])
    await transaction.abort()

    assert server.names() == ["insert", "abortTransaction", "abortTransaction"]


async def test_a_conflict_keeps_its_code_and_its_label(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["update"].append(CONFLICT)

    transaction = await scripted.begin()
    with pytest.raises(OperationFailure, match="Write conflict") as caught:
        await transaction.update("users", {"_id": 1}, {"$inc": {"n": 1}})
    await transaction.abort()

    assert caught.value.code == 112
    assert caught.value.has_error_label("TransientTransactionError")
    assert server.names() == ["update", "abortTransaction"]


async def test_a_lost_connection_in_a_transaction_may_be_tried_again_as_a_whole(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["update"].append(None)

    transaction = await scripted.begin()
    with pytest.raises(AutoReconnect) as caught:
        await transaction.update("users", {"_id": 1}, {"$inc": {"n": 1}})
    await transaction.abort()

    assert caught.value.has_error_label("TransientTransactionError")
    assert server.names().count("update") == 1, "a part of a transaction is not tried again alone"


async def test_a_commit_of_which_nothing_is_known_is_sent_again_with_a_majority(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].append(DONE)
    server.replies["commitTransaction"].extend([None, None, {"ok": 1}])

    transaction = await scripted.begin()
    await transaction.insert("users", [{"_id": 1}])
    with pytest.raises(PyMongoError) as caught:
        await transaction.commit()
    assert caught.value.has_error_label("UnknownTransactionCommitResult")
    assert not caught.value.has_error_label("TransientTransactionError")
    await transaction.commit()

    *_, first, second, third = server.commands
    assert part(first) == part(second) == part(third)
    assert "writeConcern" not in first
    assert third["writeConcern"]["w"] == "majority"


async def test_after_a_commit_that_failed_an_abort_sends_nothing(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].append(DONE)
    gone = {"code": 251, "codeName": "NoSuchTransaction", "errmsg": "Transaction was aborted"}
    server.replies["commitTransaction"].append({**CONFLICT, **gone})

    transaction = await scripted.begin()
    await transaction.insert("users", [{"_id": 1}])
    with pytest.raises(OperationFailure) as caught:
        await transaction.commit()
    await transaction.abort()

    assert caught.value.code == 251
    assert caught.value.has_error_label("TransientTransactionError")
    assert server.names() == ["insert", "commitTransaction"]


async def test_a_fault_in_a_batch_is_an_error_of_its_own_as_the_whole_is_undone(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    fault = {"index": 1, "code": 11000, "errmsg": "E11000", "keyPattern": {"a": 1}, "keyValue": {}}
    server.replies["insert"].append({"ok": 1, "n": 1, "writeErrors": [fault]})

    transaction = await scripted.begin()
    with pytest.raises(OperationFailure) as caught:
        await transaction.insert("users", [{"_id": 1}, {"_id": 2}])
    await transaction.abort()

    assert caught.value.details == fault


DUPLICATE = {"index": 0, "code": 11000, "errmsg": "E11000", "keyPattern": {"a": 1}, "keyValue": {}}


@pytest.mark.parametrize(
    ("reply", "is_transient"),
    [({"ok": 1, "n": 0, "writeErrors": [DUPLICATE]}, False), (CONFLICT, True)],
)
async def test_after_a_refusal_nothing_is_sent_and_only_a_conflict_is_to_be_run_again(
    scripted: MongoStore, server: ScriptedServer, reply: dict[str, Any], is_transient: bool
) -> None:
    server.replies["insert"].append(reply)

    transaction = await scripted.begin()
    with pytest.raises(OperationFailure):
        await transaction.insert("users", [{"_id": 1}])
    for use in (
        transaction.insert("users", [{"_id": 2}]),
        anext(transaction.find("users", {})),
        transaction.count("users", {}),
        transaction.commit(),
    ):
        with pytest.raises(OperationFailure, match="was aborted") as caught:
            await use
        assert caught.value.code == 251
        assert caught.value.has_error_label("TransientTransactionError") is is_transient
    await transaction.abort()

    assert server.names() == ["insert", "abortTransaction"]


async def test_what_is_refused_before_it_is_sent_leaves_the_transaction_open(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].append(DONE)

    transaction = await scripted.begin()
    with pytest.raises(InvalidDocumentError):
        await transaction.insert("users", [{"_id": 1, "set": {1, 2}}])
    await transaction.insert("users", [{"_id": 1}])
    await transaction.commit()

    assert server.names() == ["insert", "commitTransaction"]


async def test_closing_the_store_aborts_what_is_open(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["insert"].append(DONE)

    transaction = await scripted.begin()
    await transaction.insert("users", [{"_id": 1}])
    await scripted.aclose()

    assert server.names() == ["insert", "abortTransaction"]
    for operation in (transaction.insert("users", [{"_id": 2}]), transaction.commit()):
        with pytest.raises(StoreClosedError):
            await operation
    await transaction.abort()


@pytest.mark.parametrize("end", ["commit", "abort"])
async def test_a_transaction_that_has_ended_is_not_used_again(
    scripted: MongoStore, server: ScriptedServer, end: str
) -> None:
    server.replies["insert"].append(DONE)
    transaction = await scripted.begin()
    await transaction.insert("users", [{"_id": 1}])
    await getattr(transaction, end)()
    sent = len(server.commands)

    with pytest.raises(TransactionError, match="has ended. Begin another one"):
        await transaction.insert("users", [{"_id": 2}])
    with pytest.raises(TransactionError, match="has ended"):
        await transaction.commit()
    assert len(server.commands) == sent


async def test_one_server_alone_has_no_transactions() -> None:
    async with ScriptedServer(STANDALONE) as server:
        store = await open_mongodb(server.url())
        with pytest.raises(UnsupportedError, match="a standalone.* as a replica set"):
            await store.begin()
        await store.aclose()


async def test_explain_is_asked_from_outside_the_transaction(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["explain"].append({"ok": 1, "queryPlanner": {}})

    transaction = await scripted.begin()
    await transaction.explain("users", {})
    await transaction.abort()

    assert "txnNumber" not in server.last("explain")
