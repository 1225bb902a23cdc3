"""A compiled filter that gives the documents which a write is about."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from earnorm.stores.documents import (
    Match,
    compile_normalized,
    compile_sort,
    decode,
    key_bytes,
    normalized_filter,
)
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.identity import identity_key
from earnorm.stores.sqlite.placing import Found
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sources import ScanSource, Source, open_source
from earnorm.typing import Document, SortKey

__all__ = ["Selection"]


class Selection:
    """Gives its matches one by one, safe from changes to those it gave; compiled once."""

    def __init__(
        self, filter: Document, *, sort: Sequence[SortKey] = (), key_of: KeyOf = key_bytes
    ) -> None:
        self._is_collated = key_of is not key_bytes
        self._key = None if self._is_collated else identity_key(filter)
        self._sorter = compile_sort(sort, key_of) if sort else None
        if self._key is None:
            self._filter: Mapping[str, Any] = normalized_filter(filter)
            self._match: Match = compile_normalized(self._filter, key_of)

    def matches(self, session: Session, collection: StoredCollection) -> Iterator[Found]:
        """Every match, in no order."""
        if self._key is not None:
            row = session.connection.execute(collection.sql.row, (self._key,)).fetchone()
            if row is not None:
                yield Found(row[0], row[1], decode(row[1]))
            return
        source = self._source(session, collection)
        while not source.exhausted:
            for rid, encoded in source.take(session.connection, _CHUNK):
                document = decode(encoded)
                if self._match(document):
                    yield Found(rid, encoded, document)

    def first(self, session: Session, collection: StoredCollection) -> Found | None:
        """The first match in the order of the sort; of equals, the one that was stored first."""
        matches = self.matches(session, collection)
        sorter = self._sorter
        if sorter is None:
            return next(matches, None)
        return min(matches, key=lambda found: (sorter(found.document), found.rid), default=None)

    def _source(self, session: Session, collection: StoredCollection) -> Source:
        if self._is_collated:
            return ScanSource(session.connection, collection)
        return open_source(session.connection, collection, self._filter)


_CHUNK: Final = 500
