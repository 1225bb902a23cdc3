"""Lines with branches: all edges that come to one box from one side."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from earnorm.schema.layout.boxes import UNIT, Box, Row
from earnorm.schema.layout.columns import Column
from earnorm.schema.layout.stacking import set_heights

__all__ = ["Trunk", "cross_columns", "make_trunks"]


@dataclass(slots=True, kw_only=True, eq=False)
class Trunk:
    """The line to `target`, with a branch for each of `ends`.

    It comes from the right, and where the target stands right of its sources from the left. `lanes` are the heights
    at which it crosses columns, `tracks` the places where it runs up and down, by the column left of the channel.
    """

    target: Box
    is_from_right: bool
    is_inheritance: bool
    ends: list[tuple[Box, Row]] = field(default_factory=list)
    lanes: dict[int, int] = field(default_factory=dict)
    tracks: dict[int, int] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """The height at which it arrives."""
        return self.target.port + (UNIT if self.is_inheritance else 0)

    def crossed(self) -> Sequence[int]:
        """The columns between the target and the farthest source, the nearest first."""
        home, columns = self.target.column, [box.column for box, _ in self.ends]
        if self.is_from_right:
            return range(home + 1, max(columns))
        return range(home - 1, min(columns), -1)

    def channels(self) -> Iterator[int]:
        """The channels that it runs in, each called by the column left of it."""
        home = self.target.column
        yield home if self.is_from_right else home - 1
        for column in self.crossed():
            yield column if self.is_from_right else column - 1

    def touches(self, channel: int) -> tuple[list[int], list[int]]:
        """The heights at which it meets the left side of a channel, and the right side."""
        return self._at(channel, on_right=True), self._at(channel + 1, on_right=False)

    def _at(self, column: int, *, on_right: bool) -> list[int]:
        """The heights at one side of a column."""
        found = [
            row.y
            for box, row in self.ends
            if box.column == column and self.leaves_right(box) == on_right
        ]
        if self.target.column == column and self.is_from_right == on_right:
            found.append(self.port)
        if column in self.lanes:
            found.append(self.lanes[column])
        return found

    def leaves_right(self, box: Box) -> bool:
        """Whether the edge leaves this source on its right side."""
        return not self.is_from_right or box.column == self.target.column

    def points(self, box: Box, row: Row) -> list[tuple[int, int]]:
        """The corners on the way from the source to the target, both ends included."""
        leaves_right = self.leaves_right(box)
        y = row.y
        found = [(box.x + box.width if leaves_right else box.x, y)]
        for channel in self._way(box):
            x = self.tracks[channel]
            found.append((x, y))
            y = self.lanes.get(channel + (not self.is_from_right), self.port)
            found.append((x, y))
        target = self.target
        found.append((target.x + target.width if self.is_from_right else target.x, self.port))
        return found

    def _way(self, box: Box) -> Sequence[int]:
        if not self.is_from_right:
            return range(box.column, self.target.column)
        return range(max(box.column - 1, self.target.column), self.target.column - 1, -1)


def make_trunks(columns: Sequence[Column]) -> list[Trunk]:
    """The lines of a picture, from the top left; the columns are known, and nothing else."""
    boxes = {box.key: box for column in columns for box in column.boxes()}
    found: dict[tuple[Hashable, bool, bool], Trunk] = {}
    for box in boxes.values():
        for row in box.rows:
            target = boxes[row.target]
            key = (target.key, target.column <= box.column, row.edge.kind == "inheritance")
            if key not in found:
                found[key] = Trunk(target=target, is_from_right=key[1], is_inheritance=key[2])
            found[key].ends.append((box, row))
    return sorted(found.values(), key=lambda one: (one.target.column, one.port))


def cross_columns(columns: Sequence[Column], trunks: Sequence[Trunk]) -> int:
    """Leads the lines through gaps between boxes, and sets all heights; returns that of the picture."""
    gaps = [_gaps(column) for column in columns]
    taken: Counter[tuple[int, int]] = Counter()
    chosen = {trunk: dict(_choose(trunk, gaps, taken)) for trunk in trunks}
    set_heights(columns, taken)
    gaps = [_gaps(column) for column in columns]
    left = Counter(taken)
    for trunk in trunks:
        for column, gap in chosen[trunk].items():
            place = left[column, gap] if gap < len(gaps[column]) - 1 else None
            taken_before = taken[column, gap] - left[column, gap]
            offset = -UNIT * place if place is not None else UNIT * (taken_before + 1)
            trunk.lanes[column] = gaps[column][gap] + offset
            left[column, gap] -= 1
    lowest = [trunk.lanes[column] for trunk in trunks for column in trunk.lanes]
    return max([*lowest, *(gap[-1] for gap in gaps)], default=0)


def _choose(
    trunk: Trunk, gaps: Sequence[Sequence[int]], taken: Counter[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """A gap in each column that is crossed, near the height of the line, where there is room."""
    y = trunk.port
    for column in trunk.crossed():
        near = bisect_left(gaps[column], y)
        choices = range(max(0, near - 2), min(len(gaps[column]), near + 3))
        gap = min(choices, key=lambda one: _cost(column, one, y, gaps, taken))
        taken[column, gap] += 1
        y = gaps[column][gap]
        yield column, gap


def _cost(
    column: int,
    gap: int,
    y: int,
    gaps: Sequence[Sequence[int]],
    taken: Mapping[tuple[int, int], int],
) -> int:
    return abs(gaps[column][gap] - y) + 2 * UNIT * taken.get((column, gap), 0)


def _gaps(column: Column) -> list[int]:
    """The lower edge of each gap: the top of what is below; for the last one, the end of what is above."""
    found = [
        one.frame.y if box is one.boxes[0] else box.y for one in column.stacks for box in one.boxes
    ]
    last = column.stacks[-1].frame
    return [*found, last.y + last.height]
