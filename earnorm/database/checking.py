"""Checks over data: indexes, documents that would not decode, references to what is not there."""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from earnorm.database.dangling import find_dangling
from earnorm.database.index_changes import IndexChange, collection_of, describe_index
from earnorm.database.neighbours import find_conflicts
from earnorm.database.rules import Place
from earnorm.database.tally import Tally
from earnorm.database.undecodable import find_undecodable
from earnorm.errors import NotConnectedError
from earnorm.metadata import Finding, Metadata
from earnorm.model_registry import ModelRegistry, audible, in_order

__all__ = ["CheckProgress", "OnCheckProgress", "check_data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProgress:
    """How far `database.check` is: `done` of `documents` of a collection, as they were counted when it began.

    References are looked at all together: there is one step, of no collection and without numbers.
    """

    collection: str
    state: Literal["decoding", "references"]
    done: int | None = None
    documents: int | None = None


OnCheckProgress: TypeAlias = Callable[[CheckProgress], None]
"""What is told of each batch; it is called in the event loop, and should return soon."""


async def check_data(
    models: Sequence[Any],
    changes: Sequence[IndexChange],
    place: Place,
    *,
    others: Sequence[ModelRegistry],
    silenced: Collection[str],
    progress: OnCheckProgress | None,
) -> list[Finding]:
    """What is wrong with the documents of these models, and with the indexes that differ; the worst first.

    Holds a batch of documents at a time, and of each fault of a field a count and a few ids.
    """
    tell = progress or _tell_nobody
    found = [_index_finding(change, models) for change in changes]
    found += find_conflicts(models, place.registry, others)
    for collection, roots in _by_collection(models).items():
        undecodable = find_undecodable(roots, place, partial(_tell_decoding, tell, collection))
        found += [one async for one in undecodable]
    found += [one async for one in _orphaned(models, place, tell)]
    known = {model.__metadata__.key: model for model in models}
    return in_order(audible(found, known, silenced))


async def _orphaned(
    models: Sequence[Any], place: Place, tell: OnCheckProgress
) -> AsyncGenerator[Finding, None]:
    tallies: dict[tuple[str, str, str], Tally] = {}
    tell(CheckProgress(collection="", state="references"))
    apart: list[Finding] = []
    dangling = find_dangling(
        models, place, unreachable=lambda *one: apart.append(_unreachable_finding(*one))
    )
    async with aclosing(dangling):
        async for one in dangling:
            tallies.setdefault((one.model, one.field, one.target), Tally()).add(one.document_id)
    for finding in apart:
        yield finding
    for (model, path, target), tally in tallies.items():
        yield Finding(
            id="earnorm.D002",
            level="error",
            model=model,
            field=path,
            message=f"{tally.count} references to documents of {target} that are not there, in {tally}.",
            hint="Let them refer to other documents, or take them out; on_delete keeps it from happening again.",
        )


def _unreachable_finding(model: Any, path: str, error: NotConnectedError) -> Finding:
    return Finding(
        id="earnorm.D005",
        level="info",
        model=model.__metadata__.key,
        field=path,
        message=f"refers to {error.model}, which has no database here, so these references were not looked at.",
        hint="Connect its registry as well, and check there.",
    )


def _index_finding(change: IndexChange, models: Iterable[Any]) -> Finding:
    is_extra = change.kind == "extra"
    metadata = _concerned(change, models)
    return Finding(
        id="earnorm.D004" if is_extra else "earnorm.D003",
        level="warning" if is_extra else "error",
        subject=f"{change.collection}.{change.index.name}",
        model=metadata.key,
        field=metadata.field_at(change.index.fields[0][0]),
        message=_MESSAGES[change.kind].format(change.index.name, describe_index(change.index)),
        hint=(
            "Drop it with earnorm indexes apply --drop if nothing else needs it."
            if is_extra
            else f"Run earnorm indexes apply{' --drop' if change.kind == 'changed' else ''}."
        ),
    )


_MESSAGES: Final = {
    "missing": "the store lacks the index {!r}: {}.",
    "changed": "the store has another index under the name {!r}, which is declared as {}.",
    "extra": "the store has the index {!r}, which no model declares: {}.",
}


def _by_collection(models: Iterable[Any]) -> dict[str, list[Any]]:
    """The models whose queries see all documents of a collection, together with those that share it."""
    found: dict[str, list[Any]] = {}
    for model in models:
        if model.__metadata__.root is None:
            found.setdefault(model.__metadata__.collection, []).append(model)
    return found


def _concerned(change: IndexChange, models: Iterable[Any]) -> Metadata:
    """The first model that declares the index; of one that none declares, the first of its collection."""
    there: list[Metadata] = [
        one.__metadata__ for one in models if collection_of(one) == change.collection
    ]
    named = (one for one in there if change.index.name in {index.name for index in one.indexes})
    return next(named, there[0])


def _tell_decoding(tell: OnCheckProgress, collection: str, done: int, documents: int) -> None:
    tell(CheckProgress(collection=collection, state="decoding", done=done, documents=documents))


def _tell_nobody(progress: CheckProgress) -> None:
    pass
