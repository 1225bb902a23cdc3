"""What comes back."""

from enum import StrEnum

from earnorm import (
    EmbeddedField,
    EmbeddedModel,
    EnumField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
)
from shop.catalogue import Variant
from shop.orders.order import Order
from shop.record import Record
from shop.users import Employee


class Condition(StrEnum):
    """In which state a thing came back."""

    UNOPENED = "unopened"
    USED = "used"
    BROKEN = "broken"


class ReturnedItem(EmbeddedModel):
    """So many of a variant, in one condition."""

    variant = ReferenceField(Variant, on_delete="restrict")
    quantity = IntegerField(minimum=1, default=1)
    condition = EnumField(Condition)


class ReturnRequest(Record):
    """The wish to send something back, and who agreed to it."""

    order = ReferenceField(Order, on_delete="restrict")
    items = ListField(EmbeddedField(ReturnedItem), min_length=1)
    reason = StringField(default="")
    approved_by = ReferenceField(Employee, required=False, on_delete="nullify")

    class Meta:
        collection = "return_requests"
        indexes = [
            {"fields": ["order"]},
            {"fields": ["items.variant"]},
            {"fields": ["approved_by"], "sparse": True},
        ]
