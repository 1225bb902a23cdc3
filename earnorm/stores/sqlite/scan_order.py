"""Whether a walk through an index gives documents in the order of a sort."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from earnorm.stores.sqlite.plans import IndexScan, Order
from earnorm.stores.sqlite.segments import Segment
from earnorm.typing import SortKey

__all__ = ["in_order"]


def in_order(scan: IndexScan, sort: Sequence[SortKey]) -> IndexScan | None:
    """The scan, walked so that it gives the order of `sort`; None if it does not have that order."""
    index = scan.index
    segments = scan.segments[0] if len(scan.segments) == 1 else {}
    if index.multikey and not _ignores_arrays(scan, sort):
        return None
    constant = frozenset() if index.multikey else _constant(segments)
    wanted = [(path, direction) for path, direction in sort if path not in constant]
    turns: set[int] = set()
    has_choice = False
    for path, direction in index.index.fields:
        if not wanted:
            break
        if path in constant:
            continue
        if path == wanted[0][0]:
            if has_choice and _is_choice(segments, path):
                return None
            turns.add(wanted.pop(0)[1] * (direction if index.directed else 1))
        elif not turns and _is_choice(segments, path):
            has_choice = True
        else:
            return None
    # nothing is left to be told apart behind all fields of a unique index
    is_unique = index.index.unique and not index.multikey and bool(turns) and not has_choice
    if len(turns) > 1 or (wanted and not is_unique):
        return None
    return _walked(scan, segments, backward=-1 in turns, merged=has_choice)


_MOST_MERGED: Final = 100


def _walked(
    scan: IndexScan, segments: Mapping[str, Segment], *, backward: bool, merged: bool
) -> IndexScan | None:
    order = Order.BACKWARD if backward else Order.FORWARD
    if not merged:
        return replace(scan, order=order)
    if len(scan.ranges) > _MOST_MERGED:
        return None
    return replace(scan, order=order, merged=_tail(scan, segments))


def _tail(scan: IndexScan, segments: Mapping[str, Segment]) -> int:
    """How long the first key of an interval is, which each range has after its prefix."""
    for (path, _), turned in zip(scan.index.index.fields, scan.index.inverted, strict=True):
        segment = segments.get(path)
        if segment is not None and segment.interval is not None:
            return len(segment.interval.range(descending=turned)[0])
    return 0


def _constant(segments: Mapping[str, Segment]) -> frozenset[str]:
    return frozenset(
        path
        for path, segment in segments.items()
        if segment.points is not None and len(segment.points.values) == 1
    )


def _is_choice(segments: Mapping[str, Segment], path: str) -> bool:
    return path in segments and segments[path].points is not None


def _ignores_arrays(scan: IndexScan, sort: Sequence[SortKey]) -> bool:
    """Whether the first entry of a document in the walk is the one that it sorts by.

    An array sorts by its least element, or its greatest, whatever a filter says of its elements.
    """
    if scan.index.index.sparse or len(scan.segments) > 1:
        return False
    looked_up = {path.split(".", 1)[0] for path in scan.segments[0]}
    return looked_up.isdisjoint(path.split(".", 1)[0] for path, _ in sort)
