"""Where the candidates of a filter come from, bit by bit, as a plan says."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from earnorm.stores.documents import key_bytes
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.conditions import read_conditions, read_textless_conditions
from earnorm.stores.sqlite.planner import Probe, Wish, plan
from earnorm.stores.sqlite.plans import IndexScan, Plan, Union
from earnorm.stores.sqlite.prefilter import Prefilter, prefilter
from earnorm.stores.sqlite.seen import SeenRids
from earnorm.stores.sqlite.walking import MergedSource, StoredRow, WalkSource, up_to_bytes

__all__ = ["RidSource", "ScanSource", "Source", "open_source", "probing", "source_of"]


class Source(Protocol):
    """Gives candidates bit by bit, and needs no open SQL cursor in between."""

    exhausted: bool
    """Whether there are no more."""

    @property
    def examined_keys(self) -> int:
        """How many entries of indexes were read so far."""
        ...

    def take(self, connection: sqlite3.Connection, most: int) -> list[StoredRow]:
        """Up to `most` of the next candidates: fewer, also none, if they are large, or deleted by now."""
        ...


class ScanSource:
    """All documents that were there at the start, in the order of their rids."""

    examined_keys = 0

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
        taken, _ = up_to_bytes(cursor)
        self._offset = 0
        if taken:
            self._last = taken[-1][0]
        else:
            self.exhausted = True
        return taken


class FilteredScanSource:
    """As `ScanSource`, without what a condition on the bytes leaves out.

    A take looks through as many rids as take about a hundredth of a second, so that a filter that fits few
    documents does not keep others waiting.
    """

    examined_keys = 0

    def __init__(
        self, connection: sqlite3.Connection, collection: StoredCollection, condition: Prefilter
    ) -> None:
        by_place = "name" in condition.parameters
        template = collection.sql.some_by_place if by_place else collection.sql.some
        self._sql = template.replace("@", condition.sql)
        self._next_sql = collection.sql.next
        self._parameters = dict(condition.parameters)
        (self._highest,) = connection.execute(collection.sql.highest).fetchone()
        self._last = -1
        self._stretch = _FIRST_STRETCH
        self.exhausted = False
        self._jump(connection, -(2**63))

    def take(self, connection: sqlite3.Connection, most: int) -> list[StoredRow]:
        if self.exhausted:
            return []
        until = min(self._last + self._stretch, self._highest)
        values = {**self._parameters, "after": self._last, "until": until, "most": most}
        begun = time.perf_counter()
        taken, is_cut = up_to_bytes(connection.execute(self._sql, values))
        self._adapt(time.perf_counter() - begun)
        if is_cut or len(taken) == most:
            self._last = taken[-1][0]
        elif taken:
            self._last = until
        else:
            self._jump(connection, until)
        self.exhausted = self.exhausted or self._last >= self._highest
        return taken

    def _jump(self, connection: sqlite3.Connection, behind: int) -> None:
        """Goes on at the next document, over rids that are gone."""
        (following,) = connection.execute(self._next_sql, (behind,)).fetchone()
        self.exhausted = following is None
        self._last = behind if following is None else following - 1

    def _adapt(self, seconds: float) -> None:
        if seconds < _STRETCH_SECONDS / 2:
            self._stretch = min(self._stretch * 2, _LONGEST_STRETCH)
        elif seconds > _STRETCH_SECONDS * 2:
            self._stretch = max(self._stretch // 2, 1)


class RidSource:
    """The documents of a list of rids, in its order."""

    examined_keys = 0

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


class ChainedSource:
    """What several sources give, one after the other."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._all = sources
        self._sources = list(reversed(sources))
        self.exhausted = not self._sources

    @property
    def examined_keys(self) -> int:
        """How many entries of all of them were read so far."""
        return sum(source.examined_keys for source in self._all)

    def take(self, connection: sqlite3.Connection, most: int) -> list[StoredRow]:
        taken = self._sources[-1].take(connection, most) if self._sources else []
        while self._sources and self._sources[-1].exhausted:
            self._sources.pop()
        self.exhausted = not self._sources
        return taken


def open_source(
    connection: sqlite3.Connection,
    collection: StoredCollection,
    filter: Mapping[str, Any],
    key_of: KeyOf = key_bytes,
) -> Source:
    """The source that the plan for a normalized filter asks for, in no order."""
    wish = Wish(key_of=key_of)
    chosen = plan(filter, collection.every_index, wish, probe=probing(connection))
    return source_of(connection, collection, chosen, filter, key_of)


def source_of(
    connection: sqlite3.Connection,
    collection: StoredCollection,
    plan: Plan,
    filter: Mapping[str, Any],
    key_of: KeyOf = key_bytes,
) -> Source:
    """The source that a plan asks for."""
    if isinstance(plan, Union):
        seen = SeenRids()
        return ChainedSource([WalkSource(scan, seen) for scan in plan.scans])
    if isinstance(plan, IndexScan):
        if plan.merged is not None:
            return MergedSource(collection, plan)
        return WalkSource(plan, SeenRids())
    # under a collation equal texts are not equal bytes
    read = read_conditions if key_of is key_bytes else read_textless_conditions
    condition = prefilter(read(filter)) if filter else None
    if condition is None:
        return ScanSource(connection, collection)
    return FilteredScanSource(connection, collection, condition)


def probing(connection: sqlite3.Connection) -> Probe:
    """Says how many entries a scan reads, up to a number."""

    def probe(scan: IndexScan, most: int) -> int:
        found = 0
        for first, end in scan.ranges:
            if found >= most:
                break
            sql = scan.index.walk.count
            found += connection.execute(sql, (first, end, most - found)).fetchone()[0]
        return found

    return probe


_FIRST_STRETCH: Final = 1_000
_LONGEST_STRETCH: Final = 100_000
_STRETCH_SECONDS: Final = 0.01
_MOST_BYTES: Final = 4 * 1024 * 1024
