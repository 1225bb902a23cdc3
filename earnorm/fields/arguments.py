"""The arguments with which a field can be made again."""

import inspect
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

__all__ = ["read_arguments"]


def read_arguments(field: Any, root: type) -> dict[str, Any]:
    """The arguments that a field keeps as attributes under the names of the parameters of its class.

    What is as its default is left out. `root` is the class above which no constructor is asked.
    """
    found = {}
    for name, default in _parameters(type(field), root).items():  # type: ignore[arg-type] # a class can be hashed
        value = getattr(field, name, default)
        is_default = value is default or (type(value) is type(default) and value == default)
        if not is_default:
            found[name] = value
    return found


@lru_cache(maxsize=1_000)
def _parameters(kind: type, root: type) -> dict[str, Any]:
    """The parameters of the constructor and of those that it passes options on to, with their defaults."""
    return dict(reversed(list(_walk(kind, root))))


def _walk(kind: type, root: type) -> Iterator[tuple[str, Any]]:
    for base in kind.__mro__:
        if "__init__" not in vars(base) or not issubclass(base, root):
            continue
        parameters = list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]
        for one in parameters:
            if one.kind is not one.VAR_KEYWORD:
                yield one.name, None if one.kind is one.VAR_POSITIONAL else one.default
        if not any(one.kind is one.VAR_KEYWORD for one in parameters):
            return
