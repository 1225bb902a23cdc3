"""A find in steps: each step is one job of the worker, so that others get their turn."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pymongo.errors import OperationFailure

from earnorm.stores.documents import (
    Match,
    Project,
    compile_collation,
    compile_normalized,
    compile_sort,
    decode,
    decode_naive,
    is_plain,
    normalized_filter,
)
from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.deadline import Deadline
from earnorm.stores.sqlite.failures import dropped_meanwhile
from earnorm.stores.sqlite.planner import Wish, is_sorted, plan
from earnorm.stores.sqlite.plans import FullScan, IndexScan, Plan, Union
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sorting import Sorting
from earnorm.stores.sqlite.sources import RidSource, ScanSource, Source, probing, source_of
from earnorm.stores.sqlite.translation import is_busy
from earnorm.stores.sqlite.turns import Turn
from earnorm.typing import Document, MutableDocument, OperationOptions, SortKey

__all__ = ["Finding", "Reading", "get", "is_exact", "loader"]

Load = Callable[[bytes], MutableDocument]


def loader(options: OperationOptions | None, project: Project | None) -> Load:
    """How documents are read that are given as they are: with naive dates, where these will do."""
    is_naive = options is not None and options.naive_dates and project is None
    return decode_naive if is_naive else decode


def get(session: Session, name: str, key: bytes, load: Load) -> MutableDocument | None:
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
            return None if row is None else load(row[0])
    with session.reading():
        collection = session.catalog.collection(name)
        if collection is None:
            return None
        row = session.connection.execute(collection.sql.get, (key,)).fetchone()
        return None if row is None else load(row[0])


def is_exact(plan: Plan) -> bool:
    """Whether all that a plan gives matches, as long as it is read in the same moment."""
    if isinstance(plan, Union):
        return all(scan.exact for scan in plan.scans)
    # merged keys are read ahead
    return isinstance(plan, IndexScan) and plan.exact and plan.merged is None


class Reading:
    """What a find and a count share: the plan, the candidates, the match, and what is still wanted."""

    def __init__(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        skip: int = 0,
        limit: int | None = None,
        options: OperationOptions | None = None,
    ) -> None:
        options = options or _NO_OPTIONS
        self._key_of = compile_collation(options.collation)
        self.finished = limit == 0
        self.plan: Plan | None = None
        self.deadline = Deadline(options.max_time)
        self.filter: Mapping[str, Any] = normalized_filter(filter)
        self._wish = Wish(
            sort=sort, limited=limit is not None, hint=options.hint, key_of=self._key_of
        )
        self._match: Match | None = None
        if self.filter:
            self._match = self.deadline.bounding(compile_normalized(self.filter, self._key_of))
        self._name = collection
        self._skip = min(skip, _MOST_DOCUMENTS)
        self._wanted = None if limit is None else min(limit, _MOST_DOCUMENTS)
        self._collection: StoredCollection | None = None
        self._source: Source | None = None

    def _open(self, session: Session) -> Source | None:
        """The candidates; None, and finished, if there is no such collection.

        Raises PyMongo's `OperationFailure` (175) if it was dropped meanwhile.
        """
        collection = session.catalog.collection(self._name)
        if self._collection is not None and (
            collection is None or collection.number != self._collection.number
        ):
            raise dropped_meanwhile()
        if collection is None:
            self.finished = True
            return None
        if self._source is None:
            chosen = plan(
                self.filter,
                collection.every_index,
                self._wish,
                probe=probing(session.connection),
            )
            self._source = source_of(
                session.connection, collection, chosen, self.filter, self._key_of
            )
            self.plan = chosen
        elif collection.indexes is not (self._collection and self._collection.indexes):
            _check_indexes(self.plan, collection)
        self._collection = collection
        return self._source


class Finding(Reading):
    """The documents that match, a batch for each step."""

    def __init__(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        skip: int = 0,
        limit: int | None = None,
        project: Project | None = None,
        options: OperationOptions | None = None,
    ) -> None:
        super().__init__(collection, filter, sort=sort, skip=skip, limit=limit, options=options)
        self._project = None if project is None else self.deadline.bounding(project)
        self._load = loader(options, project)
        if self._load is not decode and not is_plain(self.filter):
            self._load = decode
        self._most = (options and options.batch_size) or _BATCH_DOCUMENTS
        self._pace = min(self._most, _BATCH_DOCUMENTS)
        if limit is not None:
            self._pace = max(1, min(self._pace, limit + skip))
        self._sorter = compile_sort(sort, self._key_of) if sort else None
        self._sorting: Sorting | None = None
        self._keys = 0
        self.examined_documents = 0
        """How many documents were read so far; of those that a sort reads twice, once."""

    @property
    def examined_keys(self) -> int:
        """How many entries of indexes were read so far."""
        return self._keys + (0 if self._source is None else self._source.examined_keys)

    def step(self, session: Session) -> list[MutableDocument]:
        """The next documents; none while a sort is still collecting its keys."""
        self.deadline.check()
        with session.reading():
            is_new = self._source is None
            source = self._open(session)
            if source is None or self.plan is None:
                return []
            if is_new and self._sorter is not None and not is_sorted(self.plan):
                most = None if self._wanted is None else self._skip + self._wanted
                self._sorting = Sorting(self._sorter, most)
            turn = Turn()
            if self._sorting is not None:
                self._collect_order(session, source, self._sorting, turn)
            return self._next_batch(session, turn)

    def _next_batch(self, session: Session, turn: Turn) -> list[MutableDocument]:
        found: list[MutableDocument] = []
        source = self._source
        if self._sorting is not None or source is None:
            return found
        if self._match is None and isinstance(source, ScanSource):
            source.skip(self._skip)
            self._skip = 0
        match = None if self._is_direct else self._match
        while not self.finished and len(found) < self._most and turn.goes_on:
            rows = source.take(session.connection, min(self._pace, self._most - len(found)))
            # a limit is met at once where all that is read matches, and else in ever larger parts
            self._pace = min(self._pace * 2, _BATCH_DOCUMENTS)
            turn.add(rows)
            self._select(match, rows, found)
            self.finished = self.finished or source.exhausted
            self.deadline.check()
        return found

    @property
    def _is_direct(self) -> bool:
        """Whether candidates are read in the moment in which the plan says that they match."""
        return (
            not isinstance(self._source, RidSource)
            and self.plan is not None
            and is_exact(self.plan)
        )

    def _select(
        self, match: Match | None, rows: list[tuple[int, bytes]], found: list[MutableDocument]
    ) -> None:
        load = self._load
        for _, encoded in rows:
            self.examined_documents += not isinstance(self._source, RidSource)
            if match is None and self._skip:
                self._skip -= 1
                continue
            document = load(encoded)
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

    def _collect_order(
        self, session: Session, source: Source, sorting: Sorting, turn: Turn
    ) -> None:
        match = None if self._is_direct else self._match
        while turn.goes_on and not source.exhausted:
            rows = source.take(session.connection, _BATCH_DOCUMENTS)
            turn.add(rows)
            self.examined_documents += len(rows)
            for rid, encoded in rows:
                document = decode(encoded)
                if match is None or match(document):
                    sorting.add(document, rid)
            self.deadline.check()
        if source.exhausted and self._collection is not None:
            self._keys = source.examined_keys
            rids = sorting.rids()[self._skip :]
            self._source = RidSource(self._collection, rids)
            self._sorting, self._skip = None, 0
            self.finished = not rids


def _check_indexes(plan: Plan | None, collection: StoredCollection) -> None:
    """Raises PyMongo's `OperationFailure` (175) for an index that was dropped while it was in use."""
    if plan is None or isinstance(plan, FullScan):
        return
    known = {index.number for index in collection.every_index}
    for scan in plan.scans if isinstance(plan, Union) else (plan,):
        if scan.index.number not in known:
            message = (
                f"query plan killed: the index {scan.index.index.name!r} was dropped. Query again."
            )
            raise OperationFailure(message, 175, {"ok": 0, "code": 175, "errmsg": message})


_MOST_DOCUMENTS: Final = 2**62 - 1
"""More than there can be; the sum of two is a number that SQLite has."""

_NO_OPTIONS: Final = OperationOptions()
_BATCH_DOCUMENTS: Final = 500
