"""Where things lie, and how they travel."""

from shop.shipping.carrier import Carrier
from shop.shipping.shipment import Parcel, Shipment, TrackingEvent
from shop.shipping.warehouse import StockLevel, Warehouse

__all__ = ["Carrier", "Parcel", "Shipment", "StockLevel", "TrackingEvent", "Warehouse"]
