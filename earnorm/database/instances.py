"""Writes instances: hooks, validation, uniqueness, the store, hooks again."""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId

from earnorm.database.reading import Reads, narrowing_plugins
from earnorm.database.translation import translate_errors
from earnorm.database.uniqueness import check_unique
from earnorm.errors import DocumentError, DocumentNotFoundError, FieldFault, ValidationError
from earnorm.fields import UniqueValidator
from earnorm.plugins import Plan, Plans
from earnorm.stores import Store
from earnorm.typing import Document

__all__ = ["InstanceWrites"]


class InstanceWrites:
    """The one walk of an instance to one store."""

    def __init__(self, store: Store, reads: Reads) -> None:
        self._store = store
        self._reads = reads

    async def save(self, instance: Any, plans: Plans) -> None:
        """Inserts a new instance or replaces a stored one, inside the save hooks of `plans`."""
        await _run(plans.before_save, instance)
        _validate([instance], many=False)
        await check_unique(self._reads, [instance], many=False)
        if instance.__state__.stored:
            await self._replace(instance)
        else:
            await self._insert([instance], many=False)
        await _run(plans.after_save, instance)

    async def insert_many(self, instances: Sequence[Any], plans: Plans) -> None:
        """Inserts all of these new instances or none, inside the save hooks of each."""
        for instance in instances:
            await _run(plans.before_save, instance)
        _validate(instances, many=True)
        await check_unique(self._reads, instances, many=True)
        await self._insert(instances, many=True)
        for instance in instances:
            await _run(plans.after_save, instance)

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

    async def _insert(self, instances: Sequence[Any], *, many: bool) -> None:
        metadata = type(instances[0]).__metadata__
        documents = []
        for instance in instances:
            document = instance.to_document()
            # The id is part of the document before the store has it, and of the instance only after.
            documents.append(document if "_id" in document else {"_id": ObjectId(), **document})
        hidden_by = narrowing_plugins(type(instances[0]))
        with translate_errors(metadata, many=many, hidden_by=hidden_by):
            await self._store.insert(metadata.collection, documents)
        for instance, document in zip(instances, documents, strict=True):
            vars(instance)["id"] = document["_id"]
            instance.__state__.stored = True

    async def _replace(self, instance: Any) -> None:
        metadata = type(instance).__metadata__
        with translate_errors(metadata, hidden_by=narrowing_plugins(type(instance))):
            matched = await self._store.replace(
                metadata.collection, {"_id": instance.id}, instance.to_document()
            )
        if not matched:
            why = (
                "it was deleted after the instance was loaded. To store the values again, save a new "
                "instance that has them."
            )
            raise DocumentNotFoundError(metadata.key, instance.id, why=why)


def take_document(instance: Any, document: Document) -> None:
    """Replaces every value of the instance by those of the document; raises `DocumentError`."""
    faults: list[FieldFault] = []
    fresh = instance.__codec__.decode(document, "", faults)
    if faults:
        raise DocumentError(type(instance).__qualname__, document.get("_id"), faults)
    private = {name: value for name, value in vars(instance).items() if name.startswith("_")}
    vars(instance).clear()
    vars(instance).update(vars(fresh), **private)
    instance.__state__.extras = fresh.__state__.extras
    instance.__state__.stored = True


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


def _validate(instances: Sequence[Any], *, many: bool) -> None:
    metadata = type(instances[0]).__metadata__
    validators = [v for v in metadata.validators if not isinstance(v, UniqueValidator)]
    faults: list[FieldFault] = []
    for position, instance in enumerate(instances):
        prefix = f"{position}." if many else ""
        found = len(faults)
        instance.__codec__.validate(instance, prefix, faults)
        if len(faults) > found:
            continue  # a model's validator may count on fields that fit
        for validator in validators:
            faults += _refusals(validator, instance, position if many else None)
    if faults:
        raise ValidationError(metadata.name, faults)


def _refusals(validator: Any, instance: Any, position: int | None) -> list[FieldFault]:
    try:
        validator(instance)
    except ValueError as error:
        path = "" if position is None else str(position)
        return [FieldFault(path=path, code="validator", message=str(error) or "is refused")]
    return []
