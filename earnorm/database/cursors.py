"""Cursors: a place in the order of a query, as text that is safe in URLs."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

from bson.errors import BSONError

from earnorm.database.order import is_ordered
from earnorm.errors import CursorError, FilterError
from earnorm.metadata import Metadata
from earnorm.stores.documents import decode, encode
from earnorm.typing import SortKey

__all__ = ["read_cursor", "write_cursor"]


def write_cursor(metadata: Metadata, sort: Sequence[SortKey], values: Sequence[Any]) -> str:
    """The cursor for what comes after these values of the sort; raises `FilterError` for values too long."""
    payload = encode({"sort": _fingerprint(metadata, sort), "values": list(values)})
    cursor = _text(payload)
    if len(cursor) > _LONGEST:
        raise FilterError(
            f"{metadata.key}: the values that a page is sorted by are too long for a cursor "
            f"({len(cursor):,} characters). Sort by a shorter field."
        )
    return cursor


def read_cursor(metadata: Metadata, sort: Sequence[SortKey], cursor: object) -> list[Any]:
    """The values that a cursor was written with; raises `CursorError` unless it was written for this sort.

    A checksum finds what was changed by accident. Somebody who computes it anew reaches another place in
    the same order, and nothing else: the values are only ever compared with.
    """
    document = _document(metadata, cursor)
    if document.get("sort") != _fingerprint(metadata, sort):
        raise CursorError(metadata.key, "belongs to another model or another sort", cursor=cursor)
    values = document.get("values")
    if not isinstance(values, list) or len(values) != len(sort) or not all(map(is_ordered, values)):
        raise _changed(metadata, cursor)
    return values


_LONGEST: Final = 16_384
_CHECKSUM_BYTES: Final = 8
_LETTERS: Final = re.compile(r"[A-Za-z0-9_-]+")


def _document(metadata: Metadata, cursor: object) -> dict[str, Any]:
    if not isinstance(cursor, str) or len(cursor) > _LONGEST or not _LETTERS.fullmatch(cursor):
        raise _changed(metadata, cursor)
    try:
        written = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as error:
        raise _changed(metadata, cursor) from error
    payload = written[_CHECKSUM_BYTES:]
    if cursor != _text(payload):
        raise _changed(metadata, cursor)
    try:
        return decode(payload)
    except (BSONError, ValueError) as error:
        raise _changed(metadata, cursor) from error


def _changed(metadata: Metadata, cursor: object) -> CursorError:
    return CursorError(metadata.key, "is none that a page gave as its 'next'", cursor=cursor)


def _fingerprint(metadata: Metadata, sort: Sequence[SortKey]) -> bytes:
    # the collection, not the key: a model may move to another module while a page is being read
    described = encode({"collection": metadata.collection, "sort": [list(key) for key in sort]})
    return blake2b(described, digest_size=_CHECKSUM_BYTES).digest()


def _text(payload: bytes) -> str:
    checksum = blake2b(payload, digest_size=_CHECKSUM_BYTES).digest()
    return urlsafe_b64encode(checksum + payload).rstrip(b"=").decode()
