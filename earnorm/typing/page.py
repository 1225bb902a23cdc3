"""A part of what a query finds, and where to go on."""

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Page"]

M = TypeVar("M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[M]):
    """Some of what a query finds, in its order.

    `next` is a cursor, text for `Query.page(after=...)` that is safe in URLs; None at the end.
    """

    items: list[M]
    next: str | None
