"""Parts of documents that several packages use."""

from enum import StrEnum

from earnorm import DecimalField, EmbeddedModel, EnumField, StringField


class Currency(StrEnum):
    """What the shop takes."""

    EUR = "EUR"
    GBP = "GBP"
    USD = "USD"


class Money(EmbeddedModel):
    """An amount of a currency."""

    amount = DecimalField(minimum=0, decimal_places=2)
    currency = EnumField(Currency, default=Currency.EUR)


class PostalAddress(EmbeddedModel):
    """Where a letter goes: what stands on it, copied, so that it stays as it was written."""

    recipient = StringField(min_length=1)
    street = StringField(min_length=1)
    postcode = StringField(min_length=1)
    city = StringField(min_length=1)
    country = StringField(pattern="[A-Z]{2}")
