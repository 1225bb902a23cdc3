"""Queries, over a protocol of what runs them."""

from earnorm.queries.dependents import (
    Dependents,
    ReverseReference,
    load_dependents,
)
from earnorm.queries.prefetch import (
    PrefetchName,
    follow,
)
from earnorm.queries.query import (
    Query,
    filter_documents,
    plugin_names,
)

__all__ = [
    "Dependents",
    "PrefetchName",
    "Query",
    "ReverseReference",
    "filter_documents",
    "follow",
    "load_dependents",
    "plugin_names",
]
