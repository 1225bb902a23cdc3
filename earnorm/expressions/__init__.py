"""What a condition on a field is: pure values."""

from earnorm.expressions.expression import (
    Expression,
)
from earnorm.expressions.order import (
    Order,
)
from earnorm.expressions.path import (
    Path,
)

__all__ = [
    "Expression",
    "Order",
    "Path",
]
