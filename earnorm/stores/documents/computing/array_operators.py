"""The operators over arrays that look at no element on its own: `$size`, `$slice`, `$concatArrays`, `$range`."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

from earnorm.stores.documents.computing.arguments import null_for_null, taking
from earnorm.stores.documents.computing.bounds import check_elements
from earnorm.stores.documents.computing.expression import Compiler
from earnorm.stores.documents.computing.values import comparison_key, kind_of, within_32_bits
from earnorm.stores.documents.kinds import MISSING, as_array
from earnorm.stores.documents.numbers import is_number, whole
from earnorm.stores.documents.refusals import bad_value

__all__ = ["ARRAY_OPERATORS", "elements_of", "small_integer"]


def elements_of(value: Any, what: str, code: int) -> Any:
    """The elements of an array; raises for what is none."""
    elements = as_array(value)
    if elements is None:
        raise bad_value(f"{what} has to be an array, not {kind_of(value)}.", code)
    return elements


def small_integer(value: Any, what: str, no_number: int, no_integer: int) -> int:
    """The value as an integer of 32 bits; raises with one code or the other."""
    if not is_number(value):
        raise bad_value(f"{what} has to be a number, not {kind_of(value)}.", no_number)
    number = whole(value)
    if number is None or not within_32_bits(number):
        raise bad_value(f"{what} has to be an integer of 32 bits, not {value}.", no_integer)
    return number


def _size(value: Any) -> int:
    return len(elements_of(value, "the argument of $size", 17124))


def _element_at(array: Any, index: Any) -> Any:
    elements = elements_of(array, "the first argument of $arrayElemAt", 28689)
    position = small_integer(index, "the second argument of $arrayElemAt", 28690, 28691)
    return elements[position] if -len(elements) <= position < len(elements) else MISSING


def _first(array: Any) -> Any:
    elements = elements_of(array, "the argument of $first", 28689)
    return elements[0] if elements else MISSING


def _last(array: Any) -> Any:
    elements = elements_of(array, "the argument of $last", 28689)
    return elements[-1] if elements else MISSING


def _slice(array: Any, *limits: Any) -> Any:
    elements = elements_of(array, "the first argument of $slice", 28724)
    first = small_integer(limits[0], "the second argument of $slice", 28725, 28726)
    if len(limits) == 1:
        return list(elements[:first] if first >= 0 else elements[first:])
    count = small_integer(limits[1], "the third argument of $slice", 28727, 28728)
    if count <= 0:
        raise bad_value(f"the third argument of $slice has to be positive, not {count}.", 28729)
    start = first if first >= 0 else max(0, len(elements) + first)
    return list(elements[start : start + count])


def _in(value: Any, array: Any) -> bool:
    elements = elements_of(array, "the second argument of $in", 40081)
    key = comparison_key(value)
    return any(comparison_key(element) == key for element in elements)


def _concat(*arrays: Any) -> Any:
    parts = [elements_of(array, "each argument of $concatArrays", 28664) for array in arrays]
    check_elements("$concatArrays", sum(map(len, parts)))
    return list(chain.from_iterable(parts))


def _reversed(array: Any) -> Any:
    return list(reversed(elements_of(array, "the argument of $reverseArray", 34435)))


def _is_array(value: Any) -> bool:
    return as_array(value) is not None


def _range(start: Any, end: Any, step: Any = 1) -> Any:
    first = small_integer(start, "the start of $range", 34443, 34444)
    last = small_integer(end, "the end of $range", 34445, 34446)
    by = small_integer(step, "the step of $range", 34447, 34448)
    if by == 0:
        raise bad_value("the step of $range cannot be 0.", 34449)
    check_elements("$range", len(range(first, last, by)))
    return list(range(first, last, by))


def _index_of(array: Any, value: Any, *bounds: Any) -> Any:
    if array is None or array is MISSING:
        return None
    elements = elements_of(array, "the first argument of $indexOfArray", 40090)
    start, end = [_bound(bound) for bound in bounds] + [0, len(elements)][len(bounds) :]
    key = comparison_key(value)
    positions = range(start, min(end, len(elements)))
    return next((n for n in positions if comparison_key(elements[n]) == key), -1)


def _bound(value: Any) -> int:
    number = small_integer(value, "a position of $indexOfArray", 9711600, 9711600)
    if number < 0:
        raise bad_value(f"a position of $indexOfArray cannot be negative, as {number} is.", 9711601)
    return number


ARRAY_OPERATORS: Mapping[str, Compiler] = dict(
    [
        taking("$size", _size),
        taking("$arrayElemAt", null_for_null(_element_at), least=2, most=2),
        taking("$first", null_for_null(_first)),
        taking("$last", null_for_null(_last)),
        taking("$slice", null_for_null(_slice), least=2, most=3),
        taking("$in", _in, least=2, most=2),
        taking("$concatArrays", null_for_null(_concat), least=0, most=None),
        taking("$reverseArray", null_for_null(_reversed)),
        taking("$isArray", _is_array),
        taking("$range", _range, least=2, most=3),
        taking("$indexOfArray", _index_of, least=2, most=4),
    ]
)
