"""What things cost, and when they cost less."""

from earnorm import (
    DateTimeField,
    EmbeddedField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
    validates,
)
from shop.catalogue.category import Category
from shop.catalogue.product import Product, Variant
from shop.record import Record
from shop.values import Money


class Price(Record):
    """What a variant costs from a moment on."""

    variant = ReferenceField(Variant, on_delete="cascade")
    gross = EmbeddedField(Money)
    starts_at = DateTimeField()

    class Meta:
        collection = "prices"
        indexes = [{"fields": ["variant", ("starts_at", -1)], "unique": True}]


class Promotion(Record):
    """A discount on some products, or on whole categories, for a while."""

    title = StringField(min_length=1)
    percent = IntegerField(minimum=1, maximum=90)
    products = ListField(ReferenceField(Product, on_delete="nullify"))
    categories = ListField(ReferenceField(Category, on_delete="nullify"))
    starts_at = DateTimeField()
    ends_at = DateTimeField()

    class Meta:
        collection = "promotions"
        indexes = [
            {"fields": ["products"]},
            {"fields": ["categories"]},
            {"fields": ["ends_at", "starts_at"]},
        ]

    @validates("starts_at", "ends_at")
    def check_period(self) -> None:
        """A promotion ends after it starts."""
        if self.ends_at <= self.starts_at:
            raise ValueError("ends before it starts")
