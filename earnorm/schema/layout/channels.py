"""Where lines run up and down between two columns."""

from collections import defaultdict
from collections.abc import Sequence

from earnorm.schema.layout.boxes import UNIT
from earnorm.schema.layout.columns import PADDING, Column
from earnorm.schema.layout.trunks import Trunk

__all__ = ["set_places"]

_NARROWEST = 3 * UNIT
_MOST_SORTED = 150  # of more lines in one channel, the order is left as it is found
_SWEEPS = 20


class _Run:
    """What one line does in one channel: where it meets its sides, and from where to where it runs."""

    __slots__ = ("end", "left", "right", "top", "trunk")

    def __init__(self, trunk: Trunk, channel: int) -> None:
        self.trunk = trunk
        self.left, self.right = trunk.touches(channel)
        self.top = min(self.left + self.right)
        self.end = max(self.left + self.right)


def set_places(columns: Sequence[Column], trunks: Sequence[Trunk], x: int) -> int:
    """Gives every column its place from x on, and every line its tracks; returns where the picture ends."""
    runs = defaultdict[int, list[_Run]](list)
    for trunk in trunks:
        for channel in trunk.channels():
            runs[channel].append(_Run(trunk, channel))
    for number, column in enumerate(columns):
        _place(column, x)
        x += column.width
        tracks = _tracks(_sorted(runs[number]))
        for run, track in tracks:
            run.trunk.tracks[number] = x + UNIT * (track + 1)
        used = 1 + max((track for _, track in tracks), default=0)
        x += max(_NARROWEST, UNIT * (used + 1)) if tracks or column is not columns[-1] else 0
    return x


def _place(column: Column, x: int) -> None:
    width = column.width
    for one in column.stacks:
        one.frame.x, one.frame.width = x, width
    for box in column.boxes():
        box.x, box.width = x + PADDING, width - 2 * PADDING


def _sorted(runs: list[_Run]) -> list[_Run]:
    """The lines from left to right, so that few cross: neighbours change places while that helps."""
    ordered = sorted(runs, key=lambda run: (bool(run.right), run.end - run.top))
    if len(ordered) > _MOST_SORTED:
        return ordered
    for _ in range(_SWEEPS):
        changed = False
        for place in range(len(ordered) - 1):
            one, other = ordered[place], ordered[place + 1]
            if _crossings(other, one) < _crossings(one, other):
                ordered[place : place + 2] = other, one
                changed = True
        if not changed:
            break
    return ordered


def _crossings(one: _Run, other: _Run) -> int:
    """How often two lines cross when the first runs left of the second."""
    right = sum(other.top < y < other.end for y in one.right)
    return right + sum(one.top < y < one.end for y in other.left)


def _tracks(runs: Sequence[_Run]) -> list[tuple[_Run, int]]:
    """A track for each, so that no two lie on each other and their order is kept where they meet."""
    found: list[tuple[_Run, int]] = []
    for run in runs:
        beside = (
            track
            for other, track in found
            if other.top - UNIT < run.end and run.top - UNIT < other.end
        )
        found.append((run, 1 + max(beside, default=-1)))
    return found
