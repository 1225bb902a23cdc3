"""Whether the documents of a store can be read by models that are not there yet."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final

from earnorm.errors import EarnORMError
from earnorm.metadata import EXTENSION, ModelDocument, Snapshot
from earnorm.model_registry import ModelRegistry
from earnorm.stores import Store
from earnorm.typing import Document, Imports
from earnorm.upkeep.fingerprint import CURRENT

__all__ = ["Readability", "check_readable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readability:
    """How many documents of a collection were tried, and how many of them no model of it can read.

    `faults` says why, of the first ones. `untried` says of which models it cannot be told, and why; with any, the
    documents of the collection were not tried.
    """

    collection: str
    documents: int
    unreadable: int
    faults: tuple[str, ...]
    untried: tuple[str, ...]


async def check_readable(
    snapshot: Snapshot, store: Store, *, collections: Collection[str], imports: Imports = ()
) -> list[Readability]:
    """Reads every document of these collections by models that are made of the model documents of a snapshot.

    `imports` names the modules from which functions and classes may come that the model documents name.
    """
    scratch = _registry(snapshot, imports)
    by_collection: dict[str, list[ModelDocument]] = {}
    for document in snapshot.documents.values():
        by_collection.setdefault(document.content[EXTENSION]["collection"], []).append(document)
    present = set(await store.collections())
    return [
        await _checked(collection, by_collection[collection], store, (scratch, imports))
        for collection in sorted(present.intersection(by_collection, collections))
    ]


_MOST_NAMED: Final = 20


def _registry(snapshot: Snapshot, imports: Imports) -> ModelRegistry:
    """A registry with those of the models that can be made."""
    scratch = ModelRegistry("what would be restored", plugins=snapshot.registry_plugins)
    factory = ModelRegistry.factory
    assert factory is not None  # the models were imported before there was a store
    # what stands in the way of a model is asked once more, of that model alone
    with suppress(EarnORMError):
        factory.create_from_snapshot(snapshot, registry=scratch, imports=imports)
    return scratch


async def _checked(
    collection: str,
    documents: list[ModelDocument],
    store: Store,
    making: tuple[ModelRegistry, Imports],
) -> Readability:
    untried = tuple(_missing(documents, *making))
    models = [making[0].get_model(key) for key in _tops(documents) if key in making[0]]
    tried, unreadable = 0, 0
    faults = list[str]()
    if not untried:
        found = store.find(collection, {}, options=CURRENT)
        async with aclosing(found):
            async for batch in found:
                tried += len(batch)
                wrong = [fault for one in batch if (fault := _fault(one, models))]
                unreadable += len(wrong)
                faults += wrong[: _MOST_NAMED - len(faults)]
    return Readability(
        collection=collection,
        documents=tried,
        unreadable=unreadable,
        faults=tuple(faults),
        untried=untried,
    )


def _tops(documents: Iterable[ModelDocument]) -> list[str]:
    """The models that inherit from none of the others: they read a document by the child that it names."""
    parents = {one.key: one.content[EXTENSION].get("inheritance", {}) for one in documents}
    return [key for key, inherits in parents.items() if inherits.get("parent") not in parents]


def _missing(
    documents: Iterable[ModelDocument], scratch: ModelRegistry, imports: Imports
) -> Iterator[str]:
    """Why models are not there."""
    for document in documents:
        if document.key not in scratch:
            try:
                scratch.create_model(document=document, imports=imports)
            except EarnORMError as error:
                yield f"{document.key}: {error}"


def _fault(document: Document, models: list[Any]) -> str | None:
    """Why no model can read the document; None where one can."""
    fault = None
    for model in models:
        try:
            model.from_document(document)
        except Exception as error:  # noqa: BLE001 # a field's own code may fail in any way
            fault = fault or str(error)
        else:
            return None
    return fault
