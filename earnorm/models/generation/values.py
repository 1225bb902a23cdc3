"""The parts of generated functions that look at one value, and ask whether it may be kept as it is."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from earnorm.fields import MISSING, EmbeddedField, Field, ListField
from earnorm.models.generation.rules import constraint_tests, type_tests, value_tests
from earnorm.models.generation.source import Source
from earnorm.models.validates import accepts

__all__ = [
    "add_check",
    "add_checked",
    "add_default",
    "add_validators",
    "has_type_rule",
    "inner_of",
    "is_folded",
    "is_plain_embedded",
    "is_plain_list",
    "keeps_value",
    "shared_default",
]


def add_validators(source: Source, model: Any, instance: str, fail: str) -> None:
    """Emits: `fail` when a method under `validates` refuses the instance."""
    if model.__validators__:
        run = source.bind(partial(accepts, model.__validators__), "accepts")
        source.add(f"if not {run}({instance}): {fail}")


def add_check(source: Source, field: Field[Any], variable: str, fail: str, *, copies: bool) -> None:
    """Emits: `fail` unless the field would keep the value (a list as a copy, where `copies`).

    `fail` must leave the function or the block. Until it runs, `variable` is as it was given.
    """
    condition = None if field.validators else _condition(source, field, variable)
    if condition is not None:
        guard = "" if field.required else f"{variable} is not None and "
        source.add(f"if {guard}not ({condition}): {fail}")
    elif is_plain_list(field):
        _add_list_check(source, field, variable, fail, copies=copies)
    elif is_plain_embedded(field):
        _add_embedded_check(source, field, variable, fail)
    else:
        method = source.bind(field.check if copies else field.recheck, "check")
        source.add(
            "_faults = []",
            f"_checked = {method}({variable}, {field.name!r}, _faults)",
            f"if _faults: {fail}",
            f"{variable} = _checked",
        )


def add_checked(source: Source, field: Field[Any], variable: str, fail: str) -> None:
    """Emits: the value that the instance has in `_kept`, in a variable, checked again and kept."""
    source.add(f"{variable} = _kept.get({field.name!r}, {source.bind(MISSING, 'MISSING')})")
    add_check(source, field, variable, fail, copies=False)
    if not _keeps_identity(field):
        source.add(f"_kept[{field.name!r}] = {variable}")


def add_default(source: Source, field: Field[Any], variable: str) -> None:
    """Emits `variable = default`."""
    if keeps_value(field):
        source.add(f"{variable} = {source.bind(shared_default(field), 'default')}")
    else:
        source.add(f"{variable} = {source.bind(field.make_default, 'make_default')}()")


def keeps_value(field: Field[Any]) -> bool:
    """Whether the default is a value that nobody can change, so that all instances may share it."""
    made = None if field.default is MISSING else field.default
    return field.default_factory is None and (made is None or type(made) in _UNCHANGEABLE)


def shared_default(field: Field[Any]) -> Any:
    """The default of a field that `keeps_value`, as the field keeps it."""
    return None if field.default is MISSING else field.check(field.default, field.name, [])


def is_plain_embedded(field: Any) -> bool:
    """An embedded instance that its own codec can judge."""
    is_free = not field.validators and field.choices is None and not field.strict
    return type(field) is EmbeddedField and is_free


def inner_of(field: Any) -> Mapping[str, Field[Any]]:
    """The fields of the model that an embedded field holds."""
    fields: Mapping[str, Field[Any]] = field.codec.fields
    return fields


def is_folded(field: Any) -> bool:
    """Whether the pictures of the embedded instance's values lie among those of its owner.

    With one inner field there would be nothing to tell folded pictures from others by: their number.
    """
    return is_plain_embedded(field) and bool(field.required) and len(inner_of(field)) > 1


def is_plain_list(field: Any) -> bool:
    """A list whose items have a rule of their own."""
    if type(field) is not ListField or field.validators or field.choices is not None:
        return False
    return has_type_rule(field.items) and not field.items.validators


def has_type_rule(field: Field[Any]) -> bool:
    """Whether exact types decide over the field's values."""
    return type_tests(field, "_value", Source()) is not None


_UNCHANGEABLE = (bool, int, float, str)


def _keeps_identity(field: Field[Any]) -> bool:
    """Whether a value that is checked stays what it is, and is not put in order by the field's own method."""
    return is_plain_list(field) or (has_type_rule(field) and not field.validators)


def _condition(source: Source, field: Field[Any], variable: str) -> str | None:
    tests = value_tests(field, variable, source)
    if tests is None:
        return None
    return " and ".join([*tests, *constraint_tests(field, variable, source)])


def _add_list_check(source: Source, field: Any, variable: str, fail: str, *, copies: bool) -> None:
    with source.block("if True:" if field.required else f"if {variable} is not None:"):
        source.add(f"if _type({variable}) is not _list: {fail}")
        with source.block(f"for _item in {variable}:"):
            add_check(source, field.items, "_item", fail, copies=copies)
        if field.min_length is not None:
            source.add(f"if _len({variable}) < {field.min_length!r}: {fail}")
        if field.max_length is not None:
            source.add(f"if _len({variable}) > {field.max_length!r}: {fail}")
        if copies:
            source.add(f"{variable} = {variable}[:]")


def _add_embedded_check(source: Source, field: Any, variable: str, fail: str) -> None:
    codec = field.codec
    with source.block("if True:" if field.required else f"if {variable} is not None:"):
        with source.block(f"if _type({variable}) is _dict:"):
            construct: Callable[..., Any] = codec.construct_exact
            source.add(f"_made = {source.bind(construct, 'construct')}({variable})")
            source.add(f"if _made is None: {fail}", f"{variable} = _made")
        with source.block(
            f"elif _type({variable}) is not {source.bind(field.model, 'embedded')} "
            f"or not {source.bind(codec.is_exact, 'is_exact')}({variable}):"
        ):
            source.add(fail)
