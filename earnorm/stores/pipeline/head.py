"""The beginning of a pipeline that a store serves by its own means: a filter, a sort, a window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from earnorm.stores.documents.matcher import normalized_filter
from earnorm.stores.pipeline.matching import reads_variables
from earnorm.stores.pipeline.passing import checked_limit, checked_skip
from earnorm.stores.pipeline.sorting import checked_sort
from earnorm.typing import Document, SortKey

__all__ = ["Head", "split_filter", "split_head"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a pipeline asks for first, as `find` does: a `limit` of None is none, and 0 asks for nothing."""

    filter: Document = field(default_factory=dict[str, Any])
    sort: tuple[SortKey, ...] = ()
    skip: int = 0
    limit: int | None = None


def split_head(stages: Sequence[tuple[str, Any]], *, has_variables: bool) -> tuple[Head, int]:
    """The head of a checked pipeline, and how many of its stages that is.

    A filter that may read variables is left to the pipeline, since a store does not know them.
    """
    filters: list[Document] = []
    sort: tuple[SortKey, ...] = ()
    skip, limit = 0, None
    taken = 0
    for name, operand in stages:
        is_cut = bool(skip) or limit is not None
        if name == "$match" and not is_cut and not (has_variables and reads_variables(operand)):
            filters.append(normalized_filter(operand))
        elif name == "$sort" and not is_cut and not sort:
            sort = checked_sort(operand)
        elif name == "$skip":
            skip, limit = _skipped(skip, limit, checked_skip(operand))
        elif name == "$limit":
            most = checked_limit(operand)
            limit = most if limit is None else min(limit, most)
        else:
            break
        taken += 1
    return Head(filter=_all_of(filters), sort=sort, skip=skip, limit=limit), taken


def split_filter(stages: Sequence[tuple[str, Any]]) -> tuple[Document, int]:
    """The filter that a checked pipeline begins with, and how many of its stages that is.

    As for a head, without what may read variables.
    """
    filters: list[Document] = []
    for name, operand in stages:
        if name != "$match" or reads_variables(operand):
            break
        filters.append(normalized_filter(operand))
    return _all_of(filters), len(filters)


def _skipped(skip: int, limit: int | None, count: int) -> tuple[int, int | None]:
    return skip + count, None if limit is None else max(0, limit - count)


def _all_of(filters: Sequence[Document]) -> Mapping[str, Any]:
    kept = [filter for filter in filters if filter]
    if len(kept) < 2:
        return kept[0] if kept else {}
    return {"$and": kept}
