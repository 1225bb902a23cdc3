"""What a filter says of each path, in the terms of an index: points and bounds of key bytes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from bson import DatetimeMS, MaxKey, MinKey, ObjectId, Timestamp

from earnorm.stores.documents import EMPTY_ARRAY_KEY, is_operators, is_regex, key_bytes
from earnorm.stores.documents.keys import KeyOf

__all__ = [
    "BOUNDED_TYPES",
    "BOUNDS",
    "Atom",
    "Bound",
    "Conditions",
    "PathConditions",
    "Points",
    "read_conditions",
    "read_textless_conditions",
]

BOUNDS: Final = frozenset({"$gt", "$gte", "$lt", "$lte"})

BOUNDED_TYPES: Final = frozenset(b"\x20\x30\x38\x44\x48\x50\x58\x60")
"""The types whose order inside an index is that of `$gt` and `$lt`: not null, arrays, the ends of the order."""


class Atom(NamedTuple):
    """One operator with its operand; `$eq` also for a plain value."""

    operator: str
    operand: Any


class Points(NamedTuple):
    """The path equals one of these values, by their keys; an array on it may be why."""

    values: Mapping[bytes, Any]
    exact: bool
    """Whether an entry with one of these keys belongs to a document that fits, without exception."""


class Bound(NamedTuple):
    """The path lies on one side of a value of its type; `operator` is `$gt`, `$gte`, `$lt` or `$lte`."""

    operator: str
    key: bytes
    operand: Any


@dataclass(slots=True)
class PathConditions:
    """All that a filter says of one path."""

    atoms: list[Atom] = field(default_factory=list)
    points: list[Points] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)

    @property
    def needs_value(self) -> bool:
        """Whether no document without the path fits."""
        null = key_bytes(None)
        return (
            bool(self.bounds)
            or any(null not in points.values for points in self.points)
            or any(_needs_value(atom) for atom in self.atoms)
        )


@dataclass(slots=True)
class Conditions:
    """What a filter says: of paths, and in alternatives; every part of it has to hold."""

    paths: dict[str, PathConditions] = field(default_factory=dict)
    alternatives: list[Sequence[Mapping[str, Any]]] = field(default_factory=list)
    """The clauses of each `$or`."""
    has_others: bool = False
    """Whether the filter says more than this."""


def read_conditions(filter: Mapping[str, Any], key_of: KeyOf = key_bytes) -> Conditions:
    """What a filter that is normalized says; `key_of` gives the keys of the index that is asked."""
    found = Conditions()
    _collect(filter, found, key_of)
    return found


def read_textless_conditions(filter: Mapping[str, Any]) -> Conditions:
    """What a filter says that means the same under every collation; the rest counts as `has_others`."""
    found = Conditions()
    _collect(filter, found, key_bytes, with_texts=False)
    return found


def _collect(
    filter: Mapping[str, Any], found: Conditions, key_of: KeyOf, *, with_texts: bool = True
) -> None:
    for name, condition in filter.items():
        if name == "$and":
            for clause in condition:
                _collect(clause, found, key_of, with_texts=with_texts)
        elif name == "$or" and len(condition) == 1:
            _collect(condition[0], found, key_of, with_texts=with_texts)
        elif name == "$or" and with_texts:
            found.alternatives.append(condition)
        elif name == "$comment":
            continue
        elif name.startswith("$"):
            found.has_others = True
        else:
            path = found.paths.setdefault(name, PathConditions())
            atoms = list(_atoms(condition))
            kept = atoms if with_texts else [atom for atom in atoms if _is_textless(atom)]
            found.has_others = found.has_others or len(kept) < len(atoms)
            _add_all(path, kept, key_of)


def _atoms(condition: Any) -> Iterator[Atom]:
    if is_operators(condition):
        for operator, operand in condition.items():
            yield Atom(operator, operand)
    elif is_regex(condition):
        yield Atom("$regex", condition)
    else:
        yield Atom("$eq", condition)


def _add_all(path: PathConditions, atoms: Iterable[Atom], key_of: KeyOf) -> None:
    for atom in atoms:
        _add(path, atom, key_of)


def _is_textless(atom: Atom) -> bool:
    operator, operand = atom
    if operator in {"$exists", "$type"}:
        return True
    values = operand if operator in {"$in", "$all"} else [operand]
    is_comparison = operator in BOUNDS or operator in {"$eq", "$in", "$all"}
    return is_comparison and all(
        not is_operators(value) and key_bytes(value)[0] in _TEXTLESS_TYPES for value in values
    )


_TEXTLESS_TYPES: Final = frozenset(
    key_bytes(value)[0]
    for value in [
        MinKey(),
        None,
        0,
        b"",
        ObjectId(),
        False,
        DatetimeMS(0),
        Timestamp(0, 0),
        MaxKey(),
    ]
)


def _add(path: PathConditions, atom: Atom, key_of: KeyOf) -> None:
    path.atoms.append(atom)
    operator, operand = atom
    if operator == "$eq":
        path.points.append(_points([operand], key_of))
    elif operator == "$in" and not any(map(is_regex, operand)):
        path.points.append(_points(operand, key_of))
    elif operator == "$all" and not any(is_regex(one) or is_operators(one) for one in operand):
        # each of them has to be there, so each alone finds the documents
        path.points.extend(_points([one], key_of, exact=False) for one in operand)
    elif operator in BOUNDS and not _is_nan(operand):
        key = key_of(operand)
        if key[0] in BOUNDED_TYPES:
            path.bounds.append(Bound(operator, key, operand))


def _points(values: Sequence[Any], key_of: KeyOf, *, exact: bool = True) -> Points:
    keys: dict[bytes, Any] = {}
    for value in values:
        keys[key_of(value)] = value
        if isinstance(value, list):
            # an array leaves an entry for each element, so it is found by its first; it may also be
            # itself an element of the array on the path
            first = key_of(value[0]) if value else EMPTY_ARRAY_KEY
            keys.setdefault(first, value[0] if value else value)
        # null also stands for what is missing, and that inside arrays where a filter sees nothing
        exact = exact and value is not None and not isinstance(value, list)
    return Points(keys, exact)


def _is_nan(value: Any) -> bool:
    return key_bytes(value) == _NAN_KEY


_NAN_KEY: Final = key_bytes(float("nan"))


def _needs_value(atom: Atom) -> bool:
    if atom.operator == "$exists":
        return atom.operand is True or (type(atom.operand) is int and atom.operand != 0)
    return atom.operator == "$type"
