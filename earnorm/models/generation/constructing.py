"""Generates what fills a new instance: from keywords, and from a mapping."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.fields import MISSING, Field
from earnorm.models.generation.source import Source
from earnorm.models.generation.values import (
    add_check,
    add_default,
    add_validators,
    has_type_rule,
    is_plain_embedded,
    is_plain_list,
    keeps_value,
    shared_default,
)

__all__ = ["generate_construct", "generate_init"]

Fields = Mapping[str, Field[Any]]


def generate_init(
    model: type, fields: Fields, slow: Callable[[Any, dict[str, Any]], None]
) -> Callable[..., None]:
    """`__init__` with a keyword for each field; all that it gives up it hands to `slow`."""
    source = Source()
    arguments = [name for name, field in fields.items() if field.contributed_by is None]
    parameters = ", ".join(f"{name}={_parameter(source, fields[name])}" for name in arguments)
    missing = source.bind(MISSING, "MISSING")
    with source.block(f"def __init__(_self, /, *, {parameters}, **_unknown):"):
        with source.block("try:"):
            kind = source.bind(model, "model")
            source.add(f"if _unknown or _type(_self) is not {kind}: raise _GiveUp")
            kept = _variables(fields)
            for name, variable in kept.items():
                _add_argument(source, fields[name], variable, "raise _GiveUp")
            _add_filling(source, kept, "_self")
            add_validators(source, model, "_self", "raise _GiveUp")
            source.add("return")
        source.add("except _GiveUp: pass")
        given = ", ".join(f"{name!r}: {name}" for name in arguments)
        source.add(f"_given = {{_n: _v for _n, _v in {{{given}}}.items() if _v is not {missing}}}")
        source.add(f"{source.bind(slow, 'slow')}(_self, {{**_given, **_unknown}})")
    return source.compile("__init__", model, title="__init__")


def generate_construct(model: type, fields: Fields) -> Callable[..., Any]:
    """`construct(values)`: a new instance from a dictionary of values, or None."""
    source = Source()
    with source.block("def construct(_values):"):
        kept = _variables(fields)
        _add_reading(source, fields, kept)
        for name, variable in kept.items():
            add_check(source, fields[name], variable, "return None", copies=True)
        source.add(
            f"_instance = {source.bind(object.__new__, 'new')}({source.bind(model, 'model')})"
        )
        _add_filling(source, kept, "_instance")
        add_validators(source, model, "_instance", "return None")
        source.add("return _instance")
    return source.compile("construct", model, title="construct")


def _variables(fields: Fields) -> dict[str, str]:
    """A variable for each field that has a value from the first moment on."""
    return {
        name: name if field.contributed_by is None else f"_contributed_{name}"
        for name, field in fields.items()
        if field.contributed_by is None or field.has_default
    }


def _parameter(source: Source, field: Field[Any]) -> str:
    """The default of a keyword."""
    if field.has_default and keeps_value(field):
        return source.bind(shared_default(field), "default")
    return source.bind(MISSING, "MISSING")


def _add_argument(source: Source, field: Field[Any], variable: str, fail: str) -> None:
    missing = source.bind(MISSING, "MISSING")
    if field.contributed_by is not None:
        add_default(source, field, variable)
    elif field.has_default and not keeps_value(field):
        with source.block(f"if {variable} is {missing}:"):
            add_default(source, field, variable)
    elif not field.has_default and not _tells_missing(field):
        source.add(f"if {variable} is {missing}: {fail}")
    add_check(source, field, variable, fail, copies=True)


def _tells_missing(field: Field[Any]) -> bool:
    """Whether the test of the value's type finds out that there is none."""
    by_rule = has_type_rule(field) and not field.validators
    return by_rule or is_plain_list(field) or is_plain_embedded(field)


def _add_reading(source: Source, fields: Fields, kept: Mapping[str, str]) -> None:
    """Reads the values into variables; gives up for a required one that lacks, and for an unknown one."""
    missing = source.bind(MISSING, "MISSING")
    required = {name: v for name, v in kept.items() if not fields[name].has_default}
    with source.block("try:"):
        source.add(*(f"{variable} = _values[{name!r}]" for name, variable in required.items()))
        source.add(f"_used = {len(required)}")
    source.add("except _KeyError: return None")
    for name, variable in kept.items():
        if name in required:
            continue
        source.add(f"{variable} = _values.get({name!r}, {missing})")
        with source.block(f"if {variable} is {missing}:"):
            add_default(source, fields[name], variable)
        source.add("else: _used += 1")
    source.add("if _used != _len(_values): return None")


def _add_filling(source: Source, kept: Mapping[str, str], instance: str) -> None:
    source.add(f"_kept = {instance}.__dict__")
    source.add(*(f"_kept[{name!r}] = {variable}" for name, variable in kept.items()))
