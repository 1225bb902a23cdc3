"""From instances to documents that are fit to be written."""

from collections.abc import Sequence
from typing import Any

from earnorm.database.kinds import batch_metadata
from earnorm.errors import FieldFault, ValidationError
from earnorm.fields import UniqueValidator, refuse_awaitable
from earnorm.models import harmless_message
from earnorm.typing import MutableDocument

__all__ = ["encode_valid", "instance_validators"]


def encode_valid(instances: Sequence[Any], *, many: bool) -> list[MutableDocument]:
    """The documents of the instances; raises one `ValidationError` with the faults of all.

    Checking and encoding happen at once: what another task changes afterwards is not written. `many`
    puts the position of the instance in front of each path.
    """
    faults: list[FieldFault] = []
    documents = []
    models: set[Any] = set(map(type, instances))
    validators = {model: instance_validators(model.__metadata__.validators) for model in models}
    for position, instance in enumerate(instances):
        found, codec = len(faults), instance.__codec__
        codec.validate(instance, f"{position}." if many else "", faults)
        if len(faults) > found:
            continue  # a model's validator may count on fields that fit
        for validator in validators[type(instance)]:
            faults += _refusals(validator, instance, position if many else None)
        documents.append(instance.to_document())
    if faults:
        raise ValidationError(batch_metadata(instances).name, faults)
    return documents


def instance_validators(validators: Sequence[Any]) -> list[Any]:
    """Those of a model's validators that look at an instance, and not at the database."""
    return [validator for validator in validators if not isinstance(validator, UniqueValidator)]


def _refusals(validator: Any, instance: Any, position: int | None) -> list[FieldFault]:
    try:
        refuse_awaitable(validator(instance), validator)
    except ValueError as error:
        path = "" if position is None else str(position)
        message = harmless_message(instance, error)
        return [FieldFault(path=path, code="validator", message=message)]
    return []
