"""What `$push` does to an array: its elements, and the modifiers beside `$each`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.numbers import whole
from earnorm.stores.documents.paths import array_index, split_path
from earnorm.stores.documents.places import fresh
from earnorm.stores.documents.refusals import write_error

__all__ = ["compile_pushed"]

_Modifier = Callable[[list[Any]], list[Any]]


def compile_pushed(operand: Any, key_of: KeyOf) -> _Modifier:
    """A function that gives an array with the pushed elements: put in, then sorted, then cut."""
    modifiers = as_document(operand)
    if modifiers is None or "$each" not in modifiers:
        return lambda elements: [*elements, fresh(operand)]
    for name in modifiers:
        if name not in _MODIFIERS:
            raise write_error(f"$push has no modifier {name!r}. It has {', '.join(_MODIFIERS)}.")
    steps = [_inserting(modifiers)]
    if "$sort" in modifiers:
        steps.append(_sorting(modifiers["$sort"], key_of))
    if "$slice" in modifiers:
        steps.append(_slicing(_integer("$slice", modifiers["$slice"])))

    def push(elements: list[Any]) -> list[Any]:
        for step in steps:
            elements = step(elements)
        return elements

    return push


_MODIFIERS: Final = ("$each", "$position", "$slice", "$sort")


def _inserting(modifiers: Mapping[str, Any]) -> _Modifier:
    added = as_array(modifiers["$each"])
    if added is None:
        raise write_error(f"$each needs an array of elements, not {modifiers['$each']!r}.")
    position = None
    if "$position" in modifiers:
        position = _integer("$position", modifiers["$position"])

    def insert(elements: list[Any]) -> list[Any]:
        # a negative position counts from the end, and one beyond an end means that end, as in Python
        at = len(elements) if position is None else position
        elements[at:at] = [fresh(element) for element in added]
        return elements

    return insert


def _slicing(size: int) -> _Modifier:
    # [-0:] would be all
    return lambda elements: elements[size:] if size < 0 else elements[:size]


def _sorting(order: Any, key_of: KeyOf) -> _Modifier:
    pattern = as_document(order)
    if pattern is None:
        descends = _direction(order) == -1
        return lambda elements: sorted(elements, key=key_of, reverse=descends)
    if not pattern:
        raise write_error("the $sort of $push is empty. Name the fields to sort by.")
    keys = [(_sort_path(path), _direction(direction) == -1) for path, direction in pattern.items()]

    def sort(elements: list[Any]) -> list[Any]:
        # sorting is stable, also in reverse, so the first key is sorted by last
        for path, descends in reversed(keys):
            elements = _sorted_by(elements, path, key_of, descends=descends)
        return elements

    return sort


def _sorted_by(
    elements: list[Any], path: Sequence[str], key_of: KeyOf, *, descends: bool
) -> list[Any]:
    return sorted(elements, key=lambda element: key_of(_value_at(element, path)), reverse=descends)


def _value_at(element: Any, path: Sequence[str]) -> Any:
    """The value that an element is sorted by; null where it has none."""
    for segment in path:
        if (elements := as_array(element)) is not None:
            index = array_index(segment)
            element = None if index is None or index >= len(elements) else elements[index]
        else:
            inner = as_document(element)
            element = None if inner is None else inner.get(segment)
    return element


def _sort_path(path: str) -> tuple[str, ...]:
    segments = split_path(path)
    if "" in segments:
        raise write_error(f"the $sort of $push names {path!r}, which has an empty part.")
    return segments


def _direction(value: Any) -> int:
    direction = whole(value)
    if direction not in (1, -1):
        raise write_error(
            f"the $sort of $push takes 1 or -1, or such a number for each field, not {value!r}."
        )
    return direction


def _integer(name: str, value: Any) -> int:
    number = whole(value)
    if number is None:
        raise write_error(f"{name} needs a whole number, not {value!r}.")
    return number
