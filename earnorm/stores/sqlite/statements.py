"""All SQL over documents and index entries; the only thing ever filled in is a table's number."""

from collections.abc import Sequence
from typing import Final, NamedTuple

__all__ = ["DocumentSQL", "EntrySQL", "Walk", "WalkSQL"]


class DocumentSQL:
    """The statements over the table of one collection: rid, key bytes of `_id`, BSON."""

    __slots__ = (
        "at_rid",
        "create",
        "delete_by_rid",
        "drop",
        "get",
        "highest",
        "insert",
        "next",
        "page",
        "replace_by_key",
        "replace_by_rid",
        "rid",
        "row",
        "size",
        "some",
        "some_by_place",
    )

    def __init__(self, number: int) -> None:
        def fill(statement: str) -> str:
            return statement.replace("#", f"c{number}")

        self.create: Final = fill(
            "CREATE TABLE # (rid INTEGER PRIMARY KEY, k BLOB NOT NULL UNIQUE, doc BLOB NOT NULL)"
        )
        self.drop: Final = fill("DROP TABLE #")
        self.insert: Final = fill("INSERT INTO # (k, doc) VALUES (?, ?)")
        self.get: Final = fill("SELECT doc FROM # WHERE k = ?")
        self.rid: Final = fill("SELECT rid FROM # WHERE k = ?")
        self.at_rid: Final = fill("SELECT rid, doc FROM # WHERE rid = ?")
        self.page: Final = fill(
            "SELECT rid, doc FROM # WHERE rid > ? AND rid <= ? ORDER BY rid LIMIT ? OFFSET ?"
        )
        self.some: Final = fill(
            "SELECT rid, doc FROM # WHERE rid > :after AND rid <= :until AND (@) ORDER BY rid LIMIT :most"
        )
        # the subquery is not merged, so that the place is looked for once
        self.some_by_place: Final = fill(
            "SELECT rid, doc FROM (SELECT rid, doc, instr(doc, :name) AS place FROM # WHERE rid > :after "
            "AND rid <= :until ORDER BY rid LIMIT -1 OFFSET 0) WHERE (@) ORDER BY rid LIMIT :most"
        )
        self.next: Final = fill("SELECT min(rid) FROM # WHERE rid > ?")
        self.size: Final = fill("SELECT count(*) FROM #")
        self.highest: Final = fill("SELECT coalesce(max(rid), 0) FROM #")
        self.replace_by_key: Final = fill("UPDATE # SET doc = ? WHERE k = ?")
        self.replace_by_rid: Final = fill("UPDATE # SET doc = ? WHERE rid = ?")
        self.row: Final = fill("SELECT rid, doc FROM # WHERE k = ?")
        self.delete_by_rid: Final = fill("DELETE FROM # WHERE rid = ?")


class EntrySQL:
    """The statements over the table of one index: key bytes, rid of the document."""

    __slots__ = ("create", "delete", "drop", "insert")

    def __init__(self, number: int, *, unique: bool) -> None:
        def fill(statement: str) -> str:
            return statement.replace("#", f"i{number}")

        primary = "PRIMARY KEY (key)" if unique else "PRIMARY KEY (key, rid)"
        self.create: Final = fill(
            f"CREATE TABLE # (key BLOB NOT NULL, rid INTEGER NOT NULL, {primary}) WITHOUT ROWID"
        )
        self.drop: Final = fill("DROP TABLE #")
        self.insert: Final = fill("INSERT INTO # (key, rid) VALUES (?, ?)")
        self.delete: Final = fill("DELETE FROM # WHERE key = ? AND rid = ?")


class Walk(NamedTuple):
    """The statements for the next entries of a range, forward and backward: at first, and from a place on."""

    first: str
    last: str
    after: str
    before: str


class WalkSQL:
    """The statements that walk through the keys of one collection in order.

    The index with the number 0 is that of `_id`, whose keys stand beside the documents.
    """

    __slots__ = ("count", "count_different", "documents", "keys")

    def __init__(self, collection: int, index: int, *, unique: bool) -> None:
        key, rid = ("e.key", "e.rid") if index else ("e.k", "e.rid")
        entries = f"{f'i{index}' if index else f'c{collection}'} AS e"
        # the order of a CROSS JOIN is kept: entries first, each with its document
        joined = f"{entries} CROSS JOIN c{collection} AS d ON d.rid = e.rid" if index else entries
        order = (key,) if unique else (key, rid)
        document = "d.doc" if index else "e.doc"
        self.documents: Final = _walk(f"{key}, {rid}, {document} FROM {joined}", key, rid, order)
        self.keys: Final = _walk(f"{key}, {rid} FROM {entries}", key, rid, order)
        here = f" FROM {entries} WHERE {key} >= ? AND {key} < ? LIMIT ?"
        count = "SELECT count(*) FROM (SELECT #)"
        self.count: Final = count.replace("#", "1" + here)
        self.count_different: Final = count.replace("#", f"DISTINCT {rid}" + here)


def _walk(what: str, key: str, rid: str, order: Sequence[str]) -> Walk:
    forward = f"ORDER BY {', '.join(order)} LIMIT ?"
    backward = f"ORDER BY {', '.join(f'{column} DESC' for column in order)} LIMIT ?"
    here = f"{key} >= ? AND {key} < ?"
    return Walk(
        first=f"SELECT {what} WHERE {here} {forward}",
        last=f"SELECT {what} WHERE {here} {backward}",
        after=f"SELECT {what} WHERE ({key}, {rid}) > (?, ?) AND {key} < ? {forward}",
        before=f"SELECT {what} WHERE ({key}, {rid}) < (?, ?) AND {key} >= ? {backward}",
    )
