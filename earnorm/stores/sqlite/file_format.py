"""What makes a file ours: its header, its version, its catalog tables."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from earnorm.errors import StoreCorruptError, StoreVersionError

__all__ = ["APPLICATION_ID", "FORMAT_VERSION", "SYNCHRONOUS", "check_header", "prepare"]

APPLICATION_ID: Final = 0x4561724F  # "EarO"
FORMAT_VERSION: Final = 2
SYNCHRONOUS: Final[Mapping[str, int]] = {"NORMAL": 1, "FULL": 2}
"""SQLite's numbers for what a write waits for."""


def check_header(path: Path, store: str) -> None:
    """Refuses a file that is not ours by its first page, before SQLite may touch it.

    Raises `StoreCorruptError` for what is no database, and `StoreVersionError` for a newer format
    or another program's database. A missing or empty file is fine.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return
    if not size:
        return
    if size < _SMALLEST_PAGE:
        raise StoreCorruptError(store, "the file is not a database")
    application, version, is_empty = _first_page(path)
    # a new file gets our mark before it is switched to WAL, so a log without the mark is foreign
    if application == 0 and (not is_empty or path.with_name(f"{path.name}-wal").exists()):
        raise _foreign(store)
    _check_version(application, version, store)


def prepare(connection: sqlite3.Connection, store: str, synchronous: str) -> None:
    """Makes a new file ours, or checks that it is, upgrades an older one, and sets how it is written.

    Raises as `check_header` does.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    _check_version(application, version, store)
    if application != APPLICATION_ID or version < FORMAT_VERSION:
        _bring_up_to_date(connection, store)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS[synchronous]}")


_SMALLEST_PAGE: Final = 512
_ANY_TABLE: Final = "SELECT 1 FROM sqlite_master LIMIT 1"

_UPGRADES: Final[Mapping[int, tuple[str, ...]]] = {
    0: (
        "CREATE TABLE catalog (version INTEGER NOT NULL)",
        "INSERT INTO catalog (version) VALUES (0)",
        "CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        """
        CREATE TABLE indexes (
            id INTEGER PRIMARY KEY,
            collection INTEGER NOT NULL,
            name TEXT NOT NULL,
            definition BLOB NOT NULL,
            multikey INTEGER NOT NULL DEFAULT 0,
            UNIQUE (collection, name)
        )
        """,
        f"PRAGMA application_id = {APPLICATION_ID}",
    ),
    1: (
        "CREATE TABLE watching (until INTEGER NOT NULL, floor INTEGER NOT NULL, file BLOB NOT NULL)",
        "INSERT INTO watching (until, floor, file) VALUES (0, 0, randomblob(8))",
        """
        CREATE TABLE changes (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            collection TEXT NOT NULL,
            key BLOB,
            content BLOB
        )
        """,
    ),
}
"""What leads from each version to the next; 0 is an empty file."""


def _first_page(path: Path) -> tuple[int, int, bool]:
    """Whose mark a file has, its version, and whether it has neither mark nor tables; raises SQLite's errors.

    SQLite reads it, for whoever opens and closes the file by himself takes away the locks that other connections
    of the process have on it ("How To Corrupt An SQLite Database File", 2.2), and the next process to close the
    file deletes its log while they write there. As `immutable` it is neither locked nor changed.
    """
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        # while another process moves its log into the file, the file is shorter than its first page says
        connection.execute("PRAGMA writable_schema = ON")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        is_empty = application == 0 and not connection.execute(_ANY_TABLE).fetchone()
        return application, version, is_empty
    finally:
        connection.close()


def _check_version(application: int, version: int, store: str) -> None:
    if application not in (0, APPLICATION_ID):
        raise _foreign(store)
    if application == APPLICATION_ID and version > FORMAT_VERSION:
        raise StoreVersionError(
            store,
            f"its format is version {version}, and this release of EarnORM reads up to version "
            f"{FORMAT_VERSION} (upgrade EarnORM)",
        )


def _foreign(store: str) -> StoreVersionError:
    return StoreVersionError(
        store, "the file is a database that belongs to another program (choose another path)"
    )


def _bring_up_to_date(connection: sqlite3.Connection, store: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # another process may have been faster
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        _check_version(application, version, store)
        if application != APPLICATION_ID:
            if connection.execute(_ANY_TABLE).fetchone():
                raise _foreign(store)
            version = 0
        for older in range(version, FORMAT_VERSION):
            for statement in _UPGRADES[older]:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
