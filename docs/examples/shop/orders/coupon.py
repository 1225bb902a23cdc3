"""Codes that customers type."""

from earnorm import IntegerField, ReferenceField, StringField, UniqueValidator
from shop.catalogue import Promotion
from shop.record import Record


class Coupon(Record):
    """A code that gives its owner a promotion."""

    code = StringField(pattern="[A-Z0-9]{6,12}")
    promotion = ReferenceField(Promotion, on_delete="cascade")
    uses_left = IntegerField(minimum=0, default=1)

    class Meta:
        collection = "coupons"
        indexes = [{"fields": ["code"], "unique": True}, {"fields": ["promotion"]}]
        validators = [UniqueValidator("code")]
