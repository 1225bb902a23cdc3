"""The operators of an update that change arrays."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from earnorm.stores.documents.change import Change, Compiler
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import MISSING, as_array, as_document, is_operators
from earnorm.stores.documents.matcher import compile_condition, compile_normalized
from earnorm.stores.documents.numbers import whole
from earnorm.stores.documents.paths import Reached
from earnorm.stores.documents.places import UpdatePath, change_at, change_present, fresh
from earnorm.stores.documents.pushing import compile_pushed
from earnorm.stores.documents.refusals import write_error
from earnorm.stores.documents.regexes import is_regex
from earnorm.stores.documents.value_tests import ValueTest

__all__ = ["ARRAY_UPDATES"]


def _push(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    pushed = compile_pushed(operand, key_of)
    return _changing("$push", path, pushed)


def _add_to_set(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    added = _each_of_set(operand)

    def add(elements: list[Any]) -> list[Any]:
        known = {key_of(element) for element in elements}
        for element in added:
            key = key_of(element)
            if key not in known:
                known.add(key)
                elements.append(fresh(element))
        return elements

    return _changing("$addToSet", path, add)


def _each_of_set(operand: Any) -> Sequence[Any]:
    modifiers = as_document(operand)
    if not modifiers or next(iter(modifiers)) != "$each":
        return [operand]
    elements = as_array(modifiers["$each"])
    if elements is None or len(modifiers) > 1:
        raise write_error(
            f"$addToSet takes a value, or {{'$each': [...]}} and nothing beside it, not {operand!r}."
        )
    return elements


def _pop(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    side = whole(operand)
    if side not in (1, -1):
        raise write_error(f"$pop takes 1 (the last element) or -1 (the first), not {operand!r}.", 9)

    def pop(elements: list[Any]) -> list[Any]:
        return elements[:-1] if side == 1 else elements[1:]

    return _changing_present("$pop", path, pop, 14)


def _pull(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    goes = _condition(operand, key_of)
    return _changing_present(
        "$pull", path, lambda elements: [one for one in elements if not goes(one)]
    )


def _condition(operand: Any, key_of: KeyOf) -> ValueTest:
    """Which elements `$pull` takes out: documents that fit a filter, values that fit operators, equal ones."""
    filter = as_document(operand)
    if filter is not None and (not is_operators(filter) or next(iter(filter)) in _CLAUSES):
        match = compile_normalized(filter, key_of)
        return lambda element: as_document(element) is not None and match(element)
    if filter is not None or is_regex(operand):
        test = compile_condition(operand, key_of)
        return lambda element: test(_as_reached(element))
    key = key_of(operand)
    return lambda element: key_of(element) == key


_CLAUSES = frozenset({"$and", "$or", "$nor"})


def _as_reached(element: Any) -> Reached:
    inner = as_array(element)
    return Reached([element] if inner is None else [*inner, element], [element])


def _pull_all(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    gone = as_array(operand)
    if gone is None:
        raise write_error(f"$pullAll needs an array of values, not {operand!r}.")
    keys = {key_of(one) for one in gone}
    return _changing_present(
        "$pullAll", path, lambda elements: [one for one in elements if key_of(one) not in keys]
    )


ARRAY_UPDATES: Mapping[str, Compiler] = {
    "$push": _push,
    "$addToSet": _add_to_set,
    "$pop": _pop,
    "$pull": _pull,
    "$pullAll": _pull_all,
}

_ArrayChange = Callable[[list[Any]], list[Any]]
"""Gives the new elements; the list that it is given is its own."""


def _changing(operator: str, path: UpdatePath, change: _ArrayChange) -> Change:
    """A change of an array that is made where it is missing."""

    def changed(old: Any) -> list[Any]:
        return change([] if old is MISSING else _elements(operator, path, old))

    return Change(path=path, apply=lambda document, at: change_at(document, at, changed))


def _changing_present(
    operator: str, path: UpdatePath, change: _ArrayChange, code: int = 2
) -> Change:
    """A change of an array that is left missing where it is missing."""

    def changed(old: Any) -> list[Any]:
        return change(_elements(operator, path, old, code))

    return Change(path=path, apply=lambda document, at: change_present(document, at, changed))


def _elements(operator: str, path: UpdatePath, value: Any, code: int = 2) -> list[Any]:
    elements = as_array(value)
    if elements is None:
        raise write_error(
            f"cannot apply {operator} to {'.'.join(path)!r}: its value {value!r} is not an array.",
            code,
        )
    return list(elements)
