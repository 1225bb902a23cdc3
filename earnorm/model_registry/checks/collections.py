"""Checks of models that share a collection."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from earnorm.fields import Field
from earnorm.metadata import Finding, Metadata
from earnorm.model_registry.checks.subject import Subject
from earnorm.model_registry.origins import Origins

__all__ = [
    "clashing_shapes",
    "find_clashing_shapes",
    "find_shared_collections",
    "shared_collections",
]

Origin: TypeAlias = Callable[[Metadata], str]
"""Says in parentheses where a model comes from, or nothing."""

Conflict: TypeAlias = tuple[Metadata, Metadata, Finding]
"""The model that a finding is about, and the one that it is held against."""


def find_clashing_shapes(subject: Subject) -> Iterator[Finding]:
    """Fields of models of one collection that have one stored name and different types."""
    return (finding for *_, finding in clashing_shapes(subject.metadata(), _distributions()))


def find_shared_collections(subject: Subject) -> Iterator[Finding]:
    """Models of one collection whose documents nothing tells apart: two origins want one discriminator."""
    return (finding for *_, finding in shared_collections(subject.metadata(), _distributions()))


def clashing_shapes(every: Iterable[Metadata], origin: Origin) -> Iterator[Conflict]:
    """Fields whose type is not that of the first model which stores something under their name."""
    for models in _by_collection(every).values():
        first: dict[str, tuple[Metadata, str, Field[Any]]] = {}
        for metadata in models if len(models) > 1 else ():
            for name, field in metadata.fields.items():
                other, there, known = first.setdefault(field.stored_name, (metadata, name, field))
                if other is not metadata and _kind(field) is not _kind(known):
                    yield (
                        metadata,
                        other,
                        Finding(
                            id="earnorm.C001",
                            level="error",
                            model=metadata.key,
                            field=name,
                            message=(
                                f"is {field.expects} in {metadata.collection}.{field.stored_name}{origin(metadata)}, and "
                                f"{other.key}.{there}{origin(other)} keeps {known.expects} there."
                            ),
                            hint="Give both fields one type, or one of them another alias, or its model another collection.",
                        ),
                    )


def shared_collections(every: Iterable[Metadata], origin: Origin) -> Iterator[Conflict]:
    """Models that want the documents of the first one with their discriminator."""
    for collection, models in _by_collection(every).items():
        known: dict[str | None, Metadata] = {}
        for metadata in models:
            other = known.setdefault(metadata.discriminator, metadata)
            if _is_strange(metadata, other):
                yield (
                    metadata,
                    other,
                    Finding(
                        id="earnorm.C002",
                        level="warning",
                        model=metadata.key,
                        message=(
                            f"{origin(metadata)} and {other.key}{origin(other)} both want the documents of "
                            f"{collection!r} that carry {_said(metadata.discriminator)}: a query of one finds those of "
                            "the other."
                        ).lstrip(),
                        hint="Give one of them another Meta.collection, or let both inherit one model.",
                    ),
                )


def _distributions() -> Origin:
    origins = Origins()

    def origin(metadata: Metadata) -> str:
        names = origins.named(metadata.module)
        return f" ({', '.join(names)})" if names else ""

    return origin


def _is_strange(metadata: Metadata, other: Metadata) -> bool:
    """Whether the two are neither one model, as two registries may have it, nor of one tree without discriminators."""
    if metadata.key == other.key:
        return False
    return metadata.discriminator is not None or _root(metadata) != _root(other)


def _by_collection(every: Iterable[Metadata]) -> dict[str, list[Metadata]]:
    found: dict[str, list[Metadata]] = {}
    for metadata in every:
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
