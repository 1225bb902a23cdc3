"""Reads the changes that were noted, and makes MongoDB's change events of them."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from bson import Timestamp

from earnorm.clock import now
from earnorm.stores.documents import decode, key_bytes
from earnorm.stores.sqlite.failures import history_lost, invalid_token, unknown_change
from earnorm.stores.sqlite.outbox import RETENTION, Outbox, milliseconds, moment
from earnorm.stores.sqlite.resume_token import ResumeToken
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document, MutableDocument

__all__ = ["ChangeLog", "Event", "Step", "is_noting", "keep_noting", "open_log"]


class Event(NamedTuple):
    """A change event, and its place among the changes."""

    token: ResumeToken
    document: MutableDocument


class Step(NamedTuple):
    """Events, the place after them, and the version of the file once all of it was read."""

    events: list[Event]
    position: ResumeToken
    seen: object


def is_noting(session: Session) -> bool:
    """Whether changes will be noted for long enough; a job that reads."""
    with session.reading():
        session.catalog.collection("")  # reads anew what another process may have changed
    return session.catalog.watched_until > milliseconds(now() + RETENTION / 2)


def keep_noting(session: Session) -> None:
    """Has changes noted from now on, for as long as they are kept; a job that writes.

    If that had ended and the outbox is not empty, nothing was missed: the first writer afterwards empties it.
    """
    with session.writing():
        session.catalog.collection("")
        if not session.catalog.watched_until:
            Outbox(session.connection).begin()
        session.catalog.watch_until(milliseconds(now() + RETENTION))


def open_log(session: Session, token: ResumeToken | None) -> ResumeToken:
    """The place to begin at: after a token, or after the last change that there is.

    Raises PyMongo's `OperationFailure`: 286 for a token that is too old, 260 for one of another file, 280 for
    one of a change that this file does not have: it was noted after this copy of the file was made.
    """
    file, floor, last, at = session.connection.execute(_STATE).fetchone()
    if token is None:
        return ResumeToken(file=file, number=last, at=at)
    if token.file != file:
        raise invalid_token("it belongs to another file")
    if token.is_invalidate:
        raise invalid_token("the collection was dropped there")
    if token.number < floor:
        raise history_lost()
    if token.number > last or _moment_of(session, token.number) != token.at:
        raise unknown_change()
    return token


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLog:
    """The changes that one stream looks at."""

    database: str
    collection: str | None
    looks_up: bool
    """Whether updates are given the document as it is by now."""

    def step(self, session: Session, position: ResumeToken, seen: object) -> Step:
        """The next events after a place, and nothing if the file is the one that was seen.

        Raises PyMongo's `OperationFailure` (286) if they are no longer kept.
        """
        (version,) = session.connection.execute("PRAGMA data_version").fetchone()
        now_seen = (session, version, session.commits)
        if now_seen == seen:
            return Step([], position, seen)
        with session.reading():
            file, floor, last, at = session.connection.execute(_STATE).fetchone()
            if position.number < floor:
                raise history_lost()
            events, reached = self._read(session, position)
        if reached is not None:
            return Step(events, reached, None)
        # what lies between is of other collections, and need not be looked at again
        return Step(events, ResumeToken(file=file, number=last, at=at), now_seen)

    def _read(
        self, session: Session, position: ResumeToken
    ) -> tuple[list[Event], ResumeToken | None]:
        """Some of the next events, and the place after which there may be more; None if these are all."""
        events: list[Event] = []
        size = 0
        rows = self._rows(session.connection, position.number)
        for count, row in enumerate(rows, 1):
            full = self._full_document(session, row)
            events += self._events(position.file, row, full)
            size += len(row[-1] or b"") + len(full or b"")
            if count == _STEP_CHANGES or size >= _STEP_BYTES:
                rows.close()
                return events, ResumeToken(file=position.file, number=row[0], at=row[1])
        return events, None

    def _rows(self, connection: sqlite3.Connection, after: int) -> sqlite3.Cursor:
        if self.collection is None:
            return connection.execute(_AFTER, (after, _STEP_CHANGES))
        return connection.execute(_AFTER_IN, (after, self.collection, _STEP_CHANGES))

    def _full_document(self, session: Session, row: Any) -> bytes | None:
        _, _, kind, collection, key, _ = row
        if kind != "update" or not self.looks_up:
            return None
        return _look_up(session, collection, decode(key)["_id"])

    def _events(self, file: bytes, row: Any, full: bytes | None) -> list[Event]:
        number, at, kind, collection, key, content = row
        token = ResumeToken(file=file, number=number, at=at)
        event = _event(token, kind, at)
        event["ns"] = {"db": self.database, "coll": collection}
        event.update(_DETAILS[kind](key, content))
        if kind == "update" and self.looks_up:
            event["fullDocument"] = None if full is None else decode(full)
        if kind != "drop" or self.collection is None:
            return [Event(token, event)]
        last = replace(token, is_invalidate=True)
        return [Event(token, event), Event(last, _event(last, "invalidate", at))]


_STEP_CHANGES: Final = 100
_STEP_BYTES: Final = 4 * 1024 * 1024

_MOMENT: Final = "SELECT at FROM changes WHERE id = ?"
_STATE: Final = """
    SELECT file, floor, last, coalesce((SELECT at FROM changes WHERE id = last), 0)
    FROM (SELECT file, floor, max(floor, coalesce((SELECT max(id) FROM changes), 0)) AS last FROM watching)
"""
_AFTER: Final = """
    SELECT id, at, kind, collection, key, content FROM changes WHERE id > ? ORDER BY id LIMIT ?
"""
_AFTER_IN: Final = """
    SELECT id, at, kind, collection, key, content FROM changes
    WHERE id > ? AND collection = ? ORDER BY id LIMIT ?
"""


def _moment_of(session: Session, number: int) -> int:
    row = session.connection.execute(_MOMENT, (number,)).fetchone()
    return 0 if row is None else int(row[0])


def _event(token: ResumeToken, kind: str, at: int) -> MutableDocument:
    return {
        "_id": token.document,
        "operationType": kind,
        "clusterTime": Timestamp(at // 1000, token.number % 2**32),
        "wallTime": moment(at),
    }


def _look_up(session: Session, name: str, document_id: object) -> bytes | None:
    collection = session.catalog.collection(name)
    if collection is None:
        return None
    row = session.connection.execute(collection.sql.get, (key_bytes(document_id),)).fetchone()
    return None if row is None else bytes(row[0])


def _insert(key: bytes | None, content: bytes) -> Document:
    document = decode(content)
    return {"documentKey": {"_id": document["_id"]}, "fullDocument": document}


def _replace(key: bytes, content: bytes) -> Document:
    return {"documentKey": decode(key), "fullDocument": decode(content)}


def _update(key: bytes, content: bytes) -> Document:
    return {"documentKey": decode(key), "updateDescription": decode(content)}


def _delete(key: bytes, content: None) -> Document:
    return {"documentKey": decode(key)}


def _drop(key: None, content: None) -> Document:
    return {}


_DETAILS: Final[Mapping[str, Callable[[Any, Any], Document]]] = {
    "insert": _insert,
    "replace": _replace,
    "update": _update,
    "delete": _delete,
    "drop": _drop,
}
