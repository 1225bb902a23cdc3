"""A whole history of models, read from wherever it was kept, of which every entry was held against its hash."""

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import Self

from earnorm.errors import AmbiguousModelError, UnknownModelError, UnknownRevisionError
from earnorm.metadata.chain import BEGINNING, Checkpoint, HistoryEntry, State, replay
from earnorm.metadata.changes import ModelChange
from earnorm.metadata.folding import Step, fold_steps
from earnorm.metadata.model_document import ModelDocument
from earnorm.metadata.snapshot import Snapshot, place_document
from earnorm.metadata.version import ModelVersion, compare_versions

__all__ = ["RegistryHistory"]


class RegistryHistory:
    """What became of models, as a value: entries, versions, and every earlier state that was not folded.

    A model is named by its key, or by its bare name where that fits one key only. `checkpoint` says up to where it
    was folded, None where it was not.
    """

    def __init__(self, steps: Iterable[Step], *, checkpoint: Checkpoint | None = None) -> None:
        self.checkpoint = checkpoint
        self._steps = tuple(steps)
        self._versions: dict[str, dict[int, ModelVersion]] = {}
        self._counts: dict[str, int] = {}
        for entry, document in self._steps:
            versions = self._versions.setdefault(entry.key, {})
            if document is not None and entry.version is not None:
                versions.setdefault(entry.version, _version(entry, document, entry.version))
            counts = (self._counts.get(entry.key, 0), len(entry.versions or ()), entry.version or 0)
            self._counts[entry.key] = max(counts)

    @classmethod
    def of(cls, entries: Iterable[HistoryEntry], *, checkpoint: Checkpoint | None = None) -> Self:
        """The history that has these entries; raises `HistoryError` at the first that was changed or does not fit."""
        state: State = {}
        return cls(replay(entries, state, checkpoint=checkpoint), checkpoint=checkpoint)

    @property
    def entries(self) -> tuple[HistoryEntry, ...]:
        """Every change, the oldest first; of what was folded, the newest of each model."""
        return tuple(entry for entry, _ in self._steps)

    @property
    def revision(self) -> int:
        """The revision of the newest entry; 0 where there is none."""
        return self._steps[-1][0].revision if self._steps else 0

    @property
    def oldest(self) -> int:
        """The first revision that it can tell of: 0, or that of the checkpoint."""
        return 0 if self.checkpoint is None else self.checkpoint.revision

    @property
    def head(self) -> str:
        """The hash of the newest entry, which stands for all before it."""
        return self.hash_at(self.revision) or BEGINNING

    def hash_at(self, revision: int) -> str | None:
        """The hash by which the entry of this revision is named by the next one; None where it has none."""
        if self.checkpoint is not None and revision <= self.checkpoint.revision:
            return self.checkpoint.head if revision == self.checkpoint.revision else None
        found = (entry.hash for entry, _ in reversed(self._steps) if entry.revision == revision)
        return next(found, None)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all models that it tells of, also of those that are gone, in order."""
        return tuple(sorted(self._versions))

    def history(self, model: str | None = None) -> list[HistoryEntry]:
        """Every change, or those of one model, the oldest first."""
        key = None if model is None else self.find_key(model)
        return [entry for entry, _ in self._steps if key is None or entry.key == key]

    def versions(self, model: str) -> list[ModelVersion]:
        """The distinct documents that the model had, the oldest first, without those that went by folding."""
        return [version for _, version in sorted(self._versions[self.find_key(model)].items())]

    def snapshot(self) -> Snapshot:
        """The documents of all models after the newest entry."""
        return self._at(self.revision)

    def at(self, revision: int) -> Snapshot:
        """The documents of all models as they were; raises `UnknownRevisionError` for a later revision, or a folded one."""
        if not self.oldest <= revision <= self.revision:
            raise UnknownRevisionError(revision, newest=self.revision, oldest=self.oldest)
        return self._at(revision)

    def diff(self, model: str, before: int, after: int | None = None) -> tuple[ModelChange, ...]:
        """What changed between two versions of the model, or since one; raises `UnknownVersionError`."""
        key = self.find_key(model)
        if after is None:
            own = (entry.version for entry in reversed(self.history(key)))
            after = next((number for number in own if number is not None), 0)
        return compare_versions(key, self.versions(key), before, after, count=self._counts[key])

    def find_folded(self, before: datetime) -> int:
        """The revision up to which it can be folded for all that goes to be older; `oldest` where nothing is."""
        older = takewhile(lambda entry: entry.time < before, self.entries)
        return max([self.oldest, *(entry.revision for entry in older)])

    def folded(self, revision: int) -> Self:
        """The same history, folded up to the entry of this revision; raises `UnknownRevisionError` where it has none."""
        if revision == self.oldest:
            return self
        position = self._position(revision)
        old, rest = self._steps[:position], self._steps[position:]
        checkpoint, folded = fold_steps(old, head=old[-1][0].hash)
        return type(self)([*folded, *rest], checkpoint=checkpoint)

    def find_key(self, model: str) -> str:
        """The key for a key or a bare name; raises `UnknownModelError` or `AmbiguousModelError`."""
        if model in self._versions:
            return model
        found = [key for key in self.keys if key.rpartition(".")[2] == model]
        if len(found) > 1:
            raise AmbiguousModelError(model, found)
        if not found:
            raise UnknownModelError(model, known=self.keys, in_history=True)
        return found[0]

    def _position(self, revision: int) -> int:
        """How many steps there are up to the entry of this revision."""
        for position, (entry, _) in enumerate(self._steps, 1):
            if entry.revision == revision > self.oldest:
                return position
        raise UnknownRevisionError(revision, newest=self.revision, oldest=self.oldest)

    def _at(self, revision: int) -> Snapshot:
        documents: dict[str, ModelDocument] = {}
        for entry, document in self._steps:
            if entry.revision > revision:
                break
            place_document(documents, entry.key, document)
        return Snapshot.of(revision, documents)

    def __len__(self) -> int:
        return len(self._steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RegistryHistory) and self._ends == other._ends

    def __hash__(self) -> int:
        return hash(self._ends)

    @property
    def _ends(self) -> tuple[str, str | None]:
        return self.head, None if self.checkpoint is None else self.checkpoint.hash

    def __repr__(self) -> str:
        return f"<RegistryHistory up to revision {self.revision}: {len(self)} entries>"


def _version(entry: HistoryEntry, document: ModelDocument, number: int) -> ModelVersion:
    return ModelVersion(
        key=entry.key,
        number=number,
        document=document,
        revision=entry.revision,
        time=entry.time,
        code_version=entry.code_version,
        why=entry.why,
    )
