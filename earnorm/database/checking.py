"""Checks over data: indexes, documents that would not decode, references to what is not there."""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from earnorm.database.dangling import find_dangling
from earnorm.database.index_changes import IndexChange, describe_index
from earnorm.database.kinds import plugins_below
from earnorm.database.rules import Place
from earnorm.errors import NotConnectedError
from earnorm.metadata import Finding
from earnorm.model_registry import audible, in_order
from earnorm.typing import MutableDocument, Selection

__all__ = ["CheckProgress", "OnCheckProgress", "check_data"]

_NAMED = 5  # ids in a finding: enough to look at one, and no more memory for a million


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
    silenced: Collection[str],
    progress: OnCheckProgress | None,
) -> list[Finding]:
    """What is wrong with the documents of these models, and with the indexes that differ; the worst first.

    Holds a batch of documents at a time, and of each kind of fault a count and a few ids.
    """
    tell = progress or _tell_nobody
    found = [_index_finding(change, models) for change in changes]
    for collection, roots in _by_collection(models).items():
        found += await _undecodable(collection, roots, place, tell)
    found += [one async for one in _orphaned(models, place, tell)]
    known = {model.__metadata__.key: model for model in models}
    return in_order(audible(found, known, silenced))


@dataclass(slots=True)
class _Tally:
    """How many there are, and the first of them."""

    count: int = 0
    first: list[object] = field(default_factory=list)
    fault: str = ""

    def add(self, one: object, fault: str = "") -> None:
        self.count += 1
        self.fault = self.fault or fault
        if len(self.first) < _NAMED and one not in self.first:
            self.first.append(one)

    def __str__(self) -> str:
        named = ", ".join(map(str, self.first))
        return f"{named}, …" if self.count > len(self.first) else named


async def _undecodable(
    collection: str, roots: Sequence[Any], place: Place, tell: OnCheckProgress
) -> list[Finding]:
    tally, done = _Tally(), 0
    for model in roots:
        await place.prepare(model)
    every = frozenset(plugins_below(roots[0]))
    selection: Selection[Any] = Selection(model=roots[0], widened=every)
    documents = await place.reads.count(selection)
    batches = place.reads.fetch_documents(selection)
    async with aclosing(batches):
        async for batch in batches:
            for document in batch:
                fault = _fault(document, roots)
                if fault is not None:
                    tally.add(document.get("_id"), fault)
            done += len(batch)
            tell(
                CheckProgress(
                    collection=collection, state="decoding", done=done, documents=documents
                )
            )
    return [_decoding_finding(roots[0], tally, done)] if tally.count else []


def _fault(document: MutableDocument, roots: Iterable[Any]) -> str | None:
    """Why no model that shares the collection can read the document; None when one can."""
    first: str | None = None
    for model in roots:
        try:
            model.__codec__.load(document)
        except Exception as error:  # noqa: BLE001 # a field's own code may fail in any way
            first = first or str(error)
        else:
            return None
    return first


async def _orphaned(
    models: Sequence[Any], place: Place, tell: OnCheckProgress
) -> AsyncGenerator[Finding, None]:
    tallies: dict[tuple[str, str, str], _Tally] = {}
    tell(CheckProgress(collection="", state="references"))
    apart: list[Finding] = []
    dangling = find_dangling(
        models, place, unreachable=lambda *one: apart.append(_unreachable_finding(*one))
    )
    async with aclosing(dangling):
        async for one in dangling:
            tallies.setdefault((one.model, one.field, one.target), _Tally()).add(one.document_id)
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
        id="earnorm.D006",
        level="info",
        model=model.__metadata__.key,
        field=path,
        message=f"refers to {error.model}, which has no database here, so these references were not looked at.",
        hint="Connect its registry as well, and check there.",
    )


def _decoding_finding(model: Any, tally: _Tally, documents: int) -> Finding:
    return Finding(
        id="earnorm.D001",
        level="error",
        model=model.__metadata__.key,
        message=f"{tally.count} of {documents} documents would not decode: {tally}. The first: {tally.fault}",
        hint="Mend the documents with the store, or let the fields accept what is stored.",
    )


def _index_finding(change: IndexChange, models: Iterable[Any]) -> Finding:
    is_extra = change.kind == "extra"
    return Finding(
        id="earnorm.D004" if is_extra else "earnorm.D003",
        level="warning" if is_extra else "error",
        subject=f"{change.collection}.{change.index.name}",
        model=next(_keys_in(change.collection, models), None),
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


def _keys_in(collection: str, models: Iterable[Any]) -> Iterator[str]:
    return (
        one.__metadata__.key
        for one in models
        if one.__metadata__.collection == collection and one.__metadata__.root is None
    )


def _tell_nobody(progress: CheckProgress) -> None:
    pass
