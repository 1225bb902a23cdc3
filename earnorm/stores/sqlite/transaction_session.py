"""The connection of a transaction: whatever is done there is part of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from earnorm.stores.sqlite.failures import write_conflict
from earnorm.stores.sqlite.session import Session

__all__ = ["MemoryTransactionSession", "TransactionSession"]


class TransactionSession(Session):
    """Sees one moment of the file, from its first read on, and its own writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.has_written = False

    def begin(self) -> None:
        """Opens the transaction; its moment is that of the first read or write."""
        self.has_written = False
        self.connection.execute("BEGIN")

    def lock(self) -> None:
        """Takes the file's write lock.

        Raises PyMongo's `OperationFailure` (112) if somebody wrote since the first read, and SQLite's own
        error while another connection holds the lock.
        """
        if self.has_written:
            return
        try:
            self.connection.execute("DELETE FROM catalog WHERE 0")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY_SNAPSHOT:
                raise write_conflict() from error
            raise
        self.has_written = True

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A part of the transaction that happens wholly or not at all."""
        with self.step():
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Reads what the transaction sees."""
        yield


class MemoryTransactionSession(TransactionSession):
    """Sees a copy of a database in memory, made when the transaction began to read or write."""

    def __init__(self, origin: Session) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
        origin.connection.backup(connection)
        super().__init__(connection)
        self.origin = origin
        self._commits = origin.commits

    def lock(self) -> None:
        """Raises PyMongo's `OperationFailure` (112) if somebody wrote since the copy was made."""
        if not self.is_current:
            raise write_conflict()
        self.has_written = True

    @property
    def is_current(self) -> bool:
        """Whether nobody wrote since the copy was made."""
        return self.origin.commits == self._commits
