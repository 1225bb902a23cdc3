"""Documents to BSON and back, with MongoDB's limits, and errors that name the culprit."""

from collections.abc import Mapping
from typing import Any

import bson
from pymongo.errors import DocumentTooLarge

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents.bson_rules import (
    CODEC_OPTIONS,
    MAX_DEPTH,
    MAX_DOCUMENT_BYTES,
    NAIVE_CODEC_OPTIONS,
)
from earnorm.stores.documents.faults import find_fault, is_too_deep
from earnorm.typing import Document

__all__ = ["decode", "decode_naive", "encode"]


def encode(document: Document) -> bytes:
    """The document as BSON.

    Raises `InvalidDocumentError`, which names the path of what BSON cannot hold, and PyMongo's
    `DocumentTooLarge` above 16 MiB.
    """
    try:
        encoded: bytes = bson.encode(document, codec_options=CODEC_OPTIONS)
    except Exception as error:
        raise InvalidDocumentError(_describe(document, error)) from error
    if len(encoded) > _SURELY_SHALLOW:
        _check_limits(document, len(encoded))
    return encoded


def decode(encoded: bytes) -> dict[str, Any]:
    """The document that was encoded; dates come back aware, in UTC.

    Raises `bson.errors.InvalidBSON` for bytes that are no document.
    """
    return bson.decode(encoded, CODEC_OPTIONS)


def decode_naive(encoded: bytes) -> dict[str, Any]:
    """The same with naive dates, which are UTC, in a tenth of the time that a date takes."""
    return bson.decode(encoded, NAIVE_CODEC_OPTIONS)


# one level of nesting takes at least seven bytes, so what is shorter need not be walked
_SURELY_SHALLOW = 7 * MAX_DEPTH


def _check_limits(document: Mapping[str, Any], size: int) -> None:
    if is_too_deep(document):
        raise InvalidDocumentError(find_fault(document))
    if size > MAX_DOCUMENT_BYTES:
        raise DocumentTooLarge(
            f"the document with _id {document.get('_id')!r} has {size:,} bytes of BSON, and MongoDB's "
            f"limit is {MAX_DOCUMENT_BYTES:,}. Split it, or keep its large values elsewhere."
        )


def _describe(document: object, error: Exception) -> str:
    return find_fault(document) or f"the document cannot be written as BSON: {error}"
