"""What happens to a registry, as facts: each is named by what has happened, and holds names and plain values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

from earnorm.model_registry.cloud_event import cloud_event
from earnorm.typing import JsonValue

__all__ = [
    "ConflictFound",
    "ModelChanged",
    "ModelRegistered",
    "ModelShape",
    "ModelUnregistered",
    "PluginBound",
    "PluginUnbound",
    "RegistryEvent",
    "StoreBound",
    "StoreUnbound",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEvent:
    """Something that happened to a registry.

    `revision` is `registry.revision` after it, higher than that of every event before. `time` is aware, UTC, in
    milliseconds. `registry` is its name, and `run` tells this registry object from every other one of that name:
    revisions begin anew with each. `model` is the key of the model that it is about, None for none.
    """

    revision: int
    time: datetime
    registry: str
    run: str
    model: str | None

    @property
    def kind(self) -> str:
        """The class's name as programs in other languages write it: `model_registered`."""
        return _snake(type(self).__name__)

    def as_dict(self) -> dict[str, JsonValue]:
        """Its kind and all that it holds, as `json.dumps` takes it; the time is RFC 3339 text."""
        values = {one.name: _plain(getattr(self, one.name)) for one in fields(self)}
        return {"kind": self.kind, **values}

    def as_cloud_event(self, *, source: str | None = None) -> dict[str, JsonValue]:
        """The event in the JSON format of CloudEvents 1.0; its data are the event's own values.

        `source` is a URI reference that says where it happened: `urn:earnorm:registry:` with the registry's name
        unless it is given.
        """
        return cloud_event(self.as_dict(), source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRegistered(RegistryEvent):
    """A model that the registry did not know was registered; `collection` is where its documents lie."""

    model: str
    collection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUnregistered(RegistryEvent):
    """The registry does not know the model any longer.

    `reason` is "unregistered" when it was told to forget it, and "collected" when a class that was defined inside a
    function was garbage. A registration that failed is told of by no event.
    """

    model: str
    reason: Literal["unregistered", "collected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """What a model was like at one time: its collection, its fields with their types, its plugins in their order."""

    collection: str
    fields: Mapping[str, str] = field(hash=False)
    plugins: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChanged(RegistryEvent):
    """Another class took the place of the one that had the model's key, and is what `old` was not.

    `reason` is "redefined" for a class that was defined again, and "extended" for one that was given fields.
    """

    model: str
    reason: Literal["redefined", "extended"]
    old: ModelShape
    new: ModelShape


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginBound(RegistryEvent):
    """A model at home in the registry came with the plugin, or has it since it was redefined or extended.

    `distribution` and `version` say where the plugin comes from; both are None for one of this process.
    """

    model: str
    plugin: str
    distribution: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginUnbound(RegistryEvent):
    """A model at home in the registry was redefined, and does not have the plugin any more."""

    model: str
    plugin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictFound(RegistryEvent):
    """The model wants what something else has: of two `origins`, the first was there before.

    `about` says what `name` is. A "collection" that two models would share by accident, or a "field" that two plugins,
    or a plugin and the model, bring: the model was refused. A bare "name" that two models have: both are
    registered, and whoever asks the registry for the name alone is refused.
    """

    model: str
    about: Literal["collection", "field", "name"]
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreBound(RegistryEvent):
    """The registry's models have a database since now; `store` is its URL without secrets."""

    store: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUnbound(RegistryEvent):
    """The registry's models do not have that database any more."""

    store: str


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, ModelShape):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
