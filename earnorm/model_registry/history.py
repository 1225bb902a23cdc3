"""Keeps what happened to the models of one registry, and makes versions and entries of it when it is asked."""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from earnorm.clock import now
from earnorm.errors import ModelDocumentError
from earnorm.metadata import (
    BEGINNING,
    HistoryEntry,
    ModelDocument,
    ModelVersion,
    Snapshot,
    describe_model,
    make_patch,
    operation_between,
    place_document,
)

__all__ = ["History", "because"]


@contextmanager
def because(why: str) -> Iterator[None]:
    """Within the block, in this task and those it starts, the history says why models change."""
    token = _why.set(why)
    try:
        yield
    finally:
        _why.reset(token)


_why: ContextVar[str | None] = ContextVar("earnorm_why", default=None)


@dataclass(slots=True)
class _Noted:
    """A change that nobody has asked for yet; the model is described when somebody does, or before it goes."""

    revision: int
    time: datetime
    key: str
    code_version: str | None
    why: str | None
    model: Any = None
    document: ModelDocument | None = None
    held: Any = None
    """A weak reference to the model, and how often it had been extended."""
    is_lost: bool = False
    """Whether it changed before it could be described, so that nobody will."""

    def describe(self) -> ModelDocument | None:
        """The document of the model, None for one that was taken away."""
        model = self.model
        if self.document is None and model is not None:
            document = describe_model(model)
            if self.document is None:
                # Else it was settled meanwhile, before the model changed.
                self.document = document
            self.model = None
        return self.document

    def is_of(self, model: Any) -> bool:
        """Whether it tells of this class as it is now."""
        return self.held is not None and self.held == (weakref.ref(model), model.__extended__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An entry without its patch, which would hold every document twice."""

    noted: _Noted
    version: int | None
    before: ModelDocument | None

    def entry(self, previous: str) -> HistoryEntry:
        """The entry as it is read; `previous` is the hash of the one before."""
        key, document = self.noted.key, self.noted.document
        before, after = _state(key, self.before), _state(key, document)
        return HistoryEntry(
            revision=self.noted.revision,
            time=self.noted.time,
            operation=operation_between(before, after),
            key=key,
            version=self.version,
            fingerprint=None if document is None else document.fingerprint,
            patch=make_patch(before, after),
            previous=previous,
            code_version=self.noted.code_version,
            why=self.noted.why,
        )


class History:
    """The history of one registry, in memory.

    Writing down a change costs as good as nothing: documents are made when something of the past is read, or right
    before a model is replaced, and the chain of hashes when entries are. A change that leaves the document as it was is
    none.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: list[_Noted] = []
        self._latest: dict[str, _Noted] = {}
        self._kept: list[_Kept] = []
        self._previous = [BEGINNING]  # the hash before each entry, as far as entries were read
        self._documents: dict[str, ModelDocument] = {}
        self._versions: dict[str, list[ModelVersion]] = {}

    def note(self, key: str, model: Any | None, *, revision: int, code_version: str | None) -> None:
        """Says that the model is registered under the key now, or with None that it is no longer."""
        held = None if model is None else (weakref.ref(model), model.__extended__)
        noted = _Noted(revision, now(), key, code_version, _why.get(), model, held=held)
        self._latest[key] = noted
        self._noted.append(noted)

    def settle(self, key: str) -> None:
        """Describes the model as it is, which is about to change or to go."""
        noted = self._latest.get(key)
        if noted is not None:
            try:
                noted.describe()
            except ModelDocumentError:
                # Who reads the history before is told; a class line that has nothing to do with it is not stopped.
                noted.model, noted.is_lost = None, True

    def document(self, model: Any) -> ModelDocument | None:
        """The document of a model as it is, where the history has it."""
        noted = self._latest.get(model.__metadata__.key)
        return noted.describe() if noted is not None and noted.is_of(model) else None

    def entries(self, key: str | None = None) -> list[HistoryEntry]:
        """Every change, or those of one model, the oldest first."""
        with self._lock:
            self._keep_up()
            for one in self._kept[len(self._previous) - 1 :]:
                self._previous.append(one.entry(self._previous[-1]).hash)
            kept = list(zip(self._kept, self._previous, strict=False))
        return [one.entry(before) for one, before in kept if key in (None, one.noted.key)]

    def versions(self, key: str) -> list[ModelVersion]:
        """The distinct documents of one model, the oldest first."""
        with self._lock:
            self._keep_up()
            return list(self._versions.get(key, ()))

    def newest(self, key: str) -> int:
        """The number of the version that one model had last; 0 for none."""
        with self._lock:
            self._keep_up()
            own = (one.version for one in reversed(self._kept) if one.noted.key == key)
            return next((number for number in own if number is not None), 0)

    def at(self, revision: int) -> Snapshot:
        """All documents as they were at a revision."""
        with self._lock:
            self._keep_up()
            documents: dict[str, ModelDocument] = {}
            for one in self._kept:
                if one.noted.revision > revision:
                    break
                place_document(documents, one.noted.key, one.noted.document)
        return Snapshot.of(revision, documents)

    def _keep_up(self) -> None:
        """Makes entries of what was noted since somebody asked last."""
        done = 0
        try:
            for noted in list(self._noted):
                self._keep(noted)
                done += 1
        finally:
            del self._noted[:done]

    def _keep(self, noted: _Noted) -> None:
        document, before = noted.describe(), self._documents.get(noted.key)
        if document == before or noted.is_lost:
            return
        version = None if document is None else self._version(noted, document)
        self._kept.append(_Kept(noted, version, before))
        place_document(self._documents, noted.key, document)

    def _version(self, noted: _Noted, document: ModelDocument) -> int:
        versions = self._versions.setdefault(noted.key, [])
        known = next((one.number for one in versions if one.document == document), None)
        if known is not None:
            return known
        version = ModelVersion(
            key=noted.key,
            number=len(versions) + 1,
            document=document,
            revision=noted.revision,
            time=noted.time,
            code_version=noted.code_version,
            why=noted.why,
        )
        versions.append(version)
        return version.number


def _state(key: str, document: ModelDocument | None) -> dict[str, Any]:
    return {} if document is None else {key: document.content}
