"""Where a stored history ends, and what comes next."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from earnorm.clock import now
from earnorm.metadata import BEGINNING, HistoryEntry, ModelDocument, make_patch
from earnorm.typing import Document

__all__ = ["PARTS", "HistoryEnd", "ModelEnd", "Origin", "OriginOf"]

Change = tuple[str, ModelDocument | None]

PARTS: Document = {"operation": 1, "key": 1, "version": 1, "fingerprint": 1, "hash": 1}
"""What is read of the stored entries to know where they end."""


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
    """The newest entry of a history, and of each model what is its newest document."""

    def __init__(self) -> None:
        self.revision = 0
        self.hash = BEGINNING
        self.models: dict[str, ModelEnd] = {}

    def add(self, stored: Document) -> None:
        """Takes the next entry into account, by those of its parts that are read."""
        self.revision, self.hash = int(stored["_id"]), stored["hash"]
        model = self.models.setdefault(stored["key"], ModelEnd())
        model.fingerprint = stored["fingerprint"]
        model.is_retired = stored["operation"] == "retired"
        if model.fingerprint is not None:
            model.versions.setdefault(model.fingerprint, stored["version"])

    def differing(self, documents: Mapping[str, ModelDocument], *, complete: bool) -> list[Change]:
        """The documents that are not the newest of their models; with `complete` also the models that are gone."""
        changed: list[Change] = [
            (key, document)
            for key, document in documents.items()
            if self.model(key).fingerprint != document.fingerprint or self.model(key).is_retired
        ]
        if complete:
            there = (key for key, model in self.models.items() if model.fingerprint is not None)
            changed += [(key, None) for key in there if key not in documents]
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
                operation=_operation(before, after, is_retired=self.model(key).is_retired),
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

    def _version(self, key: str, document: ModelDocument) -> int:
        versions = self.model(key).versions
        return versions.get(document.fingerprint, len(versions) + 1)


_NOTHING = ModelEnd()


def _operation(before: Mapping[str, Any], after: Mapping[str, Any], *, is_retired: bool) -> str:
    if not after:
        return "unregistered"
    return "changed" if before and not is_retired else "registered"
