"""The operators of a filter, each compiled into a test over the candidates of a path."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bson import Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex

from earnorm.stores.documents.keys import key_bytes
from earnorm.stores.documents.kinds import MISSING, as_array, is_operators
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.documents.regexes import compile_options, compile_regex, is_regex

__all__ = ["Test", "compile_condition"]

Test = Callable[[list[Any]], bool]
"""Says whether a condition holds, given every value that its path leads to."""


def compile_condition(condition: object) -> Test:
    """The test for what a filter says of one path: operators, a regular expression, or a value."""
    if isinstance(condition, Mapping) and is_operators(condition):
        return _all_of([_compile_operator(name, condition) for name in condition])
    if is_regex(condition):
        return _matches_regex(condition)
    return _equals(condition)


_ValueTest = Callable[[Any], bool]


def _compile_operator(name: str, condition: Mapping[str, Any]) -> Test:
    if not name.startswith("$"):
        raise bad_value(
            f"unknown operator: {name!r} stands among operators. Operators begin with '$'."
        )
    compiler = _COMPILERS.get(name)
    if compiler is None:
        raise unsupported(f"the operator {name}", f"It has {', '.join(_COMPILERS)}.")
    return compiler(condition[name], condition)


def _all_of(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda values: all(test(values) for test in tests)


def _any_value(test: _ValueTest) -> Test:
    def holds(values: list[Any]) -> bool:
        return any(map(test, values))

    return holds


def _negated(test: Test) -> Test:
    return lambda values: not test(values)


def _compile_eq(operand: Any, condition: Mapping[str, Any]) -> Test:
    return _equals(operand)


def _compile_ne(operand: Any, condition: Mapping[str, Any]) -> Test:
    if is_regex(operand):
        raise bad_value("$ne takes no regular expression. Write {'$not': {'$regex': ...}}.")
    return _negated(_equals(operand))


def _equals(operand: Any) -> Test:
    return _any_value(_value_equals(operand))


def _value_equals(operand: Any) -> _ValueTest:
    if type(operand) in _PYTHON_EQUALITY:
        expected_type = type(operand)
        return lambda value: type(value) is expected_type and bool(value == operand)
    key = key_bytes(operand)
    if operand is None:
        return lambda value: value is None or value is MISSING
    return lambda value: value is not MISSING and key_bytes(value) == key


# of these two values are equal to MongoDB exactly when they are to Python, and no other type equals them
_PYTHON_EQUALITY = frozenset({str, ObjectId, bool})


def _compile_in(operand: Any, condition: Mapping[str, Any]) -> Test:
    elements = _operand_array("$in", operand)
    tests = [_matches_regex(element) for element in elements if is_regex(element)]
    tests.append(_equals_any([element for element in elements if not is_regex(element)]))
    return lambda values: any(test(values) for test in tests)


def _compile_nin(operand: Any, condition: Mapping[str, Any]) -> Test:
    _operand_array("$nin", operand)
    return _negated(_compile_in(operand, condition))


def _operand_array(name: str, operand: Any) -> Sequence[Any]:
    elements = as_array(operand)
    if elements is None:
        raise bad_value(f"{name} needs an array, not {operand!r}.")
    for element in elements:
        if is_operators(element):
            raise bad_value(f"cannot nest operators under {name}: {element!r}.")
    return elements


def _equals_any(operands: Iterable[Any]) -> Test:
    keys = {key_bytes(operand) for operand in operands}
    null = any(operand is None for operand in operands)
    return lambda values: any(
        null if value is MISSING else key_bytes(value) in keys for value in values
    )


def _compile_gt(operand: Any, condition: Mapping[str, Any]) -> Test:
    return _compares("$gt", operand, above=True, equal=False)


def _compile_gte(operand: Any, condition: Mapping[str, Any]) -> Test:
    return _compares("$gte", operand, above=True, equal=True)


def _compile_lt(operand: Any, condition: Mapping[str, Any]) -> Test:
    return _compares("$lt", operand, above=False, equal=False)


def _compile_lte(operand: Any, condition: Mapping[str, Any]) -> Test:
    return _compares("$lte", operand, above=False, equal=True)


def _compares(name: str, operand: Any, *, above: bool, equal: bool) -> Test:
    """A comparison inside the operand's own type; other types never match (type bracketing)."""
    if is_regex(operand):
        raise bad_value(f"{name} takes no regular expression.")
    if operand is None or _is_nan(operand):
        return _equals(operand) if equal else _never
    if isinstance(operand, MinKey | MaxKey):
        return _compares_with_bound(operand, above=above, equal=equal)
    key = key_bytes(operand)
    kind = key[:1]

    def holds(value: Any) -> bool:
        if value is MISSING:
            return False
        other = key_bytes(value)
        if other[:1] != kind or _is_nan(value):
            return False
        return equal if other == key else (other > key) is above

    return _any_value(holds)


def _compares_with_bound(operand: MinKey | MaxKey, *, above: bool, equal: bool) -> Test:
    # the two ends of the order are compared across types: {"$gt": MinKey()} matches all but MinKey
    bound = type(operand)
    outward = isinstance(operand, MaxKey) is above

    def holds(value: Any) -> bool:
        return equal if isinstance(value, bound) else not outward

    return _any_value(holds)


def _never(values: list[Any]) -> bool:
    return False


def _is_nan(value: Any) -> bool:
    if isinstance(value, Decimal128):
        return value.to_decimal().is_nan()
    return bool(value != value)


def _compile_not(operand: Any, condition: Mapping[str, Any]) -> Test:
    if not is_regex(operand) and not (operand and is_operators(operand)):
        raise bad_value(
            "$not needs operators or a regular expression, such as {'$not': {'$gt': 3}}."
        )
    return _negated(compile_condition(operand))


def _compile_exists(operand: Any, condition: Mapping[str, Any]) -> Test:
    wanted = _is_true(operand)
    return lambda values: any(value is not MISSING for value in values) is wanted


def _is_true(operand: Any) -> bool:
    # MongoDB's notion of truth: numbers are compared with zero, null is false, all else is true
    if isinstance(operand, Decimal128):
        return bool(operand.to_decimal())
    if operand is None or isinstance(operand, bool | int | float | Int64):
        return bool(operand)
    return True


def _compile_regex(operand: Any, condition: Mapping[str, Any]) -> Test:
    if (not isinstance(operand, str) and not is_regex(operand)) or isinstance(operand, Code):
        raise bad_value(f"$regex has to be a string or a regular expression, not {operand!r}.")
    flags = compile_options(condition.get("$options", ""))
    pattern = compile_regex(operand, flags)
    return _any_value(lambda value: _is_text(value) and pattern.search(value) is not None)


def _compile_options(operand: Any, condition: Mapping[str, Any]) -> Test:
    if "$regex" not in condition:
        raise bad_value("$options needs a $regex beside it.")
    return lambda values: True


def _matches_regex(operand: Any) -> Test:
    """Text that the expression matches, or a stored regular expression that equals it."""
    pattern = compile_regex(operand)
    key = key_bytes(operand)

    def holds(value: Any) -> bool:
        if _is_text(value):
            return pattern.search(value) is not None
        return isinstance(value, Regex) and key_bytes(value) == key

    return _any_value(holds)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Code)  # Code is a subclass of str


_COMPILERS: dict[str, Callable[[Any, Mapping[str, Any]], Test]] = {
    "$eq": _compile_eq,
    "$ne": _compile_ne,
    "$gt": _compile_gt,
    "$gte": _compile_gte,
    "$lt": _compile_lt,
    "$lte": _compile_lte,
    "$in": _compile_in,
    "$nin": _compile_nin,
    "$not": _compile_not,
    "$exists": _compile_exists,
    "$regex": _compile_regex,
    "$options": _compile_options,
}
