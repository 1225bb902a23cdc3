"""Pickles the instances of models that were not written as classes."""

import importlib
import sys
from pickle import PicklingError, UnpicklingError
from typing import Any

from earnorm.model_registry import registry

__all__ = ["reduce_instance"]


def reduce_instance(instance: Any, protocol: Any) -> Any:
    """What `__reduce_ex__` gives: pickle finds the class in its module, else in the default registry.

    Raises `PicklingError` for a class that is in neither.
    """
    state = object.__reduce_ex__(instance, max(int(protocol), 2))[2]
    return _make, (_Found(type(instance)),), state


class _Found:
    """A class that is pickled by its key; a copy of an instance has the class itself."""

    def __init__(self, model: type[Any]) -> None:
        self.model = model

    def __deepcopy__(self, memo: object) -> "_Found":
        return self

    def __reduce__(self) -> Any:
        module, name = self.model.__module__, self.model.__qualname__
        if _find(module, name) is not self.model:
            raise PicklingError(
                f"{module}.{name} was created by create_model, and another process would not find it: neither "
                f"does the module {module!r} hold it under {name!r}, nor is it registered on the default "
                f"registry. Keep it there: {name} = registry.create_model({name!r}, ...)."
            )
        return _load, (module, name)


def _make(found: _Found) -> Any:
    return object.__new__(found.model)


def _load(module: str, name: str) -> _Found:
    if module not in sys.modules and module != "__main__":
        try:
            importlib.import_module(module)
        except ImportError as error:
            reason = f"{module}.{name} cannot be unpickled: its module is not found here. Create the model first."
            if f"{module}.{name}" not in registry:
                raise UnpicklingError(reason) from error
    model = _find(module, name)
    if model is None:
        raise UnpicklingError(
            f"{module}.{name} cannot be unpickled: it was created by create_model, and has not been here. Create it first."
        )
    return _Found(model)


def _find(module: str, name: str) -> type[Any] | None:
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if isinstance(found, type):
        return found
    key = f"{module}.{name}"
    return registry.get_model(key) if key in registry else None
