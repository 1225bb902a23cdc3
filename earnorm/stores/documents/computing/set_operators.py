"""The operators that read arrays as sets, and those that ask about all of their elements."""

from collections.abc import Mapping
from typing import Any

from earnorm.stores.documents.computing.arguments import null_for_null, taking
from earnorm.stores.documents.computing.array_operators import elements_of
from earnorm.stores.documents.computing.expression import Compiler
from earnorm.stores.documents.computing.values import comparison_key, is_true

__all__ = ["SET_OPERATORS"]


def _union(*arrays: Any) -> Any:
    found: dict[bytes, Any] = {}
    for array in arrays:
        for key, element in _set(array, "each argument of $setUnion", 17043).items():
            found.setdefault(key, element)
    return _in_order(found)


def _intersection(*arrays: Any) -> Any:
    sets = [_set(array, "each argument of $setIntersection", 17047) for array in arrays]
    if not sets:
        return []
    common = set(sets[0]).intersection(*sets)
    return _in_order({key: element for key, element in sets[0].items() if key in common})


def _difference(first: Any, second: Any) -> Any:
    kept = _set(first, "the first argument of $setDifference", 17048)
    others = _set(second, "the second argument of $setDifference", 17049)
    return [element for key, element in kept.items() if key not in others]


def _equals(*arrays: Any) -> bool:
    sets = [set(_set(array, "each argument of $setEquals", 17044)) for array in arrays]
    return all(one == sets[0] for one in sets)


def _is_subset(first: Any, second: Any) -> bool:
    inner = _set(first, "the first argument of $setIsSubset", 17046)
    return inner.keys() <= _set(second, "the second argument of $setIsSubset", 17042).keys()


def _any_true(array: Any) -> bool:
    return any(map(is_true, elements_of(array, "the argument of $anyElementTrue", 17041)))


def _all_true(array: Any) -> bool:
    return all(map(is_true, elements_of(array, "the argument of $allElementsTrue", 17040)))


SET_OPERATORS: Mapping[str, Compiler] = dict(
    [
        taking("$setUnion", null_for_null(_union), least=0, most=None),
        taking("$setIntersection", null_for_null(_intersection), least=0, most=None),
        taking("$setDifference", null_for_null(_difference), least=2, most=2),
        taking("$setEquals", _equals, least=2, most=None),
        taking("$setIsSubset", _is_subset, least=2, most=2),
        taking("$anyElementTrue", _any_true),
        taking("$allElementsTrue", _all_true),
    ]
)


def _set(array: Any, what: str, code: int) -> dict[bytes, Any]:
    found: dict[bytes, Any] = {}
    for element in elements_of(array, what, code):
        found.setdefault(comparison_key(element), element)
    return found


def _in_order(found: dict[bytes, Any]) -> list[Any]:
    return [found[key] for key in sorted(found)]
