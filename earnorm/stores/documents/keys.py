"""Key bytes: equal when MongoDB finds two values equal, ordered as it orders them.

The first byte is the value's place in MongoDB's comparison order of types; the rest orders values
inside that type. A key ends where its value ends (no key is a prefix of another), so keys may be
joined for compound indexes and inverted for descending order.

Source of the order: "Comparison/Sort Order" in MongoDB's manual; of NaN, arrays and documents: the
same page and the server's `compareElements`.
"""

import math
import re
import struct
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import bson
from bson import (
    Binary,
    Code,
    DatetimeMS,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)

from earnorm.clock import EPOCH, NAIVE_EPOCH
from earnorm.stores.documents.bson_rules import CODEC_OPTIONS
from earnorm.stores.documents.kinds import Missing, as_array, as_document

__all__ = ["AFTER", "EMPTY_ARRAY_KEY", "NULL_KEY", "KeyOf", "collating", "key_bytes", "type_end"]

KeyOf = Callable[[object], bytes]
"""Gives the key of a value: `key_bytes`, or that of a collation."""

EMPTY_ARRAY_KEY: Final = b"\x08"
"""What an index holds for an empty array, and how one sorts: below null."""

NULL_KEY: Final = b"\x10"
"""The key of null, and of a field that is missing."""

AFTER: Final = b"\xff"
"""Appended to a key: above every key that begins with it, below every other that is greater."""


def key_bytes(value: object) -> bytes:
    """The key of any value that BSON can hold.

    Raises what `bson.encode` raises for a value that it cannot.
    """
    encoder = _ENCODERS.get(type(value))
    return encoder(value) if encoder is not None else _key_of_rare(value)


def collating(key_of_text: Callable[[str], bytes]) -> KeyOf:
    """As `key_bytes`, with text compared by the bytes that the function gives, also inside of documents and arrays.

    No such bytes may be the beginning of others.
    """

    def key_of(value: object) -> bytes:
        if type(value) is str:
            return _STRING + key_of_text(value)
        if (document := as_document(value)) is not None:
            return _key_of_document(document.items(), key_of)
        if (elements := as_array(value)) is not None:
            return _key_of_array(elements, key_of)
        # whatever BSON makes a string of was made one where the filter and the documents were read
        return key_bytes(value)

    return key_of


def type_end(key: bytes) -> bytes:
    """The lower bound of what follows all keys of this key's type."""
    return bytes((key[0] + 1,))


_MIN = b"\x01"
_NUMBER = b"\x20"
_STRING = b"\x30"
_DOCUMENT = b"\x38"
_ARRAY = b"\x40"
_BINARY = b"\x44"
_OBJECT_ID = b"\x48"
_FALSE = b"\x50\x00"
_TRUE = b"\x50\x01"
_DATE = b"\x58"
_TIMESTAMP = b"\x60"
_REGEX = b"\x68"
_CODE = b"\x70"
_CODE_WITH_SCOPE = b"\x78"
_MAX = b"\xf0"
_END = b"\x00"

_MILLISECOND = timedelta(milliseconds=1)
_EXACT_INTEGERS = 2**53
_SIGN = 1 << 63
_ALL_BITS = 2**64 - 1

_double = struct.Struct(">d").pack
_bits = struct.Struct(">Q")
_BELOW, _EXACT, _ABOVE = b"\x01", b"\x02", b"\x03"
_NAN_KEY = _NUMBER + bytes(8) + _EXACT
_INVERTED = bytes(255 - byte for byte in range(256))


def _key_of_float(value: float) -> bytes:
    if value != value:
        return _NAN_KEY
    return _NUMBER + _ordered_double(value) + _EXACT


def _key_of_int(value: int) -> bytes:
    if -_EXACT_INTEGERS <= value <= _EXACT_INTEGERS:
        return _NUMBER + _ordered_double(value) + _EXACT
    return _key_of_exact(Decimal(int(value)))


def _key_of_decimal128(value: Decimal128) -> bytes:
    number = value.to_decimal()
    if number.is_nan():
        return _NAN_KEY
    return _key_of_exact(number)


def _key_of_exact(number: Decimal) -> bytes:
    """The nearest double, then on which side of it the number lies, then its digits."""
    nearest = float(number)
    key = _NUMBER + _ordered_double(nearest)
    if math.isinf(nearest) and number.is_infinite():
        return key + _EXACT
    double = Decimal(nearest)
    if number == double:
        return key + _EXACT
    return key + (_BELOW if number < double else _ABOVE) + _ordered_digits(number)


def _ordered_double(value: float) -> bytes:
    if value == 0:
        value = 0.0  # drops the sign of -0.0
    (bits,) = _bits.unpack(_double(value))
    return _bits.pack(bits ^ (_ALL_BITS if bits & _SIGN else _SIGN))


def _ordered_digits(number: Decimal) -> bytes:
    sign, digits, _ = number.as_tuple()
    significant = bytes(digits).lstrip(b"\x00").rstrip(b"\x00").translate(_DIGIT_BYTES)
    ordered = struct.pack(">H", number.adjusted() + 0x4000) + significant + _END
    return ordered.translate(_INVERTED) if sign else ordered


# digit 0..9 -> a byte above the end marker
_DIGIT_BYTES = bytes(min(byte + 1, 255) for byte in range(256))


def _key_of_str(value: str) -> bytes:
    return _STRING + _text(value)


def _text(value: str) -> bytes:
    return value.encode().replace(b"\x00", b"\x00\xff") + b"\x00\x00"


def _key_of_datetime(value: datetime) -> bytes:
    epoch = NAIVE_EPOCH if value.tzinfo is None else EPOCH
    return _key_of_milliseconds((value - epoch) // _MILLISECOND)


def _key_of_milliseconds(value: int) -> bytes:
    return _DATE + _bits.pack(value + _SIGN)


def _key_of_bytes(value: bytes, subtype: int = 0) -> bytes:
    return _BINARY + struct.pack(">IB", len(value), subtype) + value


def _key_of_document(pairs: Iterable[tuple[str, Any]], key_of: KeyOf = key_bytes) -> bytes:
    # MongoDB compares the types of two fields before their names, and the values last
    parts = [_DOCUMENT]
    for name, value in pairs:
        key = key_of(value)
        parts += (key[:1], _text(name), key)
    parts.append(_END)
    return b"".join(parts)


def _key_of_array(elements: Iterable[Any], key_of: KeyOf = key_bytes) -> bytes:
    return _ARRAY + b"".join(map(key_of, elements)) + _END


def _key_of_regex(value: Regex[Any]) -> bytes:
    pattern = value.pattern if isinstance(value.pattern, str) else value.pattern.decode()
    flags = "".join(letter for letter, flag in _REGEX_FLAGS if value.flags & flag)
    return _REGEX + _text(pattern) + _text(flags)


_REGEX_FLAGS = (
    ("i", re.IGNORECASE),
    ("l", re.LOCALE),
    ("m", re.MULTILINE),
    ("s", re.DOTALL),
    ("u", re.UNICODE),
    ("x", re.VERBOSE),
)


def _key_of_code(value: Code) -> bytes:
    if value.scope is None:
        return _CODE + _text(value)
    return _CODE_WITH_SCOPE + _text(value) + _key_of_document(value.scope.items())


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda value: NULL_KEY,
    Missing: lambda value: NULL_KEY,
    bool: lambda value: _TRUE if value else _FALSE,
    int: _key_of_int,
    Int64: _key_of_int,
    float: _key_of_float,
    Decimal128: _key_of_decimal128,
    str: _key_of_str,
    ObjectId: lambda value: _OBJECT_ID + value.binary,
    datetime: _key_of_datetime,
    DatetimeMS: lambda value: _key_of_milliseconds(int(value)),
    bytes: _key_of_bytes,
    Binary: lambda value: _key_of_bytes(bytes(value), value.subtype),
    UUID: lambda value: _key_of_bytes(value.bytes, 4),
    dict: lambda value: _key_of_document(value.items()),
    list: _key_of_array,
    tuple: _key_of_array,
    Timestamp: lambda value: _TIMESTAMP + struct.pack(">II", value.time, value.inc),
    Regex: _key_of_regex,
    re.Pattern: lambda value: _key_of_regex(Regex.from_native(value)),
    Code: _key_of_code,
    MinKey: lambda value: _MIN,
    MaxKey: lambda value: _MAX,
}


def _key_of_rare(value: object) -> bytes:
    """The key of a subclass or a mapping: what BSON would make of it decides."""
    if (document := as_document(value)) is not None:
        return _key_of_document(document.items())
    if (elements := as_array(value)) is not None:
        return _key_of_array(elements)
    stored = bson.decode(bson.encode({"": value}, codec_options=CODEC_OPTIONS), CODEC_OPTIONS)[""]
    return key_bytes(stored)
