"""What the fields whose values have an order share: a minimum and a maximum."""

from typing import Any, TypeVar

from earnorm.errors import FieldFault
from earnorm.fields.base import Field
from earnorm.fields.limits import range_message

__all__ = ["RangedField"]

T = TypeVar("T")


class RangedField(Field[T]):
    """A field with `minimum` and `maximum`, both included; None means no limit."""

    minimum: Any = None
    maximum: Any = None

    def constrain(self, value: Any, path: str, faults: list[FieldFault]) -> None:
        if message := range_message(value, self.minimum, self.maximum):
            faults.append(self.fault(path, "range", message, value))
        super().constrain(value, path, faults)
