"""What a row of the tables of filters is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from earnorm.typing import Document

__all__ = ["FilterCase", "RefusedFilter", "filter_cases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterCase:
    """A filter, and the `_id` of those among the documents that match it."""

    name: str
    documents: tuple[Document, ...]
    filter: Document
    expected: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFilter:
    """A filter that MongoDB does not accept, and the code of its error."""

    name: str
    filter: Document
    code: int


def filter_cases(
    group: str,
    bodies: Iterable[Document],
    rows: Mapping[str, tuple[Document, Iterable[Any]]],
) -> list[FilterCase]:
    """The cases over documents whose `_id` counts from 1."""
    documents = tuple({"_id": n, **body} for n, body in enumerate(bodies, 1))
    return [
        FilterCase(
            name=f"filters/{group}/{name}",
            documents=documents,
            filter=filter,
            expected=tuple(expected),
        )
        for name, (filter, expected) in rows.items()
    ]
