"""What a customer agreed to."""

from enum import StrEnum

from earnorm import DateTimeField, EnumField, ReferenceField
from shop.record import Record
from shop.users.account import Customer


class Purpose(StrEnum):
    """What a consent is for."""

    NEWSLETTER = "newsletter"
    PROFILING = "profiling"
    TERMS = "terms"


class Consent(Record):
    """That a customer agreed to something, and since when."""

    customer = ReferenceField(Customer, on_delete="cascade")
    purpose = EnumField(Purpose)
    given_at = DateTimeField()
    withdrawn_at = DateTimeField(required=False)

    class Meta:
        collection = "consents"
        indexes = [{"fields": ["customer", "purpose"]}]
