"""Writes and reads the history of models that a database keeps beside their documents."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from earnorm.database.entry_documents import (
    checkpoint_of,
    entry_of,
    refusing_strange,
    stored_entry,
)
from earnorm.database.fold_writing import sweep, write_fold
from earnorm.database.history_collection import (
    COLLECTION,
    CURRENT,
    HEAD,
    NUMBERED,
    find_stored,
    insert_stored,
)
from earnorm.database.history_end import PARTS, HistoryEnd, OriginOf
from earnorm.database.store_errors import translate_store_errors
from earnorm.database.stored_parts import StoredParts, read_parts
from earnorm.errors import HistoryError
from earnorm.metadata import HistoryEntry, ModelDocument, RegistryHistory, patch_in_place
from earnorm.stores import Store
from earnorm.typing import Document, MutableDocument

__all__ = ["StoredHistory"]


class StoredHistory:
    """The history that one store keeps.

    The `_id` of an entry is its revision, so whoever inserts it first has appended it, and whoever comes second reads
    the end again: no transaction is needed, and no entry is ever changed. A process that dies between two entries
    leaves a shorter history that is whole. The head, written after the entries, tells when newer ones are taken away.

    Folding takes entries away, and frees their revisions. It leaves a checkpoint in the place of the last one, so a
    process that slept for so long cannot write beyond it, and what it wrote before it is nothing.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    async def read(self) -> RegistryHistory:
        """All of it; raises `HistoryError` at the first entry that was changed or that does not follow."""
        with translate_store_errors(self.store.name), refusing_strange():
            head = await self._head()
            parts = await read_parts(self.store)
            # thousands of entries take seconds
            history = await asyncio.to_thread(parts.history)
            if head is not None:
                _check_head(head, history)
        return history

    async def record(
        self,
        documents: Mapping[str, ModelDocument],
        origin: OriginOf,
        *,
        complete: bool = False,
    ) -> list[HistoryEntry]:
        """Appends an entry for each document that is not the newest of its model; returns what was appended.

        With `complete`, also for each model that is not among them: it is gone. `origin` is asked of each.
        """
        written: list[HistoryEntry] = []
        with translate_store_errors(self.store.name):
            while True:
                end = await self._end()
                changes = end.differing(documents, complete=complete)
                if not changes:
                    return written
                contents = await self._contents(end, [key for key, _ in changes])
                if contents is None:
                    continue
                entries = await asyncio.to_thread(end.entries, changes, contents, origin)
                written += await self._append(entries)
                if written and written[-1] is entries[-1]:
                    return written

    async def append(self, entries: Sequence[HistoryEntry]) -> bool:
        """Inserts entries as they are, after those that are there; False where others came first."""
        with translate_store_errors(self.store.name):
            return len(await self._append(entries)) == len(entries)

    async def extend(self, history: RegistryHistory, *, after: int) -> bool:
        """Appends the entries of `history` from after the revision that is there on; with nothing there, all of it.

        False where others came first.
        """
        if history.checkpoint is not None and after < history.oldest:
            if not await self.fold(history):
                return False
            await self._advance(history.oldest, history.checkpoint.head)
        start = max(after, history.oldest)
        return await self.append([entry for entry in history.entries if entry.revision > start])

    async def fold(self, history: RegistryHistory) -> bool:
        """Folds what is stored up to the checkpoint of `history`; False where another process has folded further."""
        parts = StoredParts.of_history(history)
        with translate_store_errors(self.store.name):
            is_done = await write_fold(self.store, parts)
            await sweep(self.store)
        return is_done

    async def _append(self, entries: Sequence[HistoryEntry]) -> list[HistoryEntry]:
        """Inserts the entries in their order until another process has taken a revision; returns those inserted."""
        inserted = await insert_stored(self.store, [stored_entry(one) for one in entries])
        if not inserted or await self._is_folded(entries[0].revision):
            return []
        newest = entries[inserted - 1]
        await self._advance(newest.revision, newest.hash)
        return list(entries[:inserted])

    async def _advance(self, revision: int, hash: str) -> None:
        """Moves the head on, never back: another process may have moved it further."""
        values = {"revision": revision, "hash": hash}
        behind = {"_id": HEAD, "revision": {"$lt": revision}}
        for _ in range(2):
            result = await self.store.update(COLLECTION, behind, {"$set": values}, many=False)
            if result.matched:
                return
            try:
                await self.store.insert(COLLECTION, [{"_id": HEAD, **values}])
            except DuplicateKeyError:
                continue  # it is further already, or was written between the two
            return

    async def _is_folded(self, revision: int) -> bool:
        """Whether others have appended and folded this revision, which was free then for whoever came too late."""
        later = {"_id": {"$gte": revision}, "digest": {"$exists": True}}
        return await self.store.count(COLLECTION, later, options=CURRENT) > 0

    async def _head(self) -> MutableDocument | None:
        found = await find_stored(self.store, {"_id": HEAD})
        return found[0] if found else None

    async def _end(self) -> HistoryEnd:
        with refusing_strange():
            head = await self._head()
            parts = await read_parts(self.store, PARTS)
            if not parts.is_whole:
                await self.read()  # which names what is wrong
                return await self._end()
            end = HistoryEnd.of(parts)
            # what is appended to a history of which the newest entries are gone would hide that
            if head is not None and end.revision < head["revision"]:
                raise _truncated(head)
            return end

    async def _contents(self, end: HistoryEnd, keys: Sequence[str]) -> dict[str, Any] | None:
        """The newest contents of these models, without those that are new or gone; None where they were folded."""
        known = {key for key in keys if end.model(key).fingerprint is not None}
        # the newest one too: what follows an entry that was changed could never be trusted
        some = {
            "$or": [
                {"key": {"$in": list(known)}},
                {"digest": {"$exists": True}},
                {"_id": end.revision},
            ]
        }
        chosen: Document = {**NUMBERED, **(some if len(known) <= _FEW else {})}
        with refusing_strange():
            parts = StoredParts.of(await find_stored(self.store, chosen))
            if parts.checkpoint is not None and parts.checkpoint["_id"] != end.folded:
                return None
            if parts.checkpoint is not None:
                checkpoint_of(parts.checkpoint)
            return await asyncio.to_thread(_patched, parts, known, end.revision)


def _patched(parts: StoredParts, keys: Collection[str], revision: int) -> dict[str, Any]:
    """What the entries of these models made of them up to a revision; those of others are only held against their hash."""
    state: dict[str, Any] = {}
    for document in (*parts.folded, *parts.entries):
        entry = entry_of(document)
        if entry.revision > revision:
            break
        if entry.key in keys:
            try:
                patch_in_place(state, entry.patch)
            except ValueError as error:
                raise HistoryError(f"its patch fails: {error}", revision=entry.revision) from error
    return {key: state[key] for key in keys}


_FEW: Final = 100  # models of which the entries are asked for by key


def _check_head(head: Document, history: RegistryHistory) -> None:
    revision = int(head["revision"])
    if history.revision < revision:
        raise _truncated(head)
    if revision < history.oldest:
        return
    if history.hash_at(revision) != head["hash"]:
        raise HistoryError("the head names another entry than is there", revision=revision)


def _truncated(head: Document) -> HistoryError:
    return HistoryError("the newest entries are missing", revision=int(head["revision"]))
