"""Copies a store into another one, goes on where an earlier copy stopped, and compares the two."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import replace as with_changes
from typing import Any, Final, Literal

from pymongo.errors import BulkWriteError, OperationFailure

from earnorm.database.store_errors import translate_store_errors
from earnorm.errors import CopyError, IndexConflictError, UnsupportedError, suggestion
from earnorm.stores import Insert, Replace, Store
from earnorm.typing import MutableDocument
from earnorm.upkeep.copy_marks import MARKS, CopyMark, CopyMarks
from earnorm.upkeep.copy_report import (
    CollectionCopy,
    CopyProgress,
    CopyReport,
    Difference,
    OnCopyProgress,
)
from earnorm.upkeep.fingerprint import CURRENT, Fingerprint, find_differences, fingerprint_of
from earnorm.upkeep.id_order import after

__all__ = ["copy_store"]


async def copy_store(
    source: Store,
    target: Store,
    *,
    collections: Collection[str] | None = None,
    replace: bool = False,
    batch_size: int = 500,
    progress: OnCopyProgress | None = None,
) -> CopyReport:
    """Copies documents and indexes, then reads both stores and says in what they differ.

    Of all collections, or of those named. A copy that was interrupted, in whatever way, goes on where it stopped
    when it is called again; one that came to its end is repeated by writing only what differs by then. The marks
    that this takes are in the target's collection `earnorm_copies`. The source is only read.

    Raises `CopyError` for a collection that the source lacks, one of the target that is not empty, or was
    written to since it was copied (with `replace` what is there is lost), the unfinished copy of another source,
    a document that the target refuses, and those without an `_id`.
    """
    with translate_store_errors(f"copying {source.name} to {target.name}"):
        origin = await _identity(source)
        marks = CopyMarks(target, source=source.name, origin=origin)
        chosen = await _chosen(source, target, collections)
        if origin == await _identity(target) or await marks.is_in(source):
            raise CopyError("they are the same", source=source.name, target=target.name)
        copies = [
            await _Copying(source, target, marks, mark, batch_size, progress).run(replace=replace)
            for mark in await marks.prepare(chosen, replace=replace)
        ]
    return CopyReport(source=source.name, target=target.name, collections=tuple(copies))


_MOST_NAMED: Final = 100
_DUPLICATE: Final = 11000


class _Copying:
    """One collection on its way."""

    def __init__(
        self,
        source: Store,
        target: Store,
        marks: CopyMarks,
        mark: CopyMark,
        batch_size: int,
        progress: OnCopyProgress | None,
    ) -> None:
        self._source = source
        self._target = target
        self._marks = marks
        self._mark = mark
        self._name = mark.collection
        self._options = with_changes(CURRENT, batch_size=batch_size)
        self._progress = progress
        self._documents = 0
        self._written = 0
        self._is_postponed = False

    async def run(self, *, replace: bool) -> CollectionCopy:
        self._documents = await self._source.count(self._name, {}, options=CURRENT)
        if self._mark.state == "copying":
            await self._copy()
        if self._mark.state != "copying" or self._is_postponed:
            await self._mend(replace=replace)
        indexes, refused = await self._copy_indexes()
        ours, theirs, differences = await self._compare()
        await self._marks.copied(self._name, theirs.digest)
        return CollectionCopy(
            collection=self._name,
            written=self._written,
            source_documents=ours.documents,
            target_documents=theirs.documents,
            source_hash=ours.digest,
            target_hash=theirs.digest,
            differing=len(differences),
            differences=tuple(differences[:_MOST_NAMED]),
            indexes=indexes,
            refused=refused,
        )

    async def _copy(self) -> None:
        rest = after(self._mark.last[0]) if self._mark.last else {}
        done = await self._target.count(self._name, {}, options=CURRENT)
        found = self._source.find(self._name, rest, sort=[("_id", 1)], options=self._options)
        async for batch in self._identified(found):
            await self._add(batch)
            await self._marks.reached(self._name, batch[-1]["_id"])
            done += len(batch)
            self._tell("copying", done)
        await self._marks.mending(self._name)

    async def _add(self, batch: Sequence[MutableDocument]) -> None:
        """Writes documents that the target should not have yet, which is several times as fast as replacing."""
        writes = [Insert(document=document) for document in batch]
        try:
            await self._target.bulk(self._name, writes, ordered=False)
        except BulkWriteError:
            # some are there, of a run that was interrupted or goes on elsewhere
            await self._put(batch, may_postpone=True)
        else:
            self._written += len(batch)

    async def _put(self, batch: Sequence[MutableDocument], *, may_postpone: bool = False) -> None:
        """Writes documents as they are; doing it twice does no harm.

        One that has a unique value of another may be postponed: the other may have had it only before the
        source changed.
        """
        writes = [
            Replace(filter=_by_id(document["_id"]), document=document, upsert=True)
            for document in batch
        ]
        try:
            await self._target.bulk(self._name, writes, ordered=False)
        except BulkWriteError as error:
            if not may_postpone or any(one["code"] != _DUPLICATE for one in _faults(error)):
                raise self._refused(batch, error) from error
            self._is_postponed = True
            self._written -= len(_faults(error))
        self._written += len(batch)

    async def _mend(self, *, replace: bool) -> None:
        """Writes anew what differs, and deletes what the source has no longer.

        What differs is deleted first, all of it: a unique value may have gone from one document to another.
        """
        _, theirs, differences = await self._compare()
        if not differences:
            return
        if not replace:
            await self._refuse_written(theirs)
        await self._marks.mending(self._name)
        there = [difference.id for difference in differences if difference.kind != "missing"]
        for ids in _parts(there):
            await self._target.delete(self._name, {"_id": {"$in": ids}})
        wanted = [difference.id for difference in differences if difference.kind != "extra"]
        done = len(differences) - len(wanted)
        for ids in _parts(wanted):
            async for batch in self._source.find(
                self._name, {"_id": {"$in": ids}}, options=CURRENT
            ):
                await self._put(batch)
            done += len(ids)
            self._tell("mending", done)

    async def _refuse_written(self, theirs: Fingerprint) -> None:
        """Raises `CopyError` where somebody else wrote to the target after it was compared."""
        if self._mark.hash in (None, theirs.digest) or self._mark.state != "copied":
            return
        if any(index.expire_after is not None for index in await self._target.indexes(self._name)):
            return  # documents may have gone by themselves
        raise CopyError(
            f"{self._name!r} there was written to since it was copied, and copying it again would undo that. "
            "Choose another target, or say that what is there may be lost (--replace, replace=True).",
            source=self._source.name,
            target=self._target.name,
        )

    async def _compare(self) -> tuple[Fingerprint, Fingerprint, list[Difference]]:
        found = self._source.find(self._name, {}, options=CURRENT)
        ours = await fingerprint_of(self._identified(found), lambda done: None)
        copied = self._target.find(self._name, {}, options=CURRENT)
        theirs = await fingerprint_of(copied, lambda done: self._tell("comparing", done))
        differences = await find_differences(
            self._source, self._target, self._name, ours.differing(theirs)
        )
        return ours, theirs, differences

    async def _identified(
        self, batches: AsyncIterator[list[MutableDocument]]
    ) -> AsyncIterator[list[MutableDocument]]:
        """What the source gives, which is not always stored documents: of a view it is what a pipeline makes."""
        async for batch in batches:
            if not all("_id" in document for document in batch):
                raise CopyError(
                    f"documents of {self._name!r} have no '_id', as what a view gives may have none, and nothing "
                    "else tells them apart. Name the other collections (--collections, collections=...).",
                    source=self._source.name,
                    target=self._target.name,
                )
            yield batch

    async def _copy_indexes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        made, refused = [], []
        for index in await self._source.indexes(self._name):
            kinds: list[Any] = [kind for _, kind in index.fields]
            if "text" in kinds:
                # which fields it has, and how they weigh, is not among its keys
                refused.append(f"{index.name}: a text index has to be made with MongoDB's tools")
                continue
            try:
                await self._target.create_index(self._name, index)
                made.append(index.name)
            except (UnsupportedError, IndexConflictError, OperationFailure) as error:
                refused.append(f"{index.name}: {error}")
        return tuple(made), tuple(refused)

    def _tell(self, state: Literal["copying", "mending", "comparing"], done: int) -> None:
        if self._progress is not None:
            step = CopyProgress(
                collection=self._name, state=state, done=done, documents=self._documents
            )
            self._progress(step)

    def _refused(self, batch: Sequence[MutableDocument], error: BulkWriteError) -> CopyError:
        faults = _faults(error)
        told = [f"{batch[one['index']]['_id']!r} ({one.get('errmsg')})" for one in faults[:3]]
        more = f", and {len(faults) - len(told)} more" if len(faults) > len(told) else ""
        return CopyError(
            f"the target refuses documents of {self._name!r}, by their _id {'; '.join(told)}{more}. Change them in "
            "the source, and start the copy again: it goes on with them.",
            source=self._source.name,
            target=self._target.name,
        )


def _faults(error: BulkWriteError) -> Sequence[Any]:
    faults: Sequence[Any] = error.details.get("writeErrors", ())
    return faults


def _parts(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), _MOST_NAMED):
        yield ids[start : start + _MOST_NAMED]


def _by_id(id: Any) -> dict[str, Any]:
    """The filter for one document; a document as `_id` must not be read as operators."""
    return {"_id": {"$eq": id} if isinstance(id, Mapping) else id}


async def _identity(store: Store) -> str:
    """What distinguishes a store from others: of a file its whole path, of a server its name and database."""
    details = (await store.describe()).details
    path = details.get("path")
    return (
        f"file {path}" if path else f"{store.name} {id(store) if 'path' in details else ''}".strip()
    )


async def _chosen(source: Store, target: Store, wanted: Collection[str] | None) -> list[str]:
    """The collections to copy, in order; marks of earlier copies are none."""
    present = [name for name in await source.collections() if name != MARKS]
    if wanted is None:
        return present
    for name in wanted:
        if name not in present:
            hint = suggestion(name, present) or f" It has: {', '.join(present) or 'none'}."
            fault = f"the source has no collection {name!r}.{hint}"
            raise CopyError(fault, source=source.name, target=target.name)
    return sorted(set(wanted))
