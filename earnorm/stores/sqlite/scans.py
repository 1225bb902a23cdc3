"""What an index finds for a filter, and in which order.

A scan never has to be exact, only complete: whoever follows it matches every document again, unless the
scan says that it is exact. It is complete because index entries and filters follow paths in the same way,
and key bytes order values as the matcher does.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

from earnorm.stores.documents import AFTER, array_index
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.sqlite.catalog import StoredIndex
from earnorm.stores.sqlite.conditions import Conditions, read_conditions
from earnorm.stores.sqlite.implication import implies, is_same
from earnorm.stores.sqlite.plans import IndexScan
from earnorm.stores.sqlite.segments import KeyRange, Segment, inverted, read_segment
from earnorm.typing import Document

__all__ = ["all_entries", "alternatives", "narrow_scan", "scan_alternatives", "whole_scan"]


def narrow_scan(index: StoredIndex, conditions: Conditions) -> IndexScan | None:
    """The entries that all documents which fit have; None where the index narrows nothing."""
    if not _is_complete(index, conditions):
        return None
    segments: dict[str, Segment] = {}
    ranges: list[KeyRange] = []
    prefixes: list[bytes] = [b""]
    for position, path in enumerate(_usable_paths(index)):
        found = conditions.paths.get(path)
        segment = None if found is None else read_segment(found, multikey=index.multikey)
        if segment is None:
            break
        turned = index.inverted[position]
        if segment.points is not None:
            if len(prefixes) * len(segment.points.values) > _MOST_RANGES:
                break
            keys = sorted(inverted(key) if turned else key for key in segment.points.values)
            prefixes = [one + key for one, key in product(prefixes, keys)]
            segments[path] = segment
        elif segment.interval is not None:
            first, last = segment.interval.range(descending=turned)
            ranges = [(one + first, one + last) for one in prefixes]
            segments[path] = segment
            break
    if not segments:
        return None
    return IndexScan(
        index=index,
        ranges=tuple(ranges or [(one, one + AFTER) for one in prefixes]),
        segments=(segments,),
        exact=_is_exact(index, conditions, segments),
    )


def whole_scan(index: StoredIndex, conditions: Conditions) -> IndexScan | None:
    """All entries of an index; None if documents that fit may have none."""
    return all_entries(index, conditions) if _is_complete(index, conditions) else None


def all_entries(index: StoredIndex, conditions: Conditions) -> IndexScan:
    """All entries of an index, also where documents that fit may have none."""
    return IndexScan(
        index=index,
        ranges=((b"", AFTER),),
        segments=({},),
        exact=_is_exact(index, conditions, {}),
    )


def scan_alternatives(
    index: StoredIndex, filter: Mapping[str, Any], key_of: KeyOf
) -> IndexScan | None:
    """One walk for the clauses of an `$or`, if the index serves each of them."""
    scans: list[IndexScan] = []
    for clause in alternatives(filter):
        scan = narrow_scan(index, read_conditions(clause, key_of))
        if scan is None:
            return None
        scans.append(scan)
    if not scans or sum(len(scan.ranges) for scan in scans) > _MOST_RANGES:
        return None
    return IndexScan(
        index=index,
        ranges=_joined([bounds for scan in scans for bounds in scan.ranges]),
        segments=tuple(segments for scan in scans for segments in scan.segments),
        exact=all(scan.exact for scan in scans),
    )


def alternatives(filter: Mapping[str, Any]) -> Sequence[Document]:
    """The filters, one of which holds where `filter` does; none unless it has one `$or`."""
    found = read_conditions(filter).alternatives
    if len(found) != 1:
        return ()
    rest = _without(filter, found[0])
    return [{"$and": [clause, *rest]} for clause in found[0]]


_MOST_RANGES: Final = 10_000


def _usable_paths(index: StoredIndex) -> list[str]:
    """The leading paths whose entries may be looked up together."""
    paths = [path for path, _ in index.index.fields]
    for position, segments in enumerate(index.paths):
        if _is_numbered(segments):
            # entries take a number in a path as a position, a filter also as a name
            return paths[:position]
        roots = {earlier[0] for earlier in index.paths[:position]}
        if index.multikey and segments[0] in roots:
            # one filter entry may be met by one element of the array, the next by another
            return paths[:position]
    return paths


def _is_numbered(segments: Sequence[str]) -> bool:
    return any(array_index(segment) is not None for segment in segments[1:])


def _is_complete(index: StoredIndex, conditions: Conditions) -> bool:
    """Whether all documents that fit are in the index."""
    if index.partial is not None and not implies(conditions, index.partial, index.key_of):
        return False
    return not index.index.sparse or any(
        path in conditions.paths
        and conditions.paths[path].needs_value
        and not _is_numbered(segments)
        for (path, _), segments in zip(index.index.fields, index.paths, strict=True)
    )


def _is_exact(index: StoredIndex, conditions: Conditions, segments: Mapping[str, Segment]) -> bool:
    if conditions.has_others or conditions.alternatives:
        return False
    partial = {} if index.partial is None else index.partial.paths
    return all(
        (path in segments and segments[path].exact)
        or (path in partial and is_same(found, partial[path]))
        for path, found in conditions.paths.items()
    )


def _without(filter: Mapping[str, Any], clauses: Sequence[Document]) -> list[Document]:
    """The parts of a filter without that one `$or`, wherever it stands."""
    rest: list[Document] = []
    for name, condition in filter.items():
        if name == "$and":
            for clause in condition:
                rest += _without(clause, clauses)
        elif name == "$or" and len(condition) == 1:
            rest += _without(condition[0], clauses)
        elif name != "$or" or condition is not clauses:
            rest.append({name: condition})
    return rest


def _joined(ranges: Sequence[KeyRange]) -> tuple[KeyRange, ...]:
    """The same keys in ranges that follow one another."""
    joined: list[KeyRange] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        elif first < last:
            joined.append((first, last))
    return tuple(joined)
