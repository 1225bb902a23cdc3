"""When a value may be kept as it is: tests of exact types, as source, for the field types that we know.

A value that fails its test is not wrong yet: the interpreted path decides, and says why.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from earnorm.fields import (
    BooleanField,
    DateTimeField,
    EmailField,
    Field,
    FloatField,
    IntegerField,
    ObjectIdField,
    StringField,
    is_email,
    is_plain_email,
    is_unicode,
)
from earnorm.models.generation.source import Source

__all__ = ["constraint_tests", "stored_tests", "type_tests"]

Tests = Iterator[str]


def type_tests(field: Field[Any], value: str, source: Source) -> list[str] | None:
    """Conditions under which the field keeps `value` as it is; None for a field type without such a rule."""
    rule = _TYPES.get(type(field))
    return None if rule is None else list(rule(value, source))


def stored_tests(field: Field[Any], value: str, source: Source) -> list[str] | None:
    """The same for a stored value: what BSON cannot hold need not be looked for."""
    rule = _STORED.get(type(field)) or _TYPES.get(type(field))
    return None if rule is None else list(rule(value, source))


def constraint_tests(field: Field[Any], value: str, source: Source) -> list[str]:
    """Conditions under which `value`, of the right type, breaks no constraint of the field."""
    tests = list(_CONSTRAINTS[type(field)](field, value, source))
    if field.choices is not None:
        tests.append(f"{value} in {source.bind(field.choices, 'choices')}")
    return tests


def _text(value: str, source: Source) -> Tests:
    yield f"_type({value}) is _str"
    yield f"({value}.isascii() or {source.bind(is_unicode, 'is_unicode')}({value}))"


def _stored_text(value: str, source: Source) -> Tests:
    yield f"_type({value}) is _str"


def _stored_integer(value: str, source: Source) -> Tests:
    yield f"_type({value}) is _int"


def _integer(value: str, source: Source) -> Tests:
    yield f"_type({value}) is _int"
    yield f"-9223372036854775808 <= {value} <= 9223372036854775807"


def _float(value: str, source: Source) -> Tests:
    yield f"_type({value}) is _float"


def _boolean(value: str, source: Source) -> Tests:
    yield f"({value} is True or {value} is False)"


def _moment(value: str, source: Source) -> Tests:
    yield f"_type({value}) is {source.bind(datetime, 'datetime')}"
    yield f"{value}.tzinfo is {source.bind(UTC, 'UTC')}"
    yield f"not {value}.microsecond % 1000"


def _object_id(value: str, source: Source) -> Tests:
    yield f"_type({value}) is {source.bind(ObjectId, 'ObjectId')}"


def _no_constraints(field: Any, value: str, source: Source) -> Tests:
    return iter(())


def _text_constraints(field: Any, value: str, source: Source) -> Tests:
    if field.min_length is not None:
        yield f"_len({value}) >= {field.min_length!r}"
    if field.max_length is not None:
        yield f"_len({value}) <= {field.max_length!r}"
    if field.pattern is not None:
        yield f"{source.bind(field.pattern.fullmatch, 'matches')}({value}) is not None"


def _email(value: str, source: Source) -> Tests:
    # An address that looks plain is ASCII, and breaks no limit.
    yield f"_type({value}) is _str"
    plain, other = source.bind(is_plain_email, "is_plain"), source.bind(is_email, "is_email")
    yield f"(_len({value}) <= 63 and {plain}({value}) or {other}({value}))"


def _range_constraints(field: Any, value: str, source: Source) -> Tests:
    if field.minimum is not None:
        yield f"{value} >= {source.bind(field.minimum, 'minimum')}"
    if field.maximum is not None:
        yield f"{value} <= {source.bind(field.maximum, 'maximum')}"


# Exact types only: a subclass may convert or constrain in ways that no rule here knows.
_TYPES: dict[type, Callable[[str, Source], Tests]] = {
    StringField: _text,
    EmailField: _email,
    IntegerField: _integer,
    FloatField: _float,
    BooleanField: _boolean,
    DateTimeField: _moment,
    ObjectIdField: _object_id,
}
_STORED: dict[type, Callable[[str, Source], Tests]] = {
    StringField: _stored_text,
    EmailField: _stored_text,
    IntegerField: _stored_integer,
}
_CONSTRAINTS: dict[type, Callable[[Any, str, Source], Tests]] = {
    StringField: _text_constraints,
    EmailField: _no_constraints,
    IntegerField: _range_constraints,
    FloatField: _range_constraints,
    BooleanField: _no_constraints,
    DateTimeField: _range_constraints,
    ObjectIdField: _no_constraints,
}
