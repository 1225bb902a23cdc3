"""The connections to one database: one for plain operations, one for each transaction."""

import sqlite3
from collections.abc import Callable
from typing import Final, Protocol

from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.transaction_session import MemoryTransactionSession, TransactionSession

__all__ = ["FileSessions", "MemorySessions", "Sessions"]


class Sessions(Protocol):
    """What the worker has open; used in its thread only."""

    main: Session
    """Where plain operations run."""

    def check_place(self) -> None:
        """Raises `StoreAccessError` where a write would go to a file that nobody finds any longer."""
        ...

    def begin(self, *, is_full: bool) -> TransactionSession:
        """A session with a transaction open; with `is_full` its commit waits for the disk."""
        ...

    def commit(self, session: TransactionSession) -> None:
        """Makes the transaction's writes lasting, and takes its session back."""
        ...

    def abort(self, session: TransactionSession) -> None:
        """Undoes the transaction's writes, and takes its session back; twice is no error."""
        ...

    def close(self) -> None:
        """Closes all; open transactions are undone."""
        ...


class FileSessions:
    """Connections to a file, of which some are kept open for the next transactions."""

    def __init__(
        self,
        main: Session,
        connect: Callable[[], sqlite3.Connection],
        check_place: Callable[[], None],
        *,
        synchronous: int,
    ) -> None:
        self.main = main
        self.check_place = check_place
        self._connect = connect
        self._synchronous = synchronous
        self._idle: list[TransactionSession] = []
        self._active: set[TransactionSession] = set()

    def begin(self, *, is_full: bool) -> TransactionSession:
        self.check_place()
        session = self._idle.pop() if self._idle else TransactionSession(self._connect())
        try:
            wanted = _FULL if is_full else self._synchronous
            session.connection.execute(f"PRAGMA synchronous = {wanted}")
            session.begin()
        except BaseException:
            session.close()
            raise
        self._active.add(session)
        return session

    def commit(self, session: TransactionSession) -> None:
        self.check_place()
        session.connection.execute("COMMIT")
        self._take_back(session)

    def abort(self, session: TransactionSession) -> None:
        if session in self._active:
            session.roll_back()
            self._take_back(session)

    def close(self) -> None:
        for session in (*self._active, *self._idle, self.main):
            session.close()

    def _take_back(self, session: TransactionSession) -> None:
        self._active.discard(session)
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(session)
        else:
            session.close()


class MemorySessions:
    """A database in memory: a transaction works on a copy, which takes the original's place at its commit."""

    def __init__(self, main: Session) -> None:
        self.main = main
        self._active: set[TransactionSession] = set()

    def check_place(self) -> None:
        pass  # memory has none

    def begin(self, *, is_full: bool) -> TransactionSession:
        session = MemoryTransactionSession(self.main)
        session.begin()
        self._active.add(session)
        return session

    def commit(self, session: TransactionSession) -> None:
        session.connection.execute("COMMIT")
        self._active.discard(session)
        if not session.has_written:
            session.close()
            return
        self.main.commits += 1  # for the transactions that copied it
        self.main.close()
        self.main = Session(session.connection)

    def abort(self, session: TransactionSession) -> None:
        if session in self._active:
            self._active.discard(session)
            session.close()

    def close(self) -> None:
        for session in (*self._active, self.main):
            session.close()


_MOST_IDLE: Final = 4
_FULL: Final = 2
