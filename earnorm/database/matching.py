"""Query writes: updates and deletes of all documents that match."""

from collections.abc import Collection
from typing import Any

from earnorm.database.instances import InstanceWrites
from earnorm.database.reading import Reads, active_plans
from earnorm.database.translation import shape_update, translate_errors, translate_update
from earnorm.errors import HookBypassError, UpdateError
from earnorm.plugins import Plans
from earnorm.stores import Store
from earnorm.stores.documents import apply_update
from earnorm.typing import MutableDocument, Selection

__all__ = ["QueryWrites"]


class QueryWrites:
    """The walk of a query write to one store; no hook is passed by silently."""

    def __init__(self, store: Store, reads: Reads, instances: InstanceWrites) -> None:
        self._store = store
        self._reads = reads
        self._instances = instances

    async def update(
        self, selection: Selection[Any], update: object, *, each: bool, skip_hooks: Collection[str]
    ) -> int:
        """Updates every match inside the update hooks, or each instance inside its save hooks."""
        model: Any = selection.model
        plans = active_plans(model, skip_hooks)
        return await self._update(selection, update, plans, each=each, operation="update")

    async def delete(
        self, selection: Selection[Any], *, each: bool, skip_hooks: Collection[str]
    ) -> int:
        """Deletes every match, or makes the update that a plugin puts in the place of a delete."""
        model: Any = selection.model
        plans = active_plans(model, skip_hooks)
        answer = find_replacement(model, plans)
        if answer is not None:
            _, update = answer
            return await self._update(selection, update, plans, each=each, operation="delete")
        filter = self._reads.scope(selection)
        await plans.before_delete.run(model, filter)
        with translate_errors(model.__metadata__):
            deleted = await self._store.delete(model.__metadata__.collection, filter)
        await plans.after_delete.run(model, filter, deleted)
        return deleted

    async def delete_instance(self, instance: Any, *, skip_hooks: Collection[str]) -> bool:
        """Deletes the instance's document, or marks both as the plugin says; false when it was gone."""
        model: Any = type(instance)
        if instance.id is None:
            raise UpdateError(
                f"{model.__metadata__.key}: the instance was never saved, so there is nothing to delete"
            )
        plans = active_plans(model, skip_hooks)
        answer = find_replacement(model, plans)
        replacing = answer[0] if answer is not None else None
        # However queries are narrowed, this document is meant; only what replaces deletes knows the deleted.
        widened = frozenset(plugin.name for plugin in model.__plans__.plugins) - {replacing}
        selection = Selection(model=model, filters=({"_id": instance.id},), widened=widened)
        # With one instance at hand no hook need be passed by: save hooks run where an update hook lacks.
        each = answer is not None and any(plans.bypassed())
        found = await self.delete(selection, each=each, skip_hooks=skip_hooks)
        if answer is None:
            instance.__state__.stored = False
        elif found:
            await self._take_marks(instance)
        return found > 0

    async def _update(
        self, selection: Selection[Any], update: object, plans: Plans, *, each: bool, operation: str
    ) -> int:
        model: Any = selection.model
        metadata = model.__metadata__
        shaped = shape_update(metadata, update)
        if each:
            return await self._update_each(selection, translate_update(metadata, shaped), plans)
        bypassed = dict(plans.bypassed())
        if bypassed:
            raise HookBypassError(model=metadata.key, operation=operation, plugins=bypassed)
        filter = self._reads.scope(selection)
        await plans.before_update.run(model, filter, shaped)
        translated = translate_update(metadata, shaped)
        with translate_errors(metadata):
            matched = await self._store.update(metadata.collection, filter, translated)
        await plans.after_update.run(model, filter, translated, matched)
        return matched

    async def _update_each(
        self, selection: Selection[Any], update: MutableDocument, plans: Plans
    ) -> int:
        model: Any = selection.model
        changed = 0
        async for documents in self._reads.fetch_documents(selection):
            for document in documents:
                with translate_errors(model.__metadata__):
                    instance = model.from_document(apply_update(document, update))
                await self._instances.save(instance, plans)
                changed += 1
        return changed

    async def _take_marks(self, instance: Any) -> None:
        """Puts what the delete has set into the instance, and leaves its other values alone."""
        document = await self._reads.find_by_id(type(instance), instance.id)
        if document is None:
            return
        fresh = type(instance).from_document(document)
        for name, field in type(instance).__metadata__.fields.items():
            if field.contributed_by is not None and name in vars(fresh):
                vars(instance)[name] = vars(fresh)[name]


def find_replacement(model: Any, plans: Plans) -> tuple[str, MutableDocument] | None:
    """The plugin that makes an update instead of a delete, if any, and that update."""
    for implementation, update in plans.replace_delete.run_sync(model):
        return implementation.plugin, update
    return None
