"""The operators of a filter that look at text: regular expressions."""

from collections.abc import Mapping
from typing import Any

from bson import Code, Regex

from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.regexes import compile_options, compile_regex, is_regex
from earnorm.stores.documents.value_tests import Test, any_value

__all__ = ["compile_option_letters", "compile_pattern", "matches_regex"]


def compile_pattern(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    """`$regex`, with the `$options` beside it."""
    if (not isinstance(operand, str) and not is_regex(operand)) or isinstance(operand, Code):
        raise bad_value(f"$regex has to be a string or a regular expression, not {operand!r}.")
    flags = compile_options(condition.get("$options", ""))
    pattern = compile_regex(operand, flags)
    return any_value(lambda value: _is_text(value) and pattern.matches(value))


def compile_option_letters(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    """`$options`, which says nothing by itself."""
    if "$regex" not in condition:
        raise bad_value("$options needs a $regex beside it.")
    return lambda values: True


def matches_regex(operand: Any, key_of: KeyOf = key_bytes) -> Test:
    """Text that the expression matches, or a stored regular expression that equals it."""
    pattern = compile_regex(operand)
    key = key_of(operand)

    def holds(value: Any) -> bool:
        if _is_text(value):
            return pattern.matches(value)
        return isinstance(value, Regex) and key_of(value) == key

    return any_value(holds)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Code)  # Code is a subclass of str
