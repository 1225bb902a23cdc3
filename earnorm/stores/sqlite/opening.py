"""Opens a file, or makes it, and refuses what is not ours."""

import sqlite3
from pathlib import Path

from earnorm.errors import StoreAccessError
from earnorm.stores.sqlite.file_format import SYNCHRONOUS, check_header, prepare
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sessions import FileSessions, MemorySessions, Sessions

__all__ = ["connect_again", "open_sessions"]


def open_sessions(path: Path | None, store: str, synchronous: str) -> Sessions:
    """The sessions of a file, or of a database in memory; called in the worker's thread.

    Raises `StoreAccessError`, `StoreCorruptError` or `StoreVersionError`, and SQLite's own errors.
    """
    if path is None:
        return MemorySessions(Session(_prepared(":memory:", store, synchronous)))
    _check_path(path, store)
    check_header(path, store)
    main = Session(_prepared(path, store, synchronous))
    return FileSessions(main, lambda: connect_again(path), synchronous=SYNCHRONOUS[synchronous])


def connect_again(path: Path) -> sqlite3.Connection:
    """One more connection to a file of ours, which is not made if it is gone by now."""
    return sqlite3.connect(
        path.as_uri() + "?mode=rw",
        uri=True,
        timeout=0,
        isolation_level=None,
        cached_statements=256,
    )


def _prepared(path: Path | str, store: str, synchronous: str) -> sqlite3.Connection:
    connection = _connect(path)
    try:
        prepare(connection, store, synchronous)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path | str) -> sqlite3.Connection:
    # the timeout is 0 because a wait in here would keep every other job of the worker waiting
    return sqlite3.connect(path, timeout=0, isolation_level=None, cached_statements=256)


def _check_path(path: Path, store: str) -> None:
    if not path.parent.is_dir():
        raise StoreAccessError(store, f"the directory {str(path.parent)!r} does not exist")
    if path.is_dir():
        raise StoreAccessError(store, f"{str(path)!r} is a directory")
