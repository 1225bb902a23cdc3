"""Matches a regular expression in time that grows with the text as the text does: no step is taken twice.

A match only has to say whether there is one, so every place is looked at once, with the set of all that
may match there (Thompson's construction). What follows from a set and a character is remembered.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.regex_syntax import Assertion, Chain, Char, Choice, Node, Repeat

__all__ = ["Automaton", "TooManyStatesError"]


class TooManyStatesError(Exception):
    """An expression with more parts, its repeats written out, than an automaton may have."""


class Automaton:
    """Says whether an expression without look-arounds and back-references matches anywhere in a text.

    Raises `TooManyStatesError` for one that is too large when it is made, and PyMongo's `OperationFailure` (51156) when
    a text is so unlike itself that most of what follows is new.
    """

    def __init__(self, node: Node, flags: int) -> None:
        self._states: list[_State] = [_MATCH]
        self._start = self._add(node, 0)
        self._is_word = re.compile(r"\w", flags & (re.A | re.U))
        self._has_assertions = any(isinstance(state, _Condition) for state in self._states)
        self._places: dict[tuple[frozenset[int], str], _Place] = {}
        self._known = self._work = 0

    def search(self, text: str) -> bool:
        """Whether the expression matches anywhere."""
        self._work = 0
        has_last_newline = self._has_assertions and text.endswith("\n")
        place = self._place(frozenset(), "edge")
        for letter in text[:-1] if has_last_newline else text:
            following = place[letter]
            if following is None:
                return True
            place = following
        if has_last_newline:
            following = place[_LAST_NEWLINE]
            if following is None:
                return True
            place = following
        return place[_END] is None

    def follow(self, place: "_Place", letter: str) -> "_Place | None":
        """Where the letter leads, or None where the expression matches before it."""
        read = "\n" if letter == _LAST_NEWLINE else letter
        kind = self._kind(read)
        after = "last newline" if letter == _LAST_NEWLINE else kind
        seen = {*place.pending, self._start}
        following = self._open(seen, (place.before, after), read)
        self._count(len(seen))
        return None if following is None else self._place(following, kind)

    def _open(self, seen: set[int], context: "_Context", letter: str) -> frozenset[int] | None:
        """What goes on after the letter; `seen` grows by what is reached without one."""
        open_states = list(seen)
        following = set()
        while open_states:
            state = self._states[open_states.pop()]
            if state is _MATCH:
                return None
            if isinstance(state, _Letter):
                if letter and state.fits(letter):
                    following.add(state.next)
                continue
            for other in state.others(context):
                if other not in seen:
                    seen.add(other)
                    open_states.append(other)
        return frozenset(following)

    def _place(self, pending: frozenset[int], before: str) -> "_Place":
        key = (pending, before)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = _Place(self, pending, before)
        return place

    def _count(self, steps: int) -> None:
        self._work += steps
        if self._work > _MOST_WORK:
            raise bad_value(
                "a match of a regular expression takes too many steps on a long text. Make the expression "
                "simpler, or anchor it with '^'.",
                51156,
            )
        self._known += 1
        if self._known > _MOST_KNOWN:
            self._known = 0
            self._places.clear()

    def _kind(self, letter: str) -> str:
        if not letter:
            return "edge"
        if not self._has_assertions:
            return "other"
        if letter == "\n":
            return "newline"
        return "other" if self._is_word.match(letter) is None else "word"

    def _append(self, state: "_State") -> int:
        if len(self._states) >= _MOST_STATES:
            raise TooManyStatesError
        self._states.append(state)
        return len(self._states) - 1

    def _add(self, node: Node, after: int) -> int:
        """Adds the states of a part that goes on at `after`; returns where it begins."""
        if isinstance(node, Char):
            return self._append(_Letter(node, after))
        if isinstance(node, Assertion):
            return self._append(_Condition(node, after))
        if isinstance(node, Choice):
            return self._append(_Fork([self._add(branch, after) for branch in node.branches]))
        if isinstance(node, Chain):
            for item in reversed(node.items):
                after = self._add(item, after)
            return after
        if isinstance(node, Repeat):
            return self._add_repeat(node, after)
        raise TypeError(f"no automaton follows {node.what}")

    def _add_repeat(self, node: Repeat, after: int) -> int:
        if node.most is None:
            loop = _Fork([after])
            start = self._append(loop)
            loop.targets.append(self._add(node.item, start))
        else:
            start = after
            for _ in range(node.most - node.least):
                start = self._append(_Fork([self._add(node.item, start), after]))
        for _ in range(node.least):
            before, start = start, self._add(node.item, start)
            if start == before:
                break  # an item without states matches nothing however often
        return start


_MOST_STATES: Final = 2_000
_MOST_KNOWN: Final = 20_000
_MOST_WORK: Final = 2_000_000

_Context = tuple[str, str]
"""What stands before and after a place, as far as a condition asks."""
_END: Final = ""
_LAST_NEWLINE: Final = "\n at the end"


class _Place(dict[str, "_Place | None"]):
    """What may match at a place of a text, given what was before; each letter leads to the next place."""

    __slots__ = ("_automaton", "before", "pending")

    def __init__(self, automaton: Automaton, pending: frozenset[int], before: str) -> None:
        super().__init__()
        self._automaton = automaton
        self.pending = pending
        self.before = before

    def __missing__(self, letter: str) -> "_Place | None":
        found = self[letter] = self._automaton.follow(self, letter)
        return found


class _Fork:
    """Goes on at each of the targets."""

    __slots__ = ("targets",)

    def __init__(self, targets: list[int]) -> None:
        self.targets = targets

    def others(self, context: _Context) -> Iterable[int]:
        return self.targets


class _Condition:
    """Goes on where its condition holds."""

    __slots__ = ("_holds", "next")

    def __init__(self, assertion: Assertion, after: int) -> None:
        kind = assertion.kind + ("m" if assertion.is_of_lines else "")
        self._holds = _CONDITIONS[kind]
        self.next = after

    def others(self, context: _Context) -> Iterable[int]:
        return (self.next,) if self._holds(*context) else ()


class _Letter:
    """Takes one character."""

    __slots__ = ("_known", "_pattern", "next")

    def __init__(self, char: Char, after: int) -> None:
        self._pattern = re.compile(char.source, char.flags)
        self._known: dict[str, bool] = {}
        self.next = after

    def fits(self, letter: str) -> bool:
        known = self._known.get(letter)
        if known is None:
            known = self._known[letter] = self._pattern.match(letter) is not None
        return known


_MATCH: Final = _Fork([])
_State = _Fork | _Condition | _Letter


def _is_boundary(before: str, after: str) -> bool:
    return (before == "word") is not (after == "word")


_NEWLINES: Final = ("newline", "last newline")
_CONDITIONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "^": lambda before, after: before == "edge",
    "\\A": lambda before, after: before == "edge",
    "^m": lambda before, after: before in ("edge", "newline"),
    "$": lambda before, after: after in ("edge", "last newline"),
    "$m": lambda before, after: after == "edge" or after in _NEWLINES,
    "\\Z": lambda before, after: after == "edge",
    "\\b": _is_boundary,
    "\\B": lambda before, after: not _is_boundary(before, after),
}
