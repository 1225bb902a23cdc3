"""The plugin, and the mixin that declares its fields."""

from datetime import datetime
from typing import Any, Protocol, cast

from earnorm import BaseModel, DateTimeField, Document, MutableDocument, PluginFields, inspect, now

__all__ = ["TimestampPlugin", "Timestamped"]


class Timestamped(PluginFields, plugin="timestamp"):
    """The fields. Inherit it beside `BaseModel` so that type checkers see them too.

    `created_at` is the time of the first save, `updated_at` that of the latest write; both are aware,
    in UTC, cut to milliseconds.
    """

    created_at = DateTimeField()
    updated_at = DateTimeField()


class TimestampPlugin:
    """Sets the two fields before every write, single, bulk or by query, from EarnORM's clock."""

    api = ">=1.0,<2"

    def contribute_fields(self, model: type) -> type:
        """`Timestamped`."""
        return Timestamped

    def before_save(self, instance: BaseModel) -> None:
        """Stamps the instance; one that was stored without `created_at` gets the time in its id."""
        stamped = cast("_HasTimestamps", instance)
        moment = now()
        if inspect(instance).is_new:
            stamped.created_at = moment
        elif not hasattr(instance, "created_at"):
            stamped.created_at = _birth(instance.id, moment)
        stamped.updated_at = moment

    def before_update(self, model: type, filter: Document, update: MutableDocument) -> None:
        """Adds `updated_at` to what the update sets."""
        update.setdefault("$set", {})["updated_at"] = now()


class _HasTimestamps(Protocol):
    created_at: datetime
    updated_at: datetime


def _birth(document_id: Any, otherwise: datetime) -> datetime:
    # The first four bytes of an ObjectId are the second in which it was made (MongoDB's manual).
    moment: datetime = getattr(document_id, "generation_time", otherwise)
    return moment
