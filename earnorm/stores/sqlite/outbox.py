"""Notes each change in the transaction that makes it, for those who watch."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import bson

from earnorm.clock import EPOCH, now
from earnorm.stores.documents.bson_rules import CODEC_OPTIONS
from earnorm.stores.sqlite.update_description import update_description

__all__ = ["MOST_KEPT", "RETENTION", "Outbox", "milliseconds", "moment"]

RETENTION: Final = timedelta(hours=24)
"""How long changes are kept, and noted on after the last who watched was gone."""

MOST_KEPT: Final = 100_000
"""How many changes are kept."""


class Outbox:
    """The table of changes; its methods are called inside a writing transaction only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begin(self) -> None:
        """Begins to count anew, at a number by chance: what another copy of the file counts are no changes of this one."""
        self._connection.execute(_BEGIN)

    def inserted(self, collection: str, encoded: Sequence[bytes]) -> None:
        """Notes new documents."""
        self._note([("insert", collection, None, content) for content in encoded])

    def replaced(self, collection: str, document_id: object, encoded: bytes) -> None:
        """Notes that a document was put in the place of another."""
        self._note([("replace", collection, _key(document_id), encoded)])

    def updated(self, collection: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Notes how a document was changed."""
        description = _encode(update_description(before, after))
        self._note([("update", collection, _key(after["_id"]), description)])

    def deleted(self, collection: str, document_id: object) -> None:
        """Notes that a document is gone."""
        self._note([("delete", collection, _key(document_id), None)])

    def dropped(self, collection: str) -> None:
        """Notes that a collection is gone."""
        self._note([("drop", collection, None, None)])

    def clear(self) -> None:
        """Forgets all changes; tokens of before are too old from now on."""
        self._connection.execute(_GAP)
        self._connection.execute("DELETE FROM changes")

    def _note(self, changes: Sequence[tuple[str, str, bytes | None, bytes | None]]) -> None:
        at = milliseconds(now())
        self._connection.executemany(_INSERT, [(at, *change) for change in changes])
        (last,) = self._connection.execute("SELECT max(id) FROM changes").fetchone()
        if last // _PRUNED_EVERY != (last - len(changes)) // _PRUNED_EVERY:
            self._prune(last, at)

    def _prune(self, last: int, at: int) -> None:
        oldest = at - RETENTION // timedelta(milliseconds=1)
        (kept,) = self._connection.execute(_FIRST_SINCE, (oldest,)).fetchone()
        floor = max(last - MOST_KEPT, kept - 1)
        # the one at the floor stays: a token is held against the moment of its change
        self._connection.execute("DELETE FROM changes WHERE id < ?", (floor,))
        self._connection.execute("UPDATE watching SET floor = max(floor, ?)", (floor,))


def milliseconds(moment: datetime) -> int:
    """The milliseconds from 1970 to a moment, as BSON counts them."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def moment(milliseconds: int) -> datetime:
    """The moment so many milliseconds after the beginning of 1970."""
    return EPOCH + timedelta(milliseconds=milliseconds)


_PRUNED_EVERY: Final = 1_000

# a new number is above all that were ever given, also after the table was emptied
_INSERT: Final = """
    INSERT INTO changes (id, at, kind, collection, key, content)
    SELECT max(floor, coalesce((SELECT max(id) FROM changes), 0)) + 1, ?, ?, ?, ?, ? FROM watching
"""
_FIRST_SINCE: Final = "SELECT coalesce(min(id), 0) FROM changes WHERE at >= ?"
# one number is left out, so that a token of before is smaller than the floor
_GAP: Final = """
    UPDATE watching SET floor = max(floor, coalesce((SELECT max(id) FROM changes), 0)) + 1
"""
# a multiple of `_PRUNED_EVERY`
_BEGIN: Final = """
    UPDATE watching SET floor = (floor / 1000 + 1 + (random() & 0xFFFFFFFF)) * 1000
"""


def _key(document_id: object) -> bytes:
    return _encode({"_id": document_id})


def _encode(document: Mapping[str, Any]) -> bytes:
    return bson.encode(document, codec_options=CODEC_OPTIONS)
