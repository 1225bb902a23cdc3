"""From instances to documents that are fit to be written."""

from collections.abc import Callable, Sequence
from typing import Any

from earnorm.database.kinds import batch_metadata
from earnorm.errors import FieldFault, ValidationError
from earnorm.fields import UniqueValidator, refuse_awaitable
from earnorm.models import BaseModel, PreparedWrite, Recorded, harmless_message
from earnorm.typing import Document

__all__ = ["instance_validators", "prepare_writes"]


def prepare_writes(
    instances: Sequence[Any], *, many: bool, since: Document | None = None
) -> list[PreparedWrite]:
    """What is written of the instances; raises one `ValidationError` with the faults of all.

    Checking and encoding happen at once: what another task changes afterwards is not written. `many`
    puts the position of the instance in front of each path. For `since` see `PreparedWrite`.
    """
    faults: list[FieldFault] = []
    records = {model: _fast_record(model) for model in set(map(type, instances))}
    encoded = []
    for position, instance in enumerate(instances):
        record = records[type(instance)]
        one = None if record is None else record(instance)
        encoded.append(one or _encode(instance, position if many else None, faults))
    if faults:
        raise ValidationError(batch_metadata(instances).name, faults)
    return [
        PreparedWrite(instance, *one, since=since)
        for instance, one in zip(instances, encoded, strict=True)
    ]


def instance_validators(validators: Sequence[Any]) -> list[Any]:
    """Those of a model's validators that look at an instance, and not at the database."""
    return [validator for validator in validators if not isinstance(validator, UniqueValidator)]


def _fast_record(model: Any) -> Callable[[Any], Recorded | None] | None:
    """What checks and encodes instances of the model at once, where only its fields have a say in that."""
    has_say = instance_validators(model.__metadata__.validators) or (
        model.to_document is not BaseModel.to_document
    )
    record: Callable[[Any], Recorded | None] = model.__codec__.record
    return None if has_say else record


def _encode(instance: Any, position: int | None, faults: list[FieldFault]) -> Recorded:
    """The same one after the other; what it gives counts for nothing when there are faults."""
    found, codec = len(faults), instance.__codec__
    codec.validate(instance, "" if position is None else f"{position}.", faults)
    if len(faults) > found:
        return {}, ()  # a model's validator may count on fields that fit
    for validator in instance_validators(type(instance).__metadata__.validators):
        faults += _refusals(validator, instance, position)
    return instance.to_document(), codec.pictures(vars(instance))


def _refusals(validator: Any, instance: Any, position: int | None) -> list[FieldFault]:
    try:
        refuse_awaitable(validator(instance), validator)
    except ValueError as error:
        path = "" if position is None else str(position)
        message = harmless_message(instance, error)
        return [FieldFault(path=path, code="validator", message=message)]
    return []
