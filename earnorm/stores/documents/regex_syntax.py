"""What a regular expression is made of, as far as it says how long a match may take.

The expression has been compiled by Python before, so it is known to be well formed. A single character
that it asks for stays source text: whether a character fits is asked of Python.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Assertion", "Char", "Choice", "Chain", "Node", "Opaque", "Repeat", "parse"]


@dataclass(frozen=True, slots=True)
class Char:
    """One character that the source, a literal, an escape or a class, matches under the flags."""

    source: str
    flags: int


@dataclass(frozen=True, slots=True)
class Assertion:
    r"""A condition on a place between characters: `^`, `$`, `\A`, `\Z`, `\b` or `\B`; `^` and `$` may be of lines."""

    kind: str
    is_of_lines: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """The items one after the other."""

    items: Sequence["Node"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the branches."""

    branches: Sequence["Node"]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The item as often as `least` times at least, and `most` times at most if there is such a number."""

    item: "Node"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Opaque:
    """What no automaton follows: a look around, a back-reference, an atomic group; `inner` is what it looks for."""

    what: str
    inner: "Node | None" = None


Node = Char | Assertion | Chain | Choice | Repeat | Opaque


def parse(source: str, flags: int) -> Node:
    """The parts of an expression that Python compiles with these flags."""
    return _Parser(source, flags).whole()


_QUANTIFIER: Final = re.compile(r"(?:([*+?])|\{(\d*)(?:(,)(\d*))?\})([?+]?)", re.ASCII)
_GROUP_FLAGS: Final = re.compile(r"\?([aiLmsux]*)(?:-([imsx]+))?([:)])", re.ASCII)
_NAME: Final = re.compile(r"\?P<\w+>")
_REFERENCE: Final = re.compile(r"\?P=\w+\)")
_ESCAPE: Final = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|0[0-7]{0,2}|[0-3][0-7]{2}|.)",
    re.DOTALL,
)
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_VERBOSE_SPACE: Final = re.compile(r"(?:[ \t\n\r\v\f]|#[^\n]*(?:\n|\Z))+")
_LETTERS: Final = {"i": re.I, "m": re.M, "s": re.S, "x": re.X, "a": re.A, "u": re.U, "L": re.L}


_UNKNOWN: Final = "parts that are not known to end"


class _UnknownPartError(Exception):
    """Says what Python compiles and this does not follow."""


class _Parser:
    """One pass over a source; `_at` is where it has come to, `_flags` what holds there."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags
        self._at = 0

    def whole(self) -> Node:
        try:
            node = self._choice()
        except _UnknownPartError as error:
            return Opaque(str(error))
        return node if self._at == len(self._source) else Opaque(_UNKNOWN)

    def _choice(self) -> Node:
        branches = [self._chain()]
        while self._take("|"):
            branches.append(self._chain())
        return branches[0] if len(branches) == 1 else Choice(branches)

    def _chain(self) -> Node:
        items: list[Node] = []
        while True:
            self._skip_space()
            if self._at == len(self._source) or self._source[self._at] in "|)":
                return items[0] if len(items) == 1 else Chain(items)
            item = self._atom()
            if item is not None:
                items.append(self._repeated(item))

    def _repeated(self, item: Node) -> Node:
        self._skip_space()
        found = _QUANTIFIER.match(self._source, self._at)
        if found is None or found[0] == "{}":
            return item
        self._at = found.end()
        sign, least, comma, most, manner = found.groups()
        if sign:
            repeat = Repeat(item, int(sign == "+"), 1 if sign == "?" else None)
        else:
            low = int(least or 0)
            repeat = Repeat(item, low, (int(most) if most else None) if comma else low)
        return Opaque("a possessive quantifier", repeat) if manner == "+" else repeat

    def _atom(self) -> Node | None:
        first = self._source[self._at]
        if first == "(":
            self._at += 1
            return self._group()
        if first in "^$":
            self._at += 1
            return Assertion(first, bool(self._flags & re.M))
        if first == "\\":
            return self._escape()
        end = self._at + 1
        if first == "[" and (found := _CLASS.match(self._source, self._at)):
            end = found.end()
            return self._char(self._source[self._at : end], end)
        return self._char("." if first == "." else re.escape(first), end)

    def _char(self, source: str, end: int) -> Char:
        self._at = end
        # without the flag x, under which a space would be no character
        return Char(source, self._flags & ~re.X)

    def _escape(self) -> Node:
        found = _ESCAPE.match(self._source, self._at)
        if found is None:
            raise _UnknownPartError(_UNKNOWN)
        letter = found[0][1]
        if letter in "AZbB":
            self._at = found.end()
            return Assertion(found[0], is_of_lines=False)
        if letter in "123456789" and len(found[0]) == 2:
            number = re.compile(r"\\\d{1,2}").match(self._source, self._at)
            self._at = found.end() if number is None else number.end()
            return Opaque("a back-reference")
        return self._char(found[0], found.end())

    def _group(self) -> Node | None:
        rest = self._source[self._at : self._at + 3]
        if not rest.startswith("?"):
            return self._closed(self._choice())
        if rest.startswith("?#"):
            self._at = self._source.index(")", self._at) + 1
            return None
        for sign, what in _OPAQUE_GROUPS.items():
            if rest.startswith(sign):
                self._at += len(sign)
                return Opaque(what, self._closed(self._choice()))
        if found := _NAME.match(self._source, self._at):
            self._at = found.end()
            return self._closed(self._choice())
        if found := _REFERENCE.match(self._source, self._at):
            self._at = found.end()
            return Opaque("a back-reference")
        return self._flagged_group()

    def _flagged_group(self) -> Node | None:
        found = _GROUP_FLAGS.match(self._source, self._at)
        if found is None:
            raise _UnknownPartError("a conditional group")
        self._at = found.end()
        if found[3] == ")":
            return None  # flags of the whole expression are among those that were given
        outer = self._flags
        for letter in found[1]:
            self._flags = self._flags & ~_TYPES if letter in "auL" else self._flags
            self._flags |= _LETTERS[letter]
        for letter in found[2] or "":
            self._flags &= ~_LETTERS[letter]
        node = self._closed(self._choice())
        self._flags = outer
        return node

    def _closed(self, node: Node) -> Node:
        if not self._take(")"):
            raise _UnknownPartError(_UNKNOWN)
        return node

    def _take(self, sign: str) -> bool:
        taken = self._source.startswith(sign, self._at)
        self._at += len(sign) if taken else 0
        return taken

    def _skip_space(self) -> None:
        if self._flags & re.X and (found := _VERBOSE_SPACE.match(self._source, self._at)):
            self._at = found.end()


_TYPES: Final = re.A | re.U | re.L
_OPAQUE_GROUPS: Final = {
    "?=": "a look ahead",
    "?!": "a look ahead",
    "?<=": "a look behind",
    "?<!": "a look behind",
    "?>": "an atomic group",
}
