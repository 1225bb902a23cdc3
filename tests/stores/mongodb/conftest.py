from collections.abc import AsyncIterator

import pytest

from earnorm.stores.mongodb import MongoStore, open_mongodb
from tests.stores.mongodb.scripted_server import ScriptedServer


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """A replica set of one that answers from a script."""
    async with ScriptedServer() as server:
        yield server


@pytest.fixture
async def scripted(server: ScriptedServer) -> AsyncIterator[MongoStore]:
    """The store on the scripted server."""
    store = await open_mongodb(server.url())
    yield store
    await store.aclose()


@pytest.fixture
async def store(mongodb_url: str) -> AsyncIterator[MongoStore]:
    """The store in an empty database of a server, or of a stand-in."""
    store = await open_mongodb(mongodb_url)
    yield store
    await store.aclose()
