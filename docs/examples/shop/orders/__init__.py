"""What was put aside, ordered, invoiced and sent back."""

from shop.orders.cart import Cart, Wishlist
from shop.orders.coupon import Coupon
from shop.orders.invoice import CreditNote, Invoice
from shop.orders.order import Order, OrderLine, OrderState
from shop.orders.returns import ReturnRequest

__all__ = [
    "Cart",
    "Coupon",
    "CreditNote",
    "Invoice",
    "Order",
    "OrderLine",
    "OrderState",
    "ReturnRequest",
    "Wishlist",
]
