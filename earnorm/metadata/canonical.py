"""The canonical form of JSON, of which hashes are taken (RFC 8785, JCS)."""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["canonical_json"]

_LARGEST_EXACT: Final = 2**53 - 1  # RFC 7493 (I-JSON), section 2.2


def canonical_json(value: Any) -> bytes:
    """The one UTF-8 text of a JSON value; equal values have equal texts, whatever their order of keys.

    Raises `ValueError` for what I-JSON has no place for: an infinite number, an integer that a double
    does not hold exactly, half of a surrogate pair, a key that is no string.
    """
    text = _plain_text(value) or _text(value)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{text[error.start]!r} is half of a surrogate pair") from error


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain_text(value: Any) -> str | None:
    """What Python's encoder makes of a value, in C, where that is the canonical text; else None.

    In ASCII the order of keys is the same, and there is no number that it prints otherwise.
    """
    try:
        text = _ENCODER.encode(value)
        # It writes keys that are none as strings, so it is read again; which is also a way to see the numbers.
        is_plain = text.isascii() and _DECODER.decode(text) == value
    except (TypeError, ValueError):
        return None
    return text if is_plain else None


def _refuse(number: str) -> Any:
    raise ValueError(number)


def _small(digits: str) -> int:
    return int(digits) if len(digits) < _DIGITS else _refuse(digits)


_DIGITS: Final = 16
"""An integer with fewer digits is exact in a double."""

_DECODER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse, parse_int=_small)


def _text(value: Any) -> str:
    if value is None or isinstance(value, (bool, str)):
        return _ENCODER.encode(value)
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, Mapping):
        if strange := [key for key in value if not isinstance(key, str)]:
            raise ValueError(f"{strange[0]!r} is a key, and no string")
        # RFC 8785, 3.2.3: by UTF-16 code units, which is another order than that of code points
        ordered = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return f"{{{','.join(f'{_ENCODER.encode(key)}:{_text(value[key])}' for key in ordered)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_text, value))}]"
    raise ValueError(f"{value!r} is no value of JSON")


def _number(value: float) -> str:
    """A number as ECMAScript prints it (RFC 8785, 3.2.2.3)."""
    if isinstance(value, int):
        text = str(int(value))
        is_exact = abs(value) <= _LARGEST_EXACT or text == _number(_double(value))
        if not is_exact:
            raise ValueError(f"{value} is an integer that a double does not hold exactly")
        return text
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number of JSON")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = f"{whole}{fraction}".lstrip("0").rstrip("0")
    # where the point stands, counted from the first digit
    point = len(whole) + int(exponent or 0)
    if whole == "0":
        point = int(exponent or 0) - (len(fraction) - len(fraction.lstrip("0")))
    return f"{sign}{_placed(digits, point)}"


def _double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return 0.0  # no double is so large


def _placed(digits: str, point: int) -> str:
    """ECMA-262, Number::toString: the shortest digits, with the point or an exponent."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"{digits[0]}.{digits[1:]}{power}" if len(digits) > 1 else f"{digits}{power}"
