"""What a condition on a field, and a change of it, is: pure values."""

from earnorm.expressions.expression import (
    Expression,
)
from earnorm.expressions.kinds import (
    EmbeddedLike,
)
from earnorm.expressions.order import (
    Order,
)
from earnorm.expressions.path import (
    EmbeddedPath,
    Path,
)
from earnorm.expressions.update import (
    Update,
)

__all__ = [
    "EmbeddedLike",
    "EmbeddedPath",
    "Expression",
    "Order",
    "Path",
    "Update",
]
