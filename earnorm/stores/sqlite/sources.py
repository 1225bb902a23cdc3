"""Where the candidates of a filter come from: a scan, or a list of rids that a plan gave."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.planner import ById, FullScan, Plan, plan

__all__ = ["RidSource", "ScanSource", "Source", "open_source"]

StoredRow = tuple[int, bytes]
"""A rid and the BSON of its document."""


class Source(Protocol):
    """Gives candidates bit by bit, and needs no open SQL cursor in between."""

    exhausted: bool
    """Whether there are no more."""

    def take(self, connection: sqlite3.Connection, most: int) -> list[StoredRow]:
        """Up to `most` of the next candidates: fewer if they are large, or deleted by now."""
        ...


class ScanSource:
    """All documents that were there at the start, in the order of their rids."""

    def __init__(self, connection: sqlite3.Connection, collection: StoredCollection) -> None:
        self.exhausted = False
        self._sql = collection.sql.page
        self._last = -(2**63)
        (self._highest,) = connection.execute(collection.sql.highest).fetchone()
        self._offset = 0

    def skip(self, count: int) -> None:
        """Leaves out the next `count` documents without reading them."""
        self._offset = count

    def take(self, connection: sqlite3.Connection, most: int) -> list[StoredRow]:
        cursor = connection.execute(self._sql, (self._last, self._highest, most, self._offset))
        taken = _up_to_bytes(cursor)
        self._offset = 0
        if taken:
            self._last = taken[-1][0]
        else:
            self.exhausted = True
        return taken


class RidSource:
    """The documents of a list of rids, in its order."""

    def __init__(self, collection: StoredCollection, rids: Sequence[int]) -> None:
        self.exhausted = not rids
        self._sql = collection.sql.at_rid
        self._rids = rids
        self._position = 0

    def take(self, connection: sqlite3.Connection, most: int) -> list[StoredRow]:
        taken: list[StoredRow] = []
        size = 0
        end = min(self._position + most, len(self._rids))
        while self._position < end and size < _MOST_BYTES:
            row = connection.execute(self._sql, (self._rids[self._position],)).fetchone()
            self._position += 1
            if row is not None:
                taken.append(row)
                size += len(row[1])
        self.exhausted = self._position >= len(self._rids)
        return taken


def open_source(
    connection: sqlite3.Connection, collection: StoredCollection, filter: Mapping[str, Any]
) -> Source:
    """The source that the plan for a normalized filter asks for."""
    chosen = plan(filter, collection.indexes)
    if isinstance(chosen, FullScan):
        return ScanSource(connection, collection)
    return RidSource(collection, _rids(connection, collection, chosen))


_MOST_BYTES: Final = 4 * 1024 * 1024


def _up_to_bytes(cursor: sqlite3.Cursor) -> list[StoredRow]:
    taken: list[StoredRow] = []
    size = 0
    for row in cursor:
        taken.append(row)
        size += len(row[1])
        if size >= _MOST_BYTES:
            break
    cursor.close()
    return taken


def _rids(connection: sqlite3.Connection, collection: StoredCollection, chosen: Plan) -> list[int]:
    found: set[int] = set()
    if isinstance(chosen, ById):
        for key in chosen.keys:
            found.update(rid for (rid,) in connection.execute(collection.sql.rid, (key,)))
    elif not isinstance(chosen, FullScan):
        for bounds in chosen.ranges:
            found.update(rid for (rid,) in connection.execute(chosen.index.sql.rids, bounds))
    return sorted(found)
