"""Inserts, replacements, updates and deletes; each is one transaction and one job of the worker."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from earnorm.stores.documents import Match, decode, encode, key_bytes
from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.duplicates import duplicate_id
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document

__all__ = ["insert"]


def insert(session: Session, name: str, documents: Sequence[Document]) -> None:
    """Stores all of the documents or none."""
    rows = [(key_bytes(document["_id"]), encode(document)) for document in documents]
    with session.writing():
        collection = session.catalog.create(name)
        _insert_rows(session.connection, collection, rows)


def _insert_rows(
    connection: sqlite3.Connection, collection: StoredCollection, rows: list[tuple[bytes, bytes]]
) -> None:
    before = connection.total_changes
    try:
        connection.executemany(collection.sql.insert, rows)
    except sqlite3.IntegrityError as error:
        position = connection.total_changes - before
        raise duplicate_id(collection.name, decode(rows[position][1])["_id"], position) from error
