"""A sort that no index gives: keys and row numbers in memory, up to a bound."""

import heapq
from typing import Final

from earnorm.stores.documents import Sorter, bad_value
from earnorm.typing import Document

__all__ = ["Sorting"]


class Sorting:
    """Collects documents by their sort keys, and keeps of them what can still be among the first."""

    def __init__(self, sorter: Sorter, most: int | None) -> None:
        self._sorter = sorter
        self._most = most
        self._found: list[tuple[bytes, int]] = []
        self._bytes = 0

    def add(self, document: Document, rid: int) -> None:
        """Adds a document; raises PyMongo's `OperationFailure` (292) when it is more than memory is for."""
        key = self._sorter(document)
        self._found.append((key, rid))
        self._bytes += len(key) + _OVERHEAD
        if self._most is not None and (
            len(self._found) >= 2 * self._most + _SLACK or self._bytes > _MOST_BYTES
        ):
            self._trim(self._most)
        if self._bytes > _MOST_BYTES:
            raise bad_value(
                f"the sort needs more than {_MOST_BYTES:,} bytes of memory. Create an index over the fields "
                "that it sorts by, or set a limit.",
                292,
            )

    def rids(self) -> list[int]:
        """The rids in order; of equals, the one that was stored first comes first."""
        if self._most is not None:
            self._trim(self._most)
        self._found.sort()
        return [rid for _, rid in self._found]

    def _trim(self, most: int) -> None:
        self._found = heapq.nsmallest(most, self._found)
        self._bytes = sum(len(key) + _OVERHEAD for key, _ in self._found)


_SLACK: Final = 1_000
_MOST_BYTES: Final = 100 * 1024 * 1024
"""MongoDB's bound for a sort that no index orders."""

_OVERHEAD: Final = 150
"""What a key and a row number take in Python beside the bytes of the key."""
