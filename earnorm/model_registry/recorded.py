"""What a registry tells of the past of its models."""

from typing import Any

from earnorm.errors import UnknownRevisionError
from earnorm.metadata import (
    HistoryEntry,
    ModelChange,
    ModelDocument,
    ModelVersion,
    Snapshot,
    compare_versions,
    describe_model,
)
from earnorm.model_registry.history import History
from earnorm.model_registry.protocol import Model
from earnorm.model_registry.sizes import RegistrySize, measure_size

__all__ = ["RecordedModels"]


class RecordedModels:
    """Documents, versions and history of the models of a registry.

    A class that was defined inside a function has a document, and no history: it is garbage at some time or other.
    """

    code_version: str | None = None
    """The version of the program whose models these are, for the history; set it before they are imported."""
    _history: History

    @property
    def revision(self) -> int:
        """Grows whenever models are added, changed or taken away: what was computed from them is stale then."""
        raise NotImplementedError

    def get_document(self, model: type[Model] | str) -> ModelDocument:
        """The model document: everything that is known of the model, hashed."""
        found: Any = self._find(model)
        return self._history.document(found) or describe_model(found)

    def get_versions(self, model: type[Model] | str) -> list[ModelVersion]:
        """The distinct documents that the model had here, the oldest first; by key also of one that is gone."""
        return self._history.versions(self._key(model))

    def history(self, model: type[Model] | str | None = None) -> list[HistoryEntry]:
        """What became of the models, or of one, the oldest change first; by key also of one that is gone."""
        return self._history.entries(None if model is None else self._key(model))

    def size(self) -> RegistrySize:
        """How large the registry is, model by model: fields, indexes, versions, bytes, and what its class line took."""
        models = self.get_all_models()
        documents = [self.get_document(model) for model in models]
        versions = [len(self._history.versions(model.__metadata__.key)) for model in models]
        return measure_size(models, documents, versions)

    def snapshot(self) -> Snapshot:
        """The documents of all models as they are now."""
        return self._history.at(self.revision)

    def at(self, revision: int) -> Snapshot:
        """The documents of all models as they were at a revision; raises `UnknownRevisionError` for a later one."""
        if not 0 <= revision <= self.revision:
            raise UnknownRevisionError(revision, newest=self.revision)
        return self._history.at(revision)

    def diff(
        self, model: type[Model] | str, before: int, after: int | None = None
    ) -> tuple[ModelChange, ...]:
        """What changed between two versions of the model, or since one; `judge` says what that asks for.

        Raises `UnknownVersionError`.
        """
        key = self._key(model)
        versions = self._history.versions(key)
        newest = self._history.newest(key) if after is None else after
        return compare_versions(key, versions, before, newest, count=len(versions))

    def get_all_models(self) -> list[type[Model]]:
        """Every registered model, in the order of registration."""
        raise NotImplementedError

    def _find(self, model: type[Model] | str) -> type[Model]:
        raise NotImplementedError

    def _key(self, model: type[Model] | str) -> str:
        """The key of a registered model, or a key that the history knows."""
        if isinstance(model, str) and self._history.versions(model):
            return model
        return self._find(model).__metadata__.key
