"""Checks of the plugins that models enable, and those that plugins bring."""

from collections.abc import Iterator

from packaging.version import Version

from earnorm.metadata import Finding
from earnorm.model_registry.checks.subject import Subject
from earnorm.plugins import CORE_API, ResolvedPlugin

__all__ = ["find_ageing_plugins"]


def find_ageing_plugins(subject: Subject) -> Iterator[Finding]:
    """Plugins that are out of range or will be, or that nobody looks after any more; each once."""
    users: dict[ResolvedPlugin, str] = {}
    for key, model in subject.models.items():
        for plugin in model.__plans__.plugins:
            users.setdefault(plugin, key)
    for plugin, key in users.items():
        yield from _deprecation(plugin, key)
        yield from _range(plugin, key)


def _deprecation(plugin: ResolvedPlugin, key: str) -> Iterator[Finding]:
    if plugin.manifest.deprecated is not None:
        yield Finding(
            id="earnorm.P001",
            level="warning",
            model=key,
            message=f"enables the plugin {plugin.name!r} ({plugin.source}), which is deprecated.",
            hint=plugin.manifest.deprecated,
        )


def _range(plugin: ResolvedPlugin, key: str) -> Iterator[Finding]:
    if plugin.info.distribution is None:
        return  # what the program brings itself changes with it
    following = f"{Version(CORE_API).major + 1}.0"
    if plugin.manifest.api.contains(following):
        yield Finding(
            id="earnorm.P002",
            level="info",
            model=key,
            message=(
                f"enables the plugin {plugin.name!r} ({plugin.source}), whose api range {str(plugin.manifest.api)!r} has no "
                f"end: the core API {following} would take it untried."
            ),
            hint=f'Ask its author for api = ">={CORE_API},<{following}", or pin its version.',
        )
