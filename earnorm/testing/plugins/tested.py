"""The plugin that is tested, and the models that are given it."""

import importlib
import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from earnorm.model_registry import ModelRegistry
from earnorm.models import BaseModel
from earnorm.plugins import ResolvedPlugin, installed
from earnorm.testing.isolation import isolated_registry

__all__ = ["NOBODY", "Neighbours", "Tested", "advertised_name"]

Neighbours = Mapping[str, Any]
"""Other plugins by name; None stands for the installed one of that name."""

NOBODY: Neighbours = MappingProxyType({})

_MODEL = "Tested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A plugin under its name, the options that it runs with, and the base of its models."""

    plugin: Any
    name: str
    options: Mapping[str, Any]
    base: type[BaseModel]
    module: str

    def define(
        self,
        *,
        first: Neighbours = NOBODY,
        then: Neighbours = NOBODY,
        options: Mapping[str, Any] | None = None,
    ) -> Any:
        """A new model that names the plugin between these others, on a registry of its own."""
        names = [*first, self.name, *then]
        given = self.options if options is None else options
        meta = {"plugins": names, **({"plugin_options": {self.name: given}} if given else {})}
        home = isolated_registry(*(installed.all().keys() - {self.name}))
        for name, plugin in {**first, self.name: self.plugin, **then}.items():
            if plugin is not None:
                home.plugin(name)(plugin)
        return self._new(_MODEL, meta, home)

    def define_twin(self, model: Any) -> Any:
        """Another model that has the same plugins, on the registry of the first."""
        options: dict[str, Any] = {"plugins": [plugin.name for plugin in model.__plans__.plugins]}
        if self.options:
            options["plugin_options"] = {self.name: self.options}
        return self._new(f"{_MODEL}Twin", options, model.__registry__)

    def _new(self, name: str, meta: Mapping[str, Any], home: ModelRegistry) -> Any:
        # As a class of its module: what is told names it, and pickle finds it where it is put.
        body = {
            "Meta": type("Meta", (), dict(meta)),
            "__module__": self.module,
            "__qualname__": name,
        }
        return types.new_class(
            name, (self.base,), {"registry": home}, lambda space: space.update(body)
        )

    def made(self) -> ResolvedPlugin:
        """The plugin as it runs with these options, which no model has used yet."""
        enabled: tuple[ResolvedPlugin, ...] = self.define().__plans__.plugins
        return next(plugin for plugin in enabled if plugin.name == self.name)

    @property
    def home(self) -> str:
        """The module that an import of the plugin imports."""
        if inspect.ismodule(self.plugin):
            return self.plugin.__name__
        kind = self.plugin if inspect.isclass(self.plugin) else type(self.plugin)
        return kind.__module__


def advertised_name(plugin: Any) -> str | None:
    """The name under which an installed distribution advertises this object, if one does."""
    for name, points in installed.all().items():
        if any(_leads_to(plugin, point.entry_point.value) for point in points):
            return name
    return None


def _leads_to(plugin: Any, value: str) -> bool:
    module, _, attributes = value.partition(":")
    root = plugin.__name__ if inspect.ismodule(plugin) else getattr(plugin, "__module__", "")
    # Nobody else's plugin is imported to find out.
    if module.partition(".")[0].strip() != root.partition(".")[0]:
        return False
    found: Any = importlib.import_module(module.strip())
    for attribute in filter(None, attributes.partition("[")[0].strip().split(".")):
        found = getattr(found, attribute, None)
    return found is plugin
