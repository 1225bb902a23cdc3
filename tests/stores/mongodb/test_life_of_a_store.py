import asyncio
from collections.abc import AsyncIterator

import pytest

from earnorm import StoreClosedError, WrongEventLoopError
from earnorm.stores.mongodb import MongoStore, open_mongodb
from tests.stores.mongodb.scripted_server import ScriptedServer


@pytest.fixture
async def opened(server: ScriptedServer) -> AsyncIterator[MongoStore]:
    """A store that the test closes."""
    store = await open_mongodb(server.url())
    yield store
    server.release.set()
    await store.aclose()


async def test_closing_waits_for_a_write_that_is_under_way(
    opened: MongoStore, server: ScriptedServer
) -> None:
    server.hold = "insert"
    server.replies["insert"].append({"ok": 1, "n": 1})
    writing = asyncio.create_task(opened.insert("users", [{"_id": 1}]))
    await server.held.wait()

    closing = asyncio.create_task(opened.aclose())
    await asyncio.sleep(0)
    assert not closing.done()
    with pytest.raises(StoreClosedError):
        await opened.count("users", {})
    server.release.set()
    await closing

    assert writing.done()
    assert writing.exception() is None


async def test_a_closed_store_says_so_and_may_be_closed_again(
    opened: MongoStore, server: ScriptedServer
) -> None:
    transaction = await opened.begin()
    await opened.aclose()
    await opened.aclose()

    for use in (
        opened.insert("users", [{"_id": 1}]),
        opened.count("users", {}),
        opened.begin(),
        opened.indexes("users"),
        opened.collections(),
        opened.describe(),
        transaction.insert("users", [{"_id": 1}]),
        anext(opened.find("users", {})),
        anext(opened.aggregate("users", [])),
        opened.watch("users").__aenter__(),
    ):
        with pytest.raises(StoreClosedError, match="is closed. Connect again"):
            await use
    assert server.commands == []


async def test_a_find_ends_where_the_store_was_closed(
    opened: MongoStore, server: ScriptedServer
) -> None:
    server.replies["find"].append(server.found({"_id": 1}, cursor=4711))
    batches = opened.find("users", {})
    assert await anext(batches) == [{"_id": 1}]
    await opened.aclose()

    with pytest.raises(StoreClosedError):
        await anext(batches)


async def test_another_event_loop_is_told_so(opened: MongoStore) -> None:
    async def use() -> None:
        for work in (opened.count("users", {}), opened.begin(), opened.aclose()):
            with pytest.raises(WrongEventLoopError, match="belongs to the event loop"):
                await work

    await asyncio.to_thread(asyncio.run, use())


async def test_a_cancelled_operation_is_no_longer_in_flight(
    opened: MongoStore, server: ScriptedServer
) -> None:
    server.hold = "find"
    reading = asyncio.create_task(anext(opened.find("users", {})))
    await server.held.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    await opened.aclose()
