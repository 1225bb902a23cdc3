"""What a query makes of whole documents when it is not to make checked instances of them."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from earnorm.typing import Document, MutableDocument

__all__ = ["StoredDocuments", "TrustedInstances"]

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class StoredDocuments:
    """Documents as they are stored."""

    projection: None = None

    def read(self, document: Document) -> MutableDocument:
        """A dictionary with the stored names and values."""
        return dict(document)


@dataclass(frozen=True, slots=True)
class TrustedInstances(Generic[M]):
    """Instances of documents that are taken to fit the model."""

    model: type[M]
    projection: None = None

    def read(self, document: Document) -> M:
        """An instance, made without the tests of types."""
        model: Any = self.model
        instance: M = model.__codec__.load_trusted(document)
        return instance
