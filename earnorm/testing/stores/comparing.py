"""Compares documents as stored: types, order of keys and all, not only what Python calls equal."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import bson
from bson import Regex
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

from earnorm.stores.protocol import Documents
from earnorm.typing import Document, MutableDocument

__all__ = ["all_of", "exact", "fill", "ids", "stored"]

_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)


def exact(value: object) -> str:
    """A text that is the same only for values of the same BSON, which tells 1 from 1.0 and -0.0 from 0.0."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {exact(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(exact, value)) + "]"
    encoded = bson.encode({"": value}, codec_options=_OPTIONS)
    # zones that are UTC, and flags of expressions, are shown in several ways
    shown = type(value).__name__ if isinstance(value, datetime | Regex) else repr(value)[:200]
    return f"{shown} <{encoded[4]}:{encoded[6:-1].hex()}>"


async def all_of(
    store: Documents, collection: str = "c", filter: Document | None = None, **arguments: Any
) -> list[MutableDocument]:
    """The documents that a filter finds, the batches of `find` put together."""
    batches = store.find(collection, filter or {}, **arguments)
    return [document async for batch in batches for document in batch]


async def fill(store: Documents, documents: Iterable[Document], collection: str = "c") -> None:
    """Stores the documents."""
    if several := list(documents):
        await store.insert(collection, several)


async def ids(
    store: Documents, filter: Document, *, collection: str = "c", **arguments: Any
) -> list[Any]:
    """The ids of what a filter finds: as sorted by the arguments, else in their own order."""
    arguments.setdefault("sort", [("_id", 1)])
    return [one["_id"] for one in await all_of(store, collection, filter, **arguments)]


async def stored(store: Documents, identity: Any, collection: str = "c") -> MutableDocument:
    """The document with this `_id`, which must be there."""
    found: Sequence[MutableDocument] = await all_of(store, collection, {"_id": identity})
    assert len(found) == 1, f"{len(found)} documents have the _id {identity!r}"
    return found[0]
