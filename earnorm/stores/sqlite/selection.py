"""A compiled filter that gives the documents which a write is about."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from earnorm.stores.documents import (
    Match,
    compile_collation,
    compile_normalized,
    compile_sort,
    decode,
    normalized_filter,
)
from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.deadline import Deadline
from earnorm.stores.sqlite.identity import identity_key
from earnorm.stores.sqlite.placing import Found
from earnorm.stores.sqlite.planner import Wish, is_sorted, plan
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sources import Source, probing, source_of
from earnorm.typing import Document, OperationOptions, SortKey

__all__ = ["Selection"]


class Selection:
    """Gives its matches one by one, safe from changes to those it gave; compiled once."""

    def __init__(
        self,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        options: OperationOptions | None = None,
    ) -> None:
        options = options or _NO_OPTIONS
        self._deadline = Deadline(options.max_time)
        key_of = compile_collation(options.collation)
        self._key = identity_key(filter, key_of) if options.hint is None else None
        self._sorter = compile_sort(sort, key_of) if sort else None
        self._wish = Wish(sort=sort, limited=True, hint=options.hint, key_of=key_of)
        if self._key is None:
            self._filter: Mapping[str, Any] = normalized_filter(filter)
            match = compile_normalized(self._filter, key_of)
            self._match: Match = self._deadline.bounding(match)

    def matches(self, session: Session, collection: StoredCollection) -> Iterator[Found]:
        """Every match, in no order; raises PyMongo's `ExecutionTimeout` when the time is up."""
        unsorted = Wish(hint=self._wish.hint, key_of=self._wish.key_of)
        return self._found(session, collection, unsorted, _CHUNK)[0]

    def first(self, session: Session, collection: StoredCollection) -> Found | None:
        """The first match in the order of the sort."""
        matches, in_order = self._found(session, collection, self._wish, 1)
        sorter = self._sorter
        if sorter is None or in_order:
            return next(matches, None)
        return min(matches, key=lambda found: (sorter(found.document), found.rid), default=None)

    def _found(
        self, session: Session, collection: StoredCollection, wish: Wish, most: int
    ) -> tuple[Iterator[Found], bool]:
        """The matches, of which `most` are read at first, and whether they are in the order of the wish."""
        self._deadline.check()
        if self._key is not None:
            row = session.connection.execute(collection.sql.row, (self._key,)).fetchone()
            one = [] if row is None else [Found(row[0], row[1], key=self._key)]
            return iter(one), True
        connection = session.connection
        chosen = plan(self._filter, collection.every_index, wish, probe=probing(connection))
        source = source_of(connection, collection, chosen, self._filter, wish.key_of)
        return self._matching(session, source, most), is_sorted(chosen)

    def _matching(self, session: Session, source: Source, most: int) -> Iterator[Found]:
        while not source.exhausted:
            for rid, encoded in source.take(session.connection, most):
                document = decode(encoded)
                if self._match(document):
                    yield Found(rid, encoded, document)
            most = min(most * 2, _CHUNK)
            self._deadline.check()


_NO_OPTIONS: Final = OperationOptions()
_CHUNK: Final = 500
