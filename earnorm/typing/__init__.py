"""Public aliases and protocols; names nothing above itself."""

from earnorm.typing.aliases import (
    Document,
    JsonInput,
    JsonValue,
    MutableDocument,
    PrefetchPath,
    SortKey,
)
from earnorm.typing.indexes import (
    Index,
)
from earnorm.typing.list_like import (
    ListLike,
)
from earnorm.typing.model_factory import (
    Imports,
    Listings,
    ModelFactory,
)
from earnorm.typing.options import (
    NAIVE_DATES,
    OperationOptions,
    ReadConcern,
    ReadPreference,
)
from earnorm.typing.page import (
    Page,
)
from earnorm.typing.protocols import (
    DatabaseLike,
    QueryRunner,
)
from earnorm.typing.selection import (
    Selection,
    Shape,
)
from earnorm.typing.write import (
    Write,
)

__all__ = [
    "DatabaseLike",
    "Document",
    "Index",
    "JsonInput",
    "JsonValue",
    "ListLike",
    "Listings",
    "Imports",
    "ModelFactory",
    "MutableDocument",
    "NAIVE_DATES",
    "OperationOptions",
    "Page",
    "PrefetchPath",
    "QueryRunner",
    "ReadConcern",
    "ReadPreference",
    "Selection",
    "Shape",
    "SortKey",
    "Write",
]
