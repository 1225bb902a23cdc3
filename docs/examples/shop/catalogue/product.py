"""Products, and the variants that can be bought."""

from earnorm import (
    DictField,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ReferenceField,
    ReverseReference,
    StringField,
    UniqueValidator,
    URLField,
)
from shop.catalogue.brand import Brand, Supplier
from shop.catalogue.category import Category
from shop.record import Record


class Image(EmbeddedModel):
    """A picture, and what it shows."""

    url = URLField()
    shows = StringField()


class Product(Record):
    """What has a page in the shop. Withdrawn ones are kept: orders tell of them."""

    title = StringField(min_length=1, max_length=200)
    text = StringField(default="")
    brand = ReferenceField(Brand, on_delete="restrict")
    suppliers = ListField(ReferenceField(Supplier, on_delete="nullify"))
    categories = ListField(ReferenceField(Category, on_delete="nullify"))
    images = ListField(EmbeddedField(Image))
    variants = ReverseReference("Variant", "product")

    class Meta:
        collection = "products"
        indexes = [{"fields": ["brand"]}, {"fields": ["suppliers"]}, {"fields": ["categories"]}]
        plugins = ["softdelete"]


class Variant(Record):
    """What can be put into a cart: a product in one size, in one colour."""

    product = ReferenceField(Product, on_delete="cascade")
    sku = StringField(pattern="[A-Z0-9-]+")
    choices = DictField(StringField())
    grams = IntegerField(minimum=0)

    class Meta:
        collection = "variants"
        indexes = [{"fields": ["product"]}, {"fields": ["sku"], "unique": True}]
        validators = [UniqueValidator("sku")]
