"""What a condition on a field, and a change of it, is: pure values."""

from earnorm.expressions.expression import (
    Expression,
)
from earnorm.expressions.kinds import (
    EmbeddedLike,
)
from earnorm.expressions.path import (
    EmbeddedPath,
    Path,
)
from earnorm.expressions.sort_order import (
    SortOrder,
)
from earnorm.expressions.update import (
    Update,
)

__all__ = [
    "EmbeddedLike",
    "EmbeddedPath",
    "Expression",
    "SortOrder",
    "Path",
    "Update",
]
