"""Orders, with what they cost when they were placed."""

from enum import StrEnum

from earnorm import (
    EmbeddedField,
    EmbeddedModel,
    EnumField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
    UniqueValidator,
)
from shop.catalogue import Variant
from shop.orders.coupon import Coupon
from shop.record import Record
from shop.users import Customer
from shop.values import Money, PostalAddress


class OrderState(StrEnum):
    """How far an order has come."""

    PLACED = "placed"
    PAID = "paid"
    SENT = "sent"
    CANCELLED = "cancelled"


class OrderLine(EmbeddedModel):
    """So many of a variant, at the price of the day."""

    variant = ReferenceField(Variant, on_delete="restrict")
    quantity = IntegerField(minimum=1, default=1)
    price = EmbeddedField(Money)


class Order(Record):
    """What a customer bought. It keeps the address as it was then."""

    number = StringField(pattern="[0-9]{4}-[0-9]{6}")
    customer = ReferenceField(Customer, on_delete="restrict")
    lines = ListField(EmbeddedField(OrderLine), min_length=1)
    coupon = ReferenceField(Coupon, required=False, on_delete="nullify")
    carrier = ReferenceField("Carrier", required=False, on_delete="nullify")
    deliver_to = EmbeddedField(PostalAddress)
    state = EnumField(OrderState, default=OrderState.PLACED)

    class Meta:
        collection = "orders"
        indexes = [
            {"fields": ["number"], "unique": True},
            {"fields": ["customer", ("created_at", -1)]},
            {"fields": ["lines.variant"]},
            {"fields": ["coupon"], "sparse": True},
            {"fields": ["carrier"], "sparse": True},
            {"fields": ["state", "created_at"]},
        ]
        validators = [UniqueValidator("number")]
