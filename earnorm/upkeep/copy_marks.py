"""How far a copy has come, kept in the target beside what was copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from bson import ObjectId

from earnorm.errors import CopyError
from earnorm.stores import Store
from earnorm.typing import Document
from earnorm.upkeep.fingerprint import CURRENT

__all__ = ["MARKS", "CopyMark", "CopyMarks"]

MARKS: Final = "earnorm_copies"
"""The collection of the marks. They stay, so that a copy can be repeated; nothing else reads them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMark:
    """Of one collection, what is copied: everything up to an `_id`, or all, or all and then compared."""

    collection: str
    origin: str
    state: Literal["copying", "mending", "copied"]
    last: tuple[Any, ...] = ()
    """The `_id` of the last document, if there was one."""
    hash: str | None = None
    """That of the target's documents when they were compared."""


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
        filled = [
            one
            for one in collections
            if await self._target.count(one, {}, limit=1, options=CURRENT)
        ]
        # what was dropped by hand begins anew, whatever its mark says
        ours = [one for one in filled if one in known and known[one].origin == self._origin]
        strange = [one for one in filled if one not in ours]
        if strange and not replace:
            raise self._error(
                f"{', '.join(map(repr, strange))} there {'is' if len(strange) == 1 else 'are'} not empty. Choose "
                "another target, or have what is there deleted first (--replace, replace=True)."
            )
        for collection in strange:
            await self._target.drop_collection(collection)
        return [
            known[collection] if collection in ours else await self._begin(collection)
            for collection in collections
        ]

    async def reached(self, collection: str, last: Any) -> None:
        """Notes that everything up to this `_id` is in the target."""
        await self._set(collection, {"last": last})

    async def mending(self, collection: str) -> None:
        """Notes that everything was copied once, and that what differs is still the copy's own."""
        await self._set(collection, {"state": "mending"})

    async def copied(self, collection: str, hash: str) -> None:
        """Notes that the target was compared, and the hash of what it holds."""
        await self._set(collection, {"state": "copied", "hash": hash})

    async def is_in(self, source: Store) -> bool:
        """Whether what is written to the target is found in the source: then they are one, by two names."""
        probe = {"_id": f"probe {ObjectId()}"}
        await self._target.insert(MARKS, [probe])
        try:
            return await source.count(MARKS, probe, options=CURRENT) > 0
        finally:
            await self._target.delete(MARKS, probe)
            if not await self._target.count(MARKS, {}, limit=1, options=CURRENT):
                await self._target.drop_collection(MARKS)

    async def _begin(self, collection: str) -> CopyMark:
        values = {"_id": collection, "state": "copying", "origin": self._origin}
        await self._target.replace(MARKS, {"_id": collection}, values, upsert=True)
        return CopyMark(collection=collection, origin=self._origin, state="copying")

    async def _read(self) -> dict[str, CopyMark]:
        marks: dict[str, CopyMark] = {}
        async for batch in self._target.find(MARKS, _MARKED, options=CURRENT):
            for document in batch:
                mark = CopyMark(
                    collection=document["_id"],
                    origin=document["origin"],
                    state=document["state"],
                    last=(document["last"],) if "last" in document else (),
                    hash=document.get("hash"),
                )
                self._check(mark)
                marks[mark.collection] = mark
        return marks

    def _check(self, mark: CopyMark) -> None:
        if mark.origin != self._origin and mark.state != "copied":
            raise self._error(
                f"it holds the unfinished copy of another source, {mark.origin}, up to the collection "
                f"{mark.collection!r}. Finish that copy, choose another target, or drop the collection {MARKS!r} there."
            )

    async def _set(self, collection: str, values: Document) -> None:
        await self._target.update(MARKS, {"_id": collection}, {"$set": values})

    def _error(self, fault: str) -> CopyError:
        return CopyError(fault, source=self._source, target=self._target.name)


_MARKED: Final[Document] = {"state": {"$exists": True}}
