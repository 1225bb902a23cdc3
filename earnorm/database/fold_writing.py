"""Writes a fold, in an order in which nothing is lost wherever the process is killed, and takes away what it replaces."""

from collections.abc import Sequence

from earnorm.database.history_collection import BATCH, COLLECTION, find_stored, insert_stored
from earnorm.database.stored_parts import StoredParts
from earnorm.stores import Store
from earnorm.typing import Document

__all__ = ["sweep", "write_fold"]


async def write_fold(store: Store, parts: StoredParts) -> bool:
    """Writes folded entries, then their checkpoint in the place of the last one; False where something else is there.

    With the checkpoint the fold is done. Before, the folded entries are nothing.
    """
    assert parts.checkpoint is not None  # there is nothing to write without one
    await _insert_folded(store, parts.folded, parts.checkpoint["_id"])
    place = {"_id": parts.checkpoint["_id"], "hash": parts.checkpoint["head"]}
    result = await store.replace(COLLECTION, place, parts.checkpoint)
    if result.matched:
        return True
    if await insert_stored(store, [parts.checkpoint]):
        return True
    # another process may have folded as far as we do
    return await find_stored(store, {"_id": parts.checkpoint["_id"]}) == [parts.checkpoint]


async def sweep(store: Store) -> None:
    """Takes away what the newest checkpoint stands for: the entries before it, and folded ones with a newer one."""
    checkpoints = {"_id": {"$gt": 0}, "digest": {"$exists": True}}
    found = await find_stored(store, checkpoints, {"_id": 1})
    if not found:
        return
    last = found[-1]["_id"]
    await store.delete(COLLECTION, {"_id": {"$gt": 0, "$lt": last}})
    folded = await find_stored(store, _up_to(last), {"key": 1})
    # the smallest `_id` of a model is that of its newest
    newest = {one["key"]: one["_id"] for one in reversed(folded)}
    old = [one["_id"] for one in folded if one["_id"] != newest[one["key"]]]
    for start in range(0, len(old), BATCH):
        await store.delete(COLLECTION, {"_id": {"$in": old[start : start + BATCH]}})


async def _insert_folded(store: Store, folded: Sequence[Document], last: int) -> None:
    """Inserts those that are not there yet; what is there in the place of one, and is another, was damaged."""
    while True:
        there = {one["_id"]: one for one in await find_stored(store, _up_to(last))}
        for one in folded:
            if one != there.get(one["_id"], one):
                await store.replace(COLLECTION, {"_id": one["_id"]}, one)
        missing = [one for one in folded if one["_id"] not in there]
        # what another process inserts meanwhile is held against ours too
        if await insert_stored(store, missing) == len(missing):
            return


def _up_to(last: int) -> Document:
    """Matches the folded entries up to a revision."""
    return {"_id": {"$gte": -last, "$lt": 0}}
