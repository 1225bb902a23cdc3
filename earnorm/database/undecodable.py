"""Finds the documents that would not decode, by the model and the field that refuses them."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from earnorm.database.kinds import plugins_below
from earnorm.database.rules import Place
from earnorm.database.tally import Tally
from earnorm.errors import DocumentError
from earnorm.metadata import Finding, Metadata
from earnorm.typing import MutableDocument, Selection

__all__ = ["find_undecodable"]


@dataclass(frozen=True, slots=True)
class _Fault:
    """Which model would not have the document, for which of its fields first, and what it said."""

    model: str
    field: str | None
    said: str


async def find_undecodable(
    roots: Sequence[Any], place: Place, tell: Callable[[int, int], None]
) -> AsyncGenerator[Finding, None]:
    """Reads a collection whose documents these models share, and yields a finding for each field at fault.

    `tell` is told after each batch how many of how many documents were read. A document counts once, for its
    first fault, and is sound where one of the models reads it.
    """
    tallies: dict[tuple[str, str | None], Tally] = {}
    done = 0
    for model in roots:
        await place.prepare(model)
    every = frozenset(plugins_below(roots[0]))
    selection: Selection[Any] = Selection(model=roots[0], widened=every)
    documents = await place.reads.count(selection)
    batches = place.reads.fetch_documents(selection)
    async with aclosing(batches):
        async for batch in batches:
            for document in batch:
                if (fault := _fault(document, roots)) is not None:
                    tally = tallies.setdefault((fault.model, fault.field), Tally())
                    tally.add(document.get("_id"), fault.said)
            done += len(batch)
            tell(done, documents)
    for (key, field), tally in tallies.items():
        yield _finding(key, field, tally, done)


def _fault(document: MutableDocument, roots: Iterable[Any]) -> _Fault | None:
    """Why no model that shares the collection can read the document; None when one can."""
    first: _Fault | None = None
    for model in roots:
        try:
            model.__codec__.load(document)
        except Exception as error:  # noqa: BLE001 # a field's own code may fail in any way
            first = first or _described(model, document, error)
        else:
            return None
    return first


def _described(root: Any, document: MutableDocument, error: Exception) -> _Fault:
    codec = root.__codec__.codec_of(document, [])
    metadata: Metadata = (codec.model if codec is not None else root).__metadata__
    path = error.errors[0].path if isinstance(error, DocumentError) and error.errors else ""
    return _Fault(metadata.key, metadata.field_at(path), str(error))


def _finding(model: str, field: str | None, tally: Tally, documents: int) -> Finding:
    return Finding(
        id="earnorm.D001",
        level="error",
        model=model,
        field=field,
        message=f"{tally.count} of {documents} documents would not decode: {tally}. The first: {tally.fault}",
        hint="Mend the documents with the store, or let the field accept what is stored.",
    )
