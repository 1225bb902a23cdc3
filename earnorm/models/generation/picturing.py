"""Generates what takes pictures of values that can change in place."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.fields import ABSENT, Field
from earnorm.models.generation.source import Source
from earnorm.models.generation.values import is_plain_embedded, is_plain_list

__all__ = ["generate_freeze", "generate_pictures"]

Fields = Mapping[str, Field[Any]]


def generate_pictures(model: type, mutable: Fields) -> Callable[[Mapping[str, Any]], Any]:
    """`pictures(values)`: the pictures of these fields' values, in their order."""
    source = Source()
    absent = source.bind(ABSENT, "ABSENT")
    with source.block("def pictures(_values):"):
        for number, name in enumerate(mutable):
            source.add(f"_v{number} = _values.get({name!r}, {absent})")
        pictures = (_picture(source, field, f"_v{n}") for n, field in enumerate(mutable.values()))
        source.add(f"return ({''.join(f'{picture}, ' for picture in pictures)})")
    return source.compile("pictures", model, title="pictures")


def generate_freeze(
    model: type, fields: Fields, slow: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """`freeze(instance)`: the picture of an embedded instance; `slow` takes that of one with extras."""
    source = Source()
    with source.block("def freeze(_instance):"):
        source.add("_kept = _instance.__dict__")
        source.add(f"if '__trace__' in _kept: return {source.bind(slow, 'slow')}(_instance)")
        for number, name in enumerate(fields):
            source.add(f"_v{number} = _kept[{name!r}]")
        pictures = (_picture(source, field, f"_v{n}") for n, field in enumerate(fields.values()))
        source.add(f"return ({''.join(f'{picture}, ' for picture in pictures)})")
    return source.compile("freeze", model, title="freeze")


def _picture(source: Source, field: Field[Any], value: str) -> str:
    if not field.is_mutable:
        return value
    if is_plain_list(field):
        freeze = "_tuple"
    else:
        codec: Any = field.codec if is_plain_embedded(field) else field  # type: ignore[attr-defined] # it is one
        freeze = source.bind(codec.freeze, "freeze")
    absent = source.bind(ABSENT, "ABSENT")
    return f"{value} if {value} is None or {value} is {absent} else {freeze}({value})"
