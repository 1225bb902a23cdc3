"""What of a stored history counts: the newest checkpoint, the folded entries it stands for, and what came after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from earnorm.database.entry_documents import (
    checkpoint_of,
    entry_of,
    is_checkpoint,
    stored_checkpoint,
    stored_entry,
)
from earnorm.database.history_collection import NUMBERED, find_stored
from earnorm.metadata import RegistryHistory, digest_of
from earnorm.stores import Store
from earnorm.typing import Document

__all__ = ["StoredParts", "read_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredParts:
    """The documents that a history consists of, or some fields of them; folded ones and entries the oldest first.

    What a fold left behind that was interrupted, before its checkpoint was written or after, is not among them.
    """

    checkpoint: Document | None
    folded: list[Document]
    entries: list[Document]

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Self:
        """What counts of all documents, which come in the order of their `_id`."""
        checkpoint: Document | None = None
        below: list[Document] = []
        entries: list[Document] = []
        for document in documents:
            if document["_id"] < 0:
                below.append(document)
            elif is_checkpoint(document):
                checkpoint, entries = document, []
            else:
                entries.append(document)
        newest: dict[Any, Document] = {}
        last = 0 if checkpoint is None else checkpoint["_id"]
        for document in below:  # the newest is the smallest
            if -document["_id"] <= last:
                newest.setdefault(document.get("key"), document)
        return cls(checkpoint=checkpoint, folded=[*reversed(newest.values())], entries=entries)

    @classmethod
    def of_history(cls, history: RegistryHistory) -> Self:
        """The documents that are stored of a history."""
        stored = [stored_entry(entry) for entry in history.entries]
        checkpoint = history.checkpoint
        return cls(
            checkpoint=None if checkpoint is None else stored_checkpoint(checkpoint),
            folded=[one for one in stored if one["_id"] < 0],
            entries=[one for one in stored if one["_id"] > 0],
        )

    @property
    def is_whole(self) -> bool:
        """Whether the folded entries are those that the checkpoint stands for."""
        if self.checkpoint is None:
            return True
        digest = digest_of(str(one.get("hash")) for one in self.folded)
        return bool(digest == self.checkpoint["digest"])

    def history(self) -> RegistryHistory:
        """The history; raises `HistoryError` at what was changed, or does not fit."""
        checkpoint = None if self.checkpoint is None else checkpoint_of(self.checkpoint)
        entries = [entry_of(one) for one in (*self.folded, *self.entries)]
        return RegistryHistory.of(entries, checkpoint=checkpoint)


async def read_parts(store: Store, projection: Document | None = None) -> StoredParts:
    """The documents as they are, also while another process folds.

    It writes the checkpoint between the folded entries and the end, and takes nothing away before, so only folded
    entries can be too old; then all is read again, until that is not for a new checkpoint.
    """
    seen: Document | None = None
    while True:
        parts = StoredParts.of(await find_stored(store, NUMBERED, projection))
        if parts.is_whole or parts.checkpoint == seen:
            return parts
        seen = parts.checkpoint
