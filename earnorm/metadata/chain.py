"""The history of a registry: entries that each hold the hash of the one before, so that none can be changed unseen."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from earnorm.errors import HistoryError, ModelDocumentError
from earnorm.metadata.canonical import canonical_json
from earnorm.metadata.json_patch import copied, patch_in_place
from earnorm.metadata.model_document import ModelDocument

__all__ = ["BEGINNING", "Checkpoint", "HistoryEntry", "State", "rebuild", "replay"]

BEGINNING: Final = "0" * 64
"""What stands in the place of a hash before the first entry."""

State = dict[str, Any]
"""The contents of the model documents of a registry by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One change of one model in a registry.

    `operation` is `registered`, `changed` or `unregistered`. `version` counts the distinct documents of the
    model, None where it was unregistered. `patch` (RFC 6902) makes the contents of all documents, by key, what
    they were after the change. `previous` is the hash of the entry before.
    """

    revision: int
    time: datetime
    operation: str
    key: str
    version: int | None
    fingerprint: str | None
    patch: Sequence[Mapping[str, Any]]
    previous: str
    code_version: str | None = None
    why: str | None = None

    @property
    def hash(self) -> str:
        """The SHA-256 over the canonical form of all the rest, in hexadecimal digits."""
        return _hash(self._facts())

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON values, with its hash."""
        return {**self._facts(), "hash": self.hash}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The entry that `as_dict` gave; raises `HistoryError` where its hash is not that of its content."""
        revision = data.get("revision")
        try:
            facts = {name: value for name, value in data.items() if name != "hash"}
            entry = cls(**{**facts, "time": datetime.fromisoformat(facts["time"])})
            is_whole = entry.hash == data["hash"]
        except (TypeError, KeyError, ValueError) as error:
            raise HistoryError(f"the entry is none: {error!r}", revision=revision) from error
        if not is_whole:
            raise HistoryError("its hash is not that of what it says", revision=revision)
        return entry

    def _facts(self) -> dict[str, Any]:
        facts = {name: getattr(self, name) for name in self.__slots__}
        return {**facts, "time": self.time.isoformat(), "patch": list(self.patch)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a history begins with whose older entries were folded.

    `state` holds the contents of the documents at `revision`, `versions` the fingerprints of all versions of each
    model, in order. `head` is the hash of the last entry that was folded.
    """

    revision: int
    time: datetime
    state: Mapping[str, Any]
    versions: Mapping[str, Sequence[str]]
    head: str

    @property
    def hash(self) -> str:
        """The SHA-256 over the canonical form of all the rest, in hexadecimal digits."""
        return _hash(self._facts())

    def as_dict(self) -> dict[str, Any]:
        """The checkpoint as JSON values, with its hash."""
        return {**self._facts(), "hash": self.hash}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The checkpoint that `as_dict` gave; raises `HistoryError` where its hash is not that of its content."""
        revision = data.get("revision")
        try:
            facts = {name: value for name, value in data.items() if name != "hash"}
            checkpoint = cls(**{**facts, "time": datetime.fromisoformat(facts["time"])})
            is_whole = checkpoint.hash == data["hash"]
        except (TypeError, KeyError, ValueError) as error:
            raise HistoryError(f"the checkpoint is none: {error!r}", revision=revision) from error
        if not is_whole:
            raise HistoryError("its hash is not that of what it says", revision=revision)
        return checkpoint

    def _facts(self) -> dict[str, Any]:
        facts = {name: getattr(self, name) for name in self.__slots__}
        return {**facts, "time": self.time.isoformat(), "state": dict(self.state)}


def rebuild(
    entries: Iterable[HistoryEntry],
    *,
    checkpoint: Checkpoint | None = None,
    until: int | None = None,
) -> State:
    """The contents of all documents after these entries, or after those up to the revision `until`.

    Raises `HistoryError` at the first entry that does not follow the one before, or whose patch does not give the
    document that it names.
    """
    # a copy, which the patches change
    state: State = {} if checkpoint is None else copied(checkpoint.state)
    for _ in replay(entries, state, checkpoint=checkpoint, until=until):
        pass
    return state


def replay(
    entries: Iterable[HistoryEntry],
    state: State,
    *,
    checkpoint: Checkpoint | None = None,
    until: int | None = None,
) -> Iterator[tuple[HistoryEntry, ModelDocument | None]]:
    """Each entry with the document that it left, None for one that took a model away; `state` is changed with it.

    Raises what `rebuild` raises, at the faulty entry.
    """
    previous = BEGINNING if checkpoint is None else checkpoint.head
    last = 0 if checkpoint is None else checkpoint.revision
    for entry in entries:
        if until is not None and entry.revision > until:
            break
        if entry.previous != previous or entry.revision <= last:
            raise HistoryError("it does not follow the entry before", revision=entry.revision)
        yield entry, _follow(state, entry)
        previous, last = entry.hash, entry.revision


def _follow(state: State, entry: HistoryEntry) -> ModelDocument | None:
    try:
        patch_in_place(state, entry.patch)
        content = state.get(entry.key)
        document = None if content is None else ModelDocument.of(content)
    except (ValueError, ModelDocumentError) as error:
        raise HistoryError(f"its patch fails: {error}", revision=entry.revision) from error
    if (None if document is None else document.fingerprint) != entry.fingerprint:
        raise HistoryError(
            f"its patch does not give the document of {entry.key} that it names",
            revision=entry.revision,
        )
    return document


def _hash(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(facts)).hexdigest()
