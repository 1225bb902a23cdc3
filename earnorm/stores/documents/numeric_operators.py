"""The operators of a filter that take whole numbers: `$mod` and `$size`."""

from collections.abc import Mapping
from typing import Any

from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import as_array
from earnorm.stores.documents.numbers import truncated, whole
from earnorm.stores.documents.paths import Reached
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.value_tests import Test, any_value

__all__ = ["compile_mod", "compile_size"]


def compile_mod(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    """`$mod`: numbers that leave this remainder, fractions cut off; the remainder has the sign of the number."""
    pair = as_array(operand)
    if pair is None or len(pair) != 2:
        raise bad_value(f"$mod needs an array of a divisor and a remainder, not {operand!r}.")
    divisor, remainder = truncated(pair[0]), truncated(pair[1])
    if divisor is None or remainder is None:
        raise bad_value(f"$mod needs two numbers of at most 64 bits, not {operand!r}.")
    if divisor == 0:
        raise bad_value("the divisor of $mod cannot be 0.")

    def holds(value: Any) -> bool:
        number = truncated(value)
        return number is not None and _remainder(number, divisor) == remainder

    return any_value(holds)


def _remainder(number: int, divisor: int) -> int:
    left = abs(number) % abs(divisor)
    return -left if number < 0 else left


def compile_size(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    """`$size`: an array of this many elements."""
    size = whole(operand)
    if size is None or size < 0:
        raise bad_value(f"$size needs a whole number that is not negative, not {operand!r}.")

    def holds(values: list[Any]) -> bool:
        ends = values.ends if isinstance(values, Reached) else values
        return any(len(end) == size for end in ends if as_array(end) is not None)

    return holds
