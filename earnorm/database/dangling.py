"""Finds references to documents that are not there."""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from earnorm.database.kinds import kinds_below
from earnorm.database.rules import Place, by_kind, kinds_of
from earnorm.errors import SECRET, NotConnectedError
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


Unreachable = Callable[[Any, str, NotConnectedError], None]
"""Told of a reference of a model, by its path, whose target is in no database that could be asked."""


async def find_dangling(
    models: Sequence[Any], place: Place, *, unreachable: Unreachable | None = None
) -> AsyncGenerator[DanglingReference, None]:
    """Yields the dangling references in the documents of these models, as queries see them.

    Each document is held against the references of its own class. Reads batch by batch; each costs a count for
    each reference, and a look-up where one dangles. A reference whose model is pending or ambiguous is left out.
    Raises `NotConnectedError` for one whose target has no database, unless `unreachable` takes note of it.
    """
    for model in _topmost(models):
        references = {kind: list(_references(kind, place, unreachable)) for kind in kinds_of(model)}
        if not any(references.values()):
            continue
        for kind in references:
            await place.prepare(kind)
        batches = place.reads.fetch_documents(Selection(model=model))
        async with aclosing(batches):
            async for documents in batches:
                held = _held(references, by_kind(model, documents))
                for reference, found in held.items():
                    for one in await _check(reference, found):
                        yield one


@dataclass(frozen=True, slots=True)
class _Reference:
    """A path at which documents refer to `target`, which is at `place`."""

    path: str
    is_secret: bool
    target: Any
    place: Place


_Held = tuple[Any, Any, ObjectId]
"""A model, the id of a document of it, and the id to which it refers."""


def _topmost(models: Sequence[Any]) -> list[Any]:
    """Those that are read for themselves: the documents of the others are among these."""
    return [one for one in models if not any(one in kinds_below(base) for base in models)]


def _references(
    model: Any, place: Place, unreachable: Unreachable | None
) -> Iterator[tuple[ReferencePath, _Reference]]:
    for path in find_references(model.__metadata__.fields):
        try:
            target = path.field.find_target()
            is_near = target.__registry__ is model.__registry__
            at = place if is_near else place.locate(target)
        except LookupError:
            continue
        except NotConnectedError as error:
            if unreachable is None:
                raise
            unreachable(model, path.path, error)
        else:
            yield path, _Reference(path.path, path.is_secret, target, at)


def _held(
    references: Mapping[Any, Iterable[tuple[ReferencePath, _Reference]]],
    documents: Mapping[Any, Iterable[MutableDocument]],
) -> dict[_Reference, list[_Held]]:
    """What the documents refer to; classes that share a reference share its look-up."""
    held: dict[_Reference, list[_Held]] = {}
    for kind, some in documents.items():
        for path, reference in references.get(kind, ()):
            found = held.setdefault(reference, [])
            found += [(kind, one["_id"], referred) for one in some for referred in _ids(path, one)]
    return held


async def _check(reference: _Reference, held: Sequence[_Held]) -> list[DanglingReference]:
    target = reference.target
    missing = await _missing(target, [referred for _, _, referred in held], reference.place)
    return [
        DanglingReference(
            model=model.__metadata__.key,
            document_id=document_id,
            field=reference.path,
            target=target.__metadata__.key,
            missing=SECRET if reference.is_secret else referred,
        )
        for model, document_id, referred in dict.fromkeys(held)
        if referred in missing
    ]


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
