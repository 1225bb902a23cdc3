"""What a call that inserts many instances takes."""

from collections.abc import Sequence
from typing import Any

from earnorm.database.instances import refuse_stored
from earnorm.database.translation import shown
from earnorm.errors import FieldFault, ValidationError

__all__ = ["check_batch"]


def check_batch(instances: Sequence[Any], model: Any) -> None:
    """Raises `ValidationError` unless these are instances of one model, each once, without documents yet."""
    roots = (type(one).__tree__.root for one in instances if hasattr(type(one), "__tree__"))
    wanted = model or next(roots, None)
    what = f"no instance of {wanted.__name__}" if wanted else "no instance of a model"
    faults = [
        FieldFault(
            path=str(position),
            code="instance",
            message=f"is {what}: one call inserts instances of one model",
            input=instance if wanted is None else shown(wanted.__metadata__, instance),
        )
        for position, instance in enumerate(instances)
        if wanted is None or not isinstance(instance, wanted)
    ]
    if len({id(instance) for instance in instances}) < len(instances):
        faults.append(FieldFault(path="", code="instance", message="an instance is listed twice"))
    if faults:
        raise ValidationError(wanted.__metadata__.name if wanted else "insert_many", faults)
    refuse_stored(instances)
