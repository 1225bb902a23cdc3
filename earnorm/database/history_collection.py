"""The collection of a stored history: what is found there, and what is inserted unless its place is taken."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from pymongo.errors import BulkWriteError, DuplicateKeyError

from earnorm.stores import Store
from earnorm.typing import Document, MutableDocument, OperationOptions

__all__ = ["BATCH", "COLLECTION", "CURRENT", "HEAD", "NUMBERED", "find_stored", "insert_stored"]

COLLECTION: Final = "earnorm_registry"
"""Where a database keeps the history of its models."""

HEAD: Final = "head"
"""The `_id` of the document that says up to where the history goes at least."""

NUMBERED: Final[Document] = {"_id": {"$gt": float("-inf")}}
"""Matches entries and checkpoints, whose `_id` is a number, and nothing else: `$gt` compares numbers with numbers only."""

CURRENT: Final = OperationOptions(read_preference="primary")
"""Who appends must see the end, and the other members lag behind the primary."""

BATCH: Final = 500
"""How many documents are inserted at once."""


async def find_stored(
    store: Store, filter: Document, projection: Document | None = None
) -> list[MutableDocument]:
    """The documents that match, in the order of their `_id`."""
    found = store.find(
        COLLECTION, filter, sort=[("_id", 1)], projection=projection, options=CURRENT
    )
    async with aclosing(found):
        return [document async for batch in found for document in batch]


async def insert_stored(store: Store, documents: Sequence[Document]) -> int:
    """Inserts the documents in their order until one is there already; returns how many were inserted."""
    done = 0
    for start in range(0, len(documents), BATCH):
        batch = documents[start : start + BATCH]
        inserted = await _insert(store, batch)
        done += inserted
        if inserted < len(batch):
            break
    return done


async def _insert(store: Store, batch: Sequence[Document]) -> int:
    try:
        await store.insert(COLLECTION, batch)
    except (BulkWriteError, DuplicateKeyError) as error:
        details: Mapping[str, Any] = error.details or {}
        faults = details.get("writeErrors", [details])
        # none of them: all was inserted, and the server could not do what the write concern asks
        if not faults or any(fault.get("code", _DUPLICATE) != _DUPLICATE for fault in faults):
            raise
        # a batch that is atomic says so by having inserted nothing
        return int(details.get("nInserted", 0))
    return len(batch)


_DUPLICATE: Final = 11000
