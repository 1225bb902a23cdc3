"""The operators of a filter that look at text: regular expressions."""

from collections.abc import Mapping
from typing import Any

from bson import Code, Regex

from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.regexes import Expression, compile_options, compile_regex, is_regex
from earnorm.stores.documents.value_tests import Test, any_value

__all__ = ["compile_option_letters", "compile_pattern", "matches_regex"]


def compile_pattern(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    """`$regex`, with the `$options` beside it."""
    if (not isinstance(operand, str) and not is_regex(operand)) or isinstance(operand, Code):
        raise bad_value(f"$regex has to be a string or a regular expression, not {operand!r}.")
    flags = compile_options(condition.get("$options", ""))
    return _matches(compile_regex(operand, flags), _as_value(operand, flags), key_of)


def compile_option_letters(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    """`$options`, which says nothing by itself."""
    if "$regex" not in condition:
        raise bad_value("$options needs a $regex beside it.")
    return lambda values: True


def matches_regex(operand: Any, key_of: KeyOf = key_bytes) -> Test:
    """Text that the expression matches, or a stored regular expression that equals it."""
    return _matches(compile_regex(operand), operand, key_of)


def _matches(pattern: Expression, expression: Any, key_of: KeyOf) -> Test:
    key = key_of(expression)

    def holds(value: Any) -> bool:
        if _is_text(value):
            return pattern.matches(value)
        return isinstance(value, Regex) and key_of(value) == key

    return any_value(holds)


def _as_value(operand: Any, flags: int) -> Regex[Any]:
    if isinstance(operand, str):
        return Regex(operand, flags)
    expression = operand if isinstance(operand, Regex) else Regex.from_native(operand)
    return Regex(expression.pattern, expression.flags | flags)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Code)  # Code is a subclass of str
