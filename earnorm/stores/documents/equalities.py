"""What a filter says that a document has to be: the values that an upsert begins with."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.kinds import is_operators
from earnorm.stores.documents.paths import split_path
from earnorm.stores.documents.refusals import write_error
from earnorm.stores.documents.regexes import is_regex

__all__ = ["Equality", "equalities"]

Equality = tuple[str, Any]
"""A path, and the value that it equals."""


def equalities(
    filter: Mapping[str, Any], key_of: KeyOf = key_bytes, *, root: str | None = None
) -> list[Equality]:
    """The values that a normalized filter asks for, by their paths in order; below `root` only, if given.

    They stand alone, in `$eq`, in an `$in` or `$or` of one, in `$all` and in `$and`. Raises PyMongo's `WriteError`
    (54) for a path that is asked for twice, or inside another.
    """
    found: dict[str, Any] = {}
    for path, value in _found(filter, key_of):
        if root is not None and split_path(path)[0] != root:
            continue
        if path in found:
            raise write_error(
                f"cannot infer the fields to set: the path {path!r} is matched twice.", 54
            )
        found[path] = value
    _check_nesting(found)
    return sorted(found.items())


def _found(filter: Mapping[str, Any], key_of: KeyOf) -> Iterator[Equality]:
    for name, condition in filter.items():
        if name == "$and" or (name == "$or" and len(condition) == 1):
            for clause in condition:
                yield from _found(clause, key_of)
        elif not name.startswith("$"):
            for value in _values(condition, key_of):
                yield name, value


def _values(condition: Any, key_of: KeyOf) -> Iterator[Any]:
    if not is_operators(condition):
        if not is_regex(condition):
            yield condition
        return
    for operator, operand in condition.items():
        if operator == "$eq":
            yield operand
        elif operator == "$in":
            yield from _only(operand, key_of)
        elif operator == "$all":
            for one in operand:
                yield from _only([one], key_of)


def _only(wanted: Sequence[Any], key_of: KeyOf) -> Iterator[Any]:
    is_one = len({key_of(one) for one in wanted}) == 1
    if is_one and not is_regex(wanted[0]) and not is_operators(wanted[0]):
        yield wanted[0]


def _check_nesting(found: Mapping[str, Any]) -> None:
    paths = {split_path(path) for path in found}
    for path in paths:
        for length in range(1, len(path)):
            if path[:length] in paths:
                raise write_error(
                    f"cannot infer the fields to set: both paths {'.'.join(path)!r} and "
                    f"{'.'.join(path[:length])!r} are matched.",
                    54,
                )
