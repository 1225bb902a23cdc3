"""Chooses how the candidates of a filter are found: by an index, by several, or by reading all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from earnorm.stores.documents import bad_value, key_bytes, unsupported
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.sqlite.catalog import StoredIndex
from earnorm.stores.sqlite.conditions import (
    Conditions,
    read_conditions,
    read_textless_conditions,
)
from earnorm.stores.sqlite.plans import FullScan, IndexScan, Order, Plan, Union
from earnorm.stores.sqlite.scan_order import in_order
from earnorm.stores.sqlite.scans import (
    all_entries,
    alternatives,
    narrow_scan,
    scan_alternatives,
    whole_scan,
)
from earnorm.typing import SortKey

__all__ = ["Hint", "Probe", "Wish", "is_sorted", "plan"]

Hint = str | Sequence[SortKey]
"""The name of an index, or its fields."""

Probe = Callable[[IndexScan, int], int]
"""Says how many entries a scan reads, up to a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for beside the filter."""

    sort: Sequence[SortKey] = ()
    limited: bool = False
    """Whether only the first in the order are wanted."""
    hint: Hint | None = None
    key_of: KeyOf = key_bytes


def plan(
    filter: Mapping[str, Any],
    indexes: Sequence[StoredIndex],
    wish: Wish | None = None,
    *,
    probe: Probe | None = None,
) -> Plan:
    """The cheapest way to a complete set of candidates for a filter that is normalized.

    It is in the order of the wish where an index has it: `is_sorted` tells. Raises PyMongo's
    `OperationFailure` (2) for a hint that names no index.
    """
    wish = wish or Wish()
    search = _Search(filter, indexes, wish, probe)
    return search.best() if wish.hint is None else search.hinted(wish.hint)


def is_sorted(plan: Plan) -> bool:
    """Whether the candidates come in the order that was asked for."""
    return isinstance(plan, IndexScan) and plan.order is not Order.NONE


_FEW: Final = 1_000
"""So many are sorted before anyone notices."""

_MANY: Final = 100_000
"""So many that an index is walked whole rather than that they are sorted."""


class _Search:
    """The ways to the matches of one filter, and which of them is best."""

    def __init__(
        self,
        filter: Mapping[str, Any],
        indexes: Sequence[StoredIndex],
        wish: Wish,
        probe: Probe | None,
    ) -> None:
        self._filter = filter
        self._indexes = indexes
        self._conditions = read_conditions(filter, wish.key_of)
        self._wish = wish
        self._probe = probe

    def best(self) -> Plan:
        narrow = [scan for index in self._indexes if (scan := self._narrowed(index)) is not None]
        best: Plan | None = self._pick(narrow) or self._united()
        if not self._wish.sort:
            return best or FullScan()
        if isinstance(best, IndexScan) and (sorted := self._in_order(best)) is not None:
            return sorted
        whole = [whole_scan(index, self._said_to(index)) for index in self._indexes]
        in_order = [self._in_order(scan) for scan in (*narrow, *whole) if scan is not None]
        walk = self._pick([scan for scan in in_order if scan is not None])
        if walk is None or (best is not None and self._is_small(best)):
            return best or FullScan()
        return walk

    def hinted(self, hint: Hint) -> Plan:
        index = _named(self._indexes, hint)
        if index is None:
            return FullScan()
        # whoever insists on an index that does not have all documents gets what it has, as from MongoDB
        scan = self._narrowed(index) or all_entries(index, self._said_to(index))
        return self._in_order(scan) or scan

    def _narrowed(self, index: StoredIndex) -> IndexScan | None:
        conditions = self._said_to(index)
        scan = narrow_scan(index, conditions)
        if scan is None and conditions.alternatives:
            scan = scan_alternatives(index, self._filter, self._wish.key_of)
        return scan

    def _in_order(self, scan: IndexScan) -> IndexScan | None:
        if not self._wish.sort or not self._is_alike(scan.index):
            return None
        return in_order(scan, self._wish.sort)

    def _is_alike(self, index: StoredIndex) -> bool:
        """Whether the index compares text as the operation does."""
        return index.key_of is self._wish.key_of

    def _said_to(self, index: StoredIndex) -> Conditions:
        """What the filter says that an index may be asked for: of texts nothing under another collation."""
        return self._conditions if self._is_alike(index) else self._textless

    @cached_property
    def _textless(self) -> Conditions:
        return read_textless_conditions(self._filter)

    def _united(self) -> Union | None:
        """A scan for each clause of an `$or`."""
        scans: list[IndexScan] = []
        for clause in alternatives(self._filter):
            best = _Search(
                clause, self._indexes, Wish(key_of=self._wish.key_of), self._probe
            ).best()
            if isinstance(best, FullScan):
                return None
            scans += best.scans if isinstance(best, Union) else (best,)
        return Union(tuple(scans)) if scans else None

    def _pick(self, scans: Sequence[IndexScan]) -> IndexScan | None:
        """The one that narrows most; of equals, the one that reads least."""
        if not scans:
            return None
        most = max(map(_score, scans))
        equals = [scan for scan in scans if _score(scan) == most]
        probe = self._probe
        if probe is None or len(equals) == 1:
            return equals[0]
        return min(equals, key=lambda scan: probe(scan, _FEW))

    def _is_small(self, plan: Plan) -> bool:
        """Whether to sort what a plan gives is less than to walk through all that is in order."""
        if self._probe is None:
            return not self._wish.limited
        scans = plan.scans if isinstance(plan, Union) else (plan,)
        most = _FEW if self._wish.limited else _MANY
        counts = (self._probe(scan, most) for scan in scans if isinstance(scan, IndexScan))
        return sum(counts) < most


def _score(scan: IndexScan) -> tuple[bool, int, int, bool]:
    """How much a scan narrows: by an `_id`, by how many equalities, by a range, to one document at most."""
    if len(scan.segments) != 1:
        return False, 0, 1, False
    (segments,) = scan.segments
    points = sum(segment.points is not None for segment in segments.values())
    is_identity = not scan.index.number and points > 0
    return is_identity, points, len(segments) - points, scan.index.index.unique and points > 0


def _named(indexes: Iterable[StoredIndex], hint: Hint) -> StoredIndex | None:
    """The index that a hint means; None for `$natural`, the order of the documents themselves."""
    fields = None if isinstance(hint, str) else _hinted_fields(hint)
    if hint == "$natural" or fields == (("$natural", 1),):
        return None
    if fields == (("$natural", -1),):
        raise unsupported("the hint {'$natural': -1}", "Sort by '_id' descending.")
    for index in indexes:
        if hint == index.index.name or fields == index.index.fields:
            return index
    raise bad_value(
        f"error processing query: hint provided does not correspond to an existing index: {hint!r}. "
        "Name an index that the collection has, or leave the hint out."
    )


def _hinted_fields(hint: Sequence[Any]) -> tuple[Any, ...]:
    for pair in hint:
        if not isinstance(pair, list | tuple) or len(pair) != _PAIR:
            raise bad_value(
                "a hint is the name of an index, or its fields as pairs such as ('name', 1), and "
                f"{pair!r} is none."
            )
    return tuple(map(tuple, hint))


_PAIR: Final = 2
