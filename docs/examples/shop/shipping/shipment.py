"""What is on its way."""

from earnorm import (
    DateTimeField,
    IntegerField,
    PointField,
    ReferenceField,
    StringField,
    UniqueValidator,
)
from shop.orders import Order
from shop.record import Record
from shop.shipping.carrier import Carrier
from shop.shipping.warehouse import Warehouse


class Shipment(Record):
    """What leaves one warehouse for one order."""

    order = ReferenceField(Order, on_delete="restrict")
    warehouse = ReferenceField(Warehouse, on_delete="restrict")
    carrier = ReferenceField(Carrier, on_delete="restrict")

    class Meta:
        collection = "shipments"
        indexes = [{"fields": ["order"]}, {"fields": ["warehouse"]}, {"fields": ["carrier"]}]


class Parcel(Record):
    """A box of a shipment, with the number under which the carrier knows it."""

    shipment = ReferenceField(Shipment, on_delete="cascade")
    tracking_number = StringField(min_length=1)
    grams = IntegerField(minimum=1)

    class Meta:
        collection = "parcels"
        indexes = [{"fields": ["shipment"]}, {"fields": ["tracking_number"], "unique": True}]
        validators = [UniqueValidator("tracking_number")]


class TrackingEvent(Record):
    """Where a parcel was seen."""

    parcel = ReferenceField(Parcel, on_delete="cascade")
    seen_at = DateTimeField()
    place = PointField(required=False)
    text = StringField(min_length=1)

    class Meta:
        collection = "tracking_events"
        indexes = [{"fields": ["parcel", ("seen_at", -1)]}]
