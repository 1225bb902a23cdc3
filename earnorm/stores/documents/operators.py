"""The operators of a filter that look at values, each compiled into a test over the candidates of a path."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bson import Decimal128, MaxKey, MinKey, ObjectId

from earnorm.stores.documents.bit_operators import BIT_OPERATORS
from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.kinds import MISSING, as_array, is_operators
from earnorm.stores.documents.numbers import is_true
from earnorm.stores.documents.numeric_operators import compile_mod, compile_size
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.regexes import is_regex
from earnorm.stores.documents.text_operators import (
    compile_option_letters,
    compile_pattern,
    matches_regex,
)
from earnorm.stores.documents.type_operators import compile_type
from earnorm.stores.documents.value_tests import Test, ValueTest, any_value, negated

__all__ = ["OPERATORS", "equals"]


def _compile_eq(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    return equals(operand, key_of)


def _compile_ne(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    if is_regex(operand):
        raise bad_value("$ne takes no regular expression. Write {'$not': {'$regex': ...}}.")
    return negated(equals(operand, key_of))


def equals(operand: Any, key_of: KeyOf = key_bytes) -> Test:
    """A value that equals the operand; null equals a missing value."""
    return any_value(_value_equals(operand, key_of))


def _value_equals(operand: Any, key_of: KeyOf) -> ValueTest:
    if type(operand) in _PYTHON_EQUALITY and key_of is key_bytes:
        expected_type = type(operand)
        return lambda value: type(value) is expected_type and bool(value == operand)
    key = key_of(operand)
    if operand is None:
        return lambda value: value is None or value is MISSING
    return lambda value: value is not MISSING and key_of(value) == key


# of these two values are equal to MongoDB exactly when they are to Python, and no other type equals them
_PYTHON_EQUALITY = frozenset({str, ObjectId, bool})


def _compile_in(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    elements = _operand_array("$in", operand)
    tests = [matches_regex(element, key_of) for element in elements if is_regex(element)]
    tests.append(_equals_any([each for each in elements if not is_regex(each)], key_of))
    return lambda values: any(test(values) for test in tests)


def _compile_nin(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    _operand_array("$nin", operand)
    return negated(_compile_in(operand, condition, key_of))


def _operand_array(name: str, operand: Any) -> Sequence[Any]:
    elements = as_array(operand)
    if elements is None:
        raise bad_value(f"{name} needs an array, not {operand!r}.")
    for element in elements:
        if is_operators(element):
            raise bad_value(f"cannot nest operators under {name}: {element!r}.")
    return elements


def _equals_any(operands: Iterable[Any], key_of: KeyOf) -> Test:
    keys = {key_of(operand) for operand in operands}
    null = any(operand is None for operand in operands)
    return lambda values: any(
        null if value is MISSING else key_of(value) in keys for value in values
    )


def _compile_gt(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    return _compares("$gt", operand, key_of, above=True, equal=False)


def _compile_gte(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    return _compares("$gte", operand, key_of, above=True, equal=True)


def _compile_lt(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    return _compares("$lt", operand, key_of, above=False, equal=False)


def _compile_lte(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    return _compares("$lte", operand, key_of, above=False, equal=True)


def _compares(name: str, operand: Any, key_of: KeyOf, *, above: bool, equal: bool) -> Test:
    """A comparison inside the operand's own type; other types never match (type bracketing)."""
    if is_regex(operand):
        raise bad_value(f"{name} takes no regular expression.")
    if operand is None or _is_nan(operand):
        return equals(operand, key_of) if equal else _never
    if isinstance(operand, MinKey | MaxKey):
        return _compares_with_bound(operand, above=above, equal=equal)
    key = key_of(operand)
    kind = key[:1]
    plain = _compared_as_in_python(operand, key_of)
    compare = _COMPARISONS[name]

    def holds(value: Any) -> bool:
        if type(value) in plain:
            return bool(compare(value, operand))
        if value is MISSING:
            return False
        other = key_of(value)
        if other[:1] != kind or _is_nan(value):
            return False
        return equal if other == key else (other > key) is above

    return any_value(holds)


_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def _compared_as_in_python(operand: Any, key_of: KeyOf) -> frozenset[type]:
    """The types whose values Python compares with the operand exactly as MongoDB does, and faster than by keys."""
    if type(operand) in (int, float):
        return frozenset((int, float))
    # by code points, which is the order of UTF-8
    return frozenset((str,)) if type(operand) is str and key_of is key_bytes else frozenset()


def _compares_with_bound(operand: MinKey | MaxKey, *, above: bool, equal: bool) -> Test:
    # the two ends of the order are compared across types: {"$gt": MinKey()} matches all but MinKey
    bound = type(operand)
    outward = isinstance(operand, MaxKey) is above

    def holds(value: Any) -> bool:
        return equal if isinstance(value, bound) else not outward

    return any_value(holds)


def _never(values: list[Any]) -> bool:
    return False


def _is_nan(value: Any) -> bool:
    if isinstance(value, Decimal128):
        return value.to_decimal().is_nan()
    return bool(value != value)


def _compile_exists(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    wanted = is_true(operand)
    return lambda values: any(value is not MISSING for value in values) is wanted


OPERATORS: dict[str, Callable[[Any, Mapping[str, Any], KeyOf], Test]] = {
    "$eq": _compile_eq,
    "$ne": _compile_ne,
    "$gt": _compile_gt,
    "$gte": _compile_gte,
    "$lt": _compile_lt,
    "$lte": _compile_lte,
    "$in": _compile_in,
    "$nin": _compile_nin,
    "$exists": _compile_exists,
    "$type": compile_type,
    "$mod": compile_mod,
    "$size": compile_size,
    "$regex": compile_pattern,
    "$options": compile_option_letters,
    **BIT_OPERATORS,
}
"""What compiles the operand of an operator, given the whole condition that it stands in."""
