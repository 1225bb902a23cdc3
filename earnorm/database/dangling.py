"""Finds references to documents that are not there."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from earnorm.database.rules import Place
from earnorm.errors import SECRET
from earnorm.fields import ReferencePath, find_references
from earnorm.typing import MutableDocument, Selection

__all__ = ["DanglingReference", "find_dangling"]

_AT_ONCE = 10_000  # ids in one look-up: MongoDB takes no query above 16 MiB


@dataclass(frozen=True, slots=True, kw_only=True)
class DanglingReference:
    """A document of `model` refers by `field` to the document `missing` of `target`, which is not there.

    `model` and `target` are keys, `field` is the path of the reference. The id that a secret reference holds
    is not told: `missing` is `***`.
    """

    model: str
    document_id: object
    field: str
    target: str
    missing: object

    def __str__(self) -> str:
        return (
            f"{self.model} {self.document_id}: {self.field} refers to {self.target} {self.missing}, which "
            "does not exist. Let it refer to another document, or take the reference out."
        )


async def find_dangling(
    models: Sequence[Any], place: Place
) -> AsyncGenerator[DanglingReference, None]:
    """Yields the dangling references in the documents of these models, as queries see them.

    Reads batch by batch; each costs a count for each reference, and a look-up where one dangles. A
    reference whose model is pending or ambiguous is left out.
    """
    for model in models:
        paths = list(_paths(model, models))
        if not paths:
            continue
        await place.prepare(model)
        batches = place.reads.fetch_documents(Selection(model=model))
        async with aclosing(batches):
            async for documents in batches:
                for path, target in paths:
                    for one in await _check(model, path, target, documents, place):
                        yield one


async def _check(
    model: Any,
    path: ReferencePath,
    target: Any,
    documents: Sequence[MutableDocument],
    place: Place,
) -> list[DanglingReference]:
    held = [(one["_id"], referred) for one in documents for referred in _ids(path, one)]
    at = place if target.__registry__ is model.__registry__ else place.locate(target)
    missing = await _missing(target, [referred for _, referred in held], at)
    return [
        DanglingReference(
            model=model.__metadata__.key,
            document_id=document_id,
            field=path.path,
            target=target.__metadata__.key,
            missing=SECRET if path.is_secret else referred,
        )
        for document_id, referred in dict.fromkeys(held)
        if referred in missing
    ]


def _paths(model: Any, models: Iterable[Any]) -> Iterator[tuple[ReferencePath, Any]]:
    """The model's references with their targets, but for those that are looked at with its bases."""
    bases = [one for one in models if one is not model and issubclass(model, one)]
    inherited = {path.path for base in bases for path in find_references(base.__metadata__.fields)}
    for path in find_references(model.__metadata__.fields):
        if path.path in inherited:
            continue
        try:
            yield path, path.field.find_target()
        except LookupError:
            continue


def _ids(path: ReferencePath, document: MutableDocument) -> Iterator[ObjectId]:
    # What does not fit the model is no reference: the document as a whole is at fault then.
    return (one for one in path.values(document) if isinstance(one, ObjectId))


async def _missing(target: Any, ids: Iterable[ObjectId], place: Place) -> set[ObjectId]:
    """Which of the ids no document of the target has, whatever plugins hide."""
    wanted = list(dict.fromkeys(ids))
    missing: set[ObjectId] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        every = frozenset(plugin.name for plugin in target.__plans__.plugins)
        selection: Selection[Any] = Selection(
            model=target, filters=({"_id": {"$in": some}},), widened=every
        )
        if await place.reads.count(selection) == len(some):
            continue
        missing.update(some)
        batches = place.reads.fetch_documents(selection)
        async with aclosing(batches):
            async for documents in batches:
                missing.difference_update(document["_id"] for document in documents)
    return missing
