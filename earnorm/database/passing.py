"""Finds the validating methods that a query update would pass by."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from earnorm.fields import EmbeddedField, Field, resolve_path
from earnorm.metadata import Metadata

__all__ = ["passed_methods"]


def passed_methods(metadata: Metadata, paths: Iterable[str]) -> Iterator[str]:
    """The methods under `validates` that look at a field which one of the stored paths changes.

    A path into an embedded model passes by the methods of that one as well. A value that takes the place
    of a whole embedded instance is checked by them.
    """
    for path in paths:
        head, _, _ = path.partition(".")
        for method, names in metadata.methods.items():
            if head in _stored(metadata.fields, names):
                yield method
        yield from _methods_below(metadata.fields, path)


def _methods_below(fields: Mapping[str, Field[Any]], path: str) -> Iterator[str]:
    parts = path.split(".")
    for end in range(1, len(parts)):
        below = [part for part in parts[end:] if not part.isdigit()]
        for model in _embedded_at(resolve_path(fields, ".".join(parts[:end]))[1]):
            for validator in model.__validators__:
                if below and below[0] in _stored(model.__codec__.fields, validator.fields):
                    yield f"{model.__qualname__}.{validator.name}"


def _embedded_at(field: Field[Any] | None) -> list[Any]:
    """The embedded models of a field, or of the items that it holds."""
    if field is None:
        return []
    if isinstance(field, EmbeddedField):
        return [model for _, model in field.variants()]
    return [model for name, one in field.inner_fields() if not name for model in _embedded_at(one)]


def _stored(fields: Mapping[str, Field[Any]], names: Iterable[str]) -> set[str]:
    return {fields[name].stored_name for name in names}
