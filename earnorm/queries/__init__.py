"""Queries, over a protocol of what runs them."""

from earnorm.queries.aggregation import (
    Aggregation,
    stages,
)
from earnorm.queries.arguments import (
    filter_documents,
    plugin_names,
)
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
)
from earnorm.queries.shapes import (
    TrustedInstances,
)

__all__ = [
    "Aggregation",
    "Dependents",
    "PrefetchName",
    "Query",
    "ReverseReference",
    "TrustedInstances",
    "filter_documents",
    "follow",
    "load_dependents",
    "plugin_names",
    "stages",
]
