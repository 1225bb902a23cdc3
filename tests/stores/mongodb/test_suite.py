"""The published suite over the wire, on a real server or on what stands in for one."""

from collections.abc import AsyncIterator

import pytest

from earnorm.stores import Store
from earnorm.stores.mongodb import open_mongodb
from earnorm.testing import StoreSuite
from tests.mongodb_servers.server import MongoServer
from tests.stores.mongodb.deviations import DEVIATIONS


class TestOverTheWire(StoreSuite):
    @pytest.fixture(autouse=True)
    def deviations(self, mongodb_server: MongoServer) -> None:
        if mongodb_server.kind == "ferretdb":
            pytest.skip(
                "its database takes ten minutes for the suite: it answers the differential test"
            )
        # A real server is not in the list: nothing is skipped there.
        self.skipped = DEVIATIONS.get(mongodb_server.kind, {})

    @pytest.fixture
    async def store(self, mongodb_url: str) -> AsyncIterator[Store]:
        store = await open_mongodb(mongodb_url)
        yield store
        await store.aclose()
