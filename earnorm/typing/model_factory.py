"""The seam that looks upward for dynamic models: what a registry may ask of the floor that builds them."""

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["ModelFactory"]


class ModelFactory(Protocol):
    """Makes model classes out of values; `earnorm.models` gives one to every registry."""

    def create(
        self,
        name: str,
        *,
        registry: Any,
        module: str,
        fields: Mapping[str, Any],
        meta: Mapping[str, Any],
        bases: tuple[type, ...],
        doc: str | None,
    ) -> type[Any]:
        """The model `name` of `module`, at home in `registry` and registered there."""
        ...
