"""Names for the shapes that travel between the rooms."""

from collections.abc import Mapping
from typing import Any

__all__ = ["Document", "MutableDocument", "SortKey"]

Document = Mapping[str, Any]
"""A document, a filter or an update in MongoDB's terms, under stored names; read only."""

MutableDocument = dict[str, Any]
"""The same, for whoever made it and may change it."""

SortKey = tuple[str, int]
"""A stored name and a direction: 1 ascends, -1 descends."""
