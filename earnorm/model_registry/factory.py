"""The way from a registry to what makes its dynamic models."""

import sys
from typing import Any

from earnorm.errors import ModelDefinitionError
from earnorm.typing import ModelFactory

__all__ = ["calling_module", "factory_of"]


def factory_of(registry: Any, name: str) -> ModelFactory:
    """What makes models for the registry; raises `ModelDefinitionError` while nothing does."""
    factory: ModelFactory | None = registry.factory
    if factory is None:
        fault = "cannot be created, as nothing makes models yet. Import earnorm before."
        raise ModelDefinitionError(fault, model=name)
    return factory


def calling_module() -> str:
    """The name of the module that called the caller."""
    # As `collections.namedtuple` does it: a class line knows its module, and a call has no other way.
    name = sys._getframe(2).f_globals.get("__name__", "__main__")
    return str(name)
