"""Which plugins are installed: the entry-point map of this process."""

import importlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import importlib_metadata
from importlib_metadata import EntryPoint

from earnorm.errors import EarnORMError, PluginConflictError, PluginLoadError
from earnorm.plugins.distributions import DistributionFacts, read_distribution
from earnorm.plugins.manifest import PluginInfo
from earnorm.plugins.options import MadePlugin, make_plugin

__all__ = ["GROUP", "Catalogue", "InstalledPlugin", "installed"]

GROUP = "earnorm.plugins"
"""The entry-point group under which a distribution advertises its plugins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPlugin:
    """A plugin that a distribution advertises, not imported yet."""

    entry_point: EntryPoint

    @property
    def info(self) -> PluginInfo:
        """Who it is; reads the distribution's metadata from disk, so it is asked for named plugins only."""
        point = self.entry_point
        distribution = point.dist
        try:
            name, version = distribution.name, distribution.version  # type: ignore[union-attr] # None is told below
        except (AttributeError, LookupError, OSError, TypeError):
            # An installation without its metadata, or an entry point without a distribution.
            return PluginInfo(
                name=point.name, distribution="a distribution without metadata", version="?"
            )
        return PluginInfo(name=point.name, distribution=name, version=version)

    @property
    def distribution(self) -> DistributionFacts | None:
        """What the distribution says of itself; None for an installation without its metadata."""
        return read_distribution(self.entry_point.dist)

    @property
    def source(self) -> str:
        """The distribution, its version, and the object that the entry point names."""
        return f"{self.info.source} ({self.entry_point.value})"

    def load(self, *, model: str | None = None) -> MadePlugin:
        """Imports the plugin and instantiates a class; raises `PluginLoadError` with the cause."""
        try:
            loaded = self.entry_point.load()
        except AttributeError as error:
            raise self._error(f"cannot be found: {error}.{_partial(error)}", model) from error
        except (Exception, SystemExit) as error:
            reason = str(error) if isinstance(error, EarnORMError) else repr(error)
            raise self._error(f"failed to import: {reason}.{_partial(error)}", model) from error
        try:
            return make_plugin(loaded, self.info)
        except EarnORMError:
            raise
        except Exception as error:
            fault = f"could not be instantiated without arguments: {error!r}."
            raise self._error(fault, model) from error

    def _error(self, fault: str, model: str | None) -> PluginLoadError:
        info = self.info
        remedy = f" Mend or upgrade {info.distribution}, or take {info.name!r} out of Meta.plugins."
        return PluginLoadError(fault + remedy, plugin=info.name, source=self.source, model=model)


class Catalogue:
    """The installed plugins by name, from one scan of this process that the first look-up makes.

    Importing nothing: only `InstalledPlugin.load` imports. `refresh` forgets the scan.
    """

    def __init__(self) -> None:
        self._found: Mapping[str, list[InstalledPlugin]] | None = None

    def all(self) -> Mapping[str, list[InstalledPlugin]]:
        """Every advertised name, with everybody who advertises it."""
        if self._found is None:
            self._found = _scan()
        return self._found

    def find(self, name: str, *, model: str | None = None) -> InstalledPlugin | None:
        """The one plugin of this name; raises `PluginConflictError` when two distributions claim it."""
        candidates = self.all().get(name, [])
        if len(candidates) > 1:
            sources = " and ".join(sorted(candidate.source for candidate in candidates))
            fault = (
                f"the plugin name {name!r} is advertised by {len(candidates)} distributions: {sources}. "
                "Uninstall all but one of them."
            )
            raise PluginConflictError(fault, plugin=name, model=model)
        return candidates[0] if candidates else None

    def hides(self, name: str) -> str | None:
        """What keeps the plugin of this name from being found here although it may be installed, if anything."""
        return None

    def refresh(self) -> None:
        """Makes the next look-up scan again, after something was installed or removed."""
        importlib.invalidate_caches()
        self._found = None


installed = Catalogue()
"""The catalogue of this process."""


def _scan() -> dict[str, list[InstalledPlugin]]:
    found: dict[str, list[InstalledPlugin]] = defaultdict(list)
    for point in importlib_metadata.entry_points(group=GROUP):
        found[point.name].append(InstalledPlugin(entry_point=point))
    return dict(found)


def _partial(error: BaseException) -> str:
    if "partially initialized module" not in str(error):
        return ""
    return " It is being imported already: a plugin's own model must not name that plugin."
