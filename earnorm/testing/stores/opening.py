"""How the suite comes by an empty store, and what a store says that it does not do."""

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType

import pytest_asyncio

from earnorm.stores.protocol import Store

__all__ = ["OpensStore"]


class OpensStore:
    """Opens an empty store for each test, and closes it afterwards.

    A key of `unsupported` and of `skipped` is an area (`"aggregation"`), a group of cases
    (`"filters/$jsonSchema"`) or a single case (`"filters/arrays/$size"`), as test ids show them. The value is the reason.
    """

    unsupported: Mapping[str, str] = MappingProxyType({})
    """What the store refuses: these cases must raise `UnsupportedError`."""

    skipped: Mapping[str, str] = MappingProxyType({})
    """What cannot be asked of the store, for a server that is not ours: these cases are not run."""

    async def open_store(self) -> Store:
        """An open, empty store. Override this, or the fixture `store` if that needs other fixtures."""
        raise NotImplementedError(
            f"{type(self).__qualname__} does not say which store it tests. Give it a coroutine "
            "'open_store(self)' that returns an open, empty store, or a fixture 'store'."
        )

    @pytest_asyncio.fixture
    async def store(self) -> AsyncIterator[Store]:
        """An empty store, closed after the test."""
        store = await self.open_store()
        yield store
        await store.aclose()
