"""Text as the bytes by which it compares under a collation: its letters, then their accents, then their case.

The order of ASCII is that of the Unicode Collation Algorithm's root table (CLDR), as ICU has it and
with it MongoDB. Other characters sort by code point after the ASCII ones of their group.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["collation_key"]


def collation_key(text: str, *, strength: int = 3, is_numeric: bool = False) -> bytes:
    """The bytes by which a text compares; no key is the beginning of another.

    Strength 1 compares letters, 2 their accents too, 3 their case too, lower case first. With
    `is_numeric` a run of digits counts as a number.
    """
    letters, accents, case = _ascii_levels(text) if text.isascii() else _levels(text)
    if is_numeric:
        letters = _DIGITS.sub(_number, letters)
    levels = (letters, accents, case)[:strength]
    return b"".join(level + _END for level in levels)


_END: Final = b"\x00"
_COMMON: Final = b"\x01"  # no accent; plain lower case. Trailing ones are left out
_ACCENT: Final = b"\x02"
_VARIANT: Final = b"\x02"
_UPPER: Final = b"\x03"

# groups in their order, each with its ASCII characters in theirs; one more weight stands before the rest of a group
_GROUPS: Final = (
    "\t\n\v\f\r ",
    "_-,;:!?.'\"()[]{}@*/\\&#%",
    "`^+<=>|~",
    "$",
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
)
_SPACE, _PUNCTUATION, _SYMBOL, _CURRENCY, _NUMBER, _LETTER = range(len(_GROUPS))


def _weigh_ascii() -> tuple[dict[str, int], list[int]]:
    weights: dict[str, int] = {}
    rest: list[int] = []
    weight = 2
    for group in _GROUPS:
        for letter in group:
            weights[letter] = weight
            weight += 2  # between two there is room for what sorts beside a letter
        rest.append(weight)
        weight += 2
    return weights, rest


_WEIGHTS, _REST = _weigh_ascii()
_DIGITS: Final = re.compile(
    b"[" + b"".join(re.escape(bytes((_WEIGHTS[digit],))) for digit in _GROUPS[_NUMBER]) + b"]+"
)
_ASCII: Final = bytes(_WEIGHTS.get(chr(code), 0) for code in range(256))
_IGNORED: Final = bytes(code for code in range(128) if chr(code).lower() not in _WEIGHTS)
_HAS_UPPER: Final = re.compile("[A-Z]")

# letters of Latin alphabets that Unicode does not decompose and the table takes for accented ones, or puts beside others
_ACCENTED: Final = str.maketrans(
    {"ø": "o\u0338", "đ": "d\u0335", "ð": "d\u0336", "ħ": "h\u0335", "ł": "l\u0335"}
)
_BESIDE: Final = {"æ": "a", "œ": "o", "ŋ": "n", "ŧ": "t", "ƒ": "f", "ı": "i"}

_Levels = tuple[bytes, bytes, bytes]


def _ascii_levels(text: str) -> _Levels:
    letters = text.lower().encode().translate(_ASCII, _IGNORED)
    case = b"" if _HAS_UPPER.search(text) is None else _join(map(_case, text))
    return letters, b"", case


def _levels(text: str) -> _Levels:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    folded = folded.translate(_ACCENTED)
    letters = b"".join(map(_letter, folded))
    accents = _join(map(_accent, folded))
    return letters, accents, _join(map(_case, unicodedata.normalize("NFD", text)))


def _join(weights: "map[bytes]") -> bytes:
    # the bytes of a character are UTF-8, so what is stripped is never a part of one
    return b"".join(weights).rstrip(_COMMON)


@lru_cache(maxsize=4096)
def _letter(character: str) -> bytes:
    """The weight of a character that is folded; accents and what is ignored have none."""
    if character in _WEIGHTS:
        return bytes((_WEIGHTS[character],))
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return bytes((_WEIGHTS[str(digit)],))
    if character in _BESIDE:
        return bytes((_WEIGHTS[_BESIDE[character]] + 1,)) + character.encode()
    group = _group(character)
    return b"" if group is None else bytes((_REST[group],)) + character.encode()


@lru_cache(maxsize=4096)
def _accent(character: str) -> bytes:
    if _is_accent(character):
        return _ACCENT + character.encode()
    return _COMMON if _letter(character) else b""


@lru_cache(maxsize=4096)
def _case(character: str) -> bytes:
    folded = unicodedata.normalize("NFKD", character).casefold()
    if _is_accent(character) or not any(map(_letter, folded)):
        return b""
    if folded == character or unicodedata.decimal(character, None) is not None:
        return _COMMON
    return (_UPPER if character.lower() != character else _VARIANT) + character.encode()


def _is_accent(character: str) -> bool:
    # the marks above, below and on letters; vowel signs, which have other classes, are letters
    combining = unicodedata.combining(character)
    return combining in _NOT_VOWELS or combining >= _FIRST_POSITION


_NOT_VOWELS: Final = frozenset({1, 7, 8, *range(10, 37)})
_FIRST_POSITION: Final = 200


def _group(character: str) -> int | None:
    """The group of a character beyond ASCII; None for what no collation looks at."""
    category = unicodedata.category(character)
    if category in ("Cc", "Cf"):
        return _SPACE if character in "\x85" else None
    if _is_accent(character):
        return None
    return _CATEGORIES.get(category, _CATEGORIES.get(category[0], _LETTER))


_CATEGORIES: Final = {
    "Z": _SPACE,
    "P": _PUNCTUATION,
    "Sc": _CURRENCY,
    "S": _SYMBOL,
    "N": _NUMBER,
}


def _number(found: re.Match[bytes]) -> bytes:
    """A run of digits by its value: how many there are, without leading zeros, and which."""
    digits = found[0].lstrip(bytes((_WEIGHTS["0"],)))
    return bytes((_WEIGHTS["0"],)) + len(digits).to_bytes(4) + digits
