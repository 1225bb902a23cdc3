"""Sorts documents as MongoDB does."""

from collections.abc import Callable, Sequence
from typing import Final

from earnorm.stores.documents.index_rows import ParallelArraysError, Path, Row, row_keys, rows
from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.paths import split_path
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.typing import Document, SortKey

__all__ = ["Sorter", "check_sort", "compile_sort"]

Sorter = Callable[[Document], bytes]
"""Gives the bytes by which a document sorts; equal bytes mean that the order is left as it was."""


def compile_sort(sort: Sequence[SortKey], key_of: KeyOf = key_bytes) -> Sorter:
    """A function that gives the bytes by which a document sorts; `key_of` may be that of a collation.

    An array sorts by its least element when ascending and by its greatest when descending; a missing
    field sorts as null. Raises PyMongo's `OperationFailure` for what is no sort.
    """
    check_sort(sort)
    paths = [split_path(path) for path, _ in sort]
    descending = [direction == -1 for _, direction in sort]

    def sort_bytes(document: Document) -> bytes:
        return min(
            b"".join(
                key.translate(_INVERTED) if inverted else key
                for key, inverted in zip(row_keys(row, key_of), descending, strict=True)
            )
            for row in _rows(document, paths)
        )

    return sort_bytes


def check_sort(sort: object) -> None:
    """Raises PyMongo's `OperationFailure` for what is no sort; None and an empty one ask for no order."""
    if sort is None or sort == ():
        return
    if not isinstance(sort, list | tuple):
        raise bad_value(f"a sort is a list of pairs, such as [('name', 1)], not {sort!r}.")
    for key in sort:
        if not isinstance(key, list | tuple) or len(key) != _PAIR:
            raise bad_value(f"a sort has pairs, such as ('name', 1), and {key!r} is none.")
        _check(*key)


# keys are never prefixes of one another, so inverting every byte turns their order round
_INVERTED: Final = bytes(255 - byte for byte in range(256))


_PAIR: Final = 2


def _rows(document: Document, paths: Sequence[Path]) -> Sequence[Row]:
    try:
        return rows(document, paths)[0]
    except ParallelArraysError as error:
        message = (
            "cannot sort with keys that are parallel arrays: the document with the _id "
            f"{document.get('_id')!r} has arrays at {error.shown}. Sort by one of the two."
        )
        raise bad_value(message) from error


def _check(path: object, direction: object) -> None:
    if not isinstance(path, str) or not path or "" in path.split("."):
        raise bad_value(f"a sort names a field by its path, not {path!r}.")
    if path.startswith("$"):
        raise unsupported(f"sorting by {path}")
    if direction not in (1, -1) or isinstance(direction, bool):
        raise bad_value(
            f"the direction of a sort is 1 or -1, and that of {path!r} is {direction!r}."
        )
