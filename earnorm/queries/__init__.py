"""Queries, over a protocol of what runs them."""

from earnorm.queries.query import (
    Query,
    filter_documents,
    plugin_names,
)

__all__ = [
    "Query",
    "filter_documents",
    "plugin_names",
]
