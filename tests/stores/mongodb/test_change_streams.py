"""What a change stream sends and gives: the server's part is unproven without a real one."""

import asyncio
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from earnorm import StoreClosedError, UnsupportedError
from earnorm.stores.mongodb import MongoStore, open_mongodb
from earnorm.typing import OperationOptions
from tests.stores.mongodb.scripted_server import STANDALONE, ScriptedServer


def token(n: int) -> dict[str, Any]:
    return {"_data": f"token {n}"}


def change(n: int) -> dict[str, Any]:
    return {"_id": token(n), "operationType": "insert", "documentKey": {"_id": n}}


def opened(*changes: dict[str, Any], last: int = 0) -> dict[str, Any]:
    cursor = {"id": 4711, "ns": "shop.users", "firstBatch": [*changes]}
    return {"ok": 1, "cursor": {**cursor, "postBatchResumeToken": token(last)}}


def more(*changes: dict[str, Any], last: int) -> dict[str, Any]:
    cursor = {"id": 4711, "ns": "shop.users", "nextBatch": [*changes]}
    return {"ok": 1, "cursor": {**cursor, "postBatchResumeToken": token(last)}}


async def test_changes_come_one_by_one_and_say_from_where_to_go_on(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["aggregate"].append(opened())
    server.replies["getMore"].extend([more(last=1), more(change(2), change(3), last=5)])

    async with scripted.watch("users") as stream:
        assert stream.resume_token == token(0)
        assert await anext(stream) == change(2)
        assert stream.resume_token == token(2)
        assert await anext(stream) == change(3)
        assert stream.resume_token == token(5)

    assert server.closed_cursors == [4711]
    assert server.last("aggregate")["pipeline"] == [{"$changeStream": {}}]


async def test_a_stream_is_opened_with_its_options(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["aggregate"].append(opened())
    stages = [{"$match": {"operationType": "insert"}}]
    options = OperationOptions(comment="who asks", batch_size=3, read_concern="majority")

    async with scripted.watch(
        "users",
        pipeline=stages,
        resume_after=token(7),
        full_document="updateLookup",
        options=options,
    ):
        pass

    command = server.last("aggregate")
    first = {"$changeStream": {"fullDocument": "updateLookup", "resumeAfter": token(7)}}
    assert command["pipeline"] == [first, *stages]
    assert command["cursor"] == {"batchSize": 3}
    assert command["comment"] == "who asks"
    assert command["readConcern"] == {"level": "majority"}


async def test_without_a_collection_it_is_of_the_whole_database(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["aggregate"].append(opened(change(1), last=1))

    async with scripted.watch() as stream:
        assert await anext(stream) == change(1)

    assert server.last("aggregate")["aggregate"] == 1
    assert server.last("aggregate")["$db"] == "shop"


async def test_a_stream_goes_on_by_itself_after_a_lost_connection(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["aggregate"].extend([opened(change(1), last=1), opened(change(2), last=2)])
    server.replies["getMore"].append(None)

    async with scripted.watch("users") as stream:
        assert [await anext(stream), await anext(stream)] == [change(1), change(2)]

    first, second = (command for command in server.commands if "aggregate" in command)
    assert "resumeAfter" not in first["pipeline"][0]["$changeStream"]
    assert second["pipeline"][0]["$changeStream"]["resumeAfter"] == token(1)


async def test_who_stops_waiting_loses_no_change(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["aggregate"].append(opened())
    server.replies["getMore"].append(more(change(1), change(2), last=2))
    server.hold = "getMore"

    async with scripted.watch("users") as stream:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(stream)
        server.release.set()
        await asyncio.sleep(0.05)
        assert stream.resume_token == token(0)
        assert await anext(stream) == change(1)
        assert stream.resume_token == token(1)
        assert await anext(stream) == change(2)

    assert server.names() == ["aggregate", "getMore"]


async def test_tasks_that_wait_at_once_get_different_changes(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["aggregate"].append(opened(change(1), change(2), last=2))

    async with scripted.watch("users") as stream:
        both = await asyncio.gather(anext(stream), anext(stream))
        assert list(both) == [change(1), change(2)]


async def test_a_block_is_left_at_once_while_the_server_is_silent(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    server.replies["aggregate"].append(opened())
    server.hold = "getMore"

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), scripted.watch("users") as stream:
            await anext(stream)

    await asyncio.wait_for(scripted.aclose(), 2)
    server.release.set()


async def test_a_token_that_is_too_old_keeps_the_code_of_the_server(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    lost = {"ok": 0, "code": 286, "errmsg": "Resume of change stream was not possible"}
    server.replies["aggregate"].append(lost)

    with pytest.raises(OperationFailure, match="Resume of change stream") as caught:
        async with scripted.watch("users", resume_after=token(1)):
            pass

    assert caught.value.code == 286


async def test_one_server_alone_has_no_change_streams() -> None:
    async with ScriptedServer(STANDALONE) as server:
        store = await open_mongodb(server.url())
        with pytest.raises(UnsupportedError, match="watching for changes.* a standalone"):
            store.watch("users")
        await store.aclose()


async def test_closing_the_store_ends_a_stream_that_waits(server: ScriptedServer) -> None:
    store = await open_mongodb(server.url())
    server.replies["aggregate"].append(opened())
    server.hold = "getMore"
    server.replies["getMore"].append(more(last=1))

    async def watch() -> None:
        async with store.watch("users") as stream:
            await anext(stream)

    waiting = asyncio.create_task(watch())
    await server.held.wait()
    closing = asyncio.create_task(store.aclose())
    await asyncio.sleep(0)
    assert not closing.done(), "the question that is under way is waited for"
    server.release.set()

    with pytest.raises(StoreClosedError):
        await waiting
    await closing
