"""What a registry keeps of one model."""

import weakref
from collections.abc import Iterable
from typing import Any

from earnorm.errors import ModelDefinitionError
from earnorm.metadata import Metadata
from earnorm.model_registry.protocol import Model

__all__ = ["Entry", "bare_name", "children_first", "is_local", "metadata_of"]

Held = weakref.ref[type[Model]]


class Entry:
    """A model and its metadata as they were when it was entered; never changed, so it is read without a lock."""

    __slots__ = ("held", "key", "known", "model", "targets")

    def __init__(self, model: type[Model], held: Held | None = None) -> None:
        """`held` refers to a model that is to be held weakly, with its metadata, which leads back to it."""
        metadata = model.__metadata__
        self.key = metadata.key
        self.targets = tuple({bare_name(rel.target): None for rel in metadata.relationships})
        """The bare names of what the model refers to."""
        self.held = held
        self.model = model if held is None else None
        self.known = metadata if held is None else None

    @property
    def current(self) -> type[Model] | None:
        """The model; None when it is gone."""
        return self.model or (self.held() if self.held is not None else None)

    @property
    def metadata(self) -> Metadata | None:
        """The metadata of the model; None when it is gone."""
        if self.known is not None:
            return self.known
        model = self.current
        return None if model is None else model.__metadata__


def metadata_of(model: Any) -> Metadata:
    """The metadata of a model; raises `ModelDefinitionError` for anything else."""
    metadata = getattr(model, "__metadata__", None)
    if not isinstance(metadata, Metadata):
        raise ModelDefinitionError(
            "is not a model. Pass a subclass of BaseModel, or its name.", model=repr(model)
        )
    return metadata


def children_first(models: Iterable[type[Model]]) -> list[type[Model]]:
    """The models in the order in which history tells of changes that were one.

    What comes between two of them can be built again: a child that has what its parent has not yet, or no longer, and
    never a child without its parent.
    """
    return sorted(models, key=lambda model: len(model.__mro__), reverse=True)


def is_local(key: str) -> bool:
    """Whether the class was defined inside a function."""
    return "<locals>" in key


def bare_name(key: str) -> str:
    """The last part of a key or of a dotted name."""
    return key.rpartition(".")[2]
