"""Whether a write belongs into a transaction together with its hooks, as a plugin may ask for."""

from typing import Any

from earnorm.database.rules import Place, find_rules, has_rules, kinds_of
from earnorm.typing import OperationOptions

__all__ = ["concern_of", "is_transactional", "leads_to_transactional"]


def is_transactional(model: Any) -> bool:
    """Whether a plugin of the model, or of a child, asks for it."""
    return any(kind.__plans__.is_transactional for kind in kinds_of(model))


def concern_of(model: Any) -> OperationOptions | None:
    """What a transaction round a write of the model takes from the model's own options: the write concern."""
    options: OperationOptions | None = model.__metadata__.store_options
    if options is None or options.write_concern is None:
        return None
    return OperationOptions(write_concern=options.write_concern)


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
