"""The seam that looks upward for dynamic models: what a registry may ask of the floor that builds them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

__all__ = ["Imports", "Listings", "ModelFactory"]

Imports = Collection[str] | Callable[[str], bool]
"""What a model document may have imported: modules and packages, or a function that is asked for each `module:name`."""


class Listings(Protocol):
    """The registries that list models which are about to be extended."""

    def begin(self, models: Collection[type[Any]]) -> None:
        """Called while the models are what they were."""
        ...

    def renew(self, models: Collection[type[Any]]) -> None:
        """Called when they are as they are to be; what it raises undoes that."""
        ...

    def undo(self, models: Collection[type[Any]]) -> None:
        """Called when they are again what they were."""
        ...


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
        schema: Mapping[str, Any] | None,
    ) -> type[Any]:
        """The model `name` of `module`, at home in `registry` and registered there."""
        ...

    def extend(
        self,
        model: type[Any],
        *,
        fields: Mapping[str, Any],
        meta: Mapping[str, Any],
        listings: Listings,
    ) -> None:
        """Adds fields and options to the model and to those that inherit it, or raises and changes nothing."""

    def create_from_document(self, document: Any, *, registry: Any, imports: Imports) -> type[Any]:
        """The model that a model document describes, at home in `registry` and registered there."""
        ...

    def create_from_snapshot(self, snapshot: Any, *, registry: Any, imports: Imports) -> None:
        """The models of all documents of a snapshot, at home in `registry` and registered there."""
        ...
