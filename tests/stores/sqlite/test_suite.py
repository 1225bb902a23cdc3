"""The published suite, on the embedded store: nothing is left out."""

from pathlib import Path

import pytest

from earnorm.stores import Store
from earnorm.stores.sqlite import SqliteStore
from earnorm.testing import StoreSuite

pytestmark = pytest.mark.once  # of the rules, which are the same on every Python


class TestInFile(StoreSuite):
    @pytest.fixture(autouse=True)
    def path(self, tmp_path: Path) -> None:
        self.file = tmp_path / "suite.db"

    async def open_store(self) -> Store:
        return await SqliteStore.open(str(self.file), name="the store under test")


class TestInMemory(StoreSuite):
    async def open_store(self) -> Store:
        return await SqliteStore.open(None, name="the store under test")
