"""Money that came, and money that went back."""

from enum import StrEnum

from earnorm import EmbeddedField, EnumField, ReferenceField, StringField, validates
from shop.orders import CreditNote, Order, ReturnRequest
from shop.payments.gift_card import GiftCard
from shop.payments.method import PaymentMethod
from shop.record import Record
from shop.values import Money


class PaymentState(StrEnum):
    """What the payment provider said last."""

    PENDING = "pending"
    CAPTURED = "captured"
    FAILED = "failed"


class Payment(Record):
    """Money for an order, by a stored method or by a gift card."""

    order = ReferenceField(Order, on_delete="restrict")
    method = ReferenceField(PaymentMethod, required=False, on_delete="restrict")
    gift_card = ReferenceField(GiftCard, required=False, on_delete="restrict")
    total = EmbeddedField(Money)
    state = EnumField(PaymentState, default=PaymentState.PENDING)

    class Meta:
        collection = "payments"
        indexes = [
            {"fields": ["order"]},
            {"fields": ["method"], "sparse": True},
            {"fields": ["gift_card"], "sparse": True},
            {"fields": ["state", "created_at"]},
        ]

    @validates("method", "gift_card")
    def check_source(self) -> None:
        """A payment comes from one place."""
        if (self.method is None) == (self.gift_card is None):
            raise ValueError("give either a method or a gift card")


class Refund(Record):
    """Money that went back to where it came from."""

    payment = ReferenceField(Payment, on_delete="restrict")
    return_request = ReferenceField(ReturnRequest, required=False, on_delete="restrict")
    credit_note = ReferenceField(CreditNote, on_delete="restrict")
    total = EmbeddedField(Money)

    class Meta:
        collection = "refunds"
        indexes = [
            {"fields": ["payment"]},
            {"fields": ["return_request"], "sparse": True},
            {"fields": ["credit_note"]},
        ]


class Dispute(Record):
    """A payment that the customer's bank wants back."""

    payment = ReferenceField(Payment, on_delete="restrict")
    case_number = StringField(min_length=1)
    outcome = StringField(choices=["open", "won", "lost"], default="open")

    class Meta:
        collection = "disputes"
        indexes = [{"fields": ["payment"]}, {"fields": ["outcome"]}]
