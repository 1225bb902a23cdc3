"""Inserts: one transaction and one job of the worker, all documents or none."""

import sqlite3
from collections.abc import Sequence

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents import (
    check_storable,
    decode,
    encode,
    key_bytes,
)
from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.duplicates import duplicate_id
from earnorm.stores.sqlite.entries import add_entries
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document

__all__ = ["insert"]


def insert(session: Session, name: str, documents: Sequence[Document]) -> None:
    """Stores all of the documents or none.

    Raises PyMongo's `DuplicateKeyError` with the position of the culprit, `DocumentTooLarge` and
    `WriteError`, and `InvalidDocumentError`.
    """
    rows = _encode_all(documents)
    if not rows:
        return
    with session.writing():
        collection = session.catalog.create(name)
        _insert_rows(session.connection, collection, rows)
        if collection.indexes:
            _enter(session, collection, rows)


_EncodedRow = tuple[bytes, bytes]
"""The key bytes of the `_id`, and the BSON."""


def _encode_all(documents: Sequence[Document]) -> list[_EncodedRow]:
    rows: list[_EncodedRow] = []
    for position, document in enumerate(documents):
        try:
            encoded = encode(document)
            check_storable(document, position)
        except InvalidDocumentError as error:
            if len(documents) == 1:
                raise
            raise InvalidDocumentError(f"document {position} of the batch: {error}") from error
        rows.append((key_bytes(document["_id"]), encoded))
    return rows


def _insert_rows(
    connection: sqlite3.Connection, collection: StoredCollection, rows: list[_EncodedRow]
) -> None:
    before = connection.total_changes
    try:
        connection.executemany(collection.sql.insert, rows)
    except sqlite3.IntegrityError as error:
        position = connection.total_changes - before
        raise duplicate_id(collection.name, decode(rows[position][1])["_id"], position) from error


def _enter(session: Session, collection: StoredCollection, rows: list[_EncodedRow]) -> None:
    # inside one transaction rids are given out one after the other
    (last,) = session.connection.execute(collection.sql.highest).fetchone()
    first = last - len(rows) + 1
    # decoded, since the caller's document may by now be another than the one that was encoded
    placed = [(first + position, decode(encoded)) for position, (_, encoded) in enumerate(rows)]
    add_entries(session, collection, placed)
