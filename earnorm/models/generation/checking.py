"""Generates what checks the values of an instance again before they are written."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.fields import Field
from earnorm.models.generation.source import Source
from earnorm.models.generation.values import add_checked, add_validators
from earnorm.models.state import InstanceState

__all__ = ["generate_validate"]


def generate_validate(model: type, fields: Mapping[str, Field[Any]]) -> Callable[..., bool]:
    """`validate(instance)`: whether every value is as it was checked when it was set."""
    source = Source()
    with source.block("def validate(_instance):"):
        source.add("_kept, _trace = _instance.__dict__, _instance.__trace__")
        state = source.bind(InstanceState, "InstanceState")
        source.add(f"if _type(_trace) is {state} and _trace.extras: return False")
        for number, field in enumerate(fields.values()):
            add_checked(source, field, f"_v{number}", "return False")
        add_validators(source, model, "_instance", "return False")
        source.add("return True")
    return source.compile("validate", model, title="validate")
