"""Deletes the documents whose time is up, as the indexes say that have `expire_after`."""

from datetime import datetime, timedelta
from typing import Final

from earnorm.stores.documents import key_bytes
from earnorm.stores.sqlite.catalog import StoredCollection, StoredIndex
from earnorm.stores.sqlite.conditions import Bound
from earnorm.stores.sqlite.placing import Found, remove
from earnorm.stores.sqlite.plans import IndexScan
from earnorm.stores.sqlite.seen import SeenRids
from earnorm.stores.sqlite.segments import Interval
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.walking import StoredRow, WalkSource

__all__ = ["expire", "has_expiry"]


def has_expiry(session: Session) -> bool:
    """Whether any index lets documents expire."""
    with session.reading():
        return any(_expiring(collection) for collection in session.catalog.collections())


def expire(session: Session, moment: datetime) -> bool:
    """Deletes some of the documents whose time is up at `moment`; returns whether there may be more.

    An array expires by its earliest date; a document without a date in the field never does.
    """
    with session.reading():
        if not any(
            _expired(session, index, moment, most=1)
            for collection in session.catalog.collections()
            for index in _expiring(collection)
        ):
            return False
    with session.writing():
        for collection in session.catalog.collections():
            for index in _expiring(collection):
                for rid, encoded in _expired(session, index, moment, most=_CHUNK):
                    remove(session, collection, Found(rid, encoded))
    return True


_CHUNK: Final = 500


def _expiring(collection: StoredCollection) -> list[StoredIndex]:
    return [index for index in collection.indexes if index.index.expire_after is not None]


def _expired(
    session: Session, index: StoredIndex, moment: datetime, *, most: int
) -> list[StoredRow]:
    try:
        until = moment - timedelta(seconds=index.index.expire_after or 0)
    except OverflowError:
        return []
    key = key_bytes(until)
    interval = Interval(key[:1], None, Bound("$lte", key, until))
    bounds = interval.range(descending=index.inverted[0])
    return WalkSource(IndexScan(index=index, ranges=(bounds,)), SeenRids()).take(
        session.connection, most
    )
