"""Filters that name one document by its `_id`: the shortest way through the store."""

from uuid import UUID

from bson import Int64, ObjectId

from earnorm.stores.documents import key_bytes
from earnorm.stores.documents.keys import KeyOf
from earnorm.typing import Document

__all__ = ["identity_key"]


def identity_key(filter: Document, key_of: KeyOf = key_bytes) -> bytes | None:
    """The key bytes of the `_id`, if the filter is exactly `{"_id": value}` with a plain value.

    Such a filter matches the document with this key and no other: an `_id` is never missing and
    never an array, and equal keys are equal values. Under a collation, whose keys `key_of` gives, that
    does not hold of texts.
    """
    if type(filter) is not dict or len(filter) != 1:
        return None
    value = filter.get("_id", _ABSENT)
    if type(value) not in _PLAIN or (type(value) is int and value.bit_length() > _INT64_BITS):
        return None
    if type(value) is str and key_of is not key_bytes:
        return None
    try:
        return key_bytes(value)
    except UnicodeEncodeError:
        return None  # a lone surrogate: the way through the matcher ends in the error for it


_ABSENT = object()
_INT64_BITS = 63
_PLAIN = frozenset({ObjectId, str, int, Int64, UUID, bytes, float, bool})
