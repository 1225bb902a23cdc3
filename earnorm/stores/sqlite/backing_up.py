"""Copies a database to a new file while others write."""

import os
import secrets
import sqlite3
from pathlib import Path
from typing import Final

from earnorm.errors import StoreAccessError
from earnorm.stores.sqlite.beside import Waiting
from earnorm.stores.sqlite.opening import connected

__all__ = ["check_target", "copy_file", "copy_to"]


def check_target(path: Path, store: str) -> None:
    """Raises `StoreAccessError` for a path where something is, or where no file can be made."""
    if os.path.lexists(path):
        raise _exists(path, store)
    if not path.parent.is_dir():
        raise StoreAccessError(store, f"the directory {str(path.parent)!r} does not exist")


def copy_file(source: Path, target: Path, store: str, waiting: Waiting) -> None:
    """Copies a file's database as it is when the copying begins; for any thread.

    The target comes into being whole, at the end. Raises as `check_target` does, SQLite's errors, and
    `Abandoned` when nobody waits any longer.
    """
    with connected(source, waiting) as connection:
        # without a moment that is held, SQLite begins anew whenever somebody writes between two steps
        connection.execute("BEGIN")
        connection.execute("SELECT version FROM catalog").fetchall()
        copy_to(connection, target, store, waiting)


def copy_to(
    source: sqlite3.Connection, target: Path, store: str, waiting: Waiting | None = None
) -> None:
    """Copies the database of a connection, in the thread that it belongs to."""
    check_target(target, store)
    # another backup to the same path may be under way, in this process too
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(8)}.part")
    try:
        copy = sqlite3.connect(unfinished)
        try:
            if waiting is None:
                source.backup(copy)
            else:
                source.backup(copy, pages=_PAGES, progress=lambda *_: waiting.check())
        finally:
            copy.close()
        _put_in_place(unfinished, target, store)
    finally:
        unfinished.unlink(missing_ok=True)


_PAGES: Final = 1_000
"""How many are copied before it is asked whether somebody waits."""


def _put_in_place(unfinished: Path, target: Path, store: str) -> None:
    try:
        os.link(unfinished, target)
    except FileExistsError as error:
        raise _exists(target, store) from error
    except OSError:
        # a file system without links
        check_target(target, store)
        unfinished.rename(target)


def _exists(path: Path, store: str) -> StoreAccessError:
    return StoreAccessError(store, f"{str(path)!r} exists already, and a backup never overwrites")
