"""The way from a registry to what makes its dynamic models."""

import sys
from typing import Any

from earnorm.errors import ModelDefinitionError
from earnorm.typing import ModelFactory

__all__ = ["calling_module", "factory_of", "given_name"]


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


def given_name(name: str | None, document: Any, **given: Any) -> str:
    """What the model to be created is called; raises `TypeError` for a document and something beside it."""
    if document is None:
        if name is None:
            raise TypeError(
                "create_model takes the name of the model, or the document of one: document=..."
            )
        return name
    beside = [one for one, value in {"name": name, **given}.items() if value]
    if beside:
        raise TypeError(
            f"create_model takes a document alone, and has {', '.join(beside)} beside it. The document says all "
            "that a model is; change its content, or give name and fields."
        )
    return "the model of the document"
