"""Gives the space of what was deleted back to the file system."""

import sqlite3
from pathlib import Path

from earnorm.stores.sqlite.beside import Waiting
from earnorm.stores.sqlite.opening import connected

__all__ = ["compact", "compact_file"]


def compact_file(path: Path, waiting: Waiting) -> int:
    """As `compact`, on a connection of its own; for any thread.

    It ends early, with the file as it was, when nobody waits any longer.
    """
    with connected(path, waiting) as connection:
        return compact(connection)


def compact(connection: sqlite3.Connection) -> int:
    """Writes the file anew without its gaps; returns how many bytes it lost."""
    before = _size(connection)
    connection.execute("VACUUM")
    # moves it from the log into the file, unless somebody reads: then a later write does it
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return max(0, before - _size(connection))


def _size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * page_size)
