"""The operators of an update that change single values."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.clock import now
from earnorm.stores.documents.arithmetic import add, multiply
from earnorm.stores.documents.change import Change, Compiler
from earnorm.stores.documents.keys import key_bytes
from earnorm.stores.documents.kinds import MISSING
from earnorm.stores.documents.numbers import is_number
from earnorm.stores.documents.places import UpdatePath, change_at, fresh, remove_at
from earnorm.stores.documents.refusals import unsupported, write_error

__all__ = ["FIELD_UPDATES"]


def _set(path: UpdatePath, operand: Any) -> Change:
    return _changing(path, lambda old: fresh(operand))


def _unset(path: UpdatePath, operand: Any) -> Change:
    return Change(path=path, apply=lambda document: remove_at(document, path))


def _set_on_insert(path: UpdatePath, operand: Any) -> Change:
    return Change(path=path, apply=lambda document: None)  # what matches was inserted long ago


def _inc(path: UpdatePath, operand: Any) -> Change:
    _check_number(path, operand, "increment")
    return _computing("$inc", path, lambda old: operand if old is MISSING else add(old, operand))


def _mul(path: UpdatePath, operand: Any) -> Change:
    _check_number(path, operand, "multiply")
    return _computing("$mul", path, lambda old: multiply(0 if old is MISSING else old, operand))


def _min(path: UpdatePath, operand: Any) -> Change:
    key = key_bytes(operand)
    return _changing(
        path, lambda old: fresh(operand) if old is MISSING or key < key_bytes(old) else old
    )


def _max(path: UpdatePath, operand: Any) -> Change:
    key = key_bytes(operand)
    return _changing(
        path, lambda old: fresh(operand) if old is MISSING or key > key_bytes(old) else old
    )


def _current_date(path: UpdatePath, operand: Any) -> Change:
    if operand == {"$type": "timestamp"}:
        raise unsupported("$currentDate with {'$type': 'timestamp'}", "Use 'date'.")
    if not isinstance(operand, bool) and operand != {"$type": "date"}:
        raise write_error(f"$currentDate takes True or {{'$type': 'date'}}, not {operand!r}.")
    return _changing(path, lambda old: now())


FIELD_UPDATES: Mapping[str, Compiler] = {
    "$set": _set,
    "$unset": _unset,
    "$setOnInsert": _set_on_insert,
    "$inc": _inc,
    "$mul": _mul,
    "$min": _min,
    "$max": _max,
    "$currentDate": _current_date,
}


def _changing(path: UpdatePath, change: Callable[[Any], Any]) -> Change:
    return Change(path=path, apply=lambda document: change_at(document, path, change))


def _computing(operator: str, path: UpdatePath, compute: Callable[[Any], Any]) -> Change:
    def computed(old: Any) -> Any:
        if old is not MISSING and not is_number(old):
            name = ".".join(path)
            raise write_error(
                f"cannot apply {operator} to {name!r}: its value {old!r} is not a number.", 14
            )
        return compute(old)

    return _changing(path, computed)


def _check_number(path: UpdatePath, operand: Any, verb: str) -> None:
    if not is_number(operand):
        name = ".".join(path)
        raise write_error(f"cannot {verb} {name!r} by {operand!r}, which is not a number.", 14)
