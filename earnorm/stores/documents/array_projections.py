"""The projections that only `find` has: `$slice` of numbers, `$elemMatch`, and the positional `$`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from earnorm.stores.documents.computing.field_paths import field_path
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.matcher import compile_element
from earnorm.stores.documents.numbers import is_number, truncated
from earnorm.stores.documents.positions import FindPosition
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document, MutableDocument

__all__ = [
    "ArrayStep",
    "compile_element_match",
    "compile_positional",
    "compile_slice",
    "is_slice",
    "split_positional",
]

ArrayStep = Callable[[Document, MutableDocument], None]
"""Given a document and what was projected of it: changes the latter, which shares its parts with the document."""


def is_slice(operand: Any) -> bool:
    """Whether a `$slice` is of numbers; of an array's name it is an expression, which computes."""
    elements = as_array(operand)
    return elements is None or not elements or is_number(elements[0])


def compile_slice(name: str, operand: Any) -> ArrayStep:
    """`{"$slice": 3}` or `{"$slice": [skip, limit]}` for the arrays at the path."""
    path = field_path(name)
    skip, limit = _slice(operand)

    def cut(elements: list[Any]) -> list[Any]:
        # as in Python a place before the start is the start
        start = limit if skip is None and limit < 0 else skip or 0
        start = max(start + len(elements), 0) if start < 0 else start
        return elements[start:] if limit < 0 else elements[start : start + limit]

    def step(document: Document, projected: MutableDocument) -> None:
        _cut_at(projected, path, cut)

    return step


def compile_element_match(name: str, condition: Mapping[str, Any], key_of: KeyOf) -> ArrayStep:
    """The first element of the array that fits, alone in its array; no field where there is none."""
    operand = condition["$elemMatch"]
    if as_document(operand) is None:
        raise bad_value(f"the $elemMatch of {name!r} needs a filter, not {operand!r}.", 31274)
    if len(field_path(name)) > 1:
        raise bad_value(f"$elemMatch cannot project {name!r}, which lies in another field.", 31275)
    fits = compile_element(operand, key_of)

    def step(document: Document, projected: MutableDocument) -> None:
        elements = as_array(document.get(name)) or ()
        found = next(([element] for element in elements if fits(element)), None)
        if found is not None:
            projected[name] = found
        else:
            projected.pop(name, None)

    return step


def split_positional(name: str) -> str | None:
    """The path before the positional `$`; None for a path without one."""
    if name == "$":
        return ""
    if ".$." not in name and not name.endswith(".$"):
        return None
    if name.endswith(".$."):
        raise bad_value(f"the projection of {name!r} cannot end with '.$.'.", 31270)
    path, _, rest = f"{name}.".partition(".$.")
    if "$" in rest.split("."):
        raise bad_value(f"the projection of {name!r} has more than one '$'.", 31287)
    return path


def compile_positional(name: str, filter: Mapping[str, Any], position: FindPosition) -> ArrayStep:
    """The element by which the filter matched, alone in its array, at the first array on the path."""
    path = field_path(name)
    if path[0] not in set(_fields(filter)):
        raise bad_value(
            f"the positional projection '{name}.$' needs a condition on {path[0]!r} in the filter.",
            31277,
        )

    def step(document: Document, projected: MutableDocument) -> None:
        _pick_at(projected, path, lambda: position(document))

    return step


def _slice(operand: Any) -> tuple[int | None, int]:
    if is_number(operand):
        return None, _number(operand)
    elements = as_array(operand)
    if elements is None:
        raise bad_value(f"$slice takes a number or [skip, limit], not {operand!r}.", 31273)
    if len(elements) != 2:
        raise bad_value(f"$slice of an array takes [skip, limit], not {operand!r}.", 31272)
    for element, code in zip(elements, (31257, 31258), strict=True):
        if not is_number(element):
            raise bad_value(f"$slice takes two numbers, and {element!r} is none.", code)
    skip, limit = map(_number, elements)
    if limit <= 0:
        raise bad_value(f"the limit of $slice is greater than 0, not {limit!r}.", 31259)
    return skip, limit


_MOST: Final = 2**31 - 1


def _number(value: Any) -> int:
    number = truncated(value)
    # what has no whole number of 64 bits is as good as endless, or nothing
    return 0 if number is None else max(-_MOST, min(_MOST, number))


def _cut_at(
    holder: MutableDocument, path: tuple[str, ...], cut: Callable[[list[Any]], list[Any]]
) -> None:
    """Cuts the arrays at the path in a document that is its own; what lies in it is copied before."""
    name, rest = path[0], path[1:]
    value = holder.get(name, MISSING)
    if (elements := as_array(value)) is not None:
        holder[name] = cut(list(elements)) if not rest else _each_cut(elements, rest, cut)
    elif rest and (inner := as_document(value)) is not None:
        holder[name] = copied = dict(inner)
        _cut_at(copied, rest, cut)


def _each_cut(
    elements: Any, path: tuple[str, ...], cut: Callable[[list[Any]], list[Any]]
) -> list[Any]:
    return [_inside_cut(element, path, cut) for element in elements]


def _inside_cut(element: Any, path: tuple[str, ...], cut: Callable[[list[Any]], list[Any]]) -> Any:
    # an array in an array is a value here, as on the server
    inner = as_document(element)
    if inner is None:
        return element
    copied = dict(inner)
    _cut_at(copied, path, cut)
    return copied


def _pick_at(
    holder: MutableDocument, path: tuple[str, ...], position: Callable[[], int | None]
) -> None:
    value = holder.get(path[0], MISSING)
    if (elements := as_array(value)) is not None:
        at = position()
        if at is None:
            raise bad_value("the positional '$' of a projection found no matching element.", 51246)
        if at >= len(elements):
            raise bad_value(
                "the positional '$' of a projection is of another array than the one it projects.",
                51247,
            )
        holder[path[0]] = [elements[at]]
    elif len(path) > 1 and (inner := as_document(value)) is not None:
        holder[path[0]] = copied = dict(inner)
        _pick_at(copied, path[1:], position)


def _fields(filter: Mapping[str, Any]) -> Iterator[str]:
    """The first segments of all paths of a filter."""
    for name, condition in filter.items():
        if not name.startswith("$"):
            yield name.partition(".")[0]
        for clause in as_array(condition) or () if name in ("$and", "$or", "$nor") else ():
            yield from _fields(as_document(clause) or {})
