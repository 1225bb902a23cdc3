"""What becomes of a value of one type in another: the table of `$convert`."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from bson import Decimal128, Int64, ObjectId
from bson.errors import InvalidId

from earnorm.stores.documents.arithmetic import DECIMAL128, decimal_of
from earnorm.stores.documents.computing.date_texts import date_of_text
from earnorm.stores.documents.computing.texts import as_text, number_text
from earnorm.stores.documents.computing.values import date_at, is_true, kind_of, milliseconds_of
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.type_operators import NUMBERS_OF_TYPES

__all__ = ["TARGETS", "converted"]


def converted(value: Any, target: str) -> Any:
    """The value in the type; raises PyMongo's `OperationFailure` (241) for one that has no such value."""
    kind = kind_of(value)
    convert = _BY_TARGET[target].get(kind)
    if convert is None:
        raise _failure(f"cannot convert {kind} to {target}.")
    return convert(value)


def _failure(message: str) -> Exception:
    return bad_value(f"{message} Pass onError to $convert for values like this.", 241)


def _same(value: Any) -> Any:
    return value


def _double(value: Any) -> float:
    if not isinstance(value, Decimal128):
        return float(value)
    number = float(value.to_decimal())
    if math.isinf(number) and value.to_decimal().is_finite():
        raise _failure(f"{value} is too large for a double.")
    return number


def _whole(value: Any, bits: int) -> int:
    number = value.to_decimal() if isinstance(value, Decimal128) else value
    if not isinstance(number, int):
        if not math.isfinite(number):
            raise _failure(f"cannot convert {number_text(value)} to an integer.")
        number = int(number)
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise _failure(f"{value} would overflow {bits} bits.")
    return int(number)


def _int(value: Any) -> int:
    return _whole(value, 32)


def _long(value: Any) -> Int64:
    return Int64(_whole(value, 64))


def _decimal(value: Any) -> Decimal128:
    return Decimal128(decimal_of(value))


def _date(value: Any) -> Any:
    return date_at(_whole(value, 64))


def _milliseconds(value: Any) -> Int64:
    return Int64(milliseconds_of(value) or 0)


def _date_inside(value: Any) -> Any:
    return date_at(milliseconds_of(value) or 0)


def _integer_of_text(convert: Callable[[Any], int]) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not _INTEGER.fullmatch(text) or len(text) > _LONGEST_INTEGER:
            raise _failure(f"cannot read the number {text!r}.")
        return convert(int(text))

    return parse


def _double_of_text(text: str) -> float:
    if not _FRACTION.fullmatch(text):
        raise _failure(f"cannot read the number {text!r}.")
    number = float(text)
    if math.isinf(number) and "i" not in text.lower():
        raise _failure(f"{text} is too large for a double.")
    return number


def _decimal_of_text(text: str) -> Decimal128:
    if not _FRACTION.fullmatch(text):
        raise _failure(f"cannot read the number {text!r}.")
    number = DECIMAL128.create_decimal(text)
    if number.is_infinite() and "i" not in text.lower():
        raise _failure(f"{text} is too large for a decimal.")
    return Decimal128(number)


def _object_id_of_text(text: str) -> ObjectId:
    try:
        return ObjectId(text)
    except InvalidId as error:
        raise _failure(f"{text!r} is no ObjectId, which has 24 hexadecimal digits.") from error


def _date_of_text(text: str) -> Any:
    date = date_of_text(text)
    if date is None:
        raise _failure(f"cannot read the date {text!r}: write it as 2024-05-01T12:30:00Z.")
    return date


def _text_of_binary(value: Any) -> str:
    if isinstance(value, UUID):
        return str(value)
    raise _failure("cannot convert binData other than a UUID to string.")


_INTEGER: Final = re.compile(r"[+-]?\d+", re.ASCII)
_LONGEST_INTEGER: Final = 4000  # Python refuses to read more digits
_FRACTION: Final = re.compile(
    r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)", re.ASCII | re.IGNORECASE
)

_Conversions = Mapping[str, Callable[[Any], Any]]

_NUMBERS: Final = ("double", "int", "long", "decimal", "bool")
_EVERY_KIND: Final = frozenset(NUMBERS_OF_TYPES.values()) - {"null"}

_BY_TARGET: Final[Mapping[str, _Conversions]] = {
    "double": {
        **dict.fromkeys(_NUMBERS, _double),
        "string": _double_of_text,
        "date": lambda value: float(_milliseconds(value)),
    },
    "int": {
        **dict.fromkeys(_NUMBERS, _int),
        "string": _integer_of_text(_int),
    },
    "long": {
        **dict.fromkeys(_NUMBERS, _long),
        "string": _integer_of_text(_long),
        "date": _milliseconds,
    },
    "decimal": {
        **dict.fromkeys(("double", "int", "long", "bool"), _decimal),
        "decimal": _same,
        "string": _decimal_of_text,
        "date": lambda value: _decimal(_milliseconds(value)),
    },
    "string": {
        **dict.fromkeys(("double", "int", "long", "decimal"), number_text),
        "string": _same,
        "bool": lambda value: "true" if value else "false",
        "date": as_text,
        "objectId": str,
        "binData": _text_of_binary,
    },
    "bool": {
        **dict.fromkeys(_EVERY_KIND, is_true),
        "date": lambda value: _milliseconds(value) != 0,
    },
    "date": {
        **dict.fromkeys(("double", "long", "decimal"), _date),
        **dict.fromkeys(("objectId", "timestamp"), _date_inside),
        "date": _same,
        "string": _date_of_text,
    },
    "objectId": {"objectId": _same, "string": _object_id_of_text},
}

TARGETS: Final = tuple(_BY_TARGET)
"""The types that values can be converted to."""
