"""Filters that mean the same of a document whose dates are naive."""

from collections.abc import Mapping
from typing import Any, Final

from earnorm.stores.documents.kinds import is_operators

__all__ = ["is_plain"]


def is_plain(filter: Mapping[str, Any]) -> bool:
    """Whether a normalized filter compares values by their keys only, which take a naive date for UTC.

    An expression computes with them, and a schema looks at them in its own way.
    """
    return all(_is_plain_entry(name, condition) for name, condition in filter.items())


def _is_plain_entry(name: str, condition: Any) -> bool:
    if name in _COMBINED:
        return all(is_plain(clause) for clause in condition)
    if name.startswith("$"):
        return name == "$comment"
    return not is_operators(condition) or _PLAIN.issuperset(condition)


_COMBINED: Final = ("$and", "$or", "$nor")
_PLAIN: Final = frozenset(
    {"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$type", "$size"}
    | {"$regex", "$options", "$mod"}
)
