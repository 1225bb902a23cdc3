"""A find or a count in steps: each step is one job of the worker, so that others get their turn."""

import heapq
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from earnorm.stores.documents import (
    Match,
    Project,
    Sorter,
    bad_value,
    compile_normalized,
    compile_sort,
    decode,
    normalized_filter,
)
from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sources import RidSource, ScanSource, Source, open_source
from earnorm.stores.sqlite.translation import is_busy
from earnorm.typing import Document, MutableDocument, SortKey

__all__ = ["Counting", "Finding", "get"]


def get(session: Session, name: str, key: bytes) -> MutableDocument | None:
    """The document with this key, straight from the table: no transaction, no plan, no match."""
    # a collection keeps its number for ever, so the catalog need not be read anew
    collection = session.catalog.cached(name)
    if collection is not None:
        try:
            row = session.connection.execute(collection.sql.get, (key,)).fetchone()
        except sqlite3.OperationalError as error:
            # busy, or another process dropped it, and may have made another one of that name
            if is_busy(error):
                raise
        else:
            return None if row is None else decode(row[0])
    with session.reading():
        collection = session.catalog.collection(name)
        if collection is None:
            return None
        row = session.connection.execute(collection.sql.get, (key,)).fetchone()
        return None if row is None else decode(row[0])


class _Reading:
    """What a find and a count share: the candidates, the match, the count of what is still wanted."""

    def __init__(self, collection: str, filter: Document, skip: int, limit: int | None) -> None:
        if skip < 0 or (limit is not None and limit < 0):
            raise bad_value(f"skip and limit are not negative: skip={skip}, limit={limit}.")
        self.finished = limit == 0
        self._name = collection
        self._filter: Mapping[str, Any] = normalized_filter(filter)
        self._match: Match | None = compile_normalized(self._filter) if self._filter else None
        self._skip = skip
        self._wanted = limit
        self._collection: StoredCollection | None = None
        self._source: Source | None = None

    def _open(self, session: Session) -> Source | None:
        """The candidates; None, and finished, if there is no such collection."""
        if self._source is None:
            self._collection = session.catalog.collection(self._name)
            if self._collection is None:
                self.finished = True
                return None
            self._source = open_source(session.connection, self._collection, self._filter)
        return self._source


class Finding(_Reading):
    """The documents that match, a batch for each step."""

    def __init__(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey],
        skip: int,
        limit: int | None,
        project: Project | None = None,
    ) -> None:
        super().__init__(collection, filter, skip, limit)
        self._project = project
        self._sorter: Sorter | None = compile_sort(sort) if sort else None
        self._order: list[tuple[bytes, int]] = []

    def step(self, session: Session) -> list[MutableDocument]:
        """The next documents; none while a sort is still collecting its keys."""
        with session.reading():
            source = self._open(session)
            if source is None:
                return []
            if self._sorter is not None:
                self._collect_order(session, source, self._sorter)
                return []
            return self._next_batch(session, source)

    def _next_batch(self, session: Session, source: Source) -> list[MutableDocument]:
        if self._match is None and isinstance(source, ScanSource):
            source.skip(self._skip)
            self._skip = 0
        found: list[MutableDocument] = []
        read = size = 0
        while read < _STEP_DOCUMENTS and size < _STEP_BYTES and not self.finished:
            rows = source.take(session.connection, self._chunk(len(found)))
            read += len(rows)
            size += sum(len(encoded) for _, encoded in rows)
            self._select(rows, found)
            self.finished = self.finished or source.exhausted
            if len(found) >= _BATCH_DOCUMENTS:
                break
        return found

    def _chunk(self, found: int) -> int:
        room = _BATCH_DOCUMENTS - found
        return room if self._wanted is None else min(room, self._wanted + self._skip)

    def _select(self, rows: list[tuple[int, bytes]], found: list[MutableDocument]) -> None:
        match = self._match
        for _, encoded in rows:
            document = decode(encoded)
            if match is not None and not match(document):
                continue
            if self._skip:
                self._skip -= 1
                continue
            found.append(document if self._project is None else self._project(document))
            if self._wanted is not None:
                self._wanted -= 1
                if not self._wanted:
                    self.finished = True
                    return

    def _collect_order(self, session: Session, source: Source, sorter: Sorter) -> None:
        match = self._match
        read = 0
        while read < _STEP_DOCUMENTS and not source.exhausted:
            rows = source.take(session.connection, _BATCH_DOCUMENTS)
            read += len(rows)
            for rid, encoded in rows:
                document = decode(encoded)
                if match is None or match(document):
                    self._order.append((sorter(document), rid))
        self._trim_order()
        if source.exhausted and self._collection is not None:
            self._order.sort()
            rids = [rid for _, rid in self._order[self._skip :]]
            self._source = RidSource(self._collection, rids)
            self._sorter, self._skip, self._order = None, 0, []
            self.finished = not rids

    def _trim_order(self) -> None:
        """Forgets what a limit leaves out anyway, so that a top ten needs little memory."""
        if self._wanted is not None:
            most = self._skip + self._wanted
            if len(self._order) > most:
                self._order = heapq.nsmallest(most, self._order)


class Counting(_Reading):
    """How many documents match; `counted` is the answer once it is finished."""

    def __init__(self, collection: str, filter: Document, *, skip: int, limit: int | None) -> None:
        super().__init__(collection, filter, skip, limit)
        self._matched = 0

    @property
    def counted(self) -> int:
        """The matches so far, without those that are skipped, up to the limit."""
        count = max(0, self._matched - self._skip)
        return count if self._wanted is None else min(count, self._wanted)

    def step(self, session: Session) -> None:
        """Counts on."""
        with session.reading():
            source = self._open(session)
            if source is None or self._collection is None:
                return
            if self._match is None:
                sql = self._collection.sql.size
                (self._matched,) = session.connection.execute(sql).fetchone()
                self.finished = True
                return
            self._count(session, source, self._match)

    def _count(self, session: Session, source: Source, match: Match) -> None:
        read = 0
        while read < _STEP_DOCUMENTS and not self.finished:
            rows = source.take(session.connection, _BATCH_DOCUMENTS)
            read += len(rows)
            self._matched += sum(match(decode(encoded)) for _, encoded in rows)
            enough = self._wanted is not None and self.counted >= self._wanted
            self.finished = enough or source.exhausted


_BATCH_DOCUMENTS: Final = 500
_STEP_DOCUMENTS: Final = 2_000
_STEP_BYTES: Final = 16 * 1024 * 1024
