"""Who makes the products, and who delivers them to the shop."""

from earnorm import EmailField, EmbeddedField, StringField, UniqueValidator, URLField
from shop.record import Record
from shop.values import PostalAddress


class Brand(Record):
    """The name on a product."""

    name = StringField(min_length=1)
    website = URLField(required=False)

    class Meta:
        collection = "brands"
        indexes = [{"fields": ["name"], "unique": True}]
        validators = [UniqueValidator("name")]


class Supplier(Record):
    """Who delivers products to the shop."""

    name = StringField(min_length=1)
    email = EmailField()
    postal = EmbeddedField(PostalAddress)

    class Meta:
        collection = "suppliers"
        indexes = [{"fields": ["name"], "unique": True}]
        validators = [UniqueValidator("name")]
