"""The published suite over the wire, on a real server or on what stands in for one."""

from collections.abc import AsyncIterator

import pytest

from earnorm.stores import Store
from earnorm.stores.mongodb import open_mongodb
from earnorm.testing import StoreSuite


class TestOverTheWire(StoreSuite):
    @pytest.fixture
    async def store(self, mongodb_url: str) -> AsyncIterator[Store]:
        store = await open_mongodb(mongodb_url)
        yield store
        await store.aclose()
