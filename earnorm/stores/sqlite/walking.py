"""Walks through the ranges of an index, one after the other or merged into one order."""

import heapq
import sqlite3
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.plans import IndexScan, Order
from earnorm.stores.sqlite.seen import SeenRids
from earnorm.stores.sqlite.segments import KeyRange, inverted
from earnorm.stores.sqlite.statements import Walk

__all__ = ["MergedSource", "StoredRow", "WalkSource", "up_to_bytes"]

StoredRow = tuple[int, bytes]
"""A rid and the BSON of its document."""


class WalkSource:
    """The documents of the entries in the ranges of an index, each once, in the order of the entries.

    Also of a document that is changed meanwhile, whose entries may be met once more.
    """

    def __init__(self, scan: IndexScan, seen: SeenRids) -> None:
        backward = scan.order is Order.BACKWARD
        walk = scan.index.walk.documents
        self._ranges = [
            _Stretch(walk, bounds, backward=backward)
            for bounds in (reversed(scan.ranges) if backward else scan.ranges)
        ]
        self._ranges.reverse()
        self._seen = seen
        self.exhausted = not self._ranges
        self.examined_keys = 0

    def take(self, connection: sqlite3.Connection, most: int) -> list[StoredRow]:
        """Up to `most` of the next documents."""
        taken: list[StoredRow] = []
        read = 0
        is_cut = False
        while self._ranges and read < most and not is_cut:
            stretch = self._ranges[-1]
            rows, is_cut = up_to_bytes(stretch.open(connection, most - read))
            read += len(rows)
            taken += [(rid, encoded) for _, rid, encoded in rows if self._seen.add(rid)]
            if rows:
                stretch.place = rows[-1][:2]
            if read < most and not is_cut:
                self._ranges.pop()
        self.examined_keys += read
        self.exhausted = not self._ranges
        return taken


class MergedSource:
    """The documents of several ranges, each of which is in order, in that order, each once."""

    def __init__(self, collection: StoredCollection, scan: IndexScan) -> None:
        self.exhausted = not scan.ranges
        self._sql = collection.sql.at_rid
        self._backward = scan.order is Order.BACKWARD
        self._streams = [
            _Stream(
                _Stretch(scan.index.walk.keys, bounds, backward=self._backward),
                len(bounds[0]) - (scan.merged or 0),
            )
            for bounds in scan.ranges
        ]
        self._heads: list[tuple[bytes, int, int]] | None = None
        self._seen = SeenRids()
        self.examined_keys = 0

    def take(self, connection: sqlite3.Connection, most: int) -> list[StoredRow]:
        """Up to `most` of the next documents."""
        if self._heads is None:
            self._heads = []
            for position in range(len(self._streams)):
                self._push(connection, position)
        taken: list[StoredRow] = []
        size = read = 0
        while self._heads and read < most and size < _MOST_BYTES:
            _, turned_rid, position = heapq.heappop(self._heads)
            self._push(connection, position)
            read += 1
            rid = abs(turned_rid)
            row = connection.execute(self._sql, (rid,)).fetchone() if self._seen.add(rid) else None
            if row is not None:
                taken.append(row)
                size += len(row[1])
        self.exhausted = not self._heads
        self.examined_keys += read
        return taken

    def _push(self, connection: sqlite3.Connection, position: int) -> None:
        found = self._streams[position].next(connection)
        if found is not None and self._heads is not None:
            key, rid = found
            head = (inverted(key), -rid) if self._backward else (key, rid)
            heapq.heappush(self._heads, (*head, position))


class _Stretch:
    """One range, and how far it was read."""

    __slots__ = ("_backward", "_bounds", "_walk", "place")

    def __init__(self, walk: Walk, bounds: KeyRange, *, backward: bool) -> None:
        self._walk = walk
        self._bounds = bounds
        self._backward = backward
        self.place: tuple[bytes, int] | None = None

    def open(self, connection: sqlite3.Connection, most: int) -> sqlite3.Cursor:
        """A cursor over what comes next."""
        first, end = self._bounds
        walk = self._walk
        if self.place is None:
            sql = walk.last if self._backward else walk.first
            return connection.execute(sql, (first, end, most))
        if self._backward:
            return connection.execute(walk.before, (*self.place, first, most))
        return connection.execute(walk.after, (*self.place, end, most))


class _Stream:
    """The keys of one range without what they have in common, read a few at a time."""

    __slots__ = ("_buffer", "_cut", "_ended", "_stretch")

    def __init__(self, stretch: _Stretch, cut: int) -> None:
        self._stretch = stretch
        self._cut = cut
        self._buffer: deque[tuple[bytes, int]] = deque()
        self._ended = False

    def next(self, connection: sqlite3.Connection) -> tuple[bytes, int] | None:
        if not self._buffer and not self._ended:
            rows = self._stretch.open(connection, _KEYS).fetchall()
            self._ended = len(rows) < _KEYS
            if rows:
                self._stretch.place = rows[-1]
            self._buffer.extend((key[self._cut :], rid) for key, rid in rows)
        return self._buffer.popleft() if self._buffer else None


_KEYS: Final = 64
_MOST_BYTES: Final = 4 * 1024 * 1024


def up_to_bytes(cursor: sqlite3.Cursor) -> tuple[list[Any], bool]:
    """The rows, as many as fit into a few megabytes, and whether that cut them short; closes the cursor."""
    taken: list[Any] = []
    size = 0
    is_cut = False
    rows: Iterable[Any] = cursor
    for row in rows:
        taken.append(row)
        size += len(row[-1])
        if size >= _MOST_BYTES:
            is_cut = True
            break
    cursor.close()
    return taken, is_cut
