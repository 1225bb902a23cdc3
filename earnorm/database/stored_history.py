"""Writes and reads the history of models that a database keeps beside their documents."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from pymongo.errors import BulkWriteError, DuplicateKeyError

from earnorm.database.entry_documents import COLLECTION, ENTRIES, HEAD, entry_of, stored_entry
from earnorm.database.history_end import PARTS, HistoryEnd, OriginOf
from earnorm.database.store_errors import translate_store_errors
from earnorm.errors import HistoryError
from earnorm.metadata import HistoryEntry, ModelDocument, RegistryHistory, patch_in_place
from earnorm.stores import Store
from earnorm.typing import Document, MutableDocument, OperationOptions

__all__ = ["StoredHistory"]


class StoredHistory:
    """The history that one store keeps.

    The `_id` of an entry is its revision, so whoever inserts it first has appended it, and whoever comes second reads
    the end again: no transaction is needed, and no entry is ever changed. A process that dies between two entries
    leaves a shorter history that is whole. The head, written after the entries, tells when newer ones are taken away.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self) -> RegistryHistory:
        """All of it; raises `HistoryError` at the first entry that was changed or that does not follow."""
        with translate_store_errors(self._store.name):
            head = await self._head()
            entries = [entry_of(one) for one in await self._entries(ENTRIES)]
        history = RegistryHistory.of(entries)
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
        with translate_store_errors(self._store.name):
            while True:
                end = await self._end()
                changes = end.differing(documents, complete=complete)
                if not changes:
                    return written
                contents = await self._contents(end, [key for key, _ in changes])
                entries = end.entries(changes, contents, origin)
                written += await self._append(entries)
                if written and written[-1] is entries[-1]:
                    return written

    async def append(self, entries: Sequence[HistoryEntry]) -> None:
        """Inserts entries as they are, after those that are there; raises `HistoryError` where others came first."""
        with translate_store_errors(self._store.name):
            done = await self._append(entries)
        if len(done) < len(entries):
            raise HistoryError(
                "another process has written it", revision=entries[len(done)].revision
            )

    async def _append(self, entries: Sequence[HistoryEntry]) -> list[HistoryEntry]:
        """Inserts the entries in their order until another process has taken a revision; returns those inserted."""
        done: list[HistoryEntry] = []
        for start in range(0, len(entries), _BATCH):
            batch = entries[start : start + _BATCH]
            inserted = await self._insert(batch)
            done += batch[:inserted]
            if inserted < len(batch):
                break
        if done:
            await self._advance(done[-1])
        return done

    async def _insert(self, batch: Sequence[HistoryEntry]) -> int:
        """How many of them were inserted."""
        try:
            await self._store.insert(COLLECTION, [stored_entry(one) for one in batch])
        except (BulkWriteError, DuplicateKeyError) as error:
            details: Mapping[str, Any] = error.details or {}
            faults = details.get("writeErrors") or [details]
            if any(fault.get("code", _DUPLICATE) != _DUPLICATE for fault in faults):
                raise
            # a batch that is atomic says so by having inserted nothing
            return int(details.get("nInserted", 0))
        return len(batch)

    async def _advance(self, newest: HistoryEntry) -> None:
        """Moves the head on, never back: another process may have moved it further."""
        values = {"revision": newest.revision, "hash": newest.hash}
        behind = {"_id": HEAD, "revision": {"$lt": newest.revision}}
        for _ in range(2):
            result = await self._store.update(COLLECTION, behind, {"$set": values}, many=False)
            if result.matched:
                return
            try:
                await self._store.insert(COLLECTION, [{"_id": HEAD, **values}])
            except DuplicateKeyError:
                continue  # it is further already, or was written between the two
            return

    async def _head(self) -> MutableDocument | None:
        found = await self._entries({"_id": HEAD})
        return found[0] if found else None

    async def _end(self) -> HistoryEnd:
        head = await self._head()
        end = HistoryEnd()
        for document in await self._entries(ENTRIES, PARTS):
            end.add(document)
        # what is appended to a history of which the newest entries are gone would hide that
        if head is not None and end.revision < head["revision"]:
            raise _truncated(head)
        return end

    async def _contents(self, end: HistoryEnd, keys: Sequence[str]) -> dict[str, Any]:
        """The newest contents of these models, without those that are new or gone."""
        known = [key for key in keys if end.model(key).fingerprint is not None]
        if not known:
            return {}
        some = {"key": {"$in": known}} if len(known) <= _FEW else {}
        state: dict[str, Any] = {}
        for document in await self._entries({"_id": {"$gt": 0, "$lte": end.revision}, **some}):
            entry = entry_of(document)
            try:
                patch_in_place(state, entry.patch)
            except ValueError as error:
                raise HistoryError(f"its patch fails: {error}", revision=entry.revision) from error
        return {key: state[key] for key in known}

    async def _entries(
        self, filter: Document, projection: Document | None = None
    ) -> list[MutableDocument]:
        found = self._store.find(
            COLLECTION, filter, sort=[("_id", 1)], projection=projection, options=_CURRENT
        )
        async with aclosing(found):
            return [document async for batch in found for document in batch]


_BATCH: Final = 500
_DUPLICATE: Final = 11000
_FEW: Final = 100  # models of which the entries are asked for by key

_CURRENT: Final = OperationOptions(read_preference="primary")
"""Who appends must see the end, and the other members lag behind the primary."""


def _check_head(head: Document, history: RegistryHistory) -> None:
    revision = int(head["revision"])
    if history.revision < revision:
        raise _truncated(head)
    named = next((one for one in history.entries if one.revision == revision), None)
    if named is None or named.hash != head["hash"]:
        raise HistoryError("the head names another entry than is there", revision=revision)


def _truncated(head: Document) -> HistoryError:
    return HistoryError("the newest entries are missing", revision=int(head["revision"]))
