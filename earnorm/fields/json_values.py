"""Values that JSON has: null, booleans, numbers, strings, lists and dictionaries."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from earnorm.errors import FieldFault
from earnorm.fields.depth import refuse_depth, walk, walk_in_place
from earnorm.fields.limits import LONGEST_INTEGER, check_key, is_unicode

__all__ = ["check_json", "recheck_json"]


def check_json(value: Any, path: str, faults: list[FieldFault]) -> Any:
    """A copy of `value` in JSON's own types; adds a fault, with its path, for what JSON has not."""
    return walk(_copied, value, path, faults)


def recheck_json(value: Any, path: str, faults: list[FieldFault]) -> Any:
    """Like `check_json`, for a value that an instance holds already: containers keep their identity."""
    return walk_in_place(_copied, value, path, faults)


def _copied(value: Any, path: str, faults: list[FieldFault], depth: int) -> Any:
    if isinstance(value, Mapping):
        refuse_depth(path, depth)
        return {
            str.__str__(key): _copied(item, f"{path}.{key}", faults, depth + 1)
            for key, item in value.items()
            if check_key(key, path, faults)
        }
    if isinstance(value, (list, tuple)):
        refuse_depth(path, depth)
        return [_copied(item, f"{path}.{n}", faults, depth + 1) for n, item in enumerate(value)]
    return _checked_leaf(value, path, faults)


def _checked_leaf(value: Any, path: str, faults: list[FieldFault]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    for kind, check in _LEAVES:
        if isinstance(value, kind):
            fault = check(value)
            if fault is None:
                return kind.__new__(kind, value) if type(value) is not kind else value
            faults.append(FieldFault(path=path, code=fault[0], message=fault[1], input=value))
            return value
    message = f"must be a value of JSON, not {type(value).__name__}"
    faults.append(FieldFault(path=path, code="type", message=message, input=value))
    return value


Fault = tuple[str, str] | None


def _text_fault(value: str) -> Fault:
    return None if is_unicode(value) else ("unicode", "holds a lone surrogate, which is not text")


def _integer_fault(value: int) -> Fault:
    fits = -LONGEST_INTEGER - 1 <= value <= LONGEST_INTEGER
    return None if fits else ("range", "does not fit in 64 bits")


def _float_fault(value: float) -> Fault:
    return None if isfinite(value) else ("finite", "must be finite: JSON has no such number")


_LEAVES: tuple[tuple[type, Callable[[Any], Fault]], ...] = (
    (str, _text_fault),
    (int, _integer_fault),
    (float, _float_fault),
)
