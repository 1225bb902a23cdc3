"""The `on_delete` rules of the references to a model, and the documents that they concern."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from earnorm.database.kinds import all_fields, kinds_below
from earnorm.database.matching import QueryUpdates
from earnorm.database.reading import Reads
from earnorm.database.transactions import Transactions
from earnorm.database.translation import translate_errors
from earnorm.fields import OnDelete, ReferencePath, find_references
from earnorm.model_registry import ModelRegistry
from earnorm.typing import MutableDocument, Selection

__all__ = ["Level", "Place", "Rule", "by_kind", "find_rules", "has_rules", "kinds_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """One database, as a delete sees it that reaches from model to model.

    `prepare` is what comes before the first operation of a model. `locate` gives the place of a model of another
    registry. `ruleless` remembers the models that no rule concerned, each with the revisions of the registries that were
    asked.
    """

    registry: ModelRegistry
    transactions: Transactions
    prepare: Callable[[Any], Awaitable[None]]
    reads: Reads
    updates: QueryUpdates
    locate: "Callable[[Any], Place]"
    ruleless: "WeakKeyDictionary[Any, tuple[int, int]]" = field(default_factory=WeakKeyDictionary)

    async def remove(self, model: Any, filter: MutableDocument) -> int:
        """Deletes every match from the model's collection, and runs nothing."""
        with translate_errors(all_fields(model), asked=[filter]):
            return await self.transactions.documents.delete(
                model.__metadata__.collection, filter, options=model.__metadata__.store_options
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Documents of one model that are to be deleted.

    `is_kept` says that a plugin marks them instead, so that what refers to them may go on doing so.
    """

    model: Any
    ids: frozenset[Any]
    place: Place
    is_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One reference to a model, in the documents of `model`, that are at `place`."""

    model: Any
    path: ReferencePath
    place: Place

    async def referring(
        self, ids: frozenset[Any], *, widened: frozenset[str]
    ) -> AsyncGenerator[list[MutableDocument], None]:
        """Yields the documents that refer to one of these ids, in batches."""
        await self.place.prepare(self.model)
        condition = {"$in": list(ids)} if self.path.is_searchable else {"$exists": True}
        selection: Selection[Any] = Selection(
            model=self.model, filters=({self.path.stored_path: condition},), widened=widened
        )
        batches = self.place.reads.fetch_documents(selection)
        async with aclosing(batches):
            async for documents in batches:
                found = [one for one in documents if self._refers(one, ids)]
                if found:
                    yield found

    def _refers(self, document: MutableDocument, ids: frozenset[Any]) -> bool:
        # What a document holds that does not fit its model may have no hash.
        return any(
            one in ids for one in self.path.values(document) if not isinstance(one, dict | list)
        )


def kinds_of(model: Any) -> Iterator[Any]:
    """The model, and the concrete models that inherit it."""
    yield model
    yield from kinds_below(model)


def by_kind(model: Any, documents: Iterable[MutableDocument]) -> dict[Any, list[MutableDocument]]:
    """Documents that were found among those of the model, by the class that each belongs to."""
    found: dict[Any, list[MutableDocument]] = {}
    for document in documents:
        kind = model.__tree__.choose(model, document)
        # A document of no known class is treated as one of the model.
        found.setdefault(kind if isinstance(kind, type) else model, []).append(document)
    return found


def has_rules(model: Any, place: Place) -> bool:
    """Whether a delete of the model's documents concerns others."""
    revisions = (model.__registry__.revision, place.registry.revision)
    if place.ruleless.get(model) == revisions:
        return False
    found = bool(_declared(model, place))
    if not found:
        place.ruleless[model] = revisions
    return found


def find_rules(model: Any, place: Place, rule: OnDelete) -> list[Rule]:
    """The references to `model` with this rule, each with the place of the documents that hold it.

    The models are those that the model's home registry knows, and that of the database.
    """
    return [
        Rule(model=dependent, path=path, place=_beside(dependent, model, place))
        for dependent, path in _declared(model, place)
        if path.field.on_delete == rule
    ]


def _beside(dependent: Any, model: Any, place: Place) -> Place:
    """Where the dependent's documents are: with the model's, unless its home is another registry."""
    return place if dependent.__registry__ is model.__registry__ else place.locate(dependent)


def _declared(model: Any, place: Place) -> list[tuple[Any, ReferencePath]]:
    registries = {id(one): one for one in (model.__registry__, place.registry)}
    found: dict[tuple[Any, str], ReferencePath] = {}
    for registry in registries.values():
        for dependent, path in _in_registry(model, registry):
            found.setdefault((dependent, path.path), path)
    return [
        (dependent, path)
        for (dependent, name), path in found.items()
        if not any(_covers(other, dependent, path, found.get((other, name))) for other, _ in found)
    ]


def _covers(other: Any, model: Any, path: ReferencePath, inherited: ReferencePath | None) -> bool:
    """Whether a rule of `other` is that of `model` as well, which inherits it."""
    if other is model or not issubclass(model, other) or inherited is None:
        return False
    return inherited.field.on_delete == path.field.on_delete


def _in_registry(model: Any, registry: ModelRegistry) -> Iterator[tuple[Any, ReferencePath]]:
    for target in _family(model):
        if target not in registry:
            continue
        for dependent in registry.get_dependents(target):
            for path in find_references(dependent.__metadata__.fields):
                if path.field.on_delete != "none" and _leads_to(path, target):
                    yield dependent, path


def _leads_to(path: ReferencePath, target: Any) -> bool:
    try:
        return path.field.find_target() is target
    except LookupError:
        return False  # pending or ambiguous: it refers to nobody yet


def _family(model: Any) -> Iterator[Any]:
    """The model and those that it shares documents with: what it inherits from, what inherits from it."""
    for member in model.__tree__.all_members():
        if issubclass(member, model) or issubclass(model, member):
            yield member
