"""The shelves of the shop."""

from earnorm import ReferenceField, StringField, UniqueValidator
from shop.record import Record


class Category(Record):
    """A shelf, which may stand inside another one."""

    slug = StringField(pattern="[a-z0-9-]+")
    title = StringField(min_length=1)
    parent = ReferenceField("Category", required=False, on_delete="restrict")

    class Meta:
        collection = "categories"
        indexes = [{"fields": ["slug"], "unique": True}, {"fields": ["parent"]}]
        validators = [UniqueValidator("slug")]
