"""Opens a file, or makes it, and refuses what is not ours."""

import sqlite3
from pathlib import Path

from earnorm.errors import StoreAccessError
from earnorm.stores.sqlite.file_format import check_header, prepare
from earnorm.stores.sqlite.session import Session

__all__ = ["open_session"]


def open_session(path: Path | None, store: str, synchronous: str) -> Session:
    """A session on the file, or on a database in memory; called in the worker's thread.

    Raises `StoreAccessError`, `StoreCorruptError` or `StoreVersionError`, and SQLite's own errors.
    """
    if path is not None:
        _check_path(path, store)
        check_header(path, store)
    # the timeout is 0 because a wait in here would keep every other job of the worker waiting
    connection = sqlite3.connect(
        ":memory:" if path is None else path, timeout=0, isolation_level=None, cached_statements=256
    )
    try:
        prepare(connection, store, synchronous)
    except BaseException:
        connection.close()
        raise
    return Session(connection)


def _check_path(path: Path, store: str) -> None:
    if not path.parent.is_dir():
        raise StoreAccessError(store, f"the directory {str(path.parent)!r} does not exist")
    if path.is_dir():
        raise StoreAccessError(store, f"{str(path)!r} is a directory")
