"""Queries, over a protocol of what runs them."""

from earnorm.queries.query import (
    Query,
)

__all__ = [
    "Query",
]
