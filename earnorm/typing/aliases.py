"""Names for the shapes that travel between the rooms."""

from collections.abc import Mapping
from typing import Any

__all__ = ["Document", "MutableDocument", "SortKey"]

Document = Mapping[str, Any]
"""A document, a filter or an update in MongoDB's terms; read only. Documents are under stored names."""

MutableDocument = dict[str, Any]
"""The same, for whoever made it and may change it."""

SortKey = tuple[str, int]
"""A stored name and a direction: 1 ascends, -1 descends."""
