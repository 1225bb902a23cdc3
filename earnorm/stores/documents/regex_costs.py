"""How many steps a backtracking match may take at most, told from the parts of an expression."""

from dataclasses import dataclass
from typing import Final

from earnorm.stores.documents.regex_syntax import (
    Assertion,
    Chain,
    Char,
    Choice,
    Node,
    Opaque,
    Repeat,
)

__all__ = ["find_opaque", "longest_text"]

ENDLESS: Final = 2**63
"""A length that no text has."""


def longest_text(node: Node, most_steps: int) -> int:
    """How long a text may be so that trying all ways to match takes at most `most_steps` steps.

    -1 where even an empty text might take more. Where the steps grow with the text as the text does
    they are not counted, so that plain expressions are for any text.
    """
    ways = _ways(node)
    if ways is None:
        return -1
    degree = ways.degree + (0 if _is_anchored(node) else 1)
    factor = ways.factor * _size(node)
    if factor > most_steps:
        return -1
    if degree == 0 or (degree == 1 and factor <= _FEW):
        return ENDLESS
    return int((most_steps / factor) ** (1 / degree))


def find_opaque(node: Node) -> str:
    """What no automaton can follow in the expression, or an empty string."""
    if isinstance(node, Opaque):
        return node.what
    return next(filter(None, map(find_opaque, _parts(node))), "")


_FEW: Final = 20_000
_MOST: Final = 10**12


@dataclass(frozen=True, slots=True)
class _Ways:
    """At most `factor * length ** degree` ways to match at one place."""

    factor: int
    degree: int


def _ways(node: Node) -> _Ways | None:
    """None for more ways than any power of the length, or than can be counted."""
    if isinstance(node, Repeat):
        return _ways_of_repeat(node)
    if isinstance(node, Opaque):
        if node.inner is None:
            return _Ways(1, 1) if node.what == "a back-reference" else None
        return _ways(node.inner)
    if isinstance(node, Choice):
        branches = [_ways(branch) for branch in node.branches]
        found = [ways for ways in branches if ways is not None]
        if len(found) < len(branches):
            return None
        return _counted(sum(one.factor for one in found), max(one.degree for one in found))
    product: _Ways | None = _Ways(1, 0)
    for part in _parts(node):
        ways = _ways(part)
        if ways is None or product is None:
            return None
        product = _counted(product.factor * ways.factor, product.degree + ways.degree)
    return product


def _ways_of_repeat(node: Repeat) -> _Ways | None:
    ways = _ways(node.item)
    if ways is None:
        return None
    is_one_way = ways == _Ways(1, 0)
    if node.most is None:
        # each turn has one way, and takes a character at least: the choice is only when to stop
        return _Ways(1, 1) if is_one_way and _takes_characters(node.item) else None
    if is_one_way:
        return _counted(node.most - node.least + 1, 0)
    if node.most > _MOST_TURNS:
        return None
    turns = node.most - node.least + 1
    return _counted(turns * ways.factor**node.most, ways.degree * node.most)


_MOST_TURNS: Final = 40


def _counted(factor: int, degree: int) -> _Ways | None:
    return _Ways(factor, degree) if factor <= _MOST else None


def _takes_characters(node: Node) -> bool:
    if isinstance(node, Repeat):
        return node.least > 0 and _takes_characters(node.item)
    if isinstance(node, Choice):
        return all(map(_takes_characters, node.branches))
    return isinstance(node, Char) or any(map(_takes_characters, _parts(node)))


def _is_anchored(node: Node) -> bool:
    """Whether a match can begin at the start of the text only."""
    if isinstance(node, Assertion):
        return node.kind == "\\A" or (node.kind == "^" and not node.is_of_lines)
    if isinstance(node, Choice):
        return all(map(_is_anchored, node.branches))
    return isinstance(node, Chain) and bool(node.items) and _is_anchored(node.items[0])


def _size(node: Node) -> int:
    if isinstance(node, Repeat):
        turns = node.least + 1 if node.most is None else node.most
        return max(1, turns * _size(node.item))
    return max(1, sum(map(_size, _parts(node))))


def _parts(node: Node) -> list[Node]:
    if isinstance(node, Chain):
        return list(node.items)
    if isinstance(node, Choice):
        return list(node.branches)
    if isinstance(node, Repeat):
        return [node.item]
    if isinstance(node, Opaque):
        return [] if node.inner is None else [node.inner]
    return []
