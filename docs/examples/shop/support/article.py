"""Answers that customers find by themselves."""

from earnorm import ListField, ReferenceField, StringField, UniqueValidator
from shop.catalogue import Product
from shop.record import Record
from shop.users import Employee


class Article(Record):
    """A page of help, about some products or about none."""

    slug = StringField(pattern="[a-z0-9-]+")
    title = StringField(min_length=1)
    text = StringField()
    author = ReferenceField(Employee, on_delete="restrict")
    products = ListField(ReferenceField(Product, on_delete="nullify"))

    class Meta:
        collection = "articles"
        indexes = [
            {"fields": ["slug"], "unique": True},
            {"fields": ["author"]},
            {"fields": ["products"]},
        ]
        validators = [UniqueValidator("slug")]
