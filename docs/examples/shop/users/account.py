"""Accounts: one collection for all who can log in, customers and employees alike."""

from earnorm import (
    DateField,
    EmailField,
    ListField,
    ReferenceField,
    ReverseReference,
    StringField,
    UniqueValidator,
)
from earnorm_softdelete import LIVING
from shop.record import Record
from shop.users.role import Role


class Account(Record):
    """Somebody who can log in. Deleted ones are kept, and free their e-mail address."""

    name = StringField(min_length=1, max_length=120)
    email = EmailField()
    password_hash = StringField(secret=True)

    class Meta:
        collection = "accounts"
        indexes = [{"fields": ["email"], "unique": True, "partial": LIVING}]
        validators = [UniqueValidator("email")]
        plugins = ["softdelete"]


class Customer(Account):
    """Somebody who buys."""

    birthday = DateField(required=False)
    default_address = ReferenceField("Address", required=False, on_delete="nullify")
    addresses = ReverseReference("Address", "customer")
    orders = ReverseReference("Order", "customer")

    class Meta:
        indexes = [{"fields": ["default_address"], "sparse": True}]


class Employee(Account):
    """Somebody who works here."""

    number = StringField(pattern="E[0-9]{5}")
    roles = ListField(ReferenceField(Role, on_delete="restrict"))
    manager = ReferenceField("Employee", required=False, on_delete="nullify")

    class Meta:
        indexes = [
            {"fields": ["number"], "unique": True, "partial": LIVING},
            {"fields": ["roles"]},
            {"fields": ["manager"], "sparse": True},
        ]
        validators = [UniqueValidator("number")]
