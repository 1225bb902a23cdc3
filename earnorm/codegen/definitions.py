"""Finds the models that modules define, by the names under which others can import them."""

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from earnorm.models import BaseModel, EmbeddedModel, TypedModel

__all__ = ["find_definitions", "key_of"]


def find_definitions(modules: Iterable[ModuleType]) -> list[type[Any]]:
    """The concrete models and the embedded models that the modules define, by key.

    Left out is what no other module can name (a class inside a function, one that was replaced), and
    what type checkers understand as it is: subclasses of `TypedModel`.
    """
    found = {key_of(cls): cls for module in modules for cls in _classes(module, module.__name__)}
    return [found[key] for key in sorted(found) if _is_definition(found[key])]


def key_of(cls: type[Any]) -> str:
    """`module.qualname`."""
    return f"{cls.__module__}.{cls.__qualname__}"


def _classes(holder: Any, module: str, prefix: str = "") -> Iterator[type[Any]]:
    """The classes that the module or class holds under their own names, and those inside them."""
    for name, value in list(vars(holder).items()):
        qualname = f"{prefix}{name}"
        if isinstance(value, type) and (value.__module__, value.__qualname__) == (module, qualname):
            yield value
            yield from _classes(value, module, f"{qualname}.")


def _is_definition(cls: type[Any]) -> bool:
    if not issubclass(cls, (BaseModel, EmbeddedModel)) or issubclass(cls, TypedModel):
        return False
    metadata = vars(cls).get("__metadata__")
    return cls.__embedded__ or (metadata is not None and not metadata.abstract)
