"""Where things lie."""

from earnorm import EmbeddedField, IntegerField, ReferenceField, StringField, UniqueValidator
from shop.catalogue import Variant
from shop.record import Record
from shop.users import Employee
from shop.values import PostalAddress


class Warehouse(Record):
    """A building with shelves, and who runs it."""

    code = StringField(pattern="[A-Z]{3}")
    postal = EmbeddedField(PostalAddress)
    manager = ReferenceField(Employee, required=False, on_delete="nullify")

    class Meta:
        collection = "warehouses"
        indexes = [
            {"fields": ["code"], "unique": True},
            {"fields": ["manager"], "sparse": True},
        ]
        validators = [UniqueValidator("code")]


class StockLevel(Record):
    """How many of a variant lie in a warehouse. The revision notices two who count at once."""

    warehouse = ReferenceField(Warehouse, on_delete="restrict")
    variant = ReferenceField(Variant, on_delete="restrict")
    quantity = IntegerField(minimum=0, default=0)

    class Meta:
        collection = "stock_levels"
        indexes = [
            {"fields": ["variant", "warehouse"], "unique": True},
            {"fields": ["warehouse"]},
        ]
        revision = True
