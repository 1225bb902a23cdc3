"""Which collections and indexes a file has, and the numbers that their tables go by.

No name that a user chose ever becomes part of an SQL statement: collection 7 is table `c7`, index 3
is table `i3`, and the names are values in the catalog tables. A new number is above every version that the
catalog had, so that none is ever used again.
"""

import sqlite3
from dataclasses import dataclass, field, replace
from typing import Any, Final

from earnorm.stores.documents import (
    Match,
    Row,
    compile_collation,
    compile_normalized,
    decode,
    encode,
    key_bytes,
    normalized_filter,
    row_keys,
    split_path,
)
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.sqlite.conditions import Conditions, read_conditions
from earnorm.stores.sqlite.segments import inverted
from earnorm.stores.sqlite.statements import DocumentSQL, EntrySQL, WalkSQL
from earnorm.typing import Index

__all__ = ["Catalog", "StoredCollection", "StoredIndex", "read_definition", "write_definition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIndex:
    """An index and the table of its entries."""

    number: int
    """The number of its table; 0 for that of `_id`, whose entries are the documents themselves."""
    collection: int = 0
    index: Index
    multikey: bool
    """Whether some document has an array on one of the paths, hence several entries."""
    directed: bool = True
    """Whether what the index has in descending order is kept inverted: not in files of the first format."""
    key_of: KeyOf = key_bytes
    paths: tuple[tuple[str, ...], ...] = field(init=False)
    partial: Conditions | None = field(init=False, repr=False, compare=False)
    """What a partial index asks of its documents."""
    covers: Match | None = field(init=False)
    """Whether a document belongs into a partial index; None if all do."""
    inverted: tuple[bool, ...] = field(init=False)
    sql: EntrySQL = field(init=False, repr=False, compare=False)
    walk: WalkSQL = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        paths = tuple(split_path(path) for path, _ in self.index.fields)
        object.__setattr__(self, "paths", paths)
        filter = normalized_filter(self.index.partial) if self.index.partial else None
        # compiled first, since that is what refuses a filter which says nothing
        object.__setattr__(self, "covers", filter and compile_normalized(filter, self.key_of))
        object.__setattr__(self, "partial", filter and read_conditions(filter, self.key_of))
        turned = tuple(self.directed and direction == -1 for _, direction in self.index.fields)
        object.__setattr__(self, "inverted", turned)
        unique = self.index.unique
        object.__setattr__(self, "sql", EntrySQL(self.number, unique=unique))
        object.__setattr__(self, "walk", WalkSQL(self.collection, self.number, unique=unique))

    def key(self, row: Row) -> bytes:
        """The key of the entry for a row of values."""
        keys = row_keys(row, self.key_of)
        if True in self.inverted:
            keys = [
                inverted(key) if turned else key
                for key, turned in zip(keys, self.inverted, strict=True)
            ]
        return b"".join(keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCollection:
    """A collection, its table and its indexes."""

    number: int
    name: str
    indexes: tuple[StoredIndex, ...]
    """Those that somebody made."""
    identity: StoredIndex = field(init=False)
    """That of `_id`, which every collection has."""
    sql: DocumentSQL = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sql", DocumentSQL(self.number))
        identity = StoredIndex(number=0, collection=self.number, index=_IDENTITY, multikey=False)
        object.__setattr__(self, "identity", identity)

    @property
    def every_index(self) -> tuple[StoredIndex, ...]:
        """That of `_id`, and those that somebody made."""
        return (self.identity, *self.indexes)


_IDENTITY: Final = Index(fields=(("_id", 1),), unique=True, name="_id_")


class Catalog:
    """The collections of one file, read anew whenever another process changed them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._collections: dict[str, StoredCollection] = {}
        self._data_version = -1
        self._version = -1
        self._watched_until = 0

    @property
    def version(self) -> int:
        """Another number after each change of the catalog."""
        return self._version

    @property
    def watched_until(self) -> int:
        """Until when changes are to be noted, in milliseconds since 1970; 0 while nobody watches."""
        return self._watched_until

    def cached(self, name: str) -> StoredCollection | None:
        """The collection as last read; its table is its own for ever, its indexes may be outdated."""
        return self._collections.get(name)

    def collection(self, name: str) -> StoredCollection | None:
        """The collection as it is in the transaction that is open."""
        # changes whenever another connection wrote anything; the version below, only the catalog
        (data_version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if data_version != self._data_version:
            (version,) = self._connection.execute("SELECT version FROM catalog").fetchone()
            if version != self._version:
                self._collections = _read_collections(self._connection)
                self._watched_until = _read_watched_until(self._connection)
                self._version = version
            self._data_version = data_version
        return self._collections.get(name)

    def collections(self) -> list[StoredCollection]:
        """All collections, as they are in the transaction that is open."""
        self.collection("")
        return list(self._collections.values())

    def create(self, name: str) -> StoredCollection:
        """The collection, made if it is missing; inside a writing transaction only."""
        known = self.collection(name)
        if known is not None:
            return known
        made = StoredCollection(number=self._version + 1, name=name, indexes=())
        self._connection.execute(
            "INSERT INTO collections (id, name) VALUES (?, ?)", (made.number, name)
        )
        self._connection.execute(made.sql.create)
        self._put(made)
        return made

    def add_index(self, collection: StoredCollection, index: Index) -> StoredIndex:
        """The index, noted and with an empty table; inside a writing transaction only."""
        made = StoredIndex(
            number=self._version + 1,
            collection=collection.number,
            index=index,
            multikey=False,
            key_of=compile_collation(index.collation),
        )
        self._connection.execute(
            "INSERT INTO indexes (id, collection, name, definition) VALUES (?, ?, ?, ?)",
            (made.number, collection.number, index.name, write_definition(index)),
        )
        self._connection.execute(made.sql.create)
        self._put(replace(collection, indexes=(*collection.indexes, made)))
        return made

    def drop_index(self, collection: StoredCollection, index: StoredIndex) -> None:
        """Removes the index and its table; inside a writing transaction only."""
        self._connection.execute("DELETE FROM indexes WHERE id = ?", (index.number,))
        self._connection.execute(index.sql.drop)
        kept = tuple(other for other in collection.indexes if other is not index)
        self._put(replace(collection, indexes=kept))

    def drop(self, collection: StoredCollection) -> None:
        """Removes the collection with its documents and indexes; inside a writing transaction only."""
        for index in collection.indexes:
            self._connection.execute(index.sql.drop)
        self._connection.execute("DELETE FROM indexes WHERE collection = ?", (collection.number,))
        self._connection.execute("DELETE FROM collections WHERE id = ?", (collection.number,))
        self._connection.execute(collection.sql.drop)
        del self._collections[collection.name]
        self._note_change()

    def watch_until(self, until: int) -> None:
        """Sets until when changes are to be noted, for all processes; inside a writing transaction only."""
        self._connection.execute("UPDATE watching SET until = ?", (until,))
        self._watched_until = until
        self._note_change()

    def mark_multikey(self, name: str, number: int) -> None:
        """Notes that a document has several entries in the index; inside a writing transaction."""
        self._connection.execute("UPDATE indexes SET multikey = 1 WHERE id = ?", (number,))
        collection = self._collections[name]
        marked = tuple(
            replace(index, multikey=True) if index.number == number else index
            for index in collection.indexes
        )
        self._put(replace(collection, indexes=marked))

    def forget(self) -> None:
        """Reads all anew: a transaction that may have changed the catalog was rolled back."""
        self._collections = {}
        self._data_version = self._version = -1

    def _put(self, collection: StoredCollection) -> None:
        self._collections[collection.name] = collection
        self._note_change()

    def _note_change(self) -> None:
        self._version += 1
        self._connection.execute("UPDATE catalog SET version = ?", (self._version,))


def _read_collections(connection: sqlite3.Connection) -> dict[str, StoredCollection]:
    indexes: dict[int, list[StoredIndex]] = {}
    for number, owner, definition, multikey in connection.execute(
        "SELECT id, collection, definition, multikey FROM indexes ORDER BY id"
    ):
        index, directed = read_definition(definition)
        stored = StoredIndex(
            number=number,
            collection=owner,
            index=index,
            multikey=bool(multikey),
            directed=directed,
            key_of=compile_collation(index.collation),
        )
        indexes.setdefault(owner, []).append(stored)
    return {
        name: StoredCollection(number=number, name=name, indexes=tuple(indexes.get(number, ())))
        for number, name in connection.execute("SELECT id, name FROM collections")
    }


def _read_watched_until(connection: sqlite3.Connection) -> int:
    (until,) = connection.execute("SELECT until FROM watching").fetchone()
    return int(until)


def write_definition(index: Index) -> bytes:
    """The index as BSON."""
    return encode(
        {
            "name": index.name,
            "fields": [list(field) for field in index.fields],
            "unique": index.unique,
            "partial": index.partial,
            "sparse": index.sparse,
            "expire_after": index.expire_after,
            "collation": index.collation,
            "directed": True,
        }
    )


def read_definition(encoded: bytes) -> tuple[Index, bool]:
    """The index that was written, and whether it keeps descending fields inverted."""
    definition: dict[str, Any] = decode(encoded)
    index = Index(
        name=definition["name"],
        fields=tuple((path, direction) for path, direction in definition["fields"]),
        unique=definition["unique"],
        partial=definition["partial"],
        sparse=definition.get("sparse", False),
        expire_after=definition.get("expire_after"),
        collation=definition.get("collation"),
    )
    return index, definition.get("directed", False)
