"""Writes instances: hooks, validation, uniqueness, the store, hooks again."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Literal

from earnorm.database.ids import new_ids
from earnorm.database.kinds import batch_metadata
from earnorm.database.reading import Reads, narrowing_plugins
from earnorm.database.revisions import as_known, next_revision, refuse_conflict
from earnorm.database.transactions import Transactions
from earnorm.database.translation import translate_errors
from earnorm.database.uniqueness import check_unique
from earnorm.database.validation import prepare_writes
from earnorm.errors import (
    DocumentNotFoundError,
    FieldFault,
    PartialWriteError,
    ValidationError,
)
from earnorm.fields import is_nameable
from earnorm.models import PreparedWrite, memory_of
from earnorm.plugins import Nested, Plan, Plans, run_nested
from earnorm.stores import documents as stored_documents
from earnorm.typing import Document, MutableDocument, Write

__all__ = ["InstanceWrites", "refuse_stored", "settle"]

Work = Callable[[Sequence[PreparedWrite]], Coroutine[Any, Any, bool]]


class InstanceWrites:
    """The one walk of an instance to one store.

    A document is encoded in the moment in which it was found valid, and that is what is written: of a
    stored instance only what changed. Writes of one instance wait for each other, also after a cancelled
    one, so a new instance is inserted once.
    """

    def __init__(self, transactions: Transactions, reads: Reads) -> None:
        self._transactions = transactions
        self._reads = reads

    async def save(self, instance: Any, plans: Plans, *, as_read: Document | None = None) -> bool:
        """Inserts a new instance or updates a stored one, inside the save hooks of `plans`.

        With `as_read` it is written only while the stored document still equals that one; returns
        whether it was.
        """
        await _run(plans.before_save, instance)
        await _run(plans.before_validate, instance)
        is_new = not instance.__state__.stored

        async def write(writes: Sequence[PreparedWrite]) -> bool:
            if not instance.__state__.stored:
                return await self._insert(writes, many=False)
            if as_read is not None:
                return await self._update(writes[0], _unchanged(as_read)) > 0
            await self._update_known(writes[0])
            return True

        if not await self._write([instance], write, since=as_read):
            return False
        after = _run(plans.after_save, instance)
        if plans.watch_commits:
            written = _saved([instance], "insert" if is_new else "update")
            await self._transactions.conclude([(plans, written)], after)
        else:
            await after
        return True

    async def insert_many(self, instances: Sequence[Any]) -> None:
        """Inserts these new instances of one collection, inside the save hooks of each.

        All or none, where the store can; else `PartialWriteError` says which, and these are stored.
        """
        await _run_bulk("before_save", instances)
        await _run_each("before_validate", instances)
        try:
            await self._write(instances, partial(self._insert, many=True), many=True)
        except PartialWriteError as error:
            try:
                await self._conclude_inserts([instances[position] for position in error.written])
            except Exception as fault:  # noqa: BLE001 # which documents are stored matters more
                error.add_note(f"A hook failed after the documents that are stored: {fault!r}")
            raise
        await self._conclude_inserts(instances)

    async def reload(self, instance: Any) -> None:
        """Reads the instance's document again, whatever the plugins narrow, and takes its values."""
        await settle([instance])
        state = instance.__state__
        if not state.stored:
            why = "the instance was never saved."
            raise DocumentNotFoundError(type(instance).__metadata__.key, instance.id, why=why)
        # A save waits for the reload, as it does for another save.
        done = state.writing = asyncio.get_running_loop().create_future()
        try:
            document = await self._reads.find_by_id(type(instance), instance.id, naive_dates=True)
            if document is None:
                key = type(instance).__metadata__.key
                raise DocumentNotFoundError(key, instance.id, why="it was deleted.")
            if self._transactions.is_open:
                self._transactions.on_abort(memory_of(instance))
            take_document(instance, document)
        finally:
            state.writing = None
            done.set_result(None)

    async def _conclude_inserts(self, instances: Sequence[Any]) -> None:
        writes = [
            (model.__plans__, _saved(held, "insert"))
            for model, held in _by_model(instances).items()
        ]
        await self._transactions.conclude(writes, _run_bulk("after_save", instances))

    async def _write(
        self,
        instances: Sequence[Any],
        write: Work,
        *,
        many: bool = False,
        since: Document | None = None,
    ) -> bool:
        """Takes what is valid now to the store, and tells the instances how it ended."""
        await settle(instances)
        if many:
            refuse_stored(instances)
        writes = prepare_writes(instances, many=many, since=since)
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        for one in writes:
            one.state.writing = done
        try:
            await check_unique(self._reads, writes, many=many)
            # A store ends what it has begun: a caller who is cancelled must not undo the acknowledgement.
            # He waits for an answer and not for the task, shielded: that takes the loop one turn less.
            answer: asyncio.Future[bool] = loop.create_future()
            self._transactions.start(partial(self._written, write, writes, done, answer))
        except BaseException:
            _end(writes, done, written=False)
            raise
        return await answer

    async def _written(
        self,
        write: Work,
        writes: Sequence[PreparedWrite],
        done: asyncio.Future[None],
        answer: asyncio.Future[bool],
    ) -> None:
        """Writes, and tells the instances how it ended, and who waits for the answer, if he still does."""
        written = False
        try:
            written = await write(writes)
        except BaseException as error:
            if answer.done():
                raise  # so that the event loop reports it
            answer.set_exception(error)
        finally:
            _end(writes, done, written=written)
            if self._transactions.is_open:
                for one in writes:
                    if one.is_acknowledged:
                        self._transactions.on_abort(one.roll_back)
        if not answer.done():
            answer.set_result(written)

    async def _insert(self, writes: Sequence[PreparedWrite], *, many: bool) -> bool:
        metadata = batch_metadata([write.instance for write in writes])
        lacking = [write for write in writes if "_id" not in write.document]
        for write, made in zip(lacking, new_ids(len(lacking)), strict=True):
            # The id is part of the document before the store has it, and of the instance only after.
            # The document's own, so that it may be changed; BSON has the id first wherever it stands here.
            write.document["_id"] = write.state.former_id or made
        hidden_by = narrowing_plugins(type(writes[0].instance))
        documents = [write.document for write in writes]
        try:
            with translate_errors(metadata, many=many, hidden_by=hidden_by):
                await self._transactions.documents.insert(
                    metadata.collection, documents, options=metadata.store_options
                )
        except PartialWriteError as error:
            for position in error.written:
                writes[position].acknowledge()
            raise
        return True

    async def _update_known(self, write: PreparedWrite) -> None:
        """Brings the stored document to where the instance is; raises when it is gone, or has moved on."""
        instance = write.instance
        model = type(instance)
        filter = self._visible(model, {"_id": instance.id, **write.document})
        known = as_known(instance) if write.update != {} else []
        filter = {"$and": [filter, *known]} if known else filter
        if not await self._update(write, filter):
            await refuse_conflict(self._reads, instance)
            raise DocumentNotFoundError(model.__metadata__.key, instance.id, why=_gone(model))

    async def _update(self, write: PreparedWrite, filter: Document) -> int:
        """Makes the update where the filter finds the document; returns whether it does, 0 or 1."""
        model, update = type(write.instance), write.update
        collection, options = model.__metadata__.collection, model.__metadata__.store_options
        documents = self._transactions.documents
        with translate_errors(model.__metadata__, hidden_by=narrowing_plugins(model)):
            if update is None:
                whole = {"_id": write.instance.id, **write.document}
                result = await documents.replace(collection, filter, whole, options=options)
            elif not update:
                return await documents.count(collection, filter, limit=1, options=options)
            else:
                changes = next_revision(model, update)
                result = await documents.update(collection, filter, changes, options=options)
        return result.matched

    def _visible(self, model: Any, document: MutableDocument) -> MutableDocument:
        """The filter for the document's place, which a stale copy must not use to undo a soft delete."""
        place = {"_id": document["_id"]}
        narrowing = self._reads.narrowing(model)
        if narrowing and stored_documents.compile_filter(narrowing)(document):
            return {"$and": [place, narrowing]}
        return place


def take_document(instance: Any, document: Document) -> None:
    """Replaces every value of the instance by those of the document; raises `DocumentError`."""
    fresh = instance.__codec__.load(document)
    values, state = vars(instance), instance.__state__
    private = {name: value for name, value in values.items() if name.startswith("_")}
    values.clear()
    values.update({**vars(fresh), **private})
    state.take(fresh.__state__)
    instance.__loaded__()


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


def _end(writes: Sequence[PreparedWrite], done: asyncio.Future[None], *, written: bool) -> None:
    for write in writes:
        if written:
            write.acknowledge()
        elif not write.is_acknowledged:
            write.undo()
        write.state.writing = None
    if not done.done():
        done.set_result(None)


async def settle(instances: Sequence[Any]) -> None:
    """Waits for the writes of these instances that are under way, however they end."""
    while pending := {one.__state__.writing for one in instances} - {None}:
        await asyncio.wait(pending)


async def _run(plan: Plan, instance: Any) -> None:
    if not plan:
        return
    state = instance.__state__
    with Nested(plan):
        # While a hook runs on the instance, it may set attributes that the model does not declare.
        state.hooks += 1
        try:
            await plan.run(instance)
        finally:
            state.hooks -= 1


async def _run_bulk(hook: str, instances: Sequence[Any]) -> None:
    """Runs a save hook for each instance, and then for all of each model where a plugin wants that."""
    await _run_each(f"{hook}_in_bulk", instances)
    for model, held in _by_model(instances).items():
        plan = getattr(model.__plans__, f"{hook}_many")
        if not plan:
            continue
        for instance in held:
            instance.__state__.hooks += 1
        try:
            await run_nested(plan, model, tuple(held))
        finally:
            for instance in held:
                instance.__state__.hooks -= 1


def _by_model(instances: Sequence[Any]) -> Mapping[Any, Sequence[Any]]:
    models = set(map(type, instances))
    if len(models) == 1:
        return {models.pop(): instances}
    by_model: dict[Any, list[Any]] = {}
    for instance in instances:
        by_model.setdefault(type(instance), []).append(instance)
    return by_model


def _saved(instances: Sequence[Any], operation: Literal["insert", "update"]) -> Write:
    return Write(
        model=type(instances[0]),
        operation=operation,
        instances=tuple(instances),
        count=len(instances),
    )


async def _run_each(hook: str, instances: Sequence[Any]) -> None:
    models: set[Any] = set(map(type, instances))
    plans = {model: getattr(model.__plans__, hook) for model in models}
    first = next(filter(None, plans.values()), None)
    if first is None:
        return
    with Nested(first):
        for position, instance in enumerate(instances):
            if not (plan := plans[type(instance)]):
                continue
            state = instance.__state__
            state.hooks += 1
            try:
                await plan.run(instance)
            except Exception as error:
                error.add_note(f"for the instance at position {position} of the batch")
                raise
            finally:
                state.hooks -= 1


def _unchanged(document: Document) -> MutableDocument:
    """The filter that holds while the stored document is as it was read.

    A key that no filter can name (it has a dot or a leading `$`) is left out.
    """
    values = {
        name: {"$eq": value}
        for name, value in document.items()
        if name != "_id" and is_nameable(name)
    }
    return {"_id": document["_id"], **values}


def _gone(model: Any) -> str:
    names = [repr(name) for name in narrowing_plugins(model)]
    hidden = f", or {' or '.join(names)} leaves it out now" if names else ""
    return (
        f"it was deleted after the instance was loaded{hidden}. Reload the instance to see; to store its "
        "values again, save a new instance that has them."
    )
