"""What tests of models, of plugins and of stores need. `StoreSuite` is imported when it is asked for."""

import importlib
from typing import TYPE_CHECKING

from earnorm.clock import frozen

if TYPE_CHECKING:
    from earnorm.testing.stores import StoreSuite

__all__ = ["StoreSuite", "frozen"]


def __getattr__(name: str) -> object:
    # The suite needs pytest, which tests of models and plugins may do without.
    if name == "StoreSuite":
        return importlib.import_module("earnorm.testing.stores").StoreSuite
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
