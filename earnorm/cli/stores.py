"""Stores that commands open, and close whatever happens."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from earnorm.database import DATABASE_URL, DEFAULT_URL
from earnorm.errors import UnsupportedError
from earnorm.stores import Capability, MaintainedStore, Store, open_store

__all__ = ["chosen_url", "maintained", "opened"]


def chosen_url(url: str | None) -> str:
    """The URL that was given, or the one that `connect()` would use."""
    return url or os.environ.get(DATABASE_URL) or DEFAULT_URL


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """The store, within the block."""
    store = await open_store(url)
    try:
        yield store
    finally:
        await store.aclose()


def maintained(store: Store, what: str, remedy: str) -> MaintainedStore:
    """The store as one whose file is ours; raises `UnsupportedError` for what is none."""
    if Capability.MAINTENANCE not in store.capabilities:
        raise UnsupportedError(what, where=store.name, remedy=remedy)
    return cast(MaintainedStore, store)
