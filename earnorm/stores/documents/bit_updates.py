"""The operator of an update that combines integers bit by bit: `$bit`."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import Int64

from earnorm.stores.documents.change import Change
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import MISSING, as_document
from earnorm.stores.documents.places import UpdatePath, change_at
from earnorm.stores.documents.refusals import write_error

__all__ = ["compile_bit"]


def compile_bit(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    """`$bit`: the integer combined with others by `and`, `or` and `xor`; a missing one counts as 0."""
    steps = as_document(operand)
    if not steps:
        raise write_error(
            f"$bit takes operations, such as {{'and': 5}} or {{'or': 1, 'xor': 2}}, not {operand!r}."
        )
    for name, bits in steps.items():
        if name not in _OPERATIONS:
            raise write_error(f"$bit has and, or and xor, and no {name!r}.")
        if not _is_integer(bits):
            raise write_error(f"the operand of {name!r} in $bit is an integer, not {bits!r}.")

    def combined(old: Any) -> int:
        value = 0 if old is MISSING else old
        if not _is_integer(value):
            raise write_error(
                f"cannot apply $bit to {'.'.join(path)!r}: its value {old!r} is not an integer."
            )
        for name, bits in steps.items():
            value = _combined(_OPERATIONS[name], value, bits)
        return value

    return Change(path=path, apply=lambda document, at: change_at(document, at, combined))


_OPERATIONS: Final[Mapping[str, Callable[[int, int], int]]] = {
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _combined(combine: Callable[[int, int], int], first: int, second: int) -> int:
    result = combine(int(first), int(second))
    # a long stays one, however small the result
    return Int64(result) if Int64 in (type(first), type(second)) else result
