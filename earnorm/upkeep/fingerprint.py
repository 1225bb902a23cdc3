"""Hashes of collections that both kinds of stores can give, whatever the order of their documents."""

import hashlib
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Any, Final

from earnorm.stores import Store
from earnorm.stores.documents import encode, key_bytes
from earnorm.typing import Document, OperationOptions
from earnorm.upkeep.copy_report import Difference

__all__ = ["CURRENT", "Fingerprint", "find_differences", "fingerprint_of"]

CURRENT: Final = OperationOptions(read_preference="primary")
"""Of a copy, everything is read from the primary, whatever a URL prefers: the other members lag behind."""

BUCKETS: Final = 4096
"""Into so many parts the documents of a collection are divided by their `_id`."""


class Fingerprint:
    """How many documents there are, and a sum of the hashes of their BSON, for each part and for all."""

    def __init__(self) -> None:
        self.documents = 0
        self._sums = [0] * BUCKETS

    def add(self, document: Document) -> None:
        """Counts one document in."""
        self.documents += 1
        bucket = _bucket(document["_id"])
        self._sums[bucket] = (self._sums[bucket] + _number(document)) % _MODULUS

    @property
    def digest(self) -> str:
        """The hash of the whole."""
        return f"{sum(self._sums) % _MODULUS:064x}"

    def differing(self, other: "Fingerprint") -> frozenset[int]:
        """The parts in which the two differ."""
        pairs = enumerate(zip(self._sums, other._sums, strict=True))
        return frozenset(bucket for bucket, (one, two) in pairs if one != two)


async def fingerprint_of(
    batches: AsyncIterator[Sequence[Document]], tell: Callable[[int], None]
) -> Fingerprint:
    """The fingerprint of a collection's documents; `tell` hears after each batch how many there are so far."""
    found = Fingerprint()
    async for batch in batches:
        for document in batch:
            found.add(document)
        tell(found.documents)
    return found


async def find_differences(
    source: Store, target: Store, collection: str, buckets: Collection[int]
) -> list[Difference]:
    """The documents of these parts that differ, in the order of their `_id`s; reads both collections anew."""
    if not buckets:
        return []
    ours = {key: (id, number) async for key, id, number in _within(source, collection, buckets)}
    differences: dict[bytes, Difference] = {}
    async for key, id, number in _within(target, collection, buckets):
        known = ours.pop(key, None)
        if known is None:
            differences[key] = Difference(kind="extra", id=id)
        elif known[1] != number:
            differences[key] = Difference(kind="changed", id=id)
    for key, (id, _) in ours.items():
        differences[key] = Difference(kind="missing", id=id)
    return [differences[key] for key in sorted(differences)]


_MODULUS: Final = 2**256


async def _within(
    store: Store, collection: str, buckets: Collection[int]
) -> AsyncIterator[tuple[bytes, Any, int]]:
    async for batch in store.find(collection, {}, options=CURRENT):
        for document in batch:
            if _bucket(document["_id"]) in buckets:
                yield key_bytes(document["_id"]), document["_id"], _number(document)


def _bucket(id: Any) -> int:
    return zlib.crc32(key_bytes(id)) % BUCKETS


def _number(document: Document) -> int:
    # MongoDB puts `_id` first, wherever it was.
    ordered = {"_id": document["_id"], **document}
    return int.from_bytes(hashlib.sha256(encode(ordered)).digest())
