"""The connection as the worker's jobs see it: transactions and the catalog."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from earnorm.stores.sqlite.catalog import Catalog

__all__ = ["Session"]


class Session:
    """One SQLite connection and its catalog; used in the worker's thread only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.catalog = Catalog(connection)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the file's write lock from its first moment; all or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            self.catalog.forget()
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction in which everything read is of one moment."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self._roll_back()

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
