"""How far a copy has come, kept in the target beside what was copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from earnorm.errors import CopyError
from earnorm.stores import Store
from earnorm.typing import Document

__all__ = ["MARKS", "CopyMark", "CopyMarks"]

MARKS: Final = "earnorm_copies"
"""The collection of the marks; it is gone once a copy is exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMark:
    """Of one collection, what is copied: everything up to an `_id`, or all."""

    collection: str
    state: Literal["copying", "copied"]
    last: tuple[Any, ...] = ()
    """The `_id` of the last document, if there was one."""


class CopyMarks:
    """The marks of the copies from one source to one target."""

    def __init__(self, target: Store, *, source: str, origin: str) -> None:
        self._target = target
        self._source = source
        self._origin = origin

    async def prepare(self, collections: Sequence[str], *, replace: bool) -> list[CopyMark]:
        """Where to go on in each collection; a new copy begins in collections that are empty, or made so.

        Raises `CopyError`, before anything is written, for one that is not, and where the copy of another
        source was not finished.
        """
        known = await self._read()
        fresh = [collection for collection in collections if collection not in known]
        filled = [one for one in fresh if await self._target.count(one, {}, limit=1)]
        if filled and not replace:
            raise self._error(
                f"{', '.join(map(repr, filled))} there {'is' if len(filled) == 1 else 'are'} not empty. Choose "
                "another target, or have what is there deleted first (--replace, replace=True)."
            )
        for collection in filled:
            await self._target.drop_collection(collection)
        for collection in fresh:
            await self._set(collection, {"state": "copying", "origin": self._origin})
        begun = {one: CopyMark(collection=one, state="copying") for one in fresh}
        return [(known | begun)[collection] for collection in collections]

    async def reached(self, collection: str, last: Any) -> None:
        """Notes that everything up to this `_id` is in the target."""
        await self._set(collection, {"last": last})

    async def copied(self, collection: str) -> None:
        """Notes that everything was copied once."""
        await self._set(collection, {"state": "copied"})

    async def forget(self, collections: Sequence[str]) -> None:
        """Deletes the marks of these collections; with the last one, the collection of the marks."""
        await self._target.delete(MARKS, {"_id": {"$in": list(collections)}})
        if not await self._target.count(MARKS, {}, limit=1):
            await self._target.drop_collection(MARKS)

    async def _read(self) -> dict[str, CopyMark]:
        marks: dict[str, CopyMark] = {}
        async for batch in self._target.find(MARKS, {}):
            for document in batch:
                self._check(document)
                last = (document["last"],) if "last" in document else ()
                mark = CopyMark(collection=document["_id"], state=document["state"], last=last)
                marks[mark.collection] = mark
        return marks

    def _check(self, mark: Document) -> None:
        if mark.get("origin") != self._origin:
            raise self._error(
                f"it holds the unfinished copy of another source, {mark.get('origin')}, up to the collection "
                f"{mark['_id']!r}. Finish that copy, choose another target, or drop the collection {MARKS!r} there."
            )

    async def _set(self, collection: str, values: Document) -> None:
        await self._target.update(MARKS, {"_id": collection}, {"$set": values}, upsert=True)

    def _error(self, fault: str) -> CopyError:
        return CopyError(fault, source=self._source, target=self._target.name)
