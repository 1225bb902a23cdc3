"""Writes instances: hooks, validation, uniqueness, the store, hooks again."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bson import ObjectId

from earnorm.database.reading import Reads, narrowing_plugins
from earnorm.database.translation import translate_errors
from earnorm.database.uniqueness import check_unique
from earnorm.database.validation import encode_valid
from earnorm.errors import DocumentError, DocumentNotFoundError, FieldFault, ValidationError
from earnorm.plugins import Plan, Plans
from earnorm.stores import Store
from earnorm.stores.documents import compile_filter
from earnorm.typing import Document, MutableDocument

__all__ = ["InstanceWrites"]


class InstanceWrites:
    """The one walk of an instance to one store.

    A document is encoded in the moment in which it was found valid, and that is what is written. Saves
    of one new instance wait for each other, also after a cancelled one, so it is inserted once.
    """

    def __init__(self, store: Store, reads: Reads) -> None:
        self._store = store
        self._reads = reads

    async def save(self, instance: Any, plans: Plans, *, as_read: Document | None = None) -> bool:
        """Inserts a new instance or replaces a stored one, inside the save hooks of `plans`.

        With `as_read` it is replaced only while the stored document still equals that one; returns
        whether it was written.
        """
        await _run(plans.before_save, instance)
        await _settle([instance])
        (document,) = encode_valid([instance], many=False)
        await check_unique(self._reads, [instance], [document], many=False)
        await _settle([instance])
        if not instance.__state__.stored:
            await self._insert([instance], [document], many=False)
        elif not await self._replace(instance, document, as_read):
            return False
        await _run(plans.after_save, instance)
        return True

    async def insert_many(self, instances: Sequence[Any], plans: Plans) -> None:
        """Inserts all of these new instances or none, inside the save hooks of each."""
        await _run_each(plans.before_save, instances)
        await _settle(instances)
        documents = encode_valid(instances, many=True)
        await check_unique(self._reads, instances, documents, many=True)
        await _settle(instances)
        refuse_stored(instances)
        await self._insert(instances, documents, many=True)
        await _run_each(plans.after_save, instances)

    async def reload(self, instance: Any) -> None:
        """Reads the instance's document again, whatever the plugins narrow, and takes its values."""
        document = None
        if instance.__state__.stored:
            document = await self._reads.find_by_id(type(instance), instance.id)
        if document is None:
            why = (
                "it was deleted." if instance.__state__.stored else "the instance was never saved."
            )
            raise DocumentNotFoundError(type(instance).__metadata__.key, instance.id, why=why)
        take_document(instance, document)

    async def _insert(
        self, instances: Sequence[Any], documents: Sequence[MutableDocument], *, many: bool
    ) -> None:
        metadata = type(instances[0]).__metadata__
        # The id is part of the document before the store has it, and of the instance only after.
        identified = [one if "_id" in one else {"_id": ObjectId(), **one} for one in documents]
        insert = asyncio.ensure_future(self._store.insert(metadata.collection, identified))
        for instance in instances:
            instance.__state__.writing = insert
        insert.add_done_callback(partial(_acknowledge, instances, identified))
        hidden_by = narrowing_plugins(type(instances[0]))
        with translate_errors(metadata, many=many, hidden_by=hidden_by):
            # A store ends what it has begun: a caller who is cancelled must not undo the acknowledgement.
            await asyncio.shield(insert)

    async def _replace(
        self, instance: Any, document: MutableDocument, as_read: Document | None
    ) -> bool:
        model = type(instance)
        metadata = model.__metadata__
        whole = {"_id": instance.id, **document}
        filter = _unchanged(as_read) if as_read is not None else self._visible(model, whole)
        with translate_errors(metadata, hidden_by=narrowing_plugins(model)):
            matched = await self._store.replace(metadata.collection, filter, whole)
        if not matched and as_read is None:
            raise DocumentNotFoundError(metadata.key, instance.id, why=_gone(model))
        return matched > 0

    def _visible(self, model: Any, document: MutableDocument) -> MutableDocument:
        """The filter for the document's place, which a stale copy must not use to undo a soft delete."""
        place = {"_id": document["_id"]}
        narrowing = self._reads.narrowing(model)
        if narrowing and compile_filter(narrowing)(document):
            return {"$and": [place, narrowing]}
        return place


def take_document(instance: Any, document: Document) -> None:
    """Replaces every value of the instance by those of the document; raises `DocumentError`."""
    faults: list[FieldFault] = []
    fresh = instance.__codec__.decode(document, "", faults)
    if faults:
        raise DocumentError(type(instance).__qualname__, document.get("_id"), faults)
    private = {name: value for name, value in vars(instance).items() if name.startswith("_")}
    vars(instance).clear()
    vars(instance).update(vars(fresh), **private)
    instance.__state__.take(fresh.__state__)


def refuse_stored(instances: Sequence[Any]) -> None:
    """Raises `ValidationError` when one of the instances has a document already."""
    message = "is stored already: save it to replace its document"
    faults = [
        FieldFault(path=str(position), code="instance", message=message, input=instance)
        for position, instance in enumerate(instances)
        if instance.__state__.stored
    ]
    if faults:
        raise ValidationError(type(instances[0]).__metadata__.name, faults)


def _acknowledge(
    instances: Sequence[Any], documents: Sequence[Document], insert: asyncio.Future[None]
) -> None:
    """Tells the instances how their insert ended, also when nobody waits for it any longer."""
    failed = insert.cancelled() or insert.exception() is not None
    for instance, document in zip(instances, documents, strict=True):
        instance.__state__.writing = None
        if not failed:
            vars(instance)["id"] = document["_id"]
            instance.__state__.stored = True


async def _settle(instances: Sequence[Any]) -> None:
    """Waits for the inserts of these instances that are under way, however they end."""
    while pending := {one.__state__.writing for one in instances} - {None}:
        await asyncio.wait(pending)


async def _run(plan: Plan, instance: Any) -> None:
    if not plan:
        return
    state = instance.__state__
    # While a hook runs on the instance, it may set attributes that the model does not declare.
    state.hooks += 1
    try:
        await plan.run(instance)
    finally:
        state.hooks -= 1


async def _run_each(plan: Plan, instances: Sequence[Any]) -> None:
    for position, instance in enumerate(instances):
        try:
            await _run(plan, instance)
        except Exception as error:
            error.add_note(f"for the instance at position {position} of the batch")
            raise


def _unchanged(document: Document) -> MutableDocument:
    """The filter that holds while the stored document is as it was read.

    A key that no filter can name (it has a dot or a leading `$`) is left out.
    """
    addressable: Mapping[str, Any] = {
        name: value
        for name, value in document.items()
        if name != "_id" and "." not in name and not name.startswith("$") and name
    }
    return {"_id": document["_id"], **{name: {"$eq": value} for name, value in addressable.items()}}


def _gone(model: Any) -> str:
    names = [repr(name) for name in narrowing_plugins(model)]
    hidden = f", or {' or '.join(names)} leaves it out now" if names else ""
    return (
        f"it was deleted after the instance was loaded{hidden}. Reload the instance to see; to store its "
        "values again, save a new instance that has them."
    )
