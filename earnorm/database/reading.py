"""Reads documents for queries, and makes instances of them."""

from collections.abc import AsyncIterator, Collection
from typing import Any, TypeVar

from earnorm.database.translation import translate_errors, translate_filter, translate_sort
from earnorm.errors import PluginNotEnabledError
from earnorm.plugins import Plans
from earnorm.stores import Store
from earnorm.typing import MutableDocument, Selection

__all__ = ["Reads", "active_plans", "narrowing_plugins"]

M = TypeVar("M")


class Reads:
    """What queries read from one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def scope(self, selection: Selection[Any]) -> MutableDocument:
        """The filter of a selection under stored names, narrowed by the plugins that are not lifted."""
        model: Any = selection.model
        metadata = model.__metadata__
        filters = [translate_filter(metadata, filter) for filter in selection.filters]
        return _all_of([*filters, *self._narrowings(model, selection.widened)])

    def narrowing(self, model: Any) -> MutableDocument:
        """What the plugins narrow every query of the model to, under stored names."""
        return _all_of(self._narrowings(model, ()))

    def _narrowings(self, model: Any, widened: Collection[str]) -> list[MutableDocument]:
        answers = active_plans(model, widened).narrow_query.run_sync(model)
        return [translate_filter(model.__metadata__, narrowing) for _, narrowing in answers]

    async def fetch(self, selection: Selection[M]) -> AsyncIterator[M]:
        """Yields the instances of a selection; raises `DocumentError` at the first that does not fit."""
        model: Any = selection.model
        async for documents in self.fetch_documents(selection):
            for document in documents:
                yield model.from_document(document)

    async def fetch_documents(
        self, selection: Selection[Any]
    ) -> AsyncIterator[list[MutableDocument]]:
        """Yields the documents of a selection in batches."""
        model: Any = selection.model
        metadata = model.__metadata__
        with translate_errors(metadata):
            batches = self._store.find(
                metadata.collection,
                self.scope(selection),
                sort=translate_sort(metadata, selection.sort),
                skip=selection.skip,
                limit=selection.limit,
            )
            async for documents in batches:
                yield documents

    async def count(self, selection: Selection[Any]) -> int:
        """How many documents a selection has."""
        metadata = selection.model.__metadata__
        with translate_errors(metadata):
            return await self._store.count(
                metadata.collection,
                self.scope(selection),
                skip=selection.skip,
                limit=selection.limit,
            )

    async def find_by_id(self, model: Any, document_id: object) -> MutableDocument | None:
        """The document with this id, whatever the plugins narrow; None when there is none."""
        metadata = model.__metadata__
        with translate_errors(metadata):
            async for documents in self._store.find(
                metadata.collection, {"_id": document_id}, limit=1
            ):
                return documents[0]
        return None


def narrowing_plugins(model: Any) -> list[str]:
    """The plugins that leave documents of the model out of its queries."""
    return [one.plugin for one in model.__plans__.narrow_query.implementations]


def active_plans(model: Any, skipped: Collection[str]) -> Plans:
    """The model's plans without some of its plugins; raises `PluginNotEnabledError` for a strange name."""
    plans: Plans = model.__plans__
    if not skipped:
        return plans
    enabled = [plugin.name for plugin in plans.plugins]
    for name in sorted(skipped):
        if name not in enabled:
            raise PluginNotEnabledError(name, model=model.__metadata__.key, enabled=enabled)
    left: Plans = model.__registry__.plugins.plans(plans.without(skipped))
    return left


def _all_of(filters: list[MutableDocument]) -> MutableDocument:
    present = [filter for filter in filters if filter]
    if len(present) > 1:
        return {"$and": present}
    return present[0] if present else {}
