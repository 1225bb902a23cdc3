"""How orders are paid, and what is paid back."""

from shop.payments.gift_card import GiftCard
from shop.payments.method import BankAccount, Card, PaymentMethod
from shop.payments.payment import Dispute, Payment, Refund

__all__ = [
    "BankAccount",
    "Card",
    "Dispute",
    "GiftCard",
    "Payment",
    "PaymentMethod",
    "Refund",
]
