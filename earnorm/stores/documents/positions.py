"""Finds the array index that the positional `$` stands for: of the element by which a filter matched."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.kinds import MISSING, as_array, as_document, is_operators
from earnorm.stores.documents.matcher import compile_condition, compile_element, normalized_filter
from earnorm.stores.documents.numbers import is_true
from earnorm.stores.documents.paths import array_index, split_path
from earnorm.stores.documents.regexes import is_regex
from earnorm.typing import Document

__all__ = ["FindPosition", "compile_position"]

FindPosition = Callable[[Document], int | None]
"""Gives the index for a document that matches; None when the filter matched by no element of an array."""


def compile_position(filter: Document, key_of: KeyOf = key_bytes) -> FindPosition:
    """A function that gives the index of the first element that met the filter's condition on an array.

    Of arrays inside arrays it is the index in the outer one. What stands in `$or`, `$nor`, `$not` and `$ne` gives none. Where
    conditions meet several arrays MongoDB's manual promises nothing; as on the server the last one
    counts, equality before ranges before the other operators, then by path.
    """
    found = sorted(_clauses(normalized_filter(filter), key_of), key=lambda clause: clause[:2])

    def position(document: Document) -> int | None:
        for _, _, find in reversed(found):
            index = find(document)
            if index is not None:
                return index
        return None

    return position


_Clause = tuple[int, str, FindPosition]
"""A place in the order of clauses, the path, and what finds the index."""


def _clauses(filter: Mapping[str, Any], key_of: KeyOf) -> Iterator[_Clause]:
    for name, condition in filter.items():
        if name == "$and" or (name == "$or" and len(condition) == 1):
            for clause in condition:
                yield from _clauses(clause, key_of)
        elif not name.startswith("$"):
            yield from _path_clauses(name, condition, key_of)


def _path_clauses(path: str, condition: Any, key_of: KeyOf) -> Iterator[_Clause]:
    if not is_operators(condition):
        operator = "$regex" if is_regex(condition) else "$eq"
        yield _ORDER.index(operator), path, _finding_value(path, condition, key_of)
        return
    for operator, operand in condition.items():
        if operator == "$all":
            for one in operand:
                yield from _path_clauses(path, one, key_of)
        elif operator in _ORDER and (operator != "$exists" or is_true(operand)):
            # an operator may need what stands beside it, as $regex needs $options
            beside = {name: condition[name] for name in ("$options",) if name in condition}
            alone = {operator: operand, **(beside if operator == "$regex" else {})}
            find = _finding_element if operator == "$elemMatch" else _finding_value
            yield _ORDER.index(operator), path, find(path, alone, key_of)


# how the server orders the clauses of a filter before it matches
_ORDER: Final = (
    "$elemMatch",
    "$size",
    "$eq",
    "$lte",
    "$lt",
    "$gt",
    "$gte",
    "$regex",
    "$mod",
    "$exists",
    "$in",
    "$bitsAllSet",
    "$bitsAllClear",
    "$bitsAnySet",
    "$bitsAnyClear",
    "$type",
)


def _finding_value(path: str, condition: Any, key_of: KeyOf) -> FindPosition:
    test = compile_condition(condition, key_of)
    segments = split_path(path)
    looks_at_arrays = is_operators(condition) and "$size" in condition

    def find(document: Document) -> int | None:
        for end in _ends(document, segments):
            for value, at in [end[:2]] if looks_at_arrays else _leaves(*end):
                if test([value]):
                    return at
        return None

    return find


def _finding_element(path: str, condition: Mapping[str, Any], key_of: KeyOf) -> FindPosition:
    fits = compile_element(condition["$elemMatch"], key_of)
    segments = split_path(path)

    def find(document: Document) -> int | None:
        for value, at, _ in _ends(document, segments):
            for index, element in enumerate(as_array(value) or ()):
                if fits(element):
                    return index if at is None else at
        return None

    return find


_End = tuple[Any, int | None, bool]
"""What a path ends at, the index in the outermost array that it went through without naming an index, and whether its last
segment named one."""


def _leaves(end: Any, at: int | None, is_pointed_at: bool) -> Iterator[tuple[Any, int | None]]:  # noqa: FBT001  # it is an `_End`
    """The values that a condition looks at: the elements of an array before the array itself."""
    if not is_pointed_at:
        for index, element in enumerate(as_array(end) or ()):
            yield element, index if at is None else at
    yield end, at


def _ends(value: Any, path: Sequence[str], *, is_pointed_at: bool = False) -> Iterator[_End]:
    if not path:
        yield value, None, is_pointed_at
    elif (elements := as_array(value)) is not None:
        for index, element in enumerate(elements):
            if (inner := as_document(element)) is not None:
                for end, _, is_last in _ends(inner, path):
                    yield end, index, is_last
            if array_index(path[0]) == index:
                yield from _ends(element, path[1:], is_pointed_at=True)
    else:
        inner = as_document(value)
        yield from _ends(MISSING if inner is None else inner.get(path[0], MISSING), path[1:])
