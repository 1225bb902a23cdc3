"""Chooses how the candidates of a filter are found: by `_id`, by an index, or by reading all.

A plan never has to be exact, only complete: whoever follows it matches every document again. It is
complete because index entries and filters follow paths in the same way, and key bytes order values
as the matcher does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from earnorm.stores.documents import (
    AFTER,
    EMPTY_ARRAY_KEY,
    array_index,
    is_operators,
    is_regex,
    key_bytes,
    type_end,
)
from earnorm.stores.sqlite.catalog import StoredIndex

__all__ = ["ById", "ByIndex", "FullScan", "KeyRange", "Plan", "plan"]

KeyRange = tuple[bytes, bytes]
"""From the first key on, up to and without the second."""


@dataclass(frozen=True, slots=True)
class FullScan:
    """Every document is read."""


@dataclass(frozen=True, slots=True)
class ById:
    """The documents whose `_id` has one of these keys."""

    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ByIndex:
    """The documents with an entry in one of these ranges of an index."""

    index: StoredIndex
    ranges: tuple[KeyRange, ...]


Plan = FullScan | ById | ByIndex


def plan(filter: Mapping[str, Any], indexes: Sequence[StoredIndex]) -> Plan:
    """The cheapest way to a complete set of candidates for a filter that is normalized."""
    constraints = _constraints(filter)
    by_id = constraints.get("_id")
    if by_id is not None and by_id.keys is not None:
        return ById(tuple(sorted(by_id.keys)))
    best: ByIndex | None = None
    best_score = (0, 0, 0)
    for index in indexes:
        found = _use(index, constraints)
        if found is not None and found[0] > best_score:
            best_score, best = found
    return best if best is not None else FullScan()


_MOST_RANGES: Final = 10_000


@dataclass(slots=True)
class _Constraint:
    """What a filter says of one path, as far as an index can use it."""

    keys: frozenset[bytes] | None = None
    """The path equals one of these; an array on it may be why, then one of its elements does."""
    equals: set[bytes] = field(default_factory=set)
    """The keys of the values that the path equals, every one of them; for partial indexes."""
    lower: KeyRange | None = None
    upper: KeyRange | None = None


def _constraints(filter: Mapping[str, Any]) -> dict[str, _Constraint]:
    found: dict[str, _Constraint] = {}
    _collect(filter, found)
    return found


def _collect(filter: Mapping[str, Any], found: dict[str, _Constraint]) -> None:
    for name, condition in filter.items():
        if name == "$and":
            for clause in condition:
                _collect(clause, found)
        elif not name.startswith("$"):
            _constrain(found.setdefault(name, _Constraint()), condition)


def _constrain(constraint: _Constraint, condition: Any) -> None:
    if not is_operators(condition):
        if not is_regex(condition):
            _constrain_to(constraint, [condition])
        return
    for operator, operand in condition.items():
        if operator == "$eq":
            _constrain_to(constraint, [operand])
        elif operator == "$in":
            if not any(map(is_regex, operand)):
                _constrain_to(constraint, operand)
        elif operator in _RANGES:
            _bound(constraint, operator, operand)


def _constrain_to(constraint: _Constraint, values: Sequence[Any]) -> None:
    if len(values) == 1:
        constraint.equals.add(key_bytes(values[0]))
    keys = frozenset(key for value in values for key in _entry_keys(value))
    if constraint.keys is None or len(keys) < len(constraint.keys):
        constraint.keys = keys


def _entry_keys(value: Any) -> list[bytes]:
    """The entries by which a document that equals `value` can be found.

    An array leaves an entry for each element, so it is found by its first; it may also be itself an
    element of the array on the path.
    """
    if not isinstance(value, list):
        return [key_bytes(value)]
    return [key_bytes(value), key_bytes(value[0]) if value else EMPTY_ARRAY_KEY]


_RANGES: Final = frozenset({"$gt", "$gte", "$lt", "$lte"})
# the types whose order inside an index is the one of `$gt` and `$lt`: not null, not arrays, not the
# two ends of the order
_RANGE_TYPES: Final = frozenset(b"\x20\x30\x38\x44\x48\x50\x58\x60")


def _bound(constraint: _Constraint, operator: str, operand: Any) -> None:
    key = key_bytes(operand)
    if key[0] not in _RANGE_TYPES:
        return
    if operator in {"$gt", "$gte"}:
        constraint.lower = (key if operator == "$gte" else key + AFTER, type_end(key))
    else:
        constraint.upper = (key[:1], key if operator == "$lt" else key + AFTER)


_Score = tuple[int, int, int]


def _use(
    index: StoredIndex, constraints: Mapping[str, _Constraint]
) -> tuple[_Score, ByIndex] | None:
    if not _implies_partial(index, constraints):
        return None
    prefixes: list[bytes] = [b""]
    equalities = 0
    for path in _usable_paths(index):
        constraint = constraints.get(path)
        if constraint is None:
            break
        if constraint.keys is None or len(prefixes) * len(constraint.keys) > _MOST_RANGES:
            return _use_range(index, constraint, prefixes, equalities)
        prefixes = [a + b for a, b in product(prefixes, sorted(constraint.keys))]
        equalities += 1
    if not equalities:
        return None
    ranges = tuple((prefix, prefix + AFTER) for prefix in prefixes)
    return (equalities, 0, index.index.unique), ByIndex(index, ranges)


def _use_range(
    index: StoredIndex, constraint: _Constraint, prefixes: list[bytes], equalities: int
) -> tuple[_Score, ByIndex] | None:
    bounds = _range(constraint, multikey=index.multikey)
    if bounds is None and not equalities:
        return None
    low, high = bounds or (b"", AFTER)
    ranges = tuple((prefix + low, prefix + high) for prefix in prefixes)
    return (equalities, bounds is not None, index.index.unique), ByIndex(index, ranges)


def _range(constraint: _Constraint, *, multikey: bool) -> KeyRange | None:
    lower, upper = constraint.lower, constraint.upper
    if lower is None or upper is None:
        return lower or upper
    if multikey:
        # two elements of an array may each satisfy one of the bounds
        return lower
    return max(lower[0], upper[0]), min(lower[1], upper[1])


def _usable_paths(index: StoredIndex) -> list[str]:
    """The leading paths whose entries may be looked up together."""
    paths = [path for path, _ in index.index.fields]
    for position, segments in enumerate(index.paths):
        if any(array_index(segment) is not None for segment in segments[1:]):
            # entries take a number in a path as a position, a filter also as a name
            return paths[:position]
        roots = {earlier[0] for earlier in index.paths[:position]}
        if index.multikey and segments[0] in roots:
            # one filter entry may be met by one element of the array, the next by another
            return paths[:position]
    return paths


def _implies_partial(index: StoredIndex, constraints: Mapping[str, _Constraint]) -> bool:
    for path, value in (index.index.partial or {}).items():
        constraint = constraints.get(path)
        if constraint is None or key_bytes(value) not in constraint.equals:
            return False
    return True
