"""Replacements, updates and deletes: each one transaction and one job of the worker."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from earnorm.stores.documents import (
    Apply,
    Match,
    check_storable,
    compile_normalized,
    compile_update,
    decode,
    encode,
    key_bytes,
    normalized_filter,
    write_error,
)
from earnorm.stores.operations import UpdateResult
from earnorm.stores.sqlite.catalog import StoredCollection
from earnorm.stores.sqlite.entries import move_entries, remove_entries
from earnorm.stores.sqlite.identity import identity_key
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sources import open_source
from earnorm.typing import Document, MutableDocument

__all__ = ["delete", "replace", "update"]


def replace(session: Session, name: str, filter: Document, document: Document) -> UpdateResult:
    """Puts `document` in the place of the first match, which keeps its `_id`."""
    key = identity_key(filter)
    if key is not None and "_id" in document and key == key_bytes(document["_id"]):
        return _replace_by_key(session, name, key, document)
    selection = _Selection(filter)
    check_storable({"_id": None, **document})
    with session.writing():
        collection = session.catalog.collection(name)
        if collection is None:
            return _NONE
        for found in selection.matches(session, collection):
            whole = {"_id": found.document["_id"], **document}
            changed = _store(session, collection, found, whole)
            return _CHANGED if changed else _UNCHANGED
    return _NONE


def update(session: Session, name: str, filter: Document, changes: Document) -> UpdateResult:
    """Applies the update to every match, all or none."""
    apply: Apply = compile_update(changes)
    key = identity_key(filter)
    if key is not None:
        return _update_by_key(session, name, key, apply)
    selection = _Selection(filter)
    matched = modified = 0
    with session.writing():
        collection = session.catalog.collection(name)
        if collection is not None:
            for found in selection.matches(session, collection):
                modified += _store(session, collection, found, apply(found.document))
                matched += 1
    return UpdateResult(matched=matched, modified=modified)


def delete(session: Session, name: str, filter: Document) -> int:
    """Deletes every match, all or none; returns how many."""
    selection = _Selection(filter)
    deleted = 0
    with session.writing():
        collection = session.catalog.collection(name)
        if collection is not None:
            for found in selection.matches(session, collection):
                session.connection.execute(collection.sql.delete_by_rid, (found.rid,))
                remove_entries(session.connection, collection, (found.rid, found.document))
                deleted += 1
    return deleted


class _Found:
    """A document that matches, as it is stored."""

    __slots__ = ("document", "encoded", "rid")

    def __init__(self, rid: int, encoded: bytes, document: MutableDocument) -> None:
        self.rid = rid
        self.encoded = encoded
        self.document = document


class _Selection:
    """A compiled filter that gives its matches one by one, safe from changes to those it gave."""

    def __init__(self, filter: Document) -> None:
        self._filter: Mapping[str, Any] = normalized_filter(filter)
        self._match: Match = compile_normalized(self._filter)

    def matches(self, session: Session, collection: StoredCollection) -> Iterator[_Found]:
        source = open_source(session.connection, collection, self._filter)
        while not source.exhausted:
            for rid, encoded in source.take(session.connection, _CHUNK):
                document = decode(encoded)
                if self._match(document):
                    yield _Found(rid, encoded, document)


_CHUNK: Final = 500


def _replace_by_key(session: Session, name: str, key: bytes, document: Document) -> UpdateResult:
    encoded = encode(document)
    check_storable(document)
    with session.writing():
        collection = session.catalog.collection(name)
        if collection is None:
            return _NONE
        connection = session.connection
        row = connection.execute(collection.sql.row, (key,)).fetchone()
        if row is None:
            return _NONE
        rid, old = row
        if encoded == old:
            return _UNCHANGED
        connection.execute(collection.sql.replace_by_rid, (encoded, rid))
        if collection.indexes:
            move_entries(session, collection, (rid, decode(old)), decode(encoded))
    return _CHANGED


def _update_by_key(session: Session, name: str, key: bytes, apply: Apply) -> UpdateResult:
    with session.writing():
        collection = session.catalog.collection(name)
        if collection is None:
            return _NONE
        row = session.connection.execute(collection.sql.row, (key,)).fetchone()
        if row is None:
            return _NONE
        rid, encoded = row
        found = _Found(rid, encoded, decode(encoded))
        changed = _store(session, collection, found, apply(found.document))
        return _CHANGED if changed else _UNCHANGED


def _store(
    session: Session, collection: StoredCollection, found: _Found, document: Document
) -> bool:
    """Puts the document in the place of the one that was found; returns whether it is another."""
    if key_bytes(document["_id"]) != key_bytes(found.document["_id"]):
        raise write_error("the replacement would change the immutable field '_id'.", 66)
    encoded = encode(document)
    if encoded == found.encoded:
        return False
    session.connection.execute(collection.sql.replace_by_rid, (encoded, found.rid))
    if collection.indexes:
        move_entries(session, collection, (found.rid, found.document), decode(encoded))
    return True


_NONE: Final = UpdateResult(matched=0, modified=0)
_UNCHANGED: Final = UpdateResult(matched=1, modified=0)
_CHANGED: Final = UpdateResult(matched=1, modified=1)
