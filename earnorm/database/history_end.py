"""Where a stored history ends, and what comes next."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from earnorm.clock import now
from earnorm.database.stored_parts import StoredParts
from earnorm.metadata import (
    BEGINNING,
    HistoryEntry,
    ModelDocument,
    make_patch,
    operation_between,
)
from earnorm.typing import Document

__all__ = ["PARTS", "HistoryEnd", "ModelEnd", "Origin", "OriginOf"]

Change = tuple[str, ModelDocument | None]

PARTS: Document = dict.fromkeys(
    ("operation", "key", "version", "fingerprint", "hash", "versions", "head", "digest"), 1
)
"""What is read of the stored entries, and of a checkpoint, to know where they end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is known of why a model is as it is."""

    code_version: str | None = None
    why: str | None = None


OriginOf = Callable[[str, ModelDocument | None], Origin]
"""Gives the origin of a model, by its key and the document that it has now, None where it is gone."""


@dataclass(slots=True)
class ModelEnd:
    """The newest fingerprint of a model, None for one that is gone, and its versions by fingerprint."""

    fingerprint: str | None = None
    is_retired: bool = False
    versions: dict[str, int] = field(default_factory=dict)


class HistoryEnd:
    """The newest entry of a history, and of each model what is its newest document.

    `folded` is the revision of the checkpoint, 0 without one.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.folded = 0
        self.hash = BEGINNING
        self.models: dict[str, ModelEnd] = {}

    @classmethod
    def of(cls, parts: StoredParts) -> Self:
        """The end of what is stored, by those of its parts that are read."""
        end = cls()
        for document in parts.folded:
            end._add(document)
        if parts.checkpoint is not None:
            end.revision = end.folded = int(parts.checkpoint["_id"])
            end.hash = parts.checkpoint["head"]
        for document in parts.entries:
            end._add(document)
            end.revision, end.hash = int(document["_id"]), document["hash"]
        return end

    def differing(self, documents: Mapping[str, ModelDocument], *, complete: bool) -> list[Change]:
        """The documents that are not the newest of their models; with `complete` also the models that are gone."""
        changed: list[Change] = [
            (key, document)
            for key, document in documents.items()
            if self.model(key).fingerprint != document.fingerprint or self.model(key).is_retired
        ]
        if complete:
            # in an order that does not depend on what was folded
            gone = sorted(self.models.keys() - documents.keys())
            changed += [(key, None) for key in gone if self.model(key).fingerprint is not None]
        return changed

    def entries(
        self,
        changes: Iterable[Change],
        contents: Mapping[str, Mapping[str, Any]],
        origin: OriginOf,
    ) -> list[HistoryEntry]:
        """The entries that say so, each after the one before; `contents` has what the changed models were."""
        entries: list[HistoryEntry] = []
        revision, previous, time = self.revision, self.hash, now()
        for key, document in changes:
            revision += 1
            known = origin(key, document)
            before = {key: contents[key]} if key in contents else {}
            after = {} if document is None else {key: document.content}
            entry = HistoryEntry(
                revision=revision,
                time=time,
                operation=self._operation(key, before, after),
                key=key,
                version=None if document is None else self._version(key, document),
                fingerprint=None if document is None else document.fingerprint,
                patch=make_patch(before, after),
                previous=previous,
                code_version=known.code_version,
                why=known.why,
            )
            entries.append(entry)
            previous = entry.hash
        return entries

    def model(self, key: str) -> ModelEnd:
        """How far the history of one model goes."""
        return self.models.get(key, _NOTHING)

    def _add(self, stored: Document) -> None:
        model = self.models.setdefault(stored["key"], ModelEnd())
        model.fingerprint = stored["fingerprint"]
        model.is_retired = stored["operation"] == "retired"
        for number, fingerprint in enumerate(stored.get("versions") or (), 1):
            model.versions.setdefault(fingerprint, number)
        if model.fingerprint is not None:
            model.versions.setdefault(model.fingerprint, stored["version"])

    def _operation(self, key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
        """What an entry says; one that leaves a model as it is marks it, and another one takes the mark away."""
        if self.model(key).is_retired:
            return operation_between({}, after)
        return "retired" if before == after else operation_between(before, after)

    def _version(self, key: str, document: ModelDocument) -> int:
        versions = self.model(key).versions
        return versions.get(document.fingerprint, len(versions) + 1)


_NOTHING = ModelEnd()
