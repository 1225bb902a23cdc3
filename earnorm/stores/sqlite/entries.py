"""Keeps the entries of indexes in step with the documents."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from earnorm.stores.documents import EMPTY_ARRAY, MISSING, rows
from earnorm.stores.sqlite.catalog import StoredCollection, StoredIndex
from earnorm.stores.sqlite.duplicates import duplicate_key
from earnorm.stores.sqlite.session import Session

__all__ = ["Placed", "add_entries", "entry_keys", "fill_index", "move_entries", "remove_entries"]

Placed = tuple[int, Mapping[str, Any]]
"""A rid and the document that is stored under it."""


def add_entries(session: Session, collection: StoredCollection, placed: Sequence[Placed]) -> None:
    """Enters new documents into all indexes of their collection.

    Raises PyMongo's `DuplicateKeyError` with the position of the culprit in `placed`.
    """
    for index in collection.indexes:
        fill_index(session, collection, index, placed)


def fill_index(
    session: Session, collection: StoredCollection, index: StoredIndex, placed: Sequence[Placed]
) -> None:
    """Enters documents into one index, and notes if that makes it multikey."""
    entries: list[_Entry] = []
    multikey = index.multikey
    for position, (rid, document) in enumerate(placed):
        keys, through_array = _keys(index, document)
        multikey = multikey or through_array
        entries += [(key, rid, position) for key in keys]
    _insert(session.connection, collection, index, entries, placed)
    if multikey and not index.multikey:
        session.catalog.mark_multikey(collection.name, index.number)


def move_entries(
    session: Session, collection: StoredCollection, before: Placed, after: Mapping[str, Any]
) -> None:
    """Changes the entries of a document that was changed."""
    rid, old = before
    for index in collection.indexes:
        old_keys, _ = _keys(index, old)
        new_keys, through_array = _keys(index, after)
        session.connection.executemany(
            index.sql.delete, [(key, rid) for key in old_keys - new_keys]
        )
        added = [(key, rid, 0) for key in new_keys - old_keys]
        _insert(session.connection, collection, index, added, [(rid, after)])
        if through_array and not index.multikey:
            session.catalog.mark_multikey(collection.name, index.number)


def remove_entries(
    connection: sqlite3.Connection, collection: StoredCollection, placed: Placed
) -> None:
    """Takes a document out of all indexes."""
    rid, document = placed
    for index in collection.indexes:
        keys, _ = _keys(index, document)
        connection.executemany(index.sql.delete, [(key, rid) for key in keys])


def entry_keys(index: StoredIndex, document: Mapping[str, Any]) -> set[bytes]:
    """The keys under which an index has a document."""
    return _keys(index, document)[0]


_Entry = tuple[bytes, int, int]
"""Key, rid, and the position of the document in its batch."""


def _keys(index: StoredIndex, document: Mapping[str, Any]) -> tuple[set[bytes], bool]:
    """The keys of a document, and whether it has an array on the index's paths."""
    if index.covers is not None and not index.covers(document):
        return set(), False
    found, through_array = rows(document, index.paths)
    if index.index.sparse:
        found = [row for row in found if any(value is not MISSING for value in row)]
    return {index.key(row) for row in found}, through_array


def _insert(
    connection: sqlite3.Connection,
    collection: StoredCollection,
    index: StoredIndex,
    entries: Sequence[_Entry],
    placed: Sequence[Placed],
) -> None:
    before = connection.total_changes
    try:
        connection.executemany(index.sql.insert, [(key, rid) for key, rid, _ in entries])
    except sqlite3.IntegrityError as error:
        key, _, position = entries[connection.total_changes - before]
        values = _values(index, placed[position][1], key)
        raise duplicate_key(collection.name, index.index, values, position) from error


def _values(index: StoredIndex, document: Mapping[str, Any], key: bytes) -> list[Any]:
    """The values behind a key of a document, as MongoDB would report them."""
    found, _ = rows(document, index.paths)
    row = next(row for row in found if index.key(row) == key)
    return [None if value is MISSING else [] if value is EMPTY_ARRAY else value for value in row]
