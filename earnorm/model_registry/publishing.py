"""Which events say what a registry did with a model."""

from types import MappingProxyType
from typing import Any

from earnorm.errors import EarnORMError, ModelDefinitionError, PluginConflictError
from earnorm.metadata import Metadata
from earnorm.model_registry.entry import bare_name
from earnorm.model_registry.event_log import EventLog
from earnorm.model_registry.events import (
    ConflictFound,
    ModelChanged,
    ModelRegistered,
    ModelShape,
    ModelUnregistered,
    PluginBound,
    PluginUnbound,
    StoreBound,
    StoreUnbound,
)

__all__ = [
    "publish_added",
    "publish_binding",
    "publish_conflict",
    "publish_namesake",
    "publish_plugins",
    "publish_removed",
]


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


def publish_plugins(log: EventLog, model: Any, former: Metadata | None = None) -> None:
    """Says which plugins the model has that it did not have when its metadata were `former`, and which no more."""
    key, plugins = model.__metadata__.key, model.__metadata__.plugins
    before = () if former is None else former.plugins
    for plugin in plugins:
        if plugin not in before:
            log.record(PluginBound, key, plugin.name, plugin.distribution, plugin.version)
    names = {plugin.name for plugin in plugins}
    for plugin in before:
        if plugin.name not in names:
            log.record(PluginUnbound, key, plugin.name)


def publish_conflict(log: EventLog, error: EarnORMError) -> None:
    """Says what the error refused because something else has it, if that is what it is about."""
    if isinstance(error, ModelDefinitionError | PluginConflictError) and error.contested:
        log.record(ConflictFound, error.model, *error.contested, error.origins)


def publish_namesake(log: EventLog, key: str, namesake: str) -> None:
    """Says that the bare name of the model is also that of another one."""
    log.record(ConflictFound, key, "name", bare_name(key), (namesake, key))


def publish_binding(log: EventLog, previous: Any, database: Any) -> None:
    """Says that the registry has another database than before; None stands for none."""
    if previous is database:
        return
    if previous is not None:
        log.record(StoreUnbound, None, _url(previous))
    if database is not None:
        log.record(StoreBound, None, _url(database))


def _url(database: Any) -> str:
    return str(getattr(database, "url", type(database).__name__))


def _shape(metadata: Metadata) -> ModelShape:
    return ModelShape(
        collection=metadata.collection,
        fields=MappingProxyType(
            {name: type(field).__name__ for name, field in metadata.fields.items()}
        ),
        plugins=tuple(plugin.name for plugin in metadata.plugins),
    )
