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
    """Refuses a file that is not ours by its first bytes, before SQLite may touch it.

    Raises `StoreCorruptError` for what is no database, and `StoreVersionError` for a newer format
    or another program's database. A missing or empty file is fine.
    """
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return
    if not header:
        return
    if len(header) < 100 or not header.startswith(b"SQLite format 3\x00"):
        raise StoreCorruptError(store, "the file is not a database")
    application, version = _number(header, 68), _number(header, 60)
    # a new file gets our mark before it is switched to WAL, so WAL without the mark is foreign
    if application == APPLICATION_ID or (application == 0 and header[18] != _WAL):
        _check_version(application, version, store)
    else:
        raise _foreign(store)


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


_WAL = 2

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


def _number(header: bytes, offset: int) -> int:
    return int.from_bytes(header[offset : offset + 4], "big")


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
            if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
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
