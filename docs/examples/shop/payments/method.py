"""Ways to pay that a customer has stored, in one collection."""

from earnorm import IntegerField, ReferenceField, StringField
from shop.record import Record
from shop.users import Customer


class PaymentMethod(Record):
    """A way to pay. Deleted ones are kept: payments tell of them."""

    customer = ReferenceField(Customer, on_delete="cascade")
    label = StringField(default="")

    class Meta:
        collection = "payment_methods"
        indexes = [{"fields": ["customer"]}]
        plugins = ["softdelete"]


class Card(PaymentMethod):
    """A card, as the payment provider knows it: its number is not kept here."""

    token = StringField(secret=True)
    last_four = StringField(pattern="[0-9]{4}")
    expires_month = IntegerField(minimum=1, maximum=12)
    expires_year = IntegerField(minimum=2000)


class BankAccount(PaymentMethod):
    """An account from which the shop may collect."""

    iban = StringField(secret=True)
    holder = StringField(min_length=1)
