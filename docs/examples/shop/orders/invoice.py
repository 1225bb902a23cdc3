"""What the tax office asks for."""

from earnorm import DateField, EmbeddedField, ReferenceField, StringField, UniqueValidator
from shop.orders.order import Order
from shop.record import Record
from shop.values import Money


class Invoice(Record):
    """The bill for an order. It is never changed: a credit note takes it back."""

    number = StringField(pattern="INV-[0-9]{8}")
    order = ReferenceField(Order, on_delete="restrict")
    total = EmbeddedField(Money)
    issued_on = DateField()

    class Meta:
        collection = "invoices"
        indexes = [{"fields": ["number"], "unique": True}, {"fields": ["order"]}]
        validators = [UniqueValidator("number")]


class CreditNote(Record):
    """Takes back an invoice, or a part of it."""

    number = StringField(pattern="CRN-[0-9]{8}")
    invoice = ReferenceField(Invoice, on_delete="restrict")
    total = EmbeddedField(Money)
    reason = StringField(default="")

    class Meta:
        collection = "credit_notes"
        indexes = [{"fields": ["number"], "unique": True}, {"fields": ["invoice"]}]
        validators = [UniqueValidator("number")]
