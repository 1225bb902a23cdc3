"""SQLite's errors as ours."""

import sqlite3

from bson.errors import InvalidBSON

from earnorm.errors import StoreAccessError, StoreCorruptError
from earnorm.stores.sqlite.failures import dropped_meanwhile

__all__ = ["is_busy", "translated"]


def is_busy(error: BaseException) -> bool:
    """Whether another connection holds a lock, so that trying again may help."""
    return _primary_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def translated(error: BaseException, store: str) -> BaseException:
    """The error that the caller gets instead; the same one if it is no fault of the file."""
    if isinstance(error, InvalidBSON):
        return StoreCorruptError(store, f"a document is damaged ({error})")
    if isinstance(error, sqlite3.OperationalError) and str(error).startswith("no such table"):
        return dropped_meanwhile()
    code = _primary_code(error)
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return StoreCorruptError(store, str(error))
    if code in _ACCESS:
        return StoreAccessError(store, str(error))
    return error


_ACCESS = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


def _primary_code(error: BaseException) -> int:
    # extended codes carry the primary one in their lowest byte
    code: int = getattr(error, "sqlite_errorcode", 0) or 0
    return code & 0xFF
