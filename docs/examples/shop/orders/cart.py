"""What customers put aside before they buy."""

from earnorm import (
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
    UniqueValidator,
)
from shop.catalogue import Product, Variant
from shop.orders.coupon import Coupon
from shop.record import Record
from shop.users import Customer


class CartItem(EmbeddedModel):
    """So many of a variant."""

    variant = ReferenceField(Variant)
    quantity = IntegerField(minimum=1, default=1)


class Cart(Record):
    """The one cart of a customer; empty once it was ordered."""

    customer = ReferenceField(Customer, on_delete="cascade")
    items = ListField(EmbeddedField(CartItem))
    coupon = ReferenceField(Coupon, required=False, on_delete="nullify")

    class Meta:
        collection = "carts"
        indexes = [
            {"fields": ["customer"], "unique": True},
            {"fields": ["items.variant"]},
            {"fields": ["coupon"], "sparse": True},
        ]
        validators = [UniqueValidator("customer")]


class Wishlist(Record):
    """Products to think about."""

    customer = ReferenceField(Customer, on_delete="cascade")
    title = StringField(min_length=1)
    products = ListField(ReferenceField(Product, on_delete="nullify"))

    class Meta:
        collection = "wishlists"
        indexes = [{"fields": ["customer"]}, {"fields": ["products"]}]
