"""What stands under the keywords of `$jsonSchema`, read with MongoDB's errors."""

from collections.abc import Sequence
from typing import Any

from pymongo.errors import OperationFailure

from earnorm.stores.documents.kinds import as_array
from earnorm.stores.documents.numbers import is_number, whole
from earnorm.stores.documents.refusals import bad_value

__all__ = ["count", "flag", "number", "schema_error", "strings", "text"]


def schema_error(keyword: str, rule: str, value: Any, code: int = 9) -> OperationFailure:
    """The error for a keyword whose value breaks a rule, such as "is a string"."""
    return bad_value(f"$jsonSchema keyword {keyword!r} {rule}, not {value!r}.", code)


def text(keyword: str, value: Any) -> str:
    """The value, if it is a string."""
    if not isinstance(value, str):
        raise schema_error(keyword, "is a string", value, 14)
    return value


def flag(keyword: str, value: Any) -> bool:
    """The value, if it is a boolean."""
    if not isinstance(value, bool):
        raise schema_error(keyword, "is a boolean", value, 14)
    return value


def number(keyword: str, value: Any) -> Any:
    """The value, if it is a number."""
    if not is_number(value):
        raise schema_error(keyword, "is a number", value, 14)
    return value


def count(keyword: str, value: Any) -> int:
    """The value as an integer, if it is a whole number that is not negative."""
    amount = whole(number(keyword, value))
    if amount is None or amount < 0:
        raise schema_error(keyword, "is a whole number that is not negative", value)
    return amount


def strings(keyword: str, value: Any) -> Sequence[str]:
    """The value, if it is an array of different strings, at least one."""
    elements = as_array(value)
    if elements is None or not all(isinstance(element, str) for element in elements):
        raise schema_error(keyword, "is an array of strings", value, 14)
    if not elements or len(set(elements)) < len(elements):
        raise schema_error(keyword, "is an array of different strings, at least one", value)
    return elements
