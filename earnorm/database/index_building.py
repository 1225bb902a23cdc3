"""Does one change of an index at a store, and tells how far it is."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast

from pymongo.errors import OperationFailure, PyMongoError

from earnorm.database.index_changes import IndexChange, describe_index
from earnorm.errors import IndexConflictError
from earnorm.stores import BuildingStore, Capability, IndexBuild, Store
from earnorm.typing import Index

__all__ = ["IndexProgress", "OnIndexProgress", "apply_change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexProgress:
    """How far `database.indexes.apply` is: `change` is the one of `changes`, counted from 1, at `position`.

    While a server builds and lets it be seen, `built` of `entries` say how far that is; else they are None.
    """

    change: IndexChange
    state: Literal["begun", "building", "done"]
    position: int
    changes: int
    built: int | None = None
    entries: int | None = None


OnIndexProgress: TypeAlias = Callable[[IndexProgress], None]
"""What is told of each step; it is called in the event loop, and should return soon."""


async def apply_change(
    store: Store, change: IndexChange, tell: Callable[[IndexBuild], None] | None = None
) -> None:
    """Drops, creates or rebuilds the index; waits until it is built.

    Raises `IndexConflictError` where another index is in the way, and what the store raises. The index that was to be
    rebuilt, and cannot be, is built again as it was.
    """
    if change.kind in ("changed", "extra"):
        await store.drop_index(change.collection, change.index.name)
    if change.kind == "extra":
        return
    try:
        await _create(store, change.collection, change.index, tell)
    except Exception as error:
        await _restore(store, change, error)
        if isinstance(error, OperationFailure) and error.code in _IN_THE_WAY:
            raise _conflict(change, error) from error
        raise


POLL_SECONDS: float = 1.0
"""How often a server is asked how far a build is."""

_DIRECTIONS: Final = (1, -1)
_IN_THE_WAY: Final = frozenset({85, 86})  # IndexOptionsConflict, IndexKeySpecsConflict


async def _create(
    store: Store, collection: str, index: Index, tell: Callable[[IndexBuild], None] | None
) -> None:
    if tell is None or Capability.INDEX_BUILDS not in store.capabilities:
        await store.create_index(collection, index)
        return
    building = asyncio.ensure_future(store.create_index(collection, index))
    try:
        while not (await asyncio.wait([building], timeout=POLL_SECONDS))[0]:
            for build in await _builds(store, collection):
                if build.index == index.name:
                    tell(build)
    except BaseException:
        # who asked was cancelled, or its listener failed: that is what is to be told
        building.cancel()
        await asyncio.wait([building])
        raise
    building.result()


async def _restore(store: Store, change: IndexChange, cause: Exception) -> None:
    stored = change.stored
    if stored is None or any(direction not in _DIRECTIONS for _, direction in stored.fields):
        return
    try:
        await store.create_index(change.collection, stored)
    except Exception as error:  # noqa: BLE001 # why it could not be rebuilt matters more
        cause.add_note(f"The index is gone, and could not be built again as it was: {error}")


async def _builds(store: Store, collection: str) -> list[IndexBuild]:
    watched = cast(BuildingStore, store)
    try:
        return await watched.index_builds(collection)
    except PyMongoError:
        # whether the build goes well, the build itself tells
        return []


def _conflict(change: IndexChange, error: OperationFailure) -> IndexConflictError:
    details: Any = error.details
    said = str((details or {}).get("errmsg") or error).rstrip(".")
    fault = (
        f"the index {change.index.name!r} of the collection {change.collection!r}, "
        f"{describe_index(change.index)}, cannot be created beside another one: {said}. Declare that one's "
        "name, or drop it: database.indexes.apply(drop=True) drops what no model declares."
    )
    return IndexConflictError(fault, collection=change.collection, index=change.index.name)
