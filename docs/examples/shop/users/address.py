"""The address book of a customer."""

from earnorm import EmbeddedField, ReferenceField, StringField
from shop.record import Record
from shop.users.account import Customer
from shop.values import PostalAddress


class Address(Record):
    """An address under a name of the customer's own: "home", "at work"."""

    customer = ReferenceField(Customer, on_delete="cascade")
    label = StringField(min_length=1)
    postal = EmbeddedField(PostalAddress)

    class Meta:
        collection = "addresses"
        indexes = [{"fields": ["customer", "label"], "unique": True}]
