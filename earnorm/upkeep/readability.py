"""Whether the documents of a store can be read by models that are not there yet."""

from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from earnorm.errors import DocumentError, EarnORMError
from earnorm.metadata import EXTENSION, ModelDocument
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
    documents: Iterable[ModelDocument], store: Store, *, imports: Imports = ()
) -> list[Readability]:
    """Reads every document of the models' collections by models that are made of these model documents.

    `imports` names the modules from which functions and classes may come that the model documents name.
    """
    scratch = ModelRegistry("the models that would be restored")
    by_collection: dict[str, list[ModelDocument]] = {}
    for document in documents:
        by_collection.setdefault(document.content[EXTENSION]["collection"], []).append(document)
    present = set(await store.collections())
    return [
        await _checked(collection, by_collection[collection], store, _Making(scratch, imports))
        for collection in sorted(present.intersection(by_collection))
    ]


_MOST_NAMED: Final = 20


async def _checked(
    collection: str, documents: list[ModelDocument], store: Store, making: "_Making"
) -> Readability:
    models, untried = making.make(documents)
    tried, faults = 0, list[str]()
    unreadable = 0
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
        untried=tuple(untried),
    )


class _Making:
    """Makes models of their documents, on a registry of their own."""

    def __init__(self, registry: ModelRegistry, imports: Imports) -> None:
        self._registry = registry
        self._imports = imports

    def make(self, documents: list[ModelDocument]) -> tuple[list[Any], list[str]]:
        """The models, and why others cannot be made."""
        parents = {one.key: _parent(one) for one in documents}
        models, faults = list[Any](), list[str]()
        for document in sorted(documents, key=lambda one: _depth(one.key, parents)):
            try:
                models.append(self._registry.create_model(document=document, imports=self._imports))
            except EarnORMError as error:
                faults.append(f"{document.key}: {error}")
        return models, faults


def _parent(document: ModelDocument) -> str | None:
    inheritance = document.content[EXTENSION].get("inheritance", {})
    parent: str | None = inheritance.get("parent")
    return parent


def _depth(key: str, parents: Mapping[str, str | None]) -> int:
    above = parents.get(key)
    return 0 if above is None or above not in parents else 1 + _depth(above, parents)


def _fault(document: Document, models: list[Any]) -> str | None:
    """Why no model can read the document; None where one can."""
    fault = None
    for model in models:
        try:
            model.from_document(document)
        except DocumentError as error:
            fault = fault or str(error)
        else:
            return None
    return fault
