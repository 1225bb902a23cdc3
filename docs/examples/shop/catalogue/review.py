"""What customers think of products."""

from earnorm import IntegerField, ReferenceField, StringField
from shop.catalogue.product import Product
from shop.record import Record
from shop.users import Customer


class Review(Record):
    """The one opinion of a customer on a product."""

    product = ReferenceField(Product, on_delete="cascade")
    customer = ReferenceField(Customer, on_delete="cascade")
    stars = IntegerField(minimum=1, maximum=5)
    text = StringField(max_length=5000, default="")

    class Meta:
        collection = "reviews"
        indexes = [
            {"fields": ["product", "customer"], "unique": True},
            {"fields": ["customer"]},
        ]
