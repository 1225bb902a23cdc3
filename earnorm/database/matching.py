"""Query writes: updates and deletes of all documents that match."""

from collections.abc import Collection
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from earnorm.database.branches import Branch, branches, check_names_of_children, touched_names
from earnorm.database.instances import InstanceWrites
from earnorm.database.kinds import all_fields
from earnorm.database.reading import Reads, active_plans
from earnorm.database.revisions import as_known, next_revision, refuse_conflict
from earnorm.database.translation import translate_errors
from earnorm.database.updates import check_passed_validators, shape_update, translate_update
from earnorm.errors import HookBypassError, UpdateError
from earnorm.models import adopt
from earnorm.plugins import Plans
from earnorm.stores import Store
from earnorm.stores.documents import apply_update
from earnorm.typing import Document, MutableDocument, Selection

__all__ = ["QueryWrites"]

_MOST_ATTEMPTS = 20  # at one document that other writers keep changing


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
        shaped = shape_update(model.__metadata__, update)
        check_names_of_children(model, shaped, is_checked_later=each)
        parts = branches(selection, skip_hooks, touched=touched_names(shaped))
        for part in parts:
            _check_update(part, shaped, each=each, is_alone=len(parts) == 1)
        changed = 0
        for part in parts:
            # Hooks may change it, and not what the next part gets.
            own = {operator: dict(changes) for operator, changes in shaped.items()}
            changed += await self._update(
                part.selection, own, part.plans, each=each, operation="update"
            )
        return changed

    async def delete(
        self, selection: Selection[Any], *, each: bool, skip_hooks: Collection[str]
    ) -> int:
        """Deletes every match, or makes the update that a plugin puts in the place of a delete."""
        parts = branches(selection, skip_hooks)
        for part in parts:
            if not each and find_replacement(part.selection.model, part.plans) is not None:
                _refuse_bypass(part.selection.model, part.plans, operation="delete")
        return sum([await self._delete(part.selection, part.plans, each=each) for part in parts])

    async def _delete(self, selection: Selection[Any], plans: Plans, *, each: bool) -> int:
        model: Any = selection.model
        replacement = find_replacement(model, plans)
        if replacement is not None:
            update = replacement.update
            return await self._update(selection, update, plans, each=each, operation="delete")
        filter = self._reads.scope(selection)
        await plans.before_delete.run(model, deepcopy(filter))
        with translate_errors(all_fields(model), asked=[filter]):
            deleted = await self._store.delete(model.__metadata__.collection, filter)
        await plans.after_delete.run(model, deepcopy(filter), deleted)
        return deleted

    async def delete_instance(self, instance: Any, *, skip_hooks: Collection[str]) -> bool:
        """Deletes the instance's document, or marks both as the plugin says; false when it was gone."""
        model: Any = type(instance)
        if instance.id is None:
            raise UpdateError(
                f"{model.__metadata__.key}: the instance was never saved, so there is nothing to delete"
            )
        plans = active_plans(model, skip_hooks)
        replacement = find_replacement(model, plans)
        replacing = {replacement.plugin} if replacement is not None else set()
        # However queries are narrowed, this document is meant; only what replaces deletes knows the deleted.
        widened = frozenset(plugin.name for plugin in model.__plans__.plugins) - replacing
        filters = ({"_id": instance.id}, *as_known(instance))
        selection = Selection(model=model, filters=filters, widened=widened)
        # With one instance at hand no hook need be passed by: save hooks run where an update hook lacks.
        each = replacement is not None and any(plans.bypassed())
        found = await self._delete(selection, plans, each=each)
        if not found:
            await refuse_conflict(self._reads, instance)
        if replacement is None:
            instance.__state__.stored = False
        elif found:
            await self._take_marks(instance, replacement.update)
        return found > 0

    async def _update(
        self,
        selection: Selection[Any],
        shaped: dict[str, MutableDocument],
        plans: Plans,
        *,
        each: bool,
        operation: str,
    ) -> int:
        metadata = selection.model.__metadata__
        if each:
            return await self._update_each(selection, shaped, plans)
        _refuse_bypass(selection.model, plans, operation=operation)
        filter = self._reads.scope(selection)
        await plans.before_update.run(selection.model, deepcopy(filter), shaped)
        translated = translate_update(metadata, shaped)
        with translate_errors(all_fields(selection.model), asked=[filter, translated]):
            matched = await self._store.update(
                metadata.collection, filter, next_revision(selection.model, translated)
            )
        await plans.after_update.run(selection.model, deepcopy(filter), translated, matched)
        return matched

    async def _update_each(
        self, selection: Selection[Any], shaped: dict[str, MutableDocument], plans: Plans
    ) -> int:
        """Changes the matches one by one; the update hooks of plugins without save hooks run once."""
        model: Any = selection.model
        compile_plans = model.__registry__.plugins.plans
        before, after = plans.for_lone("before_update"), plans.for_lone("after_update")
        filter = self._reads.scope(selection)
        await compile_plans(before).before_update.run(model, deepcopy(filter), shaped)
        update = translate_update(model.__metadata__, shaped, is_checked_later=True)
        changed = 0
        async for documents in self._reads.fetch_documents(selection):
            for document in documents:
                changed += await self._change_one(selection, document, update, plans)
        await compile_plans(after).after_update.run(model, deepcopy(filter), update, changed)
        return changed

    async def _change_one(
        self,
        selection: Selection[Any],
        document: MutableDocument,
        update: MutableDocument,
        plans: Plans,
    ) -> bool:
        """Changes one document inside the save hooks; false when it matches no longer.

        When another writer changed it meanwhile, it is read and changed again, so that nobody's write
        is lost.
        """
        model: Any = selection.model
        by_id = replace(selection, filters=(*selection.filters, {"_id": document["_id"]}))
        read: MutableDocument | None = document
        for _ in range(_MOST_ATTEMPTS):
            if read is None:
                return False
            with translate_errors(all_fields(model), asked=[update]):
                instance = model.from_document(apply_update(read, update))
            if await self._instances.save(instance, plans, as_read=read):
                return True
            read = await self._reads.find_first(by_id)
        raise UpdateError(
            f"{model.__metadata__.key}: other writers changed the document {document['_id']!r} "
            f"{_MOST_ATTEMPTS} times while it was being changed. Try again."
        )

    async def _take_marks(self, instance: Any, update: Document) -> None:
        """Puts what the delete has set into the instance, and leaves its other values alone."""
        document = await self._reads.find_by_id(type(instance), instance.id)
        if document is None:
            return
        fresh = type(instance).from_document(document)
        touched = {path.partition(".")[0] for changes in update.values() for path in changes}
        marks = [
            name
            for name, field in type(instance).__metadata__.fields.items()
            if (field.contributed_by is not None or field.stored_name in touched)
            and name in vars(fresh)
        ]
        adopt(instance, fresh, marks, touched)


def _check_update(
    part: Branch, shaped: dict[str, MutableDocument], *, each: bool, is_alone: bool
) -> None:
    """Raises what would stop the update of this part, before another one is written."""
    metadata = part.selection.model.__metadata__
    if not each:
        check_passed_validators(metadata, shaped)
        _refuse_bypass(part.selection.model, part.plans, operation="update")
    if not is_alone:
        translate_update(metadata, shaped, is_checked_later=each)


def _refuse_bypass(model: Any, plans: Plans, *, operation: str) -> None:
    bypassed = dict(plans.bypassed())
    if bypassed:
        raise HookBypassError(model=model.__metadata__.key, operation=operation, plugins=bypassed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """The update that a plugin makes instead of a delete, under stored names."""

    plugin: str
    update: dict[str, MutableDocument]


def find_replacement(model: Any, plans: Plans) -> Replacement | None:
    """What a plugin does instead of deleting, if any does."""
    for implementation, update in plans.replace_delete.run_sync(model):
        with implementation.blame():
            shaped = shape_update(model.__metadata__, update)
        return Replacement(plugin=implementation.plugin, update=shaped)
    return None
