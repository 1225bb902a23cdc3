"""The history of a registry: entries that each hold the hash of the one before, so that none can be changed unseen."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from earnorm.errors import HistoryError, ModelDocumentError
from earnorm.metadata.canonical import canonical_json
from earnorm.metadata.json_patch import escaped, patch_in_place
from earnorm.metadata.model_document import ModelDocument

__all__ = [
    "BEGINNING",
    "Checkpoint",
    "HistoryEntry",
    "State",
    "digest_of",
    "operation_between",
    "rebuild",
    "replay",
]

BEGINNING: Final = "0" * 64
"""What stands in the place of a hash before the first entry."""

State = dict[str, Any]
"""The contents of the model documents of a registry by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """What a history consists of: hashed as a whole, and read only where the hash is that of all the rest."""

    revision: int
    time: datetime

    @property
    def hash(self) -> str:
        """The SHA-256 over the canonical form of all the rest, in hexadecimal digits."""
        return hashlib.sha256(canonical_json(self._facts())).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON values, with its hash."""
        return {**self._facts(), "hash": self.hash}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """What `as_dict` was asked of; raises `HistoryError` where its hash is not that of its content."""
        revision = data.get("revision")
        try:
            facts = {name: value for name, value in data.items() if name != "hash"}
            link = cls(**{**facts, "time": datetime.fromisoformat(facts["time"])})
            # `fromisoformat` takes any letter between the day and the hour.
            is_whole = link.hash == data["hash"] and link.time.isoformat() == data["time"]
        except (TypeError, KeyError, ValueError) as error:
            raise HistoryError(f"the entry is none: {error!r}", revision=revision) from error
        if not is_whole:
            raise HistoryError("its hash is not that of what it says", revision=revision)
        return link

    def _facts(self) -> dict[str, Any]:
        facts = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**facts, "time": self.time.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry(_Link):
    """One change of one model in a registry.

    `operation` is `registered`, `changed` or `unregistered`. `version` counts the distinct documents of the
    model, None where it was unregistered. `patch` (RFC 6902) makes the contents of all documents, by key, what
    they were after the change. `previous` is the hash of the entry before.

    A folded entry stands for all up to it of its model: its patch has the whole document, and `versions` the
    fingerprints of all versions, in order. Of any other, `versions` is None.
    """

    operation: str
    key: str
    version: int | None
    fingerprint: str | None
    patch: Sequence[Mapping[str, Any]]
    previous: str
    code_version: str | None = None
    why: str | None = None
    versions: Sequence[str] | None = None

    def __post_init__(self) -> None:
        # What people give may hold half of a surrogate pair, as an argument of a command does that is no UTF-8.
        for name in ("code_version", "why"):
            if isinstance(text := getattr(self, name), str):
                object.__setattr__(self, name, text.encode("utf-8", "backslashreplace").decode())

    def _facts(self) -> dict[str, Any]:
        facts = {**_Link._facts(self), "patch": list(self.patch)}
        if self.versions is None:
            # so that an entry has the hash that it had before there was folding
            del facts["versions"]
        return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint(_Link):
    """What a history has in the place of the newest entry that was folded.

    `revision` and `time` are those of that entry, and `head` is its hash, which the next one names. `entries`
    counts the folded entries that are kept, one for each model, and `digest` is the SHA-256 over their hashes.
    """

    head: str
    digest: str
    entries: int

    def check(self, folded: Sequence[HistoryEntry]) -> None:
        """Raises `HistoryError` where these are not the entries that were folded."""
        if len(folded) != self.entries or digest_of(one.hash for one in folded) != self.digest:
            raise HistoryError(
                "one of the entries that were folded up to there is missing, or is another",
                revision=self.revision,
            )


def digest_of(hashes: Iterable[str]) -> str:
    """What a checkpoint knows folded entries by, from their hashes in the order of their revisions."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def operation_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What happened to a model, from what there was of it and what there is; empty stands for nothing."""
    if not after:
        return "unregistered"
    return "changed" if before else "registered"


def rebuild(entries: Iterable[HistoryEntry], *, checkpoint: Checkpoint | None = None) -> State:
    """The contents of all documents after these entries.

    Raises `HistoryError` at the first entry that does not follow the one before, or whose patch does not give the
    document that it names.
    """
    state: State = {}
    for _ in replay(entries, state, checkpoint=checkpoint):
        pass
    return state


def replay(
    entries: Iterable[HistoryEntry], state: State, *, checkpoint: Checkpoint | None = None
) -> Iterator[tuple[HistoryEntry, ModelDocument | None]]:
    """Each entry with the document that it left, None for one that took a model away; `state` is changed with it.

    The folded entries, which need the checkpoint, come first. Raises what `rebuild` raises, at the faulty entry.
    """
    entries = list(entries)
    previous, last = BEGINNING, 0
    if checkpoint is not None:
        folded = [entry for entry in entries if entry.versions is not None]
        checkpoint.check(folded)
        yield from ((entry, _follow(state, entry)) for entry in folded)
        previous, last = checkpoint.head, checkpoint.revision
        entries = entries[len(folded) :]
    for entry in entries:
        is_next = entry.previous == previous and entry.revision > last
        if not is_next or entry.versions is not None:
            raise HistoryError("it does not follow the entry before", revision=entry.revision)
        yield entry, _follow(state, entry)
        previous, last = entry.hash, entry.revision


def _follow(state: State, entry: HistoryEntry) -> ModelDocument | None:
    own = f"/{escaped(entry.key)}"
    try:
        if not all(f"{one['path']}/".startswith(f"{own}/") for one in entry.patch):
            raise ValueError("it changes another model")
        patch_in_place(state, entry.patch)
        content = state.get(entry.key)
        document = None if content is None else ModelDocument.of(content)
        if document is not None and document.key != entry.key:
            raise ValueError(f"it gives a document of {document.key}")
    except (AttributeError, KeyError, TypeError, ValueError, ModelDocumentError) as error:
        raise HistoryError(f"its patch fails: {error}", revision=entry.revision) from error
    if (None if document is None else document.fingerprint) != entry.fingerprint:
        raise HistoryError(
            f"its patch does not give the document of {entry.key} that it names",
            revision=entry.revision,
        )
    return document
