"""Whether a write belongs into a transaction together with its hooks, as a plugin may ask for."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from earnorm.database.rules import Place, find_rules, has_rules, kinds_of
from earnorm.database.transactions import Transactions
from earnorm.typing import OperationOptions

__all__ = ["is_transactional", "leads_to_transactional", "together", "write_there"]

T = TypeVar("T")


def is_transactional(model: Any) -> bool:
    """Whether a plugin of the model, or of a child, asks for it."""
    return any(kind.__plans__.is_transactional for kind in kinds_of(model))


async def together(model: Any, transactions: Transactions, work: Callable[[], Awaitable[T]]) -> T:
    """Does a write of the model and its hooks in one transaction, with the model's own write concern."""
    options: OperationOptions | None = model.__metadata__.store_options
    concern = None if options is None else options.write_concern
    wanted = None if concern is None else OperationOptions(write_concern=concern)
    return await transactions.together(work, wanted)


async def write_there(model: Any, place: Place, work: Callable[[], Awaitable[T]]) -> T:
    """Does what a rule of another model's delete writes, together with its hooks where a plugin asks for it.

    In another database than that of the delete no transaction runs yet.
    """
    if is_transactional(model):
        return await together(model, place.transactions, work)
    return await work()


def leads_to_transactional(model: Any, place: Place) -> bool:
    """Whether a delete comes, by the rules of references, to documents whose plugins ask for it."""
    if not has_rules(model, place):
        return False
    seen: set[Any] = set()
    waiting = [model]
    while waiting:
        target = waiting.pop()
        cascading = find_rules(target, place, "cascade")
        for rule in (*cascading, *find_rules(target, place, "nullify")):
            # what another database keeps is in no transaction of this one
            if rule.place is place and is_transactional(rule.model):
                return True
        found = {rule.model for rule in cascading if rule.place is place} - seen
        seen |= found
        waiting += found
    return False
