"""The ways to a complete set of candidates for a filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from earnorm.stores.sqlite.catalog import StoredIndex
from earnorm.stores.sqlite.segments import KeyRange, Segment

__all__ = ["FullScan", "IndexScan", "Order", "Plan", "Union"]


@dataclass(frozen=True, slots=True)
class FullScan:
    """Every document is read."""


class Order(Enum):
    """In which order the candidates come."""

    NONE = "none"
    """That of the index, which is not the one that was asked for."""
    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexScan:
    """The documents with an entry in one of these ranges of an index."""

    index: StoredIndex
    ranges: tuple[KeyRange, ...]
    """Without overlaps, in the order of the index."""
    segments: tuple[Mapping[str, Segment], ...] = ()
    """What is looked up, by path; several where alternatives are one walk."""
    exact: bool = False
    """Whether all that it gives matches the filter."""
    order: Order = Order.NONE
    merged: int | None = None
    """Where the order is that of the ranges merged: how much of a range's first key is not its prefix."""


@dataclass(frozen=True, slots=True)
class Union:
    """What one of these scans gives."""

    scans: tuple[IndexScan, ...]


Plan = FullScan | IndexScan | Union
