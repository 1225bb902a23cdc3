"""Restores an exported registry into a store, and tells beforehand what that would do."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from earnorm.database.store_errors import translate_store_errors
from earnorm.database.stored_history import StoredHistory
from earnorm.errors import RestoreError
from earnorm.metadata import (
    DATA,
    EXTENSION,
    ExportContent,
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
    content = await asyncio.to_thread(_read, path)
    plan = await _planned(path, content, target, data=data)
    snapshot = content.history.snapshot()
    changed = (one.key for one in plan.models if one.change in ("added", "changed"))
    with translate_store_errors(target.name):
        readable = await check_readable(
            snapshot,
            target,
            collections={_collection(snapshot[key]) for key in changed},
            imports=imports,
        )
    return replace(plan, readable=tuple(readable))


async def _planned(path: Path, content: ExportContent, target: Store, *, data: bool) -> ImportPlan:
    stored = await StoredHistory(target).read()
    with translate_store_errors(target.name):
        collections = [one async for one in _compared(path, content, target)] if data else []
    return ImportPlan(
        revision=content.history.revision,
        stored_revision=stored.revision,
        entries=sum(entry.revision > stored.revision for entry in content.history.entries),
        models=tuple(_models(stored, content.history)),
        collections=tuple(collections),
        refusals=(*_lost_entries(stored, content.history), *_lost_documents(collections)),
    )


async def import_registry(path: Path, target: Store, *, data: bool = False) -> ImportPlan:
    """Restores the history, and with `data` the documents, into a store; returns what it did.

    The store has the same versions, entries and revision afterwards. It need not be empty: what is there must be the
    beginning of what the file holds, so a restoration that was interrupted, in whatever way, is done by another
    one. Else it raises `RestoreError`, or what `plan_import` raises, before anything is written.
    """
    content = await asyncio.to_thread(_read, path)
    plan = await _planned(path, content, target, data=data)
    if plan.refusals:
        raise RestoreError(" ".join(plan.refusals), target=target.name)
    if not await StoredHistory(target).extend(content.history, after=plan.stored_revision):
        fault = "another process wrote to its history meanwhile. Start the import again."
        raise RestoreError(fault, target=target.name)
    if data:
        with translate_store_errors(target.name):
            async for collection, batch in _batches(path):
                await _add(target, collection, batch)
    return plan


_BATCH: Final = 500


def _read(path: Path) -> ExportContent:
    with path.open("rb") as file:
        return read_export(file)


def _collection(document: ModelDocument) -> str:
    collection: str = document.content[EXTENSION]["collection"]
    return collection


def _models(stored: RegistryHistory, exported: RegistryHistory) -> Iterator[ModelPlan]:
    before, after = stored.snapshot().documents, exported.snapshot().documents
    for key in sorted(before.keys() | after.keys()):
        changes = (
            compare_documents(before[key], after[key]) if key in before and key in after else ()
        )
        change = "same" if before.get(key) == after.get(key) else "changed"
        if key not in before or key not in after:
            change = "removed" if key in before else "added"
        yield ModelPlan(key=key, change=change, verdict=judge(changes))


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


async def _compared(
    path: Path, content: ExportContent, target: Store
) -> AsyncIterator[CollectionPlan]:
    alike = dict.fromkeys(content.collections, 0)
    stored = {name: await target.count(name, {}, options=CURRENT) for name in alike}
    if any(stored.values()):
        async for collection, batch in _batches(path):
            if stored[collection]:
                there = await _there(target, collection, batch)
                alike[collection] += sum(_is_alike(one, there) for one in batch)
    for name, documents in content.collections.items():
        yield CollectionPlan(name=name, documents=documents, stored=stored[name], alike=alike[name])


async def _batches(path: Path) -> AsyncIterator[tuple[str, list[MutableDocument]]]:
    """The documents of the file, some of one collection at a time."""
    with path.open("rb") as file:
        batches = _grouped(read_lines(file))
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            yield batch


def _grouped(
    lines: Iterator[tuple[int, str, dict[str, Any]]],
) -> Iterator[tuple[str, list[MutableDocument]]]:
    name, batch = "", list[MutableDocument]()
    for _, part, content in lines:
        if not part.startswith(DATA):
            continue
        if content["collection"] != name or len(batch) == _BATCH:
            if batch:
                yield name, batch
            name, batch = content["collection"], []
        batch.append(document_of(content))
    if batch:
        yield name, batch


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
    """Inserts those that are not there yet; all others were held against the file before anything was written."""
    there = await _there(target, collection, batch)
    new = [document for document in batch if key_bytes(document["_id"]) not in there]
    if new:
        await target.insert(collection, new)
