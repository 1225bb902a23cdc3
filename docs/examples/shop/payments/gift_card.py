"""Money that was paid before anything was bought."""

from earnorm import (
    DateField,
    EmbeddedField,
    ReferenceField,
    StringField,
    UniqueValidator,
)
from shop.record import Record
from shop.users import Customer
from shop.values import Money


class GiftCard(Record):
    """What is left on a card that anybody may redeem who knows its code."""

    code = StringField(secret=True)
    balance = EmbeddedField(Money)
    bought_by = ReferenceField(Customer, required=False, on_delete="nullify")
    expires_on = DateField(required=False)

    class Meta:
        collection = "gift_cards"
        indexes = [
            {"fields": ["code"], "unique": True},
            {"fields": ["bought_by"], "sparse": True},
        ]
        validators = [UniqueValidator("code")]
