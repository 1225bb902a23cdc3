"""The plugin, and the mixin that declares its field."""

from types import MappingProxyType
from typing import Any

from earnorm import DateTimeField, Document, MutableDocument, PluginFields, now

__all__ = ["LIVING", "NAME", "SoftDeletable", "SoftDeletePlugin"]

NAME = "softdelete"

LIVING: Document = MappingProxyType({"deleted_at": None})
"""The filter of documents that are not deleted. Give it to a unique index as `partial`, and a deleted
document's value is free again: `{"fields": [("email", 1)], "unique": True, "partial": LIVING}`."""


class SoftDeletable(PluginFields, plugin=NAME):
    """The field. Inherit it beside `BaseModel` so that type checkers see it too.

    `deleted_at` is when the document was deleted, aware and in UTC; None while it lives.
    """

    deleted_at = DateTimeField(required=False)


class SoftDeletePlugin:
    """Turns deletes into marks, and leaves marked documents out of every query."""

    def contribute_fields(self, model: type) -> type:
        """`SoftDeletable`."""
        return SoftDeletable

    def narrow_query(self, model: type) -> Document:
        """Living documents only."""
        return LIVING

    def replace_delete(self, model: type) -> MutableDocument:
        """The mark: `deleted_at` set to now."""
        marks: dict[str, Any] = {"deleted_at": now()}
        return {"$set": marks}
