"""All SQL over documents and index entries; the only thing ever filled in is a table's number."""

from typing import Final

__all__ = ["DocumentSQL", "EntrySQL"]


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
        "page",
        "replace_by_key",
        "replace_by_rid",
        "rid",
        "row",
        "size",
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
        self.size: Final = fill("SELECT count(*) FROM #")
        self.highest: Final = fill("SELECT coalesce(max(rid), 0) FROM #")
        self.replace_by_key: Final = fill("UPDATE # SET doc = ? WHERE k = ?")
        self.replace_by_rid: Final = fill("UPDATE # SET doc = ? WHERE rid = ?")
        self.row: Final = fill("SELECT rid, doc FROM # WHERE k = ?")
        self.delete_by_rid: Final = fill("DELETE FROM # WHERE rid = ?")


class EntrySQL:
    """The statements over the table of one index: key bytes, rid of the document."""

    __slots__ = ("create", "delete", "drop", "insert", "rids")

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
        self.rids: Final = fill("SELECT rid FROM # WHERE key >= ? AND key < ?")
