"""The plugin, and the mixin that declares its field."""

import types
from types import MappingProxyType
from typing import Any

from earnorm import (
    DateTimeField,
    Document,
    EmbeddedModel,
    MutableDocument,
    PluginFields,
    StringField,
    now,
)

__all__ = ["LIVING", "NAME", "SoftDeletable", "SoftDeleteOptions", "SoftDeletePlugin", "mark_of"]

NAME = "softdelete"

LIVING: Document = MappingProxyType({"deleted_at": None})
"""The filter of documents that are not deleted. Give it to a unique index as `partial`, and a deleted
document's value is free again: `{"fields": [("email", 1)], "unique": True, "partial": LIVING}`."""


class SoftDeleteOptions(EmbeddedModel):
    """What a model may say in `Meta.plugin_options = {"softdelete": {...}}`: the name of the `field`."""

    field = StringField(default="deleted_at", min_length=1)


class SoftDeletable(PluginFields, plugin=NAME):
    """The field. Inherit it beside `BaseModel` so that type checkers see it too.

    `deleted_at` is when the document was deleted, aware and in UTC; None while it lives.
    """

    deleted_at = DateTimeField(required=False)


class SoftDeletePlugin:
    """Turns deletes into marks, and leaves marked documents out of every query."""

    Options = SoftDeleteOptions
    api = ">=1.0,<2"

    def __init__(self, options: SoftDeleteOptions) -> None:
        self._field = options.field
        self._fields = SoftDeletable if options == SoftDeleteOptions() else _marked(options.field)

    def contribute_fields(self, model: type) -> type:
        """`SoftDeletable`, or the same field under the name that the options say."""
        return self._fields

    def narrow_query(self, model: type) -> Document:
        """Living documents only."""
        return {self._field: None}

    def replace_delete(self, model: type) -> MutableDocument:
        """The mark: the field set to now."""
        marks: dict[str, Any] = {self._field: now()}
        return {"$set": marks}


def mark_of(model: Any) -> str:
    """The name of the field that says when a document of the model was deleted."""
    # A base whose children alone enable the plugin has no options.
    options: SoftDeleteOptions = model.__metadata__.plugin_options.get(NAME, SoftDeleteOptions())
    return options.field


def _marked(field: str) -> type[PluginFields]:
    declared = {"__module__": __name__, field: DateTimeField(required=False)}
    return types.new_class(
        "SoftDeletable", (PluginFields,), {"plugin": NAME}, lambda space: space.update(declared)
    )
