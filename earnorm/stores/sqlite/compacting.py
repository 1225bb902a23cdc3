"""Gives the space of what was deleted back to the file system."""

from earnorm.stores.sqlite.session import Session

__all__ = ["compact"]


def compact(session: Session) -> int:
    """Writes the file anew without its gaps; returns how many bytes it lost."""
    connection = session.connection
    before = _size(session)
    connection.execute("VACUUM")
    # moves it from the log into the file, unless somebody reads: then a later write does it
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return max(0, before - _size(session))


def _size(session: Session) -> int:
    (pages,) = session.connection.execute("PRAGMA page_count").fetchone()
    (page_size,) = session.connection.execute("PRAGMA page_size").fetchone()
    return int(pages * page_size)
