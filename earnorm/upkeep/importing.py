"""Restores an exported registry into a store, and tells beforehand what that would do."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from bson.errors import BSONError

from earnorm.database.history_collection import COLLECTION
from earnorm.database.store_errors import translate_store_errors
from earnorm.database.stored_history import StoredHistory
from earnorm.errors import RegistryFileError, RestoreError
from earnorm.metadata import (
    DATA,
    EXTENSION,
    ModelDocument,
    RegistryHistory,
    Verdict,
    compare_documents,
    judge,
    read_export,
    read_lines,
)
from earnorm.stores import Store
from earnorm.stores.documents import encode, key_bytes
from earnorm.typing import Imports, MutableDocument
from earnorm.upkeep.copy_marks import MARKS
from earnorm.upkeep.document_lines import document_of
from earnorm.upkeep.fingerprint import CURRENT
from earnorm.upkeep.readability import Readability, check_readable

__all__ = ["CollectionPlan", "ImportPlan", "ModelPlan", "import_registry", "plan_import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlan:
    """What becomes of a model: `change` is `added`, `changed`, `removed` or `same`; the verdict is about its changes."""

    key: str
    change: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPlan:
    """How many documents a collection has in the file, in the store, and in both alike."""

    name: str
    documents: int
    stored: int
    alike: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What restoring a file into a store would do, or did.

    `revision` is that of the file and `stored_revision` that of the store. `refusals` say what would be lost; with any,
    nothing is restored.
    """

    revision: int
    stored_revision: int
    entries: int
    models: tuple[ModelPlan, ...]
    collections: tuple[CollectionPlan, ...]
    refusals: tuple[str, ...]
    readable: tuple[Readability, ...] = ()


async def plan_import(
    path: Path, target: Store, *, data: bool = False, imports: Imports = ()
) -> ImportPlan:
    """What restoring the file would do to the store; reads both, and changes nothing.

    `readable` tells of the documents in the store whether the models of the file can read them, where they are other
    models than those that the store knows; `imports` names the modules from which these may take functions. Raises
    `RegistryFileError` for a file that is not as it was written, and `HistoryError` for a store whose own history is
    not.
    """
    with path.open("rb") as file:
        export = await asyncio.to_thread(_OpenExport, file)
        plan = await _planned(export, target, data=data)
    snapshot = await asyncio.to_thread(export.content.history.snapshot)
    changed = (one.key for one in plan.models if one.change in ("added", "changed"))
    with translate_store_errors(target.name):
        readable = await check_readable(
            snapshot,
            target,
            collections={_collection(snapshot[key]) for key in changed},
            imports=imports,
        )
    return replace(plan, readable=tuple(readable))


async def _planned(export: "_OpenExport", target: Store, *, data: bool) -> ImportPlan:
    content, stored = export.content, await StoredHistory(target).read()
    with translate_store_errors(target.name):
        collections = [one async for one in _compared(export, target)] if data else []
    return ImportPlan(
        revision=content.history.revision,
        stored_revision=stored.revision,
        entries=sum(entry.revision > stored.revision for entry in content.history.entries),
        models=await asyncio.to_thread(_models, stored, content.history),
        collections=tuple(collections),
        refusals=(
            *_lost_entries(stored, content.history),
            *_lost_documents(collections),
            *_reserved(collections),
        ),
    )


async def import_registry(path: Path, target: Store, *, data: bool = False) -> ImportPlan:
    """Restores the history, and with `data` the documents, into a store; returns what it did.

    The store has the same versions, entries and revision afterwards. It need not be empty: what is there must be the
    beginning of what the file holds, so a restoration that was interrupted, in whatever way, is done by another
    one. Else it raises `RestoreError`, or what `plan_import` raises, before anything is written.
    """
    with path.open("rb") as file:
        export = await asyncio.to_thread(_OpenExport, file)
        plan = await _planned(export, target, data=data)
        if plan.refusals:
            raise RestoreError(" ".join(plan.refusals), target=target.name)
        history = export.content.history
        if not await StoredHistory(target).extend(history, after=plan.stored_revision):
            fault = "another process wrote to its history meanwhile. Start the import again."
            raise RestoreError(fault, target=target.name)
        if data:
            with translate_store_errors(target.name):
                async for collection, batch in export.batches(target):
                    await _add(target, collection, batch)
    return plan


_BATCH: Final = 500
_BYTES: Final = 8_000_000
"""So many documents, or lines of so many bytes, are held at a time."""


class _OpenExport:
    """A file that was read to its end, and is held against that whenever it is read again."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = 0
        self._hash = hashlib.sha256()
        self.content = read_export(self._lines())
        self._digest = self._hash.digest()

    async def batches(self, target: Store) -> AsyncIterator[tuple[str, list[MutableDocument]]]:
        """The documents, some of one collection at a time; raises `RestoreError` at the end if they were others before."""
        batches = self._grouped()
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            yield batch
        if self._hash.digest() != self._digest:
            raise RestoreError(
                "the file was changed while it was read, so what was restored of it may be something else. Restore "
                "another copy of the file, into another store.",
                target=target.name,
            )

    def _lines(self) -> Iterator[bytes]:
        self._file.seek(0)
        self._size, self._hash = 0, hashlib.sha256()
        for line in self._file:
            self._size += len(line)
            self._hash.update(line)
            yield line

    def _grouped(self) -> Iterator[tuple[str, list[MutableDocument]]]:
        name, batch, before = "", list[MutableDocument](), 0
        for number, part, content in read_lines(self._lines()):
            if not part.startswith(DATA):
                continue
            is_full = len(batch) == _BATCH or self._size - before > _BYTES
            if content["collection"] != name or is_full:
                if batch:
                    yield name, batch
                name, batch, before = content["collection"], [], self._size
            batch.append(_document(number, part, content))
        if batch:
            yield name, batch


def _document(number: int, part: str, content: Mapping[str, Any]) -> MutableDocument:
    try:
        document = document_of(content)
        key_bytes(document["_id"])
    except (KeyError, TypeError, ValueError, ArithmeticError, BSONError) as error:
        name = content["collection"]
        fault = f"there is no document that could be restored ({error!r})"
        raise RegistryFileError(fault, line=number, part=part, collection=name) from error
    return document


def _collection(document: ModelDocument) -> str:
    collection: str = document.content[EXTENSION]["collection"]
    return collection


def _models(stored: RegistryHistory, exported: RegistryHistory) -> tuple[ModelPlan, ...]:
    before, after = stored.snapshot().documents, exported.snapshot().documents
    keys = sorted(before.keys() | after.keys())
    return tuple(_model(key, before.get(key), after.get(key)) for key in keys)


def _model(key: str, before: ModelDocument | None, after: ModelDocument | None) -> ModelPlan:
    if before is None or after is None:
        return ModelPlan(
            key=key, change="added" if before is None else "removed", verdict=judge(())
        )
    change = "same" if before == after else "changed"
    return ModelPlan(key=key, change=change, verdict=judge(compare_documents(before, after)))


def _lost_entries(stored: RegistryHistory, exported: RegistryHistory) -> Iterator[str]:
    """What speaks against the stored history being the beginning of the exported one."""
    cut = max(stored.oldest, exported.oldest)
    if len(stored) and min(stored.revision, exported.revision) < cut:
        yield _incomparable(stored, exported)
        return
    # the hash of one entry stands for all before it, also where they were folded
    is_same = not cut or stored.hash_at(cut) == exported.hash_at(cut)
    ours = {entry.hash for entry in exported.entries} if is_same else set()
    after = cut if is_same else 0
    lost = [one for one in stored.entries if one.revision > after and one.hash not in ours]
    if lost:
        yield (
            f"its history has {len(lost)} entries, from revision {lost[0].revision} on, that the file does not have. "
            f"{_ELSEWHERE}"
        )


def _incomparable(stored: RegistryHistory, exported: RegistryHistory) -> str:
    is_ours = stored.oldest > exported.oldest
    folded, other = ("its history", "the file") if is_ours else ("the file", "its history")
    cut, end = max(stored.oldest, exported.oldest), min(stored.revision, exported.revision)
    return (
        f"{folded} was folded up to revision {cut}, and {other} goes up to revision {end} only, so whether one is the "
        f"beginning of the other cannot be told. {_ELSEWHERE}"
    )


_ELSEWHERE: Final = "Restore into another store, or drop the collection 'earnorm_registry' there if they may be lost."


def _lost_documents(collections: Sequence[CollectionPlan]) -> Iterator[str]:
    for one in collections:
        if lost := one.stored - one.alike:
            yield (
                f"the collection {one.name!r} has {lost} documents that the file does not have, or has otherwise. "
                "Restore into another store, or drop the collection there if they may be lost."
            )


def _reserved(collections: Sequence[CollectionPlan]) -> Iterator[str]:
    for one in collections:
        if one.name in (COLLECTION, MARKS):
            yield (
                f"the file has documents for the collection {one.name!r}, where EarnORM alone writes. No export has "
                "that: take another file."
            )


async def _compared(export: _OpenExport, target: Store) -> AsyncIterator[CollectionPlan]:
    alike = dict.fromkeys(export.content.collections, 0)
    stored = {name: await target.count(name, {}, options=CURRENT) for name in alike}
    if any(stored.values()):
        async for collection, batch in export.batches(target):
            if stored[collection]:
                there = await _there(target, collection, batch)
                alike[collection] += sum(_is_alike(one, there) for one in batch)
    for name, documents in export.content.collections.items():
        yield CollectionPlan(name=name, documents=documents, stored=stored[name], alike=alike[name])


async def _there(
    target: Store, collection: str, batch: Sequence[MutableDocument]
) -> dict[bytes, bytes]:
    """The stored documents with the ids of these, by the keys of their ids."""
    ids = [document["_id"] for document in batch]
    found = target.find(collection, {"_id": {"$in": ids}}, options=CURRENT)
    return {key_bytes(one["_id"]): _bytes(one) async for some in found for one in some}


def _is_alike(document: MutableDocument, there: dict[bytes, bytes]) -> bool:
    return there.get(key_bytes(document["_id"])) == _bytes(document)


def _bytes(document: MutableDocument) -> bytes:
    # MongoDB puts `_id` first, wherever it was
    return encode({"_id": document["_id"], **document})


async def _add(target: Store, collection: str, batch: Sequence[MutableDocument]) -> None:
    """Inserts those that are not there yet; raises `RestoreError` for one that has come meanwhile, and is another."""
    there = await _there(target, collection, batch)
    new = [document for document in batch if key_bytes(document["_id"]) not in there]
    old = (document for document in batch if key_bytes(document["_id"]) in there)
    other = next((document for document in old if not _is_alike(document, there)), None)
    if other is not None:
        raise RestoreError(
            f"somebody else has written the document {other['_id']!r} of the collection {collection!r} meanwhile. "
            "Let nobody else write there, and restore again, into another store if that document may not be lost.",
            target=target.name,
        )
    if new:
        await target.insert(collection, new)
