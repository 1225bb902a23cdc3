"""Checks of models that share a collection."""

from collections.abc import Iterator
from typing import Any

from earnorm.fields import Field
from earnorm.metadata import Finding, Metadata
from earnorm.model_registry.checks.subject import Subject

__all__ = ["find_clashing_shapes", "find_shared_collections"]


def find_clashing_shapes(subject: Subject) -> Iterator[Finding]:
    """Fields of models of one collection that have one stored name and different types."""
    for models in _by_collection(subject).values():
        first: dict[str, tuple[Metadata, str, Field[Any]]] = {}
        for metadata in models if len(models) > 1 else ():
            for name, field in metadata.fields.items():
                other, there, known = first.setdefault(field.stored_name, (metadata, name, field))
                if other is not metadata and _kind(field) is not _kind(known):
                    yield Finding(
                        id="earnorm.C001",
                        level="error",
                        model=metadata.key,
                        field=name,
                        message=(
                            f"is {field.expects} in {metadata.collection}.{field.stored_name}, and {other.key}.{there} "
                            f"keeps {known.expects} there."
                        ),
                        hint="Give both fields one type, or one of them another alias, or its model another collection.",
                    )


def find_shared_collections(subject: Subject) -> Iterator[Finding]:
    """Models of one collection whose documents nothing tells apart: two origins want one discriminator."""
    for collection, models in _by_collection(subject).items():
        known: dict[str | None, Metadata] = {}
        for metadata in models:
            other = known.setdefault(metadata.discriminator, metadata)
            if other is not metadata and _root(other) != _root(metadata):
                yield Finding(
                    id="earnorm.C002",
                    level="warning",
                    model=metadata.key,
                    message=(
                        f"and {other.key} both want the documents of {collection!r} that carry "
                        f"{_said(metadata.discriminator)}: a query of one finds those of the other."
                    ),
                    hint="Give one of them another Meta.collection, or let both inherit one model.",
                )


def _by_collection(subject: Subject) -> dict[str, list[Metadata]]:
    found: dict[str, list[Metadata]] = {}
    for metadata in subject.metadata():
        found.setdefault(metadata.collection, []).append(metadata)
    return found


def _root(metadata: Metadata) -> str:
    return metadata.root or metadata.key


def _said(discriminator: str | None) -> str:
    return "no discriminator" if discriminator is None else f"the discriminator {discriminator!r}"


def _kind(field: Field[Any]) -> type:
    """The most general field type that it is: an e-mail address is stored as any other text."""
    above = [one for one in type(field).__mro__ if one is not Field and issubclass(one, Field)]
    return above[-1]
