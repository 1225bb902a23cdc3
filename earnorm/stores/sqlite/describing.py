"""What answers under a store's name."""

import sqlite3
from pathlib import Path

from earnorm.stores.protocol import StoreDescription
from earnorm.stores.sqlite.session import Session
from earnorm.typing import MutableDocument

__all__ = ["describe"]


def describe(session: Session, path: Path | None) -> StoreDescription:
    """SQLite's version, and facts about the file."""
    details: MutableDocument = {"path": None if path is None else str(path)}
    for name, pragma in _FACTS:
        (details[name],) = session.connection.execute(f"PRAGMA {pragma}").fetchone()
    details["bytes"] = details.pop("pages") * details.pop("page_size")
    return StoreDescription(
        product="SQLite",
        version=sqlite3.sqlite_version,
        topology="memory" if path is None else "file",
        details=details,
    )


_FACTS = (
    ("format_version", "user_version"),
    ("journal_mode", "journal_mode"),
    ("pages", "page_count"),
    ("page_size", "page_size"),
    ("free_pages", "freelist_count"),
)
