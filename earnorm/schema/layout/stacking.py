"""The order of boxes from above, and their heights."""

from collections.abc import Hashable, Mapping, Sequence

from earnorm.schema.layout.boxes import UNIT, Box
from earnorm.schema.layout.columns import GAP, LABEL, PADDING, Column, Stack

__all__ = ["TOP", "Lanes", "set_heights", "stack"]

TOP = 6 * UNIT
"""Where the picture begins, below its title."""

_SWEEPS = 12

Lanes = Mapping[tuple[int, int], int]
"""(column, gap) -> how many lines cross the column there; gap n is above box n, the last one below all."""


def stack(columns: Sequence[Column]) -> None:
    """Puts the boxes of each column into the order in which edges are shortest, as far as it is found.

    Each box moves towards the mean of what it is connected with, again and again (Sugiyama's barycentres).
    """
    boxes = {box.key: box for column in columns for box in column.boxes()}
    near = _connected(boxes)
    set_heights(columns, {})
    best, kept = _length(boxes), _orders(columns)
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 else reversed(columns):
            _sort(column, near)
            set_heights(columns, {})
        length = _length(boxes)
        if length < best:
            best, kept = length, _orders(columns)
    for column, stacks in zip(columns, kept, strict=True):
        column.stacks = [one for one, _ in stacks]
        for one, order in stacks:
            one.boxes = order
    set_heights(columns, {})


def set_heights(columns: Sequence[Column], lanes: Lanes) -> None:
    """Gives every box and frame its height, with room for the lines that cross its column."""
    for number, column in enumerate(columns):
        # Half a unit apart, so that no line from the left lies on one from the right.
        y = TOP + (UNIT // 2) * (number % 2)
        place = 0
        for one in column.stacks:
            y += _room(lanes.get((number, place), 0))
            one.frame.y = y
            y += LABEL
            for box in one.boxes:
                if box is not one.boxes[0]:
                    y += _room(lanes.get((number, place), 0))
                box.column = number
                box.place(y)
                y += box.height
                place += 1
            y += PADDING
            one.frame.height = y - one.frame.y


def _room(lanes: int) -> int:
    return max(GAP, UNIT * (lanes + 1))


def _connected(boxes: Mapping[Hashable, Box]) -> dict[Hashable, list[Box]]:
    near: dict[Hashable, list[Box]] = {key: [] for key in boxes}
    for box in boxes.values():
        for row in box.rows:
            if row.target != box.key:
                near[box.key].append(boxes[row.target])
                near[row.target].append(box)
    return near


def _sort(column: Column, near: Mapping[Hashable, Sequence[Box]]) -> None:
    def wanted(box: Box) -> float:
        ports = [other.port for other in near[box.key]]
        return sum(ports) / len(ports) if ports else box.port

    def middle(one: Stack) -> float:
        return sum(map(wanted, one.boxes)) / len(one.boxes)

    for one in column.stacks:
        one.boxes.sort(key=wanted)
    column.stacks.sort(key=middle)


def _length(boxes: Mapping[Hashable, Box]) -> int:
    """How far edges run up and down."""
    return sum(abs(row.y - boxes[row.target].port) for box in boxes.values() for row in box.rows)


def _orders(columns: Sequence[Column]) -> list[list[tuple[Stack, list[Box]]]]:
    return [[(one, list(one.boxes)) for one in column.stacks] for column in columns]
