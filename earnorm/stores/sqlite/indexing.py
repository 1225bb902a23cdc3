"""Builds, lists and drops indexes."""

from typing import Final

from earnorm.errors import IndexConflictError
from earnorm.stores.documents import decode, key_bytes
from earnorm.stores.sqlite.catalog import StoredCollection, StoredIndex
from earnorm.stores.sqlite.entries import fill_index
from earnorm.stores.sqlite.index_options import refused
from earnorm.stores.sqlite.naming import check_collection_name, check_identity, check_index
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sources import ScanSource
from earnorm.typing import Index

__all__ = ["create_index", "drop_index", "list_indexes"]


def create_index(session: Session, name: str, index: Index) -> None:
    """Builds the index over what is stored; one that exists alike is left as it is.

    Raises PyMongo's `DuplicateKeyError` if documents share a key of a unique index, and
    `IndexConflictError` if the name, or the same index under another name, is there already. Nothing
    is left behind then.
    """
    check_collection_name(name)
    if not isinstance(index, Index):
        raise TypeError(f"create_index takes an Index(fields=((path, 1),)), not {index!r}")
    if tuple(index.fields) == _ID_FIELDS:
        check_identity(index)
        return  # every collection has it
    check_index(index)
    with session.writing():
        collection = session.catalog.create(name)
        if _exists(collection, index):
            return
        if len(collection.every_index) >= _MOST_INDEXES:
            raise refused(
                index, f"a collection has at most {_MOST_INDEXES} indexes. Drop another one"
            )
        made = session.catalog.add_index(collection, index)
        _fill(session, collection, made)


def list_indexes(session: Session, name: str) -> list[Index]:
    """The indexes of a collection in the order of their making, that of `_id` left out."""
    with session.reading():
        collection = session.catalog.collection(name)
        return [] if collection is None else [stored.index for stored in collection.indexes]


def drop_index(session: Session, name: str, index_name: str) -> None:
    """Drops an index; one that does not exist is no error."""
    with session.writing():
        collection = session.catalog.collection(name)
        for stored in () if collection is None else collection.indexes:
            if collection is not None and stored.index.name == index_name:
                session.catalog.drop_index(collection, stored)


_ID_FIELDS: Final = (("_id", 1),)
_CHUNK: Final = 1_000
# "MongoDB Limits and Thresholds" in its manual
_MOST_INDEXES: Final = 64


def _exists(collection: StoredCollection, index: Index) -> bool:
    for other in (stored.index for stored in collection.indexes):
        same = _definition(other) == _definition(index)
        if other.name == index.name and same:
            return True
        if other.name == index.name:
            raise IndexConflictError(
                f"the collection {collection.name!r} has an index {index.name!r} with another "
                "definition. Drop that one first, or give the new one another name.",
                collection=collection.name,
                index=index.name,
            )
        if same:
            raise IndexConflictError(
                f"the collection {collection.name!r} has the index {index.name!r} already, under the "
                f"name {other.name!r}. Use that name, or drop that one first.",
                collection=collection.name,
                index=index.name,
            )
    return False


def _definition(index: Index) -> tuple[object, ...]:
    given = (index.partial, index.collation, index.expire_after)
    options = (None if option is None else key_bytes(option) for option in given)
    return index.fields, index.unique, index.sparse, *options


def _fill(session: Session, collection: StoredCollection, index: StoredIndex) -> None:
    source = ScanSource(session.connection, collection)
    while not source.exhausted:
        rows = source.take(session.connection, _CHUNK)
        fill_index(session, collection, index, [(rid, decode(encoded)) for rid, encoded in rows])
