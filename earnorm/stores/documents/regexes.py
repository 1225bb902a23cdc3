"""Compiles the regular expressions of a filter."""

import re
from typing import Any

from bson import Regex

from earnorm.stores.documents.refusals import bad_value

__all__ = ["compile_options", "compile_regex", "is_regex"]

_OPTIONS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": 0}
_MEANT = re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE


def is_regex(value: object) -> bool:
    """Whether the value is a regular expression, Python's or BSON's."""
    return isinstance(value, re.Pattern | Regex)


def compile_options(options: object) -> int:
    """The flags for the letters of `$options`; `OperationFailure` for an unknown letter."""
    if not isinstance(options, str):
        raise bad_value(f"$options has to be a string, not {options!r}.")
    flags = 0
    for letter in options:
        if letter not in _OPTIONS:
            raise bad_value(
                f"invalid flag in regex options: {letter!r}. $options takes i, m, s and x.", 51108
            )
        flags |= _OPTIONS[letter]
    return flags


def compile_regex(value: str | Regex[Any] | re.Pattern[Any], flags: int = 0) -> re.Pattern[str]:
    r"""The expression as Python compiles it; `OperationFailure` if it does not compile.

    As in MongoDB \w, \d, \b and \s mean ASCII. With the flag i they mean Unicode, because Python
    has no other way to ignore the case of letters outside ASCII.
    """
    if isinstance(value, str):
        source: str | bytes = value
    else:
        source, flags = value.pattern, flags | (int(value.flags) & _MEANT)
    if isinstance(source, bytes):
        raise bad_value(f"the regular expression {source!r} is of bytes. Write it as text.")
    if "\x00" in source:
        raise bad_value(f"the regular expression {source!r} contains a NUL character.", 51109)
    try:
        compiled = re.compile(source, flags)
        if not compiled.flags & re.IGNORECASE:
            compiled = re.compile(source, flags | re.ASCII)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        raise bad_value(f"the regular expression {source!r} is invalid: {error}.", 51091) from error
    return compiled
