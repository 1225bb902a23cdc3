"""Takes references out of the documents that hold them, as `on_delete="nullify"` says."""

from collections.abc import Sequence
from typing import Any

from earnorm.database.kinds import plugins_below
from earnorm.database.rules import Rule, by_kind
from earnorm.database.together import write_there
from earnorm.database.updates import check_passed_validators, shape_update, translate_update
from earnorm.errors import DocumentError, FieldFault, UpdateError
from earnorm.typing import MutableDocument, Selection

__all__ = ["nullify"]


async def nullify(rule: Rule, documents: Sequence[MutableDocument], gone: frozenset[Any]) -> None:
    """Takes the references to `gone` out of these documents, by query updates with all their hooks.

    A plugin or validator that looks at instances would be passed by: then each instance is loaded and
    saved. A document that another writer changed meanwhile is left for the caller's next pass.
    """
    for kind, own in by_kind(rule.model, documents).items():
        if not rule.path.is_settable:
            for document in own:
                await _take_out(rule, kind, document, gone)
        else:
            path = rule.path.stored_path
            ids = [document["_id"] for document in own]
            found = {"_id": {"$in": ids}, path: {"$in": list(gone)}}
            await _update(rule, kind, found, {path: None})


async def _take_out(
    rule: Rule, model: Any, document: MutableDocument, gone: frozenset[Any]
) -> None:
    head = str(rule.path.steps[0])
    fields = model.__metadata__.fields.values()
    field = next(one for one in fields if one.stored_name == head)
    faults: list[FieldFault] = []
    value = field.decode(rule.path.without(document, gone), field.name, faults)
    if faults:
        raise DocumentError(model.__qualname__, document["_id"], faults)
    # Guarded by what was read, so that nobody's change is lost.
    guard = {"_id": document["_id"], head: {"$eq": document[head]}}
    await _update(rule, model, guard, {head: value})


async def _update(rule: Rule, model: Any, filter: MutableDocument, values: MutableDocument) -> None:
    every = frozenset(plugins_below(model))
    selection: Selection[Any] = Selection(model=model, filters=(filter,), widened=every)
    update = {"$set": values}
    each = _needs_instances(model, update)
    updates = rule.place.updates
    await write_there(
        model,
        rule.place,
        lambda: updates.update(selection, update, each=each, skip_hooks=()),
    )


def _needs_instances(model: Any, update: MutableDocument) -> bool:
    if any(model.__plans__.bypassed()):
        return True
    metadata = model.__metadata__
    shaped = shape_update(metadata, update)
    try:
        check_passed_validators(metadata, shaped)
        translate_update(metadata, shaped)
    except UpdateError:
        return True
    return False
