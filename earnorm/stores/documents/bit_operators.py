"""The operators of a filter that look at single bits: `$bitsAllSet`, `$bitsAnyClear` and the like."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bson import Binary

from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import as_array
from earnorm.stores.documents.numbers import whole
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.value_tests import Test, any_value

__all__ = ["BIT_OPERATORS"]

_Quantifier = Callable[[Sequence[bool]], bool]


def _compiler(name: str, holds: _Quantifier) -> Callable[[Any, Mapping[str, Any], KeyOf], Test]:
    def compile_bits(operand: Any, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
        positions = _positions(name, operand)

        def fits(value: Any) -> bool:
            bits = _bits(value)
            return bits is not None and holds([bool(bits >> at & 1) for at in positions])

        return any_value(fits)

    return compile_bits


BIT_OPERATORS: Final = {
    "$bitsAllSet": _compiler("$bitsAllSet", all),
    "$bitsAnySet": _compiler("$bitsAnySet", any),
    "$bitsAllClear": _compiler("$bitsAllClear", lambda bits: not any(bits)),
    "$bitsAnyClear": _compiler("$bitsAnyClear", lambda bits: not all(bits)),
}
"""Each asks for numbers, and for binary data, whose bits are counted from the lowest of the first byte."""


def _positions(name: str, operand: Any) -> list[int]:
    listed = as_array(operand)
    if listed is not None:
        return [_position(name, one) for one in listed]
    if isinstance(operand, bytes):
        mask = int.from_bytes(operand, "little")
    else:
        number = whole(operand)
        if number is None or number < 0:
            raise bad_value(
                f"{name} takes a mask, a number that is not negative or binary data, or an array of positions, "
                f"not {operand!r}.",
                9,
            )
        mask = number
    return [at for at in range(mask.bit_length()) if mask >> at & 1]


def _position(name: str, value: Any) -> int:
    position = whole(value)
    if position is None or not 0 <= position < 2**31:
        raise bad_value(f"{name} takes positions of bits, from 0 on, and {value!r} is none.", 9)
    return position


def _bits(value: Any) -> int | None:
    """The bits of a value; those of a negative number go on as its sign, in Python as on the server."""
    if isinstance(value, bytes | Binary):
        return int.from_bytes(value, "little")
    return whole(value)
