"""Query updates: of all documents that match, at once or one by one."""

from collections.abc import Collection
from copy import deepcopy
from dataclasses import replace
from typing import Any, TypeVar

from earnorm.database.branches import Branch, branches, check_names_of_children, touched_names
from earnorm.database.instances import InstanceWrites
from earnorm.database.kinds import all_fields
from earnorm.database.reading import Reads, options_of, shape_of
from earnorm.database.revisions import next_revision
from earnorm.database.transactions import Transactions
from earnorm.database.translation import translate_errors, translate_sort
from earnorm.database.updates import check_passed_validators, shape_update, translate_update
from earnorm.errors import DocumentError, HookBypassError, UpdateError, ValidationError
from earnorm.plugins import Plans, run_nested
from earnorm.stores import Returned
from earnorm.stores import documents as stored_documents
from earnorm.typing import Document, MutableDocument, Selection, Write

__all__ = ["QueryUpdates", "refuse_bypass"]

M = TypeVar("M")

_MOST_ATTEMPTS = 20  # at one document that other writers keep changing


class QueryUpdates:
    """The walk of a query update to one store; no hook is passed by silently."""

    def __init__(self, transactions: Transactions, reads: Reads, instances: InstanceWrites) -> None:
        self._transactions = transactions
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
            changed += await self.apply(
                part.selection, own, part.plans, each=each, operation="update"
            )
        return changed

    async def apply(
        self,
        selection: Selection[Any],
        shaped: dict[str, MutableDocument],
        plans: Plans,
        *,
        each: bool,
        operation: str,
    ) -> int:
        """Makes an update that was shaped before; `operation` names it when a hook would be passed by."""
        metadata = selection.model.__metadata__
        if each:
            return await self._update_each(selection, shaped, plans)
        refuse_bypass(selection.model, plans, operation=operation)
        filter = self._reads.scope(selection)
        await run_nested(plans.before_update, selection.model, deepcopy(filter), shaped)
        translated = translate_update(metadata, shaped)
        with translate_errors(all_fields(selection.model), asked=[filter, translated]):
            result = await self._transactions.documents.update(
                metadata.collection,
                filter,
                next_revision(selection.model, translated),
                options=options_of(selection),
            )
        await self._conclude(plans, selection.model, filter, translated, result.matched)
        return result.matched

    async def find_one_and_update(
        self,
        selection: Selection[M],
        update: object,
        *,
        returned: Returned,
        skip_hooks: Collection[str],
    ) -> M | None:
        """Updates the first match inside the update hooks; gives what the selection makes of the document."""
        model: Any = selection.model
        shaped = shape_update(model.__metadata__, update)
        check_names_of_children(model, shaped, is_checked_later=False)
        parts = branches(selection, skip_hooks, touched=touched_names(shaped))
        if len(parts) > 1:
            raise UpdateError(
                f"{model.__metadata__.key}: models that inherit it enable other plugins, and one document cannot be "
                "chosen among theirs. Ask one of them, or update()."
            )
        (part,) = parts
        _check_update(part, shaped, each=False, is_alone=True)
        filter = await self._first_only(part, self._reads.scope(part.selection))
        await run_nested(part.plans.before_update, model, deepcopy(filter), shaped)
        translated = translate_update(model.__metadata__, shaped)
        metadata = all_fields(model)
        with translate_errors(metadata, asked=[filter, translated]):
            document = await self._transactions.documents.find_one_and_update(
                metadata.collection,
                filter,
                next_revision(model, translated),
                sort=translate_sort(metadata, selection.sort),
                returned=returned,
                options=options_of(selection),
            )
        matched = 0 if document is None else 1
        await self._conclude(part.plans, model, filter, translated, matched)
        return None if document is None else shape_of(selection).read(document)

    async def _first_only(self, part: Branch, filter: MutableDocument) -> MutableDocument:
        """The filter of the first match alone where a transaction keeps it the first: hooks look at no others."""
        if not (part.plans.is_transactional and self._transactions.is_open):
            return filter
        first = await self._reads.find_first(part.selection)
        return filter if first is None else {"$and": [filter, {"_id": first["_id"]}]}

    async def _conclude(
        self, plans: Plans, model: Any, filter: Document, update: Document, matched: int
    ) -> None:
        write = Write(model=model, operation="update", filter=deepcopy(filter), count=matched)
        after = run_nested(plans.after_update, model, deepcopy(filter), update, matched)
        await self._transactions.conclude([(plans, write)], after)

    async def _update_each(
        self, selection: Selection[Any], shaped: dict[str, MutableDocument], plans: Plans
    ) -> int:
        """Changes the matches one by one; the update hooks of plugins without save hooks run once."""
        model: Any = selection.model
        compile_plans = model.__registry__.plugins.plans
        before, after = plans.for_lone("before_update"), plans.for_lone("after_update")
        filter = self._reads.scope(selection)
        await run_nested(compile_plans(before).before_update, model, deepcopy(filter), shaped)
        update = translate_update(model.__metadata__, shaped, is_checked_later=True)
        change = _Change(model, update)
        changed = 0
        async for documents in self._reads.fetch_documents(selection):
            for document in documents:
                changed += await self._change_one(selection, document, change, plans)
        await run_nested(
            compile_plans(after).after_update, model, deepcopy(filter), update, changed
        )
        return changed

    async def _change_one(
        self,
        selection: Selection[Any],
        document: MutableDocument,
        change: "_Change",
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
            if await self._instances.save(change.applied(read), plans, as_read=read):
                return True
            read = await self._reads.find_first(by_id)
        raise UpdateError(
            f"{model.__metadata__.key}: other writers changed the document {document['_id']!r} "
            f"{_MOST_ATTEMPTS} times while it was being changed. Try again."
        )


class _Change:
    """An update that is applied to one document after the other; raises `UpdateError` if it never could be."""

    def __init__(self, model: Any, update: MutableDocument) -> None:
        self._model = model
        self._metadata = all_fields(model)
        self._asked = [update]
        with translate_errors(self._metadata, asked=self._asked):
            self._apply = stored_documents.compile_update(update)

    def applied(self, document: Document) -> Any:
        """The instance of the updated document.

        Raises `UpdateError` for a document that the update does not fit, `ValidationError` where the result
        would not fit the model, and `DocumentError` where the document has not fitted it before either.
        """
        with translate_errors(self._metadata, asked=self._asked):
            changed = self._apply(document)
        try:
            return self._model.from_document(changed)
        except DocumentError as error:
            self._model.from_document(document)
            fault = ValidationError(self._metadata.name, error.errors)
            fault.add_note(f"So the update would leave the document {document['_id']!r}.")
            raise fault from None


def _check_update(
    part: Branch, shaped: dict[str, MutableDocument], *, each: bool, is_alone: bool
) -> None:
    """Raises what would stop the update of this part, before another one is written."""
    metadata = part.selection.model.__metadata__
    if not each:
        check_passed_validators(metadata, shaped)
        refuse_bypass(part.selection.model, part.plans, operation="update")
    if not is_alone:
        translate_update(metadata, shaped, is_checked_later=each)


def refuse_bypass(model: Any, plans: Plans, *, operation: str) -> None:
    """Raises `HookBypassError` when a query write would go past an instance hook."""
    bypassed = dict(plans.bypassed())
    if bypassed:
        raise HookBypassError(model=model.__metadata__.key, operation=operation, plugins=bypassed)
