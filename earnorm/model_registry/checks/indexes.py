"""Checks of the indexes that models declare."""

from collections.abc import Iterator

from earnorm.fields import UniqueValidator
from earnorm.metadata import Finding
from earnorm.model_registry.checks.subject import Subject
from earnorm.typing import Index

__all__ = ["find_unbacked_validators", "find_useless_indexes"]


def find_useless_indexes(subject: Subject) -> Iterator[Finding]:
    """Indexes whose keys are the first ones of another index of the model, which serves the same queries."""
    for metadata in subject.metadata():
        for index in metadata.indexes:
            longer = next((one for one in metadata.indexes if _covers(one, index)), None)
            if longer is not None:
                yield Finding(
                    id="earnorm.I001",
                    level="warning",
                    model=metadata.key,
                    field=metadata.field_at(index.fields[0][0]),
                    message=f"the index {index.name!r} is the beginning of {longer.name!r}, which serves the same queries.",
                    hint=f"Take {index.name!r} out: every write has to keep it up.",
                )


def find_unbacked_validators(subject: Subject) -> Iterator[Finding]:
    """Unique validators that two writers at the same time get past."""
    for metadata in subject.metadata():
        for validator in metadata.validators:
            if not isinstance(validator, UniqueValidator) or metadata.has_index_behind(validator):
                continue
            keys = [(name, 1) for name in validator.fields]
            yield Finding(
                id="earnorm.I002",
                level="warning",
                model=metadata.key,
                field=validator.fields[0],
                message=(
                    f"UniqueValidator({', '.join(map(repr, validator.fields))}) has no unique index behind it: two writers "
                    "at the same time both pass it."
                ),
                hint=f"Add {{'fields': {keys}, 'unique': True}} to Meta.indexes.",
            )


def _covers(longer: Index, index: Index) -> bool:
    """Whether the longer index begins as the other one does, and takes in all of its documents in its order."""
    size = len(index.fields)
    if len(longer.fields) <= size or longer.fields[:size] != index.fields:
        return False
    # One that refuses or deletes documents, or one that others are made for, does more than serve queries.
    if index.unique or index.expire_after is not None or longer.expire_after is not None:
        return False
    if not all(isinstance(direction, int) for _, direction in longer.fields):
        return False
    # A sparse index of more keys takes in more documents than one of fewer; a query may need either.
    if index.sparse or longer.sparse:
        return False
    return index.partial == longer.partial and index.collation == longer.collation
