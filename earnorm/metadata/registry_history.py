"""A whole history of models, read from wherever it was kept, of which every entry was held against its hash."""

from collections.abc import Iterable
from typing import Self

from earnorm.errors import (
    AmbiguousModelError,
    UnknownModelError,
    UnknownRevisionError,
    UnknownVersionError,
)
from earnorm.metadata.chain import BEGINNING, HistoryEntry, State, replay
from earnorm.metadata.changes import ModelChange, compare_documents
from earnorm.metadata.model_document import ModelDocument
from earnorm.metadata.snapshot import Snapshot
from earnorm.metadata.version import ModelVersion

__all__ = ["RegistryHistory"]


class RegistryHistory:
    """What became of models, as a value: entries, versions, and every earlier state.

    A model is named by its key, or by its bare name where that fits one key only.
    """

    def __init__(
        self,
        steps: Iterable[tuple[HistoryEntry, ModelDocument | None]],
    ) -> None:
        self._steps = tuple(steps)
        self._versions: dict[str, list[ModelVersion]] = {}
        for entry, document in self._steps:
            versions = self._versions.setdefault(entry.key, [])
            if document is not None and entry.version == len(versions) + 1:
                versions.append(_version(entry, document))

    @classmethod
    def of(cls, entries: Iterable[HistoryEntry]) -> Self:
        """The history that has these entries; raises `HistoryError` at the first that was changed or does not fit."""
        state: State = {}
        return cls(replay(entries, state))

    @property
    def entries(self) -> tuple[HistoryEntry, ...]:
        """Every change, the oldest first."""
        return tuple(entry for entry, _ in self._steps)

    @property
    def revision(self) -> int:
        """The revision of the newest entry; 0 where there is none."""
        return self._steps[-1][0].revision if self._steps else 0

    @property
    def head(self) -> str:
        """The hash of the newest entry, which stands for all before it."""
        return self._steps[-1][0].hash if self._steps else BEGINNING

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all models that it tells of, also of those that are gone, in order."""
        return tuple(sorted(self._versions))

    def history(self, model: str | None = None) -> list[HistoryEntry]:
        """Every change, or those of one model, the oldest first."""
        key = None if model is None else self.find_key(model)
        return [entry for entry, _ in self._steps if key is None or entry.key == key]

    def versions(self, model: str) -> list[ModelVersion]:
        """The distinct documents that the model had, the oldest first."""
        return list(self._versions[self.find_key(model)])

    def snapshot(self) -> Snapshot:
        """The documents of all models after the newest entry."""
        return self._at(self.revision)

    def at(self, revision: int) -> Snapshot:
        """The documents of all models as they were; raises `UnknownRevisionError` for a later revision."""
        if not 0 <= revision <= self.revision:
            raise UnknownRevisionError(revision, newest=self.revision)
        return self._at(revision)

    def diff(self, model: str, before: int, after: int | None = None) -> tuple[ModelChange, ...]:
        """What changed between two versions of the model, or since one; raises `UnknownVersionError`."""
        versions = {one.number: one for one in self.versions(model)}
        own = (entry.version for entry in reversed(self.history(model)))
        newest = next((number for number in own if number is not None), 0)
        numbers = [before, newest if after is None else after]
        for number in numbers:
            if number not in versions:
                raise UnknownVersionError(self.find_key(model), number, known=list(versions))
        one, other = (versions[number].document for number in numbers)
        return compare_documents(one, other)

    def find_key(self, model: str) -> str:
        """The key for a key or a bare name; raises `UnknownModelError` or `AmbiguousModelError`."""
        if model in self._versions:
            return model
        found = [key for key in self.keys if key.rpartition(".")[2] == model]
        if len(found) > 1:
            raise AmbiguousModelError(model, found)
        if not found:
            raise UnknownModelError(model, known=self.keys)
        return found[0]

    def _at(self, revision: int) -> Snapshot:
        documents: dict[str, ModelDocument] = {}
        for entry, document in self._steps:
            if entry.revision > revision:
                break
            if document is None:
                documents.pop(entry.key, None)
            else:
                documents[entry.key] = document
        return Snapshot.of(revision, documents)

    def __len__(self) -> int:
        return len(self._steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RegistryHistory) and self.head == other.head

    def __hash__(self) -> int:
        return hash(self.head)

    def __repr__(self) -> str:
        return f"<RegistryHistory up to revision {self.revision}: {len(self)} entries>"


def _version(entry: HistoryEntry, document: ModelDocument) -> ModelVersion:
    assert entry.version is not None  # an entry with a document has one
    return ModelVersion(
        key=entry.key,
        number=entry.version,
        document=document,
        revision=entry.revision,
        time=entry.time,
        code_version=entry.code_version,
        why=entry.why,
    )
