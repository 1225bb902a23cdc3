"""Checks of names that EarnORM keeps for itself, or that mean two things."""

from collections.abc import Iterator

from earnorm.metadata import Finding, Metadata
from earnorm.model_registry.checks.subject import Subject

__all__ = ["find_reserved_names", "find_shared_names"]

_OURS = "earnorm_"
_STORED = frozenset({"_id", "_type", "_revision"})


def find_reserved_names(subject: Subject) -> Iterator[Finding]:
    """Collections and stored names that a later release may want."""
    for metadata in subject.metadata():
        if metadata.collection.startswith(_OURS):
            yield Finding(
                id="earnorm.N001",
                level="error",
                model=metadata.key,
                message=f"keeps its documents in {metadata.collection!r}; names that start with {_OURS!r} are EarnORM's.",
                hint="Give it another Meta.collection.",
            )
        yield from _reserved_fields(metadata)


def find_shared_names(subject: Subject) -> Iterator[Finding]:
    """Bare names of models in several top-level packages: such a name alone means none of them."""
    by_name: dict[str, list[Metadata]] = {}
    for metadata in subject.metadata():
        by_name.setdefault(metadata.name, []).append(metadata)
    for name, found in by_name.items():
        packages = {one.module.partition(".")[0] for one in found}
        if len(packages) > 1:
            keys = sorted(one.key for one in found)
            yield Finding(
                id="earnorm.N003",
                level="info",
                model=keys[0],
                message=f"has the bare name {name!r} as {' and '.join(keys[1:])} of another package has.",
                hint="Refer to them by their keys, or rename one.",
            )


def _reserved_fields(metadata: Metadata) -> Iterator[Finding]:
    for name, field in metadata.fields.items():
        if field.stored_name.startswith("_") and field.stored_name not in _STORED:
            yield Finding(
                id="earnorm.N002",
                level="warning",
                model=metadata.key,
                field=name,
                message=f"is stored as {field.stored_name!r}; names that start with an underscore are EarnORM's.",
                hint="Give it an alias without the underscore.",
            )
