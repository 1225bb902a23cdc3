from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from earnorm.stores.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store's file may be made."""
    return tmp_path / "store.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    """An empty store in a file."""
    store = await SqliteStore.open(str(path), name=f"sqlite:///{path}")
    yield store
    await store.aclose()


@pytest.fixture(params=["file", "memory"])
async def either(path: Path, request: pytest.FixtureRequest) -> AsyncIterator[SqliteStore]:
    """An empty store in a file, then one in memory."""
    place = str(path) if request.param == "file" else None
    store = await SqliteStore.open(place, name=f"a store in {request.param}", busy_timeout=0.5)
    yield store
    await store.aclose()
