"""Deletes: of one instance and of all that match, kept by the rules of the references to them."""

from collections.abc import Callable, Collection, Sequence
from copy import deepcopy
from typing import Any

from earnorm.database.branches import Branch, branches
from earnorm.database.erasing import Erasure, conclude_delete
from earnorm.database.instances import settle
from earnorm.database.matching import refuse_bypass
from earnorm.database.reading import active_plans
from earnorm.database.replacement import find_replacement
from earnorm.database.revisions import as_known, refuse_conflict
from earnorm.database.rules import Place, has_rules
from earnorm.errors import UpdateError
from earnorm.models import adopt, memory_of
from earnorm.plugins import run_nested
from earnorm.typing import Document, Selection

__all__ = ["Deletes"]


class Deletes:
    """The walk of a delete to one store; no hook is passed by silently, and no rule of a reference."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def delete(
        self, selection: Selection[Any], *, each: bool, skip_hooks: Collection[str]
    ) -> int:
        """Deletes every match, or makes the update that a plugin puts in the place of a delete.

        An update deletes nothing: the rules of references are for documents that go for good.
        """
        parts = branches(selection, skip_hooks)
        for part in parts:
            if not each and find_replacement(part.selection.model, part.plans) is not None:
                refuse_bypass(part.selection.model, part.plans, operation="delete")
        return await self._delete(parts, each=each)

    async def delete_instance(self, instance: Any, *, skip_hooks: Collection[str]) -> bool:
        """Deletes the instance's document, or marks both as the plugin says; false when it was gone."""
        model: Any = type(instance)
        if instance.id is None:
            raise UpdateError(
                f"{model.__metadata__.key}: the instance was never saved, so there is nothing to delete"
            )
        await settle([instance])
        plans = active_plans(model, skip_hooks)
        replacement = find_replacement(model, plans)
        # However queries are narrowed, this document is meant; only what replaces deletes knows the deleted.
        widened = frozenset(plugin.name for plugin in model.__plans__.plugins)
        if replacement is not None:
            widened -= {replacement.plugin}
        filters = ({"_id": instance.id}, *as_known(instance))
        selection: Selection[Any] = Selection(model=model, filters=filters, widened=widened)
        # With one instance at hand no hook need be passed by: save hooks run where an update hook lacks.
        each = replacement is not None and any(plans.bypassed())
        found = await self._delete([Branch(selection=selection, plans=plans)], each=each)
        if not found:
            await refuse_conflict(self._place.reads, instance)
        if replacement is None:
            state = instance.__state__
            self._place.transactions.on_abort(memory_of(instance))
            state.stored = False
        elif found:
            await self._take_marks(instance, replacement.update)
        return found > 0

    async def _delete(self, parts: Sequence[Branch], *, each: bool) -> int:
        replacements = [find_replacement(part.selection.model, part.plans) for part in parts]
        gone = [part for part, found in zip(parts, replacements, strict=True) if found is None]
        erasure = Erasure([part.selection for part in gone], self._place)
        await erasure.check()
        deleted = 0
        for part, replacement in zip(parts, replacements, strict=True):
            if replacement is None:
                deleted += await self._erase(part, erasure)
            else:
                deleted += await self._place.updates.apply(
                    part.selection, replacement.update, part.plans, each=each, operation="delete"
                )
        return deleted

    async def _erase(self, part: Branch, erasure: Erasure) -> int:
        model, plans = part.selection.model, part.plans
        filter = self._place.reads.scope(part.selection)
        await run_nested(plans.before_delete, model, deepcopy(filter))
        if has_rules(model, self._place):
            deleted = await erasure.erase(part.selection)
        else:
            deleted = await self._place.remove(model, filter)
        await conclude_delete(self._place.transactions, plans, model, filter, deleted)
        return deleted

    async def _take_marks(self, instance: Any, update: Document) -> None:
        """Puts what the delete has set into the instance, and leaves its other values alone."""
        document = await self._place.reads.find_by_id(type(instance), instance.id)
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
        self._place.transactions.on_abort(_memory(instance, marks, touched))
        adopt(instance, fresh, marks, touched)


def _memory(instance: Any, marks: Collection[str], extras: Collection[str]) -> Callable[[], None]:
    """Takes these values and extras back out, and what is known of them, for a delete that comes to nothing."""
    remember, values, kept = memory_of(instance), dict(vars(instance)), dict(instance.__extras__)

    def put_back() -> None:
        _restore(vars(instance), values, marks)
        _restore(instance.__state__.extras, kept, extras)
        remember()

    return put_back


def _restore(now: dict[str, Any], before: dict[str, Any], names: Collection[str]) -> None:
    for name in names:
        now.pop(name, None)
        if name in before:
            now[name] = before[name]
