"""What tests of models, of plugins and of stores need. The suites are imported when they are asked for."""

import importlib
from typing import TYPE_CHECKING

from earnorm.clock import frozen
from earnorm.testing.clock import SettableClock
from earnorm.testing.isolation import isolated_registry
from earnorm.testing.recording import HookRecorder, RecordedCall

if TYPE_CHECKING:
    from earnorm.testing.plugins import PluginSuite
    from earnorm.testing.stores import StoreSuite

__all__ = [
    "RecordedCall",
    "HookRecorder",
    "PluginSuite",
    "SettableClock",
    "StoreSuite",
    "frozen",
    "isolated_registry",
]

# The suites need pytest, which tests of models and plugins may do without.
_SUITES = {"PluginSuite": "earnorm.testing.plugins", "StoreSuite": "earnorm.testing.stores"}


def __getattr__(name: str) -> object:
    if name in _SUITES:
        return getattr(importlib.import_module(_SUITES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
