"""What the environment switches off: read whenever a model is defined."""

import os
import warnings
from collections.abc import Iterator, Sequence

from earnorm.errors import PluginDisabledError, PluginIgnoredWarning

__all__ = [
    "AUTOLOAD",
    "DISABLED",
    "IGNORED",
    "SWITCHES",
    "autoloads",
    "check_enabled",
    "without_ignored",
]

AUTOLOAD = "EARNORM_PLUGIN_AUTOLOAD"
"""With `0` no installed plugin is found."""

DISABLED = "EARNORM_PLUGINS_DISABLED"
"""Names of plugins that no model may have, separated by commas."""

IGNORED = "EARNORM_PLUGINS_IGNORED"
"""Names of plugins that models go without although they name them, separated by commas."""


SWITCHES = (AUTOLOAD, DISABLED, IGNORED)
"""All of them."""


def autoloads() -> bool:
    """Whether installed plugins are found."""
    return os.environ.get(AUTOLOAD, "") != "0"


def check_enabled(name: str, *, model: str) -> None:
    """Raises `PluginDisabledError` for a plugin that no model may have, or that models go without."""
    for variable in (DISABLED, IGNORED):
        if name in _listed(variable):
            raise PluginDisabledError(name, model=model, variable=variable)


def without_ignored(names: Sequence[str], *, model: str) -> list[str]:
    """The names that are left, with a `PluginIgnoredWarning` for each that is not."""
    ignored = set(_listed(IGNORED))
    for name in dict.fromkeys(names):
        if name in ignored:
            message = f"{model} goes without the plugin {name!r} that it names, because {IGNORED} says so."
            warnings.warn(message, PluginIgnoredWarning, stacklevel=6)  # the class line
    return [name for name in names if name not in ignored]


def _listed(variable: str) -> Iterator[str]:
    return filter(None, map(str.strip, os.environ.get(variable, "").split(",")))
