"""Generates what assigns a checked value to one field."""

from collections.abc import Callable
from typing import Any

from earnorm.fields import ABSENT, Field
from earnorm.models.generation.source import Source
from earnorm.models.generation.values import add_check
from earnorm.models.state import InstanceState

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
            _add_memory(source, field.name)
        source.add(f"_kept[{field.name!r}] = _value")
    return source.compile("assign", model, title=f"{field.name} = value")


def _add_memory(source: Source, name: str) -> None:
    """Emits what `InstanceState.remember` does, without the call."""
    state, absent = source.bind(InstanceState, "InstanceState"), source.bind(ABSENT, "ABSENT")
    with source.block("if '__trace__' in _kept:"):
        source.add("_state = _kept['__trace__']")
        source.add(f"if _type(_state) is not {state}: _state = _instance.__state__")
        source.add("_is_kept = _state.stored or _state.writing is not None")
        with source.block(f"if _is_kept and {name!r} not in _state.changed:"):
            source.add(f"_state.changed[{name!r}] = _kept.get({name!r}, {absent})")
