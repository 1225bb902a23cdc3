"""A model class as its fields see it."""

from typing import Any, Protocol

__all__ = ["FieldOwner"]


class FieldOwner(Protocol):
    """The class that a bound field belongs to."""

    __name__: str
    __qualname__: str
    __module__: str

    def __find_model__(self, target: str) -> Any:
        """The model that a reference called `target` means here; raises `UnknownModelError`."""
        ...
