"""Reads documents for queries, and makes instances of them."""

from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from contextlib import aclosing
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from earnorm.database.filters import translate_filter
from earnorm.database.kinds import all_fields, kind_filter, kinds_below, plugins_below
from earnorm.database.transactions import Transactions
from earnorm.database.translation import translate_errors, translate_sort
from earnorm.errors import PluginNotEnabledError
from earnorm.models import DISCRIMINATOR, BaseModel
from earnorm.plugins import Plans, run_nested
from earnorm.typing import (
    NAIVE_DATES,
    Document,
    MutableDocument,
    OperationOptions,
    Selection,
    Shape,
    SortKey,
)

__all__ = [
    "Reads",
    "active_plans",
    "explain_absence",
    "narrowing_plugins",
    "options_of",
    "reads_naive_dates",
    "shape_of",
]

M = TypeVar("M")


class Reads:
    """What queries read from one store, or in the transaction that runs."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def scope(self, selection: Selection[Any]) -> MutableDocument:
        """The filter of a selection under stored names: of the model and its children, and narrowed.

        The plugins that are lifted do not narrow.
        """
        model: Any = selection.model
        metadata = all_fields(model)
        filters = [translate_filter(metadata, filter) for filter in selection.filters]
        narrowings = self._narrowings(model, selection.widened)
        return _all_of([kind_filter(model), *filters, *narrowings])

    async def announce(self, model: Any, filter: Document) -> None:
        """Runs `before_find` of the model's plugins, and of those that only its children have."""
        plans = model.__plans__
        if plans.before_find:
            await run_nested(plans.before_find, model, deepcopy(filter))
        for child, own in _plans_of_children(model, ()):
            if own.before_find:
                await run_nested(own.before_find, child, deepcopy(filter))

    def narrowing(self, model: Any) -> MutableDocument:
        """What the plugins narrow every query of the model to, under stored names."""
        return _all_of(self._narrowings(model, ()))

    def _narrowings(self, model: Any, widened: Collection[str]) -> list[MutableDocument]:
        narrowings = _run_narrowings(model, active_plans(model, widened))
        for child, own in _plans_of_children(model, widened):
            # What a child's own plugins leave out, they leave out for whoever asks its base.
            of_child = _run_narrowings(child, own)
            if of_child:
                is_other = {DISCRIMINATOR: {"$ne": child.__metadata__.discriminator}}
                narrowings.append({"$or": [is_other, _all_of(of_child)]})
        return narrowings

    async def fetch(self, selection: Selection[M]) -> AsyncGenerator[M, None]:
        """Yields what a selection makes of its documents; raises `DocumentError` at the first that does not fit."""
        shape = shape_of(selection)
        batches = self._batches(selection, shape)
        async with aclosing(batches):
            async for documents in batches:
                for document in documents:
                    yield shape.read(document)

    async def fetch_all(self, selection: Selection[M]) -> list[M]:
        """What a selection makes of all its documents; a list at once costs less than one by one."""
        shape = shape_of(selection)
        found: list[M] = []
        batches = self._batches(selection, shape)
        async with aclosing(batches):
            async for documents in batches:
                found += shape.read_all(documents)
        return found

    def _batches(
        self, selection: Selection[Any], shape: Shape[Any]
    ) -> AsyncGenerator[list[MutableDocument], None]:
        return self.fetch_documents(
            selection, projection=shape.projection, naive_dates=shape.reads_naive_dates
        )

    async def fetch_documents(
        self,
        selection: Selection[Any],
        *,
        limit: int | None = None,
        projection: Document | None = None,
        naive_dates: bool = False,
    ) -> AsyncGenerator[list[MutableDocument], None]:
        """Yields the documents of a selection in batches, whole whatever its shape, unless projected.

        Up to `limit` where the selection has no limit of its own.
        Their dates are aware, and may be naive with `naive_dates`, which is cheaper.
        """
        model: Any = selection.model
        metadata, filter = all_fields(model), self.scope(selection)
        await self.announce(model, filter)
        with translate_errors(metadata, asked=[filter]):
            batches = self._transactions.documents.find(
                metadata.collection,
                filter,
                sort=translate_sort(metadata, selection.sort),
                skip=selection.skip,
                limit=limit if selection.limit is None else selection.limit,
                projection=projection,
                options=options_of(selection, naive_dates=naive_dates),
            )
            async with aclosing(batches):
                async for documents in batches:
                    yield documents

    async def find_stretch(
        self,
        selection: Selection[Any],
        beyond: MutableDocument,
        sort: Sequence[SortKey],
        *,
        limit: int,
        projection: Document | None,
    ) -> list[MutableDocument]:
        """The first documents of a selection that also fit `beyond`, in an order under stored names."""
        metadata, filter = all_fields(selection.model), self.scope(selection)
        await self.announce(selection.model, filter)
        found: list[MutableDocument] = []
        with translate_errors(metadata, asked=[filter]):
            batches = self._transactions.documents.find(
                metadata.collection,
                _all_of([filter, beyond]),
                sort=sort,
                limit=limit,
                projection=projection,
                options=options_of(selection),
            )
            async with aclosing(batches):
                async for documents in batches:
                    found += documents
        return found

    async def count(self, selection: Selection[Any]) -> int:
        """How many documents a selection has."""
        metadata, filter = all_fields(selection.model), self.scope(selection)
        await self.announce(selection.model, filter)
        with translate_errors(metadata, asked=[filter]):
            return await self._transactions.documents.count(
                metadata.collection,
                filter,
                skip=selection.skip,
                limit=selection.limit,
                options=options_of(selection),
            )

    async def find_first(
        self, selection: Selection[Any], *, naive_dates: bool = False
    ) -> MutableDocument | None:
        """The first document of a selection, or None."""
        batches = self.fetch_documents(selection, limit=1, naive_dates=naive_dates)
        # Closed here and now: a generator that is left open costs the event loop a task.
        async with aclosing(batches):
            async for documents in batches:
                return documents[0]
        return None

    async def find_by_id(
        self, model: Any, document_id: object, *, naive_dates: bool = False
    ) -> MutableDocument | None:
        """The document with this id, whatever the plugins narrow; None when there is none."""
        widened = frozenset(plugins_below(model))
        by_id: Selection[Any] = Selection(
            model=model, filters=({"_id": document_id},), widened=widened
        )
        return await self.find_first(by_id, naive_dates=naive_dates)


def options_of(selection: Selection[Any], *, naive_dates: bool = False) -> OperationOptions | None:
    """How the store is to run it: as the query says, and where it says nothing, as the model does."""
    declared: OperationOptions | None = selection.model.__metadata__.store_options
    asked = selection.options
    options = declared if asked is None else asked.over(declared)
    if not naive_dates:
        return options
    return NAIVE_DATES if options is None else replace(options, naive_dates=True)


def reads_naive_dates(model: Any) -> bool:
    """Whether the model's `from_document` is ours, and takes naive dates for UTC; an author's may not."""
    return getattr(model.from_document, "__func__", None) is _FROM_DOCUMENT


def shape_of(selection: Selection[M]) -> Shape[M]:
    """What the selection makes of its documents."""
    return selection.shape if selection.shape is not None else _instances_of(selection.model)


@dataclass(frozen=True, slots=True)
class _Instances(Shape[Any]):
    """Instances of a model, checked."""

    model: Any
    reads_naive_dates: bool
    projection: None = None

    def read(self, document: Document) -> Any:
        return self.model.from_document(document)


class _PlainInstances(_Instances):
    """Instances of a model whose `from_document` only has the codec load them."""

    __slots__ = ()

    def read_all(self, documents: list[MutableDocument]) -> list[Any]:
        found: list[Any] = self.model.__codec__.load_all(documents)
        return found


def _instances_of(model: Any) -> _Instances:
    is_ours = reads_naive_dates(model)
    kinds = (model, *kinds_below(model))
    is_plain = is_ours and not any(one.__plans__.after_load for one in kinds)
    return (_PlainInstances if is_plain else _Instances)(model, is_ours)


def narrowing_plugins(model: Any) -> list[str]:
    """The plugins that leave documents of the model out of its queries."""
    models = (model, *kinds_below(model))
    plans = (one.__plans__.narrow_query.implementations for one in models)
    return list(dict.fromkeys(one.plugin for implementations in plans for one in implementations))


def explain_absence(model: Any) -> str:
    """Says which plugins may leave the document out, if any narrow the model's queries."""
    names = [repr(name) for name in narrowing_plugins(model)]
    if not names:
        return ""
    return f"unless {' or '.join(names)} leaves it out; find().widen({', '.join(names)}) shows all."


def active_plans(model: Any, skipped: Collection[str]) -> Plans:
    """The model's plans without some plugins; raises `PluginNotEnabledError` for a strange name.

    A name that only a child enables is not strange.
    """
    plans: Plans = model.__plans__
    if not skipped:
        return plans
    enabled = plugins_below(model)
    for name in sorted(skipped):
        if name not in enabled:
            raise PluginNotEnabledError(name, model=model.__metadata__.key, enabled=sorted(enabled))
    left: Plans = model.__registry__.plugins.plans(plans.without(skipped))
    return left


def _plans_of_children(model: Any, skipped: Collection[str]) -> Iterator[tuple[Any, Plans]]:
    """The models below, each with the plans of the plugins that this one does not have, without those skipped."""
    known = {*skipped, *(plugin.name for plugin in model.__plans__.plugins)}
    for child in kinds_below(model):
        yield child, child.__registry__.plugins.plans(child.__plans__.without(known))


def _run_narrowings(model: Any, plans: Plans) -> list[MutableDocument]:
    narrowings = []
    for implementation, narrowing in plans.narrow_query.run_sync(model):
        with implementation.blame():
            narrowings.append(translate_filter(model.__metadata__, narrowing))
    return narrowings


_FROM_DOCUMENT: Any = BaseModel.from_document.__func__  # type: ignore[attr-defined] # a method's


def _all_of(filters: list[MutableDocument]) -> MutableDocument:
    present = [filter for filter in filters if filter]
    if len(present) > 1:
        return {"$and": present}
    return present[0] if present else {}
