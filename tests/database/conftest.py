"""A registry of its own for each test, so that nothing leaks into the default one; a store that counts."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest

from earnorm import Database, ModelRegistry
from earnorm.stores import UpdateResult, open_store


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("a test")


class CountingStore:
    """Passes every call on. `finds` and `writes` name the collections, `largest` is the largest batch."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.finds: list[str] = []
        self.writes: list[tuple[str, str]] = []
        self.largest = 0

    async def find(
        self, collection: str, *args: Any, **kwargs: Any
    ) -> AsyncGenerator[list[dict[str, Any]], None]:
        self.finds.append(collection)
        async for batch in self._store.find(collection, *args, **kwargs):
            self.largest = max(self.largest, len(batch))
            yield batch

    async def update(self, collection: str, *args: Any, **how: Any) -> UpdateResult:
        self.writes.append(("update", collection))
        result: UpdateResult = await self._store.update(collection, *args, **how)
        return result

    async def delete(self, collection: str, *args: Any, **how: Any) -> int:
        self.writes.append(("delete", collection))
        deleted: int = await self._store.delete(collection, *args, **how)
        return deleted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def forget(self) -> None:
        """Counts from here on."""
        self.finds.clear()
        self.writes.clear()
        self.largest = 0


@pytest.fixture
async def counted(home: ModelRegistry) -> AsyncIterator[Any]:
    """The store, in memory, of the models of `home`, which counts."""
    store: Any = CountingStore(await open_store("sqlite://"))
    home.database = Database(store, home)
    yield store
    await store.aclose()
