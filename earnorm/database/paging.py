"""Reads a query page by page, each from where the last one ended."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from earnorm.database.cursors import read_cursor, write_cursor
from earnorm.database.kinds import all_fields
from earnorm.database.order import filters_after, is_ordered
from earnorm.database.reading import Reads, shape_of
from earnorm.database.translation import translate_sort
from earnorm.errors import FilterError
from earnorm.fields import TupleField, is_secret_path, steps
from earnorm.fields.arrays import ArrayField
from earnorm.metadata import Metadata
from earnorm.typing import Document, MutableDocument, Page, Selection, SortKey

__all__ = ["fetch_page"]

M = TypeVar("M")


async def fetch_page(
    reads: Reads, selection: Selection[M], *, size: int, after: str | None
) -> Page[M]:
    """Up to `size` of a selection, in its order and then that of the ids, which makes each place unique.

    Raises `FilterError` for a sort by values that have no one place, `CursorError` for a wrong cursor.
    """
    metadata = all_fields(selection.model)
    sort = _complete(metadata, selection.sort)
    shape = shape_of(selection)
    beyond = {} if after is None else _beyond(sort, read_cursor(metadata, sort, after))
    # one more than is wanted tells whether there is a next page
    found = await reads.find_stretch(
        selection, beyond, sort, limit=size + 1, projection=_with_sort(shape.projection, sort)
    )
    places = [_place(metadata, document, sort) for document in found]
    is_last = len(found) <= size
    return Page(
        items=[shape.read(document) for document in found[:size]],
        next=None if is_last else write_cursor(metadata, sort, places[size - 1]),
    )


def _complete(metadata: Metadata, sort: Sequence[SortKey]) -> list[SortKey]:
    """The sort with the id as its last key; what comes after an id decides nothing."""
    complete: list[SortKey] = []
    for path, direction in translate_sort(metadata, sort):
        for part, field in steps(metadata.fields, path):
            if isinstance(field, (ArrayField, TupleField)):
                raise FilterError(
                    f"{metadata.key}: a page cannot be sorted by {path!r}, since {part!r} is {field.expects} "
                    "and has several places in an order. Sort by a single value."
                )
        if is_secret_path(metadata.fields, path):
            raise FilterError(
                f"{metadata.key}: a page cannot be sorted by {path!r}: it is secret, and whoever has a cursor "
                "can read what its page is sorted by"
            )
        complete.append((path, direction))
        if path == "_id":
            return complete
    # in the direction of the last key, so that one index serves both
    return [*complete, ("_id", complete[-1][1] if complete else 1)]


def _beyond(sort: Sequence[SortKey], values: Sequence[Any]) -> MutableDocument:
    """The filter for what comes after these values of the sort."""
    clauses: list[MutableDocument] = []
    equal: list[MutableDocument] = []
    for (path, direction), value in zip(sort, values, strict=True):
        for clause in filters_after(path, value, direction):
            clauses.append({"$and": [*equal, clause]} if equal else clause)
        equal.append({path: {"$eq": value}})
    return {"$or": clauses}


def _place(metadata: Metadata, document: Document, sort: Sequence[SortKey]) -> list[Any]:
    """What the document is sorted by."""
    return [_value_at(metadata, document, path) for path, _ in sort]


def _value_at(metadata: Metadata, document: Document, path: str) -> Any:
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
        if not is_ordered(value):
            raise FilterError(
                f"{metadata.key}: a page cannot be sorted by {path!r}: the document {document.get('_id')!r} "
                f"has a {type(value).__name__} there, which a cursor cannot hold"
            )
    return value


def _with_sort(projection: Document | None, sort: Sequence[SortKey]) -> Document | None:
    """The projection with what the page is sorted by, each part once."""
    if projection is None:
        return None
    kept: dict[str, int] = {}
    for path in sorted({*projection, *(path for path, _ in sort)}, key=len):
        if not any(path.startswith(f"{other}.") for other in kept):
            kept[path] = 1
    return kept
