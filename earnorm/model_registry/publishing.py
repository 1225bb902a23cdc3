"""Which events say what a registry did with a model."""

from types import MappingProxyType
from typing import Any

from earnorm.metadata import Metadata
from earnorm.model_registry.event_log import EventLog
from earnorm.model_registry.events import (
    ModelChanged,
    ModelRegistered,
    ModelShape,
    ModelUnregistered,
)

__all__ = ["publish_added", "publish_removed"]


def publish_added(
    log: EventLog, model: Any, former: Metadata | None = None, *, reason: str = "redefined"
) -> None:
    """Says that the model is registered, or that it is no longer what it was, by its `former` metadata."""
    metadata = model.__metadata__
    if former is None:
        log.record(ModelRegistered, metadata.key, metadata.collection)
    else:
        old, new = _shape(former), _shape(metadata)
        log.record(ModelChanged, metadata.key, reason, old, new)


def publish_removed(log: EventLog, key: str, *, reason: str = "unregistered") -> None:
    """Says that the model with this key is not known any longer."""
    log.record(ModelUnregistered, key, reason)


def _shape(metadata: Metadata) -> ModelShape:
    return ModelShape(
        collection=metadata.collection,
        fields=MappingProxyType(
            {name: type(field).__name__ for name, field in metadata.fields.items()}
        ),
        plugins=tuple(plugin.name for plugin in metadata.plugins),
    )
