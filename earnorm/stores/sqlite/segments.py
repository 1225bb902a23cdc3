"""Ranges of key bytes over one field of an index."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from earnorm.stores.documents import AFTER, key_bytes, type_end
from earnorm.stores.sqlite.conditions import Bound, PathConditions, Points

__all__ = ["Interval", "KeyRange", "Segment", "inverted", "read_segment"]

KeyRange = tuple[bytes, bytes]
"""From the first key on, up to and without the second."""


class Interval(NamedTuple):
    """What lies between two bounds, or between one and the end of the values of its type."""

    kind: bytes
    low: Bound | None
    high: Bound | None

    def range(self, *, descending: bool) -> KeyRange:
        """The range of keys; `descending` where an index keeps the field inverted."""
        low, high = self.low, self.high
        if descending:
            first = inverted(self.kind) if high is None else _edge(high, "$lt", turned=True)
            # one less than the first byte of another type, since inverted keys fall
            end = inverted(_NAN_KEY) if self.kind == _NUMBER else type_end(inverted(self.kind))
            return first, end if low is None else _edge(low, "$gte", turned=True)
        start = _NAN_KEY + AFTER if self.kind == _NUMBER else self.kind
        first = start if low is None else _edge(low, "$gt")
        return first, type_end(self.kind) if high is None else _edge(high, "$lte")


class Segment(NamedTuple):
    """What is looked up in one field of an index: points, or else an interval."""

    points: Points | None
    interval: Interval | None
    exact: bool
    """Whether an entry that is found fits all that the filter says of the path."""


def read_segment(path: PathConditions, *, multikey: bool) -> Segment | None:
    """The narrowest look-up that finds all documents that fit; None if there is none.

    In an index that is multikey each condition may be met by another element of an array, so only one
    of them is looked up.
    """
    if path.points:
        points = min(path.points, key=lambda one: len(one.values))
        if not multikey:
            points = _intersection(path.points)
        is_all = len(path.atoms) == len(path.points) and (not multikey or len(path.points) == 1)
        return Segment(points, None, is_all and points.exact)
    if not path.bounds:
        return None
    bounds = path.bounds[:1] if multikey else path.bounds
    kind = bounds[0].key[:1]
    if any(bound.key[:1] != kind for bound in bounds):
        bounds = bounds[:1]
    interval = Interval(
        kind,
        max((one for one in bounds if one.operator in _LOWER), key=_strength, default=None),
        min((one for one in bounds if one.operator not in _LOWER), key=_strength, default=None),
    )
    return Segment(None, interval, len(path.atoms) == len(bounds))


def inverted(key: bytes) -> bytes:
    """A key with its order turned round: keys are never prefixes of one another."""
    return key.translate(_INVERTED)


_INVERTED: Final = bytes(255 - byte for byte in range(256))
_LOWER: Final = frozenset({"$gt", "$gte"})
_NAN_KEY: Final = key_bytes(float("nan"))
_NUMBER: Final = _NAN_KEY[:1]


def _edge(bound: Bound, behind: str, *, turned: bool = False) -> bytes:
    """Where a range begins or ends: at the bound's key, or behind it if that is its operator."""
    key = inverted(bound.key) if turned else bound.key
    return key + AFTER if bound.operator == behind else key


def _strength(bound: Bound) -> bytes:
    return bound.key + AFTER if bound.operator in {"$gt", "$lte"} else bound.key


def _intersection(found: Sequence[Points]) -> Points:
    first, *others = found
    if not others:
        return first
    common = {
        key: value
        for key, value in first.values.items()
        if all(key in other.values for other in others)
    }
    return Points(common, all(points.exact for points in found))
