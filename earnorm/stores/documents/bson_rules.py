"""How documents are written as BSON, and the limits that MongoDB sets."""

from typing import Any, Final

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, DatetimeConversion

__all__ = ["CODEC_OPTIONS", "MAX_DEPTH", "MAX_DOCUMENT_BYTES", "NAIVE_CODEC_OPTIONS"]

CODEC_OPTIONS: Final[CodecOptions[dict[str, Any]]] = CodecOptions(
    document_class=dict,
    tz_aware=True,
    uuid_representation=UuidRepresentation.STANDARD,
    # a date beyond the year 9999 comes back as DatetimeMS instead of making its document unreadable
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)
"""Dates are aware and in UTC, UUIDs are UUIDs."""

NAIVE_CODEC_OPTIONS: Final = CODEC_OPTIONS.with_options(tz_aware=False)
"""The same, with naive dates, which are UTC."""

MAX_DEPTH: Final = 100
"""How deep documents and arrays may nest inside a document."""

MAX_DOCUMENT_BYTES: Final = 16 * 1024 * 1024
"""How many bytes of BSON a document may have."""
