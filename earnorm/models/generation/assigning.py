"""Generates what assigns a checked value to one field."""

from collections.abc import Callable
from typing import Any

from earnorm.fields import ABSENT, Field
from earnorm.models.generation.source import Source
from earnorm.models.generation.values import add_check

__all__ = ["generate_assign"]

Assign = Callable[[Any, Any], None]


def generate_assign(model: type, field: Field[Any], slow: Assign) -> Assign:
    """`assign(instance, value)`: sets the field; what it gives up it hands to `slow`."""
    source = Source()
    with source.block("def assign(_instance, _value):"):
        give_up = f"return {source.bind(slow, 'slow')}(_instance, _value)"
        add_check(source, field, "_value", give_up, copies=True)
        source.add("_kept = _instance.__dict__")
        if not field.is_mutable:
            remember = f"remember({field.name!r}, _kept, {source.bind(ABSENT, 'ABSENT')})"
            source.add(f"if _instance.__trace__ is not None: _instance.__state__.{remember}")
        source.add(f"_kept[{field.name!r}] = _value")
    return source.compile("assign", model, title=f"{field.name} = value")
