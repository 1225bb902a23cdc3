"""Compiles the regular expressions of a filter."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from bson import Regex
from pymongo.errors import OperationFailure

from earnorm.stores.documents.pcre_syntax import python_source
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.documents.regex_automaton import Automaton, TooManyStatesError
from earnorm.stores.documents.regex_costs import find_opaque, longest_text
from earnorm.stores.documents.regex_syntax import Node, parse

__all__ = ["Expression", "compile_options", "compile_regex", "is_regex"]

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


def compile_regex(value: str | Regex[Any] | re.Pattern[Any], flags: int = 0) -> "Expression":
    r"""The expression, ready to match in bounded time.

    As in MongoDB \w, \d, \b and \s mean ASCII. With the flag i they mean Unicode, because Python
    has no other way to ignore the case of letters outside ASCII. Raises PyMongo's `OperationFailure` if it does not
    compile, and `UnsupportedError` if it can neither be bounded nor be followed by an automaton.
    """
    if isinstance(value, str):
        source: str | bytes = value
    else:
        source, flags = value.pattern, flags | (int(value.flags) & _MEANT)
    if isinstance(source, bytes):
        raise bad_value(f"the regular expression {source!r} is of bytes. Write it as text.")
    if "\x00" in source:
        raise bad_value(f"the regular expression {source!r} contains a NUL character.", 51109)
    if len(source) > _LONGEST:
        raise bad_value(
            f"a regular expression has at most {_LONGEST} characters, and one has {len(source)}."
        )
    try:
        return Expression(_analyse(source, flags))
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        raise bad_value(f"the regular expression {source!r} is invalid: {error}.", 51091) from error


_LONGEST: Final = 32_764
"""MongoDB's limit for the characters of a regular expression."""

_MOST_STEPS: Final = 10_000_000
"""How many steps a backtracking match may take: about a tenth of a second."""


class Expression:
    """A regular expression that cannot hang: Python matches what it is sure to match soon, an automaton the rest."""

    __slots__ = ("_analysis", "_automaton")

    def __init__(self, analysis: "_Analysis") -> None:
        self._analysis = analysis
        self._automaton: Automaton | None = None

    def matches(self, text: str) -> bool:
        """Whether it matches anywhere in the text.

        Raises PyMongo's `OperationFailure` (51156) for a text so long that the match might take too many steps.
        """
        if len(text) <= self._analysis.longest:
            return self._analysis.pattern.search(text) is not None
        if not self._analysis.has_automaton:
            raise self._too_long(text)
        if self._automaton is None:
            self._automaton = self._analysis.automaton()
        return self._automaton.search(text)

    def python(self, text: str) -> re.Pattern[str]:
        """Python's own pattern, for who wants to know what matched in this text; raises as `matches` does."""
        if len(text) > self._analysis.longest:
            raise self._too_long(text)
        return self._analysis.pattern

    def _too_long(self, text: str) -> OperationFailure:
        return bad_value(
            f"the regular expression {self._analysis.pattern.pattern!r} might take too many steps on a text of "
            f"{len(text):,} characters; it is for {self._analysis.longest:,} at most. Make it simpler, or anchor "
            "it with '^'.",
            51156,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Analysis:
    """What is known of an expression: Python's pattern, its parts, and how long a text may be for Python."""

    pattern: re.Pattern[str]
    node: Node
    longest: int
    has_automaton: bool

    def automaton(self) -> Automaton:
        return Automaton(self.node, self.pattern.flags)


_LONGEST_TEXT: Final = 16 * 1024 * 1024
_SHORT_TEXT: Final = 100


# the analysis only: an automaton grows with what it reads, and goes with its operation
@lru_cache(maxsize=256)
def _analyse(source: str, flags: int) -> _Analysis:
    written = python_source(source)
    pattern = re.compile(written, flags)
    if not pattern.flags & re.IGNORECASE:
        pattern = re.compile(written, flags | re.ASCII)
    node = parse(pattern.pattern, pattern.flags)
    longest = longest_text(node, _MOST_STEPS)
    obstacle = "" if longest >= _LONGEST_TEXT else _find_obstacle(node, pattern.flags)
    if obstacle and longest < _SHORT_TEXT:
        raise unsupported(
            f"the regular expression {source!r}, which may match endlessly and has {obstacle},",
            "Write it without.",
        )
    return _Analysis(pattern=pattern, node=node, longest=longest, has_automaton=not obstacle)


def _find_obstacle(node: Node, flags: int) -> str:
    """What keeps an automaton from following the expression, or an empty string."""
    if opaque := find_opaque(node):
        return opaque
    try:
        Automaton(node, flags)
    except TooManyStatesError:
        return "so many repeats"
    return ""
