"""Opens a file, or makes it, and refuses what is not ours."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from earnorm.errors import StoreAccessError
from earnorm.stores.sqlite.beside import Waiting
from earnorm.stores.sqlite.file_format import SYNCHRONOUS, check_header, prepare
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sessions import FileSessions, MemorySessions, Sessions

__all__ = ["connect_again", "connected", "open_sessions"]


def open_sessions(path: Path | None, store: str, synchronous: str) -> Sessions:
    """The sessions of a file, or of a database in memory; called in the worker's thread.

    Raises `StoreAccessError`, `StoreCorruptError` or `StoreVersionError`, and SQLite's own errors.
    """
    if path is None:
        return MemorySessions(Session(_prepared(":memory:", store, synchronous)))
    _check_path(path, store)
    check_header(path, store)
    main = Session(_prepared(path, store, synchronous))
    return FileSessions(
        main,
        lambda: connect_again(path),
        _place_check(path, store),
        synchronous=SYNCHRONOUS[synchronous],
    )


def connect_again(path: Path) -> sqlite3.Connection:
    """One more connection to a file of ours, which is not made if it is gone by now."""
    return sqlite3.connect(
        path.as_uri() + "?mode=rw",
        uri=True,
        timeout=0,
        isolation_level=None,
        cached_statements=256,
    )


@contextmanager
def connected(path: Path, waiting: Waiting) -> Iterator[sqlite3.Connection]:
    """One more connection for the length of a block, in any thread.

    Its statements raise `sqlite3.OperationalError` once nobody waits any longer.
    """
    connection = connect_again(path)
    connection.set_progress_handler(lambda: waiting.is_over, _INSTRUCTIONS)
    try:
        yield connection
    finally:
        connection.close()


_INSTRUCTIONS: Final = 10_000
"""SQLite's own, after which it is asked whether somebody waits: less than a millisecond."""


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


def _place_check(path: Path, store: str) -> Callable[[], None]:
    """What raises `StoreAccessError` once another file, or none, is at the path.

    SQLite looks for that only where it keeps a rollback journal, and would write on into a file without a name.
    """
    opened = os.stat(path)
    name, identity = os.fspath(path), (opened.st_dev, opened.st_ino)

    def check() -> None:
        try:
            found = os.stat(name)
        except FileNotFoundError:
            raise StoreAccessError(
                store, "the file was deleted or moved while it was open"
            ) from None
        if (found.st_dev, found.st_ino) != identity:
            raise StoreAccessError(store, "another file was put in its place while it was open")

    return check
