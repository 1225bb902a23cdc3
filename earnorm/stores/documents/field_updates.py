"""The operators of an update that change single values."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bson import Timestamp

from earnorm.clock import now
from earnorm.stores.documents.arithmetic import add, multiply
from earnorm.stores.documents.change import Change, Compiler
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import MISSING
from earnorm.stores.documents.numbers import is_number
from earnorm.stores.documents.places import UpdatePath, change_at, fresh, remove_at
from earnorm.stores.documents.refusals import write_error

__all__ = ["FIELD_UPDATES"]


def _set(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    return _changing(path, lambda old: fresh(operand))


def _unset(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    return Change(path=path, apply=remove_at)


def _set_on_insert(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    return replace(_set(path, operand, key_of), is_for_insert=True)


def _inc(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    _check_number(path, operand, "increment")
    return _computing("$inc", path, lambda old: operand if old is MISSING else add(old, operand))


def _mul(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    _check_number(path, operand, "multiply")
    return _computing("$mul", path, lambda old: multiply(0 if old is MISSING else old, operand))


def _min(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    key = key_of(operand)
    return _changing(
        path, lambda old: fresh(operand) if old is MISSING or key < key_of(old) else old
    )


def _max(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    key = key_of(operand)
    return _changing(
        path, lambda old: fresh(operand) if old is MISSING or key > key_of(old) else old
    )


def _current_date(path: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    if operand == {"$type": "timestamp"}:
        return _changing(path, lambda old: _timestamp())
    if not isinstance(operand, bool) and operand != {"$type": "date"}:
        raise write_error(
            f"$currentDate takes True, {{'$type': 'date'}} or {{'$type': 'timestamp'}}, not {operand!r}."
        )
    return _changing(path, lambda old: now())


def _timestamp() -> Timestamp:
    moment = now()
    # the second half only has to grow within the second
    return Timestamp(int(moment.timestamp()), moment.microsecond // 1000 + 1)


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
    return Change(path=path, apply=lambda document, at: change_at(document, at, change))


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
