"""Public aliases and protocols; names nothing above itself."""

from earnorm.typing.aliases import (
    Document,
    MutableDocument,
    SortKey,
)
from earnorm.typing.indexes import (
    Index,
)

__all__ = [
    "Document",
    "Index",
    "MutableDocument",
    "SortKey",
]
