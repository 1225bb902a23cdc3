"""The connection as the worker's jobs see it: transactions, the catalog, and the outbox."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from earnorm.clock import now
from earnorm.stores.sqlite.catalog import Catalog
from earnorm.stores.sqlite.outbox import Outbox, milliseconds

__all__ = ["Session"]


class Session:
    """One SQLite connection and its catalog; used in the worker's thread only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.catalog = Catalog(connection)
        self._outbox = Outbox(connection)
        self.commits = 0
        """How many transactions of this session changed something."""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction that holds the file's write lock from its first moment; all or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        before = self.connection.total_changes
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            self.roll_back()
            raise
        if self.connection.total_changes != before:
            self.commits += 1

    @contextmanager
    def step(self) -> Iterator[None]:
        """A part of a writing transaction that can fail alone."""
        version = self.catalog.version
        self.connection.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            # a full disk may have ended the transaction already
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO step")
                self.connection.execute("RELEASE step")
            if self.catalog.version != version:
                self.catalog.forget()
            raise
        self.connection.execute("RELEASE step")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction in which everything read is of one moment."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    @contextmanager
    def durably(self) -> Iterator[None]:
        """Writes that end inside have reached the disk."""
        (before,) = self.connection.execute("PRAGMA synchronous").fetchone()
        self.connection.execute("PRAGMA synchronous = 2")
        try:
            yield
        finally:
            self.connection.execute(f"PRAGMA synchronous = {before}")

    def outbox(self) -> Outbox | None:
        """Where changes are to be noted in the writing transaction that is open; None if nobody watches."""
        until = self.catalog.watched_until
        if not until:
            return None
        if until < milliseconds(now()):
            self._outbox.clear()
            self.catalog.watch_until(0)
            return None
        return self._outbox

    def roll_back(self) -> None:
        """Ends the transaction, if one is open, and undoes its writes."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
        self.catalog.forget()

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()
