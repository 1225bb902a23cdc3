"""Looks for faults in a file: SQLite's own, and what our tables promise each other."""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bson.errors import InvalidBSON
from pymongo.errors import PyMongoError

from earnorm.stores.documents import decode, key_bytes
from earnorm.stores.sqlite.beside import Waiting
from earnorm.stores.sqlite.catalog import StoredCollection, StoredIndex
from earnorm.stores.sqlite.entries import entry_keys
from earnorm.stores.sqlite.opening import connected
from earnorm.stores.sqlite.session import Session

__all__ = ["MOST_FAULTS", "verify", "verify_file"]

MOST_FAULTS: Final = 100
"""How many faults are reported at most."""


def verify_file(path: Path, waiting: Waiting) -> list[str]:
    """What `verify` finds in a file, as it is at one moment; for any thread.

    It ends early when nobody waits any longer.
    """
    with connected(path, waiting) as connection:
        return verify(Session(connection))


def verify(session: Session) -> list[str]:
    """A sentence for each fault: damaged pages, documents that cannot be read, wrong or missing index entries."""
    found: list[str] = []
    try:
        with session.reading():
            found += islice(_faults(session), MOST_FAULTS)
    except sqlite3.DatabaseError as error:
        found.append(f"the file cannot be read any further: {error}")
    return found


def _faults(session: Session) -> Iterator[str]:
    for (line,) in session.connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"SQLite: {line}"
    names = session.connection.execute("SELECT name FROM collections ORDER BY id").fetchall()
    for (name,) in names:
        collection = session.catalog.collection(name)
        if collection is not None:
            yield from _faults_of_collection(session.connection, collection)
    yield from _faults_of_changes(session.connection)


def _faults_of_collection(
    connection: sqlite3.Connection, collection: StoredCollection
) -> Iterator[str]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if f"c{collection.number}" not in tables:
        yield f"the collection {collection.name!r} has no table"
        return
    checks = []
    for index in collection.indexes:
        if f"i{index.number}" in tables:
            checks.append(_IndexCheck(connection, collection, index))
        else:
            yield f"{_shown(collection, index)} has no table"
    for rid, key, encoded in connection.execute(_all_documents(collection.number)):
        try:
            document = decode(encoded)
        except InvalidBSON as error:
            yield f"the document in row {rid} of {collection.name!r} cannot be read: {error}"
            continue
        if "_id" not in document or key_bytes(document["_id"]) != key:
            yield f"the document in row {rid} of {collection.name!r} is not found by its _id"
        for check in checks:
            yield from check.of(rid, document)
    for check in checks:
        yield from check.at_end()


class _IndexCheck:
    """Counts what an index should have, and looks for each of it."""

    def __init__(
        self, connection: sqlite3.Connection, collection: StoredCollection, index: StoredIndex
    ) -> None:
        self._connection = connection
        self._index = index
        self._shown = _shown(collection, index)
        self._expected = self._missing = 0

    def of(self, rid: int, document: dict[str, Any]) -> Iterator[str]:
        try:
            keys = entry_keys(self._index, document)
        except PyMongoError as error:
            yield f"{self._shown} cannot have the document in row {rid}: {error}"
            return
        self._expected += len(keys)
        for key in keys:
            row = self._connection.execute(_entry(self._index.number), (key, rid)).fetchone()
            if row is None:
                self._missing += 1
                yield f"{self._shown} has no entry for the document in row {rid}"
        if len(keys) > 1 and not self._index.multikey:
            yield f"{self._shown} does not know that documents have several entries in it"

    def at_end(self) -> Iterator[str]:
        (there,) = self._connection.execute(_entries(self._index.number)).fetchone()
        extra = there - (self._expected - self._missing)
        if extra:
            yield f"{self._shown} has entries that belong to no document: {extra}"


def _faults_of_changes(connection: sqlite3.Connection) -> Iterator[str]:
    for number, key, content in connection.execute("SELECT id, key, content FROM changes"):
        try:
            for encoded in (key, content):
                if encoded is not None:
                    decode(encoded)
        except InvalidBSON as error:
            yield f"the change {number} cannot be read: {error}"


def _shown(collection: StoredCollection, index: StoredIndex) -> str:
    return f"the index {index.index.name!r} of {collection.name!r}"


# the only thing that is ever filled in is a table's number
def _all_documents(number: int) -> str:
    return "SELECT rid, k, doc FROM #".replace("#", f"c{number}")


def _entries(number: int) -> str:
    return "SELECT count(*) FROM #".replace("#", f"i{number}")


def _entry(number: int) -> str:
    return "SELECT 1 FROM # WHERE key = ? AND rid = ?".replace("#", f"i{number}")
