"""Which package stands in which column."""

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from earnorm.schema.layout.boxes import UNIT, Box, Cluster

__all__ = ["GAP", "LABEL", "PADDING", "Column", "Frame", "Stack", "make_columns"]

GAP = 2 * UNIT
LABEL = 3 * UNIT
"""What the name of a package takes above its boxes."""

PADDING = UNIT
_CHANNEL = 8 * UNIT  # what a channel is likely to take
_SHAPE = 1.7  # breadth to height, as on a screen
_MOST_MOVED = 40  # of more packages, the order is left as it is found


@dataclass(slots=True, kw_only=True, eq=False)
class Frame:
    """The rectangle round one part of a package."""

    cluster: Cluster
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Stack:
    """The boxes of one package in one column, from above."""

    frame: Frame
    boxes: list[Box]

    @property
    def height(self) -> int:
        """With its frame, and no line between its boxes."""
        return LABEL + sum(box.height + GAP for box in self.boxes) - GAP + PADDING


@dataclass(slots=True, kw_only=True, eq=False)
class Column:
    """What stands one above the other."""

    stacks: list[Stack] = field(default_factory=list)

    @property
    def height(self) -> int:
        """Without the lines that cross it."""
        return sum(stack.height + GAP for stack in self.stacks)

    @property
    def width(self) -> int:
        """As broad as its broadest box with the frame, or the name of a package."""
        boxes = max(box.width for box in self.boxes()) + 2 * PADDING
        return max(boxes, *(one.frame.cluster.width for one in self.stacks))

    def boxes(self) -> Iterator[Box]:
        """From above."""
        for stack in self.stacks:
            yield from stack.boxes


def make_columns(clusters: Sequence[Cluster], rank: Mapping[Hashable, int]) -> list[Column]:
    """The packages in columns, so that what is referred to is left of what refers to it, as near as can be.

    `rank` has the keys of models, those that are referred to before those that refer to them.
    """
    for cluster in clusters:
        cluster.boxes.sort(key=lambda box: rank.get(box.key, len(rank)))
    ordered = _in_line(clusters, rank)
    choices = [_cut(ordered, limit) for limit in _limits(ordered)]
    return min(choices, key=_misshape) if choices else []


def _in_line(clusters: Sequence[Cluster], rank: Mapping[Hashable, int]) -> list[Cluster]:
    """From left to right; what is missing comes last."""
    present = [cluster for cluster in clusters if not cluster.is_missing]
    present.sort(key=lambda cluster: _mean([rank[box.key] for box in cluster.boxes]))
    if 1 < len(present) <= _MOST_MOVED:
        present = _shortened(present, _ties(present))
    return [*present, *(cluster for cluster in clusters if cluster.is_missing)]


def _ties(clusters: Sequence[Cluster]) -> Counter[tuple[int, int]]:
    """How many edges lead from one package to another, by their places."""
    home = {box.key: place for place, cluster in enumerate(clusters) for box in cluster.boxes}
    return Counter(
        (place, home[row.target])
        for place, cluster in enumerate(clusters)
        for box in cluster.boxes
        for row in box.rows
        if row.target in home
    )


def _shortened(clusters: list[Cluster], ties: Counter[tuple[int, int]]) -> list[Cluster]:
    """The packages moved about, one at a time, while that makes the edges shorter."""
    line = list(range(len(clusters)))
    best, improved = _length(line, ties), True
    while improved:
        improved = False
        for one in range(len(clusters)):
            for place in range(len(clusters)):
                moved = [other for other in line if other != one]
                moved.insert(place, one)
                length = _length(moved, ties)
                if length < best:
                    line, best, improved = moved, length, True
    return [clusters[one] for one in line]


def _length(line: Sequence[int], ties: Counter[tuple[int, int]]) -> float:
    at = {one: place for place, one in enumerate(line)}
    return sum(
        count * (abs(at[source] - at[target]) + 0.5 * (at[target] > at[source]))
        for (source, target), count in ties.items()
    )


def _limits(clusters: Sequence[Cluster]) -> Iterator[float]:
    """Heights of columns to try."""
    total = sum(box.height + GAP for cluster in clusters for box in cluster.boxes)
    number = 1.0
    while clusters and number <= sum(len(cluster.boxes) for cluster in clusters):
        yield total / number
        number = max(number + 1, number * 1.2)


def _cut(clusters: Sequence[Cluster], limit: float) -> list[Column]:
    """The packages in columns of about this height: small ones share one, large ones have several."""
    columns: list[Column] = []
    for cluster in clusters:
        stacks = list(_stacks(cluster, limit))
        fits = columns and columns[-1].height + stacks[0].height <= 1.1 * limit
        if len(stacks) == 1 and fits:
            columns[-1].stacks += stacks
        else:
            columns += [Column(stacks=[stack]) for stack in stacks]
    return columns


def _stacks(cluster: Cluster, limit: float) -> Iterator[Stack]:
    height = sum(box.height + GAP for box in cluster.boxes)
    parts = max(1, min(len(cluster.boxes), round(height / limit)))
    share, passed, boxes = height / parts, 0.0, list[Box]()
    for box in cluster.boxes:
        if boxes and passed + (box.height + GAP) / 2 > share:
            yield Stack(frame=Frame(cluster=cluster), boxes=boxes)
            passed, boxes = passed - share, []
        boxes.append(box)
        passed += box.height + GAP
    yield Stack(frame=Frame(cluster=cluster), boxes=boxes)


def _misshape(columns: Sequence[Column]) -> float:
    width = sum(column.width + _CHANNEL for column in columns)
    height = max(column.height for column in columns)
    return abs(math.log(width / height / _SHAPE))


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
