"""Whether every document that a filter matches also meets the condition of a partial index."""

from typing import Any, Final

from bson import Decimal128, Int64

from earnorm.stores.documents import MISSING, is_regex, key_bytes
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.matcher import compile_condition
from earnorm.stores.sqlite.conditions import (
    BOUNDED_TYPES,
    BOUNDS,
    Atom,
    Conditions,
    PathConditions,
    read_conditions,
)

__all__ = ["implies", "is_same"]


def implies(filter: Conditions, partial: Conditions, key_of: KeyOf = key_bytes) -> bool:
    """Whether the condition follows from the filter; False where that cannot be told."""
    if _follows(filter, partial, key_of):
        return True
    # one of the alternatives holds: it follows if it does from each of them
    return any(
        all(implies(read_conditions(clause, key_of), partial, key_of) for clause in clauses)
        for clauses in filter.alternatives
    )


def is_same(path: PathConditions, condition: PathConditions) -> bool:
    """Whether the filter says of a path what a partial index says, and no more."""
    given = sorted((atom.operator, _key(atom)) for atom in path.atoms)
    return given == sorted((atom.operator, _key(atom)) for atom in condition.atoms)


def _follows(filter: Conditions, wanted: Conditions, key_of: KeyOf) -> bool:
    if wanted.has_others:
        return False
    return all(
        path in filter.paths
        and any(_atom_implies(given, atom, key_of) for given in filter.paths[path].atoms)
        for path, conditions in wanted.paths.items()
        for atom in conditions.atoms
    ) and all(
        any(implies(filter, read_conditions(clause, key_of), key_of) for clause in clauses)
        for clauses in wanted.alternatives
    )


def _atom_implies(given: Atom, wanted: Atom, key_of: KeyOf) -> bool:
    """Whether each value that fits `given` fits `wanted`: both ask for one fitting value among many."""
    if given.operator == wanted.operator and _key(given) == _key(wanted):
        return True
    if given.operator == "$eq":
        return _fits(given.operand, wanted, key_of)
    if given.operator == "$in":
        return not any(map(is_regex, given.operand)) and all(
            _fits(value, wanted, key_of) for value in given.operand
        )
    if given.operator in BOUNDS:
        return _bound_implies(given, wanted, key_of)
    # a value of a type exists
    return given.operator == "$type" and _is_existence(wanted)


_LOWER: Final = frozenset({"$gt", "$gte"})


def _key(atom: Atom) -> bytes:
    return key_bytes(atom.operand)


def _fits(value: Any, wanted: Atom, key_of: KeyOf) -> bool:
    """Whether every stored value that equals `value` fits."""
    test = compile_condition({wanted.operator: wanted.operand}, key_of)
    equals: list[Any] = [value]
    if value is None:
        equals.append(MISSING)
    elif wanted.operator == "$type" and key_bytes(value)[:1] == _NUMBER:
        equals = list(_NUMBERS)
    return all(test([one]) for one in equals)


# an equal number may be stored as any of the four types
_NUMBERS: Final = (1, Int64(2**40), 1.5, Decimal128("1.5"))


def _bound_implies(given: Atom, wanted: Atom, key_of: KeyOf) -> bool:
    key = key_of(given.operand)
    if key[0] not in BOUNDED_TYPES or key == _NAN_KEY:
        return False
    if _is_existence(wanted):
        return True
    if wanted.operator == "$type":
        names = {_NUMBER: _NUMBERS, _STRING: ("",)}.get(key[:1])
        test = compile_condition({wanted.operator: wanted.operand}, key_of)
        return names is not None and all(test([one]) for one in names)
    if wanted.operator not in BOUNDS or (given.operator in _LOWER) != (wanted.operator in _LOWER):
        return False
    other = key_of(wanted.operand)
    if key[:1] != other[:1] or other == _NAN_KEY:
        return False
    if key == other:
        return wanted.operator in {"$gte", "$lte"}
    return (key > other) is (given.operator in _LOWER)


_NAN_KEY: Final = key_bytes(float("nan"))
_NUMBER: Final = key_bytes(0)[:1]
_STRING: Final = key_bytes("")[:1]


def _is_existence(wanted: Atom) -> bool:
    return wanted.operator == "$exists" and wanted.operand is not False
