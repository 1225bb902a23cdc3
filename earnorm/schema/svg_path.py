"""Lines at right angles with rounded corners, in the language of SVG's paths."""

from collections.abc import Iterable

__all__ = ["rounded"]

Point = tuple[int, int]


def rounded(points: Iterable[Point]) -> str:
    """A line with rounded corners, at right angles."""
    corners = _without_repeats(points)
    drawn = [f"M{corners[0][0]} {corners[0][1]}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        x, y = corner
        radius = min(5.0, _distance(before, corner) / 2, _distance(corner, after) / 2)
        (a, b), (c, d) = _towards(corner, before, radius), _towards(corner, after, radius)
        drawn.append(f"L{a:g} {b:g}Q{x} {y} {c:g} {d:g}")
    drawn.append(f"L{corners[-1][0]} {corners[-1][1]}")
    return "".join(drawn)


def _without_repeats(points: Iterable[Point]) -> list[Point]:
    """The corners: no point twice, and none on the way straight on."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and _is_straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _is_straight(one: Point, other: Point, third: Point) -> bool:
    return one[0] == other[0] == third[0] or one[1] == other[1] == third[1]


def _distance(one: Point, other: Point) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: Point, end: Point, length: float) -> tuple[float, float]:
    share = length / (_distance(start, end) or 1)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
