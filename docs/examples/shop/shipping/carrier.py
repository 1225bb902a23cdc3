"""Who brings the parcels."""

from earnorm import BooleanField, StringField, UniqueValidator, URLField
from shop.record import Record


class Carrier(Record):
    """A company that brings parcels."""

    name = StringField(min_length=1)
    tracking_page = URLField(required=False)
    is_offered = BooleanField(default=True)

    class Meta:
        collection = "carriers"
        indexes = [{"fields": ["name"], "unique": True}]
        validators = [UniqueValidator("name")]
