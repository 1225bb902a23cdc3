"""The methods under `validates` that a document names."""

from types import FunctionType
from typing import Any

from earnorm.metadata.value_forms import IMPORT, OPAQUE
from earnorm.models.rebuilding.reading import Reading
from earnorm.models.validates import validates

__all__ = ["read_methods"]


def read_methods(
    facts: dict[str, Any], reading: Reading, path: str, base: type
) -> dict[str, FunctionType]:
    """The methods by name, marked with the fields that they look at; `base` is what every such class inherits."""
    methods = {}
    described = reading.mapping(facts.get("methods", {}), f"{path}methods")
    for name, form in described.items():
        below = f"{path}methods.{name}"
        found = len(reading.faults)
        written = reading.mapping(form, below)
        fields = [reading.text(one, below) for one in reading.items(written.get("fields"), below)]
        function = _function(written, reading, below)
        if not name.isidentifier() or name.startswith("__") or hasattr(base, name):
            reading.refuse(below, "has a name that no validator can have")
        if len(reading.faults) == found and fields:
            methods[name] = validates(*fields)(_copied(function))
    return methods


def _function(written: dict[str, Any], reading: Reading, path: str) -> Any:
    if OPAQUE in written:
        message = "cannot be imported. Define the model in code, or the method in a class at the top of a module"
        return reading.refuse(path, f"is {written[OPAQUE]}, which {message}", "opaque")
    function = reading.find(written.get(IMPORT), path)
    if function is None:
        return None
    if not isinstance(function, FunctionType):
        return reading.refuse(path, f"is {written[IMPORT]}, which is no method")
    if "__class__" in function.__code__.co_freevars:
        message = "is a method that calls super(), which works in its own class only. Define the model in code"
        return reading.refuse(path, message)
    return function


def _copied(function: Any) -> FunctionType:
    """The same function, to be marked for another class."""
    copied = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copied.__qualname__ = function.__qualname__
    copied.__module__ = function.__module__
    copied.__doc__ = function.__doc__
    copied.__kwdefaults__ = function.__kwdefaults__
    copied.__annotations__ = dict(function.__annotations__)
    return copied
