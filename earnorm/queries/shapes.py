"""What a query makes of whole documents when it is not to make checked instances of them."""

from dataclasses import dataclass
from typing import Any, TypeVar

from earnorm.errors import DocumentError, FieldFault, FilterError
from earnorm.typing import Document, MutableDocument, Shape

__all__ = ["Results", "StoredDocuments", "TrustedInstances", "result_shape"]

M = TypeVar("M")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class StoredDocuments(Shape[MutableDocument]):
    """Documents as they are stored."""

    projection: None = None
    reads_naive_dates: bool = False

    def read(self, document: Document) -> MutableDocument:
        """A dictionary with the stored names and values."""
        return dict(document)


@dataclass(frozen=True, slots=True)
class TrustedInstances(Shape[M]):
    """Instances of documents that are taken to fit the model."""

    model: type[M]
    projection: None = None
    reads_naive_dates: bool = True

    def read(self, document: Document) -> M:
        """An instance, made without the tests of types."""
        model: Any = self.model
        instance = model.__codec__.load_trusted(document)
        _tell_loaded(instance)
        found: M = instance
        return found

    def read_all(self, documents: list[MutableDocument]) -> list[M]:
        """Instances in the same list, each in the place of its document."""
        model: Any = self.model
        found: list[M] = model.__codec__.load_all(documents, trusted=True)
        for instance in found:
            _tell_loaded(instance)
        return found


@dataclass(frozen=True, slots=True)
class Results(Shape[R]):
    """Instances of an embedded model, whose fields are what an aggregation gives."""

    kind: type[R]
    projection: None = None
    reads_naive_dates: bool = False

    def read(self, document: Document) -> R:
        """An instance; raises `DocumentError` when the values do not fit its fields."""
        kind: Any = self.kind
        faults: list[FieldFault] = []
        instance: R = kind.__codec__.decode(document, "", faults)
        if faults:
            raise DocumentError(kind.__qualname__, document.get("_id"), faults)
        return instance


@dataclass(frozen=True, slots=True)
class _Instances(Shape[R]):
    """Checked instances of a model, whose documents an aggregation gives."""

    model: type[R]
    projection: None = None
    reads_naive_dates: bool = False

    def read(self, document: Document) -> R:
        model: Any = self.model
        instance: R = model.from_document(document)
        return instance


def result_shape(kind: type[Any] | None) -> Shape[Any]:
    """What `into` asks for: dictionaries for None; raises `FilterError` for what is no model."""
    if kind is None:
        return StoredDocuments()
    if isinstance(kind, type) and hasattr(kind, "__codec__"):
        is_embedded = getattr(kind, "__embedded__", False)
        return Results(kind) if is_embedded else _Instances(kind)
    raise FilterError(
        f"aggregate() makes its results into an EmbeddedModel, or instances of a model, not {kind!r}"
    )


def _tell_loaded(instance: Any) -> None:
    if instance.__plans__.after_load.implementations:
        instance.__loaded__()
