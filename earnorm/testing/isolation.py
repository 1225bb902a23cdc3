"""A registry of one test, which finds the plugins that the test gives it and no others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import count
from types import MappingProxyType
from typing import Final

from earnorm.model_registry import ModelRegistry
from earnorm.plugins import (
    Catalogue,
    InstalledPlugin,
    Plans,
    PluginManager,
    ResolvedPlugin,
    installed,
)
from earnorm.testing.recording import HookRecorder

__all__ = ["ALL_INSTALLED", "isolated_registry"]

ALL_INSTALLED: Final = "*"
"""In the place of a name: every installed plugin may be found."""

_numbers = count(1)


def isolated_registry(*plugins: str, recorder: HookRecorder | None = None) -> ModelRegistry:
    """A new registry whose models find what is registered on it, and the installed plugins of these names.

    Neither those of the default registry nor, unless they are named, other installed ones are found; `"*"` stands
    for all that are installed. Each is imported as ever and instantiated anew. What the plugins of its models do is
    told to the `recorder`.
    """
    label = f"an isolated registry, number {next(_numbers)}"
    return ModelRegistry(label, manager=_Plugins(label, _Chosen(plugins), recorder))


class _Chosen(Catalogue):
    """The installed plugins that a test asked for."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self._names = names

    def all(self) -> Mapping[str, list[InstalledPlugin]]:
        found = installed.all()
        if ALL_INSTALLED in self._names:
            return found
        return {name: found[name] for name in self._names if name in found}

    def hides(self, name: str) -> str | None:
        if ALL_INSTALLED in self._names or name not in installed.all():
            return None
        return (
            f"the isolation of this registry (isolated_registry({name!r}), or the marker "
            f"earnorm_plugins({name!r}) of pytest, lets this one in)"
        )


class _Plugins(PluginManager):
    """Has no default registry above it, and tells a recorder of what runs."""

    def __init__(self, label: str, catalogue: Catalogue, recorder: HookRecorder | None) -> None:
        super().__init__(label, catalogue=catalogue)
        self._recorder = recorder
        # a plugin, or what records it -> what records it
        self._recording: dict[ResolvedPlugin, ResolvedPlugin] = {}

    def plans(self, plugins: Sequence[ResolvedPlugin]) -> Plans:
        return super().plans([self._recorded(plugin) for plugin in plugins])

    def _recorded(self, plugin: ResolvedPlugin) -> ResolvedPlugin:
        if self._recorder is None:
            return plugin
        if plugin not in self._recording:
            watched = {
                name: self._recorder.watch(name, implementation)
                for name, implementation in plugin.implementations.items()
            }
            recorded = replace(plugin, implementations=MappingProxyType(watched))
            self._recording[plugin] = self._recording[recorded] = recorded
        return self._recording[plugin]
