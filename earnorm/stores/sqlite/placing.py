"""Puts documents into their table, their indexes and the outbox, inside a writing transaction."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from earnorm.stores.documents import check_storable, decode, encode, key_bytes, write_error
from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.duplicates import duplicate_id
from earnorm.stores.sqlite.entries import add_entries, move_entries, remove_entries
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document, MutableDocument

__all__ = ["Found", "NewRow", "new_row", "place", "put", "remove"]


NewRow: TypeAlias = tuple[bytes, bytes]
"""A document that is to be inserted: the key bytes of its `_id`, and its BSON."""


class Found:
    """A document that matches, as it is stored; decoded when somebody asks for it."""

    __slots__ = ("_document", "_key", "encoded", "rid")

    def __init__(
        self,
        rid: int,
        encoded: bytes,
        document: MutableDocument | None = None,
        *,
        key: bytes | None = None,
    ) -> None:
        self.rid = rid
        self.encoded = encoded
        self._document = document
        self._key = key

    @property
    def document(self) -> MutableDocument:
        """The document."""
        if self._document is None:
            self._document = decode(self.encoded)
        return self._document

    @property
    def key(self) -> bytes:
        """The key bytes of its `_id`."""
        return key_bytes(self.document["_id"]) if self._key is None else self._key


def new_row(document: Document, position: int = 0) -> NewRow:
    """The document in the form in which it is inserted.

    Raises `InvalidDocumentError`, PyMongo's `DocumentTooLarge` and its `WriteError` with the position.
    """
    encoded = encode(document)
    check_storable(document, position)
    return key_bytes(document["_id"]), encoded


def place(session: Session, collection: StoredCollection, rows: Sequence[NewRow]) -> None:
    """Inserts new documents; raises PyMongo's `DuplicateKeyError` with the position of the culprit."""
    _insert_rows(session.connection, collection, rows)
    if collection.indexes:
        # inside one transaction rids are given out one after the other
        (last,) = session.connection.execute(collection.sql.highest).fetchone()
        first = last - len(rows) + 1
        # decoded, since the caller's document may by now be another than the one that was encoded
        placed = [(first + place, decode(encoded)) for place, (_, encoded) in enumerate(rows)]
        add_entries(session, collection, placed)
    if (outbox := session.outbox()) is not None:
        outbox.inserted(collection.name, [encoded for _, encoded in rows])


def put(
    session: Session,
    collection: StoredCollection,
    found: Found,
    document: Document,
    *,
    is_replacement: bool,
) -> bool:
    """Puts the document in the place of the one that was found; returns whether it is another.

    Raises PyMongo's `WriteError` (66) for another `_id`, and `DuplicateKeyError`.
    """
    encoded = encode(document)  # first, since what BSON cannot hold has no key either
    if is_replacement and key_bytes(document["_id"]) != found.key:
        raise write_error("the replacement would change the immutable field '_id'.", 66)
    if encoded == found.encoded:
        return False
    session.connection.execute(collection.sql.replace_by_rid, (encoded, found.rid))
    outbox = session.outbox()
    if collection.indexes or (outbox is not None and not is_replacement):
        after = decode(encoded)
        move_entries(session, collection, (found.rid, found.document), after)
        if outbox is not None and not is_replacement:
            outbox.updated(collection.name, found.document, after)
    if outbox is not None and is_replacement:
        outbox.replaced(collection.name, found.document["_id"], encoded)
    return True


def remove(session: Session, collection: StoredCollection, found: Found) -> None:
    """Deletes a document that was found."""
    session.connection.execute(collection.sql.delete_by_rid, (found.rid,))
    remove_entries(session.connection, collection, (found.rid, found.document))
    if (outbox := session.outbox()) is not None:
        outbox.deleted(collection.name, found.document["_id"])


def _insert_rows(
    connection: sqlite3.Connection, collection: StoredCollection, rows: Sequence[NewRow]
) -> None:
    before = connection.total_changes
    try:
        connection.executemany(collection.sql.insert, rows)
    except sqlite3.IntegrityError as error:
        position = connection.total_changes - before
        document: Mapping[str, Any] = decode(rows[position][1])
        raise duplicate_id(collection.name, document["_id"], position) from error
