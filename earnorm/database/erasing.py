"""Deletes documents for good together with what the rules of references say of those that refer to them."""

from collections.abc import Sequence
from contextlib import aclosing
from copy import deepcopy
from typing import Any

from earnorm.database.closure import MOST_PASSES, Closure, narrowed, too_many_writers
from earnorm.database.nullifying import nullify
from earnorm.database.replacement import find_replacement, lifted_by
from earnorm.database.rules import Level, Place, Rule
from earnorm.database.together import write_there
from earnorm.database.transactions import Transactions
from earnorm.errors import DeleteRestrictedError, Restriction
from earnorm.plugins import Plans, run_nested
from earnorm.typing import Document, Selection, Write

__all__ = ["Erasure", "conclude_delete"]

_SHOWN = 3  # ids of documents that forbid a delete


class Erasure:
    """One delete of all that some selections have.

    Documents go in batches, each after those that depend on it, so that after a break in the middle
    nothing refers to what is gone, and the same delete run again does the rest. Memory holds one batch for
    each step of the way from a selection to what is deleted, however many there are.
    """

    def __init__(self, selections: Sequence[Selection[Any]], place: Place) -> None:
        self._selections = selections
        self._place = place
        self._closure = Closure(selections, place)

    async def check(self) -> None:
        """Raises `DeleteRestrictedError` for the first "restrict" that can be reached; changes nothing."""
        for selection in self._selections:
            if self._closure.leads_to_restrict(selection.model, self._place):
                await self._run(selection, checking=True)

    async def erase(self, selection: Selection[Any]) -> int:
        """Deletes one of the selections; returns how many documents of it.

        Everything that a transaction should hold happens between `check` and the last `erase`.
        """
        return await self._run(selection, checking=False)

    async def _run(self, selection: Selection[Any], *, checking: bool) -> int:
        deleted = 0
        roots = self._closure.roots(selection)
        async with aclosing(roots):
            async for root in roots:
                levels = self._closure.levels(root, checking=checking)
                async with aclosing(levels):
                    async for level in levels:
                        # Asked again when it comes to the delete: somebody may have come in between.
                        await self._refuse_restricted(level)
                        if not checking:
                            await self._nullify(level)
                            deleted += await self._delete(
                                level, selection if level is root else None
                            )
        return deleted

    async def _refuse_restricted(self, level: Level) -> None:
        rules = self._closure.rules(level, "restrict")
        found = [await self._restriction(rule, level) for rule in rules]
        restrictions = [one for one in found if one is not None]
        if restrictions:
            raise DeleteRestrictedError(level.model.__metadata__.key, restrictions)

    async def _restriction(self, rule: Rule, level: Level) -> Restriction | None:
        count = 0
        first: list[Any] = []
        batches = self._closure.referring(rule, level)
        async with aclosing(batches):
            async for documents in batches:
                count += len(documents)
                first += [document["_id"] for document in documents[: _SHOWN - len(first)]]
        key = rule.model.__metadata__.key
        found = Restriction(model=key, field=rule.path.path, count=count, document_ids=tuple(first))
        return found if count else None

    async def _nullify(self, level: Level) -> None:
        rules = self._closure.rules(level, "nullify")
        for _ in range(MOST_PASSES):
            found = [await self._nullify_by(rule, level) for rule in rules]
            if not any(found):
                return
        raise too_many_writers(level)

    async def _nullify_by(self, rule: Rule, level: Level) -> bool:
        """Whether there was anything to take out."""
        found = False
        batches = self._closure.referring(rule, level)
        async with aclosing(batches):
            async for documents in batches:
                found = True
                await nullify(rule, documents, level.ids)
        return found

    async def _delete(self, level: Level, selection: Selection[Any] | None) -> int:
        """Deletes a batch; returns how many documents of the selection, if it has one."""
        if selection is None:
            await _delete_dependents(level)
            return 0
        # The hooks run round the selection as a whole, and not for each batch.
        scope = self._place.reads.scope(narrowed(selection, level.ids))
        return await self._place.remove(level.model, scope)


async def conclude_delete(
    transactions: Transactions, plans: Plans, model: Any, filter: Document, deleted: int
) -> None:
    """Runs the hooks after documents were deleted for good."""
    write = Write(model=model, operation="delete", filter=deepcopy(filter), count=deleted)
    after = run_nested(plans.after_delete, model, deepcopy(filter), deleted)
    await transactions.conclude([(plans, write)], after)


async def _delete_dependents(level: Level) -> None:
    """Deletes dependents inside their own hooks, or marks them as their own plugin says."""
    await write_there(level.model, level.place, lambda: _delete_inside_hooks(level))


async def _delete_inside_hooks(level: Level) -> None:
    model, plans = level.model, level.model.__plans__
    replacement = find_replacement(model, plans)
    every: Selection[Any] = Selection(model=model, widened=lifted_by(model, replacement))
    selection = narrowed(every, level.ids)
    if replacement is not None:
        each = any(plans.bypassed())
        await level.place.updates.apply(
            selection, replacement.update, plans, each=each, operation="delete"
        )
        return
    filter = level.place.reads.scope(selection)
    await run_nested(plans.before_delete, model, deepcopy(filter))
    deleted = await level.place.remove(model, filter)
    await conclude_delete(level.place.transactions, plans, model, filter, deleted)
