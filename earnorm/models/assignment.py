"""What setting a field does, one function for each field, made when it is first set."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from earnorm.fields import Field

__all__ = ["Assign", "Assignments"]

Assign = Callable[[Any, Any], None]


class Assignments:
    """The part of a codec that sets fields; `setters` holds what was made so far, by the field's name."""

    def __init__(self, model: type[Any], fields: Mapping[str, Field[Any]]) -> None:
        self.model = model
        self.fields = fields
        self.setters: dict[str, Assign] = {}

    def make_setter(self, name: str) -> Assign | None:
        """What assigns a checked value to the field of this name, from now on in `setters`; or None.

        It raises `ValidationError` for what does not fit.
        """
        field = self.fields.get(name)
        if field is None:
            return None
        is_id = field.stored_name == "_id" and not self.model.__embedded__
        setter = self.setters[name] = _refuse_id if is_id else self.compile_setter(field)
        return setter

    def compile_setter(self, field: Field[Any]) -> Assign:
        """A function `assign(instance, value)` for one field."""
        return partial(_assign, field)


def _assign(field: Field[Any], instance: Any, value: Any) -> None:
    checked = field.assign(value)
    values = vars(instance)
    if not field.is_mutable and instance.__trace__ is not None:
        instance.__state__.remember(field.name, values)
    values[field.name] = checked


def _refuse_id(instance: Any, value: Any) -> None:
    raise AttributeError(
        f"{type(instance).__qualname__}.id is set by the store when the instance is saved, and never "
        "changes. To choose it yourself, give it to the constructor.",
        name="id",
        obj=instance,
    )
