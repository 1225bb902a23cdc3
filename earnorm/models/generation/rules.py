"""When a value may be kept as it is: tests of exact types, as source, for the field types that we know.

A value that fails its test is not wrong yet: the interpreted path decides, and says why.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from bson import ObjectId

from earnorm.fields import (
    BooleanField,
    BytesField,
    DateField,
    DateTimeField,
    DecimalField,
    EmailField,
    EnumField,
    Field,
    FloatField,
    IntegerField,
    LiteralField,
    ObjectIdField,
    Point,
    PointField,
    StringField,
    TimeDeltaField,
    URLField,
    UUIDField,
    is_email,
    is_exact_decimal,
    is_plain_email,
    is_unicode,
)
from earnorm.models.generation.source import Source

__all__ = ["constraint_tests", "stored_tests", "type_tests", "value_tests"]

Tests = Iterator[str]


def type_tests(field: Field[Any], value: str, source: Source) -> list[str] | None:
    """Conditions under which the field keeps `value` as it is, and BSON too; None without such a rule."""
    rule = _TYPES.get(type(field))
    return None if rule is None else list(rule(value, source))


def value_tests(field: Field[Any], value: str, source: Source) -> list[str] | None:
    """Conditions under which the field keeps `value` as it is, whatever BSON makes of it."""
    rule = _VALUES.get(type(field))
    return type_tests(field, value, source) if rule is None else list(rule(field, value, source))


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


def _bytes(value: str, source: Source) -> Tests:
    yield f"_type({value}) is {source.bind(bytes, 'bytes')}"


def _decimal(field: Any, value: str, source: Source) -> Tests:
    yield f"_type({value}) is {source.bind(Decimal, 'Decimal')}"
    yield f"{source.bind(is_exact_decimal, 'is_exact')}({value})"


def _duration(field: Any, value: str, source: Source) -> Tests:
    yield f"_type({value}) is {source.bind(timedelta, 'timedelta')}"
    yield f"not {value}.microseconds % 1000"


def _member(field: Any, value: str, source: Source) -> Tests:
    yield f"_type({value}) is {source.bind(field.enum, 'enum')}"


def _literal(field: Any, value: str, source: Source) -> Tests:
    # The type first: a value of another one may have no hash. It tells True from 1 as well.
    yield f"_type({value}) in {source.bind(tuple({type(one) for one in field.values}), 'kinds')}"
    pairs = frozenset((type(one), one) for one in field.values)
    yield f"(_type({value}), {value}) in {source.bind(pairs, 'literals')}"


def _of_type(kind: type) -> "FieldRule":
    def rule(field: Any, value: str, source: Source) -> Tests:
        yield f"_type({value}) is {source.bind(kind, kind.__name__)}"

    return rule


def _no_constraints(field: Any, value: str, source: Source) -> Tests:
    return iter(())


def _text_constraints(field: Any, value: str, source: Source) -> Tests:
    yield from _length_constraints(field, value, source)
    if field.pattern is not None:
        yield f"{source.bind(field.pattern.fullmatch, 'matches')}({value}) is not None"


def _email(value: str, source: Source) -> Tests:
    # An address that looks plain is ASCII, and breaks no limit.
    yield f"_type({value}) is _str"
    plain, other = source.bind(is_plain_email, "is_plain"), source.bind(is_email, "is_email")
    yield f"(_len({value}) <= 63 and {plain}({value}) or {other}({value}))"


def _url_constraints(field: Any, value: str, source: Source) -> Tests:
    yield f"_len({value}) <= {field.max_length!r}"
    yield f"{source.bind(field.has_form, 'has_form')}({value})"


def _length_constraints(field: Any, value: str, source: Source) -> Tests:
    if field.min_length is not None:
        yield f"_len({value}) >= {field.min_length!r}"
    if field.max_length is not None:
        yield f"_len({value}) <= {field.max_length!r}"


def _decimal_constraints(field: Any, value: str, source: Source) -> Tests:
    yield from _range_constraints(field, value, source)
    if field.max_digits is not None or field.decimal_places is not None:
        yield f"{source.bind(field.has_fitting_digits, 'fits')}({value})"


def _range_constraints(field: Any, value: str, source: Source) -> Tests:
    if field.minimum is not None:
        yield f"{value} >= {source.bind(field.minimum, 'minimum')}"
    if field.maximum is not None:
        yield f"{value} <= {source.bind(field.maximum, 'maximum')}"


FieldRule = Callable[[Any, str, Source], Tests]

# Exact types only: a subclass may convert or constrain in ways that no rule here knows.
_TYPES: dict[type, Callable[[str, Source], Tests]] = {
    StringField: _text,
    EmailField: _email,
    URLField: _text,
    BytesField: _bytes,
    IntegerField: _integer,
    FloatField: _float,
    BooleanField: _boolean,
    DateTimeField: _moment,
    ObjectIdField: _object_id,
}
# Values that BSON keeps in another form, which only the field knows.
_VALUES: dict[type, FieldRule] = {
    DecimalField: _decimal,
    DateField: _of_type(date),
    TimeDeltaField: _duration,
    UUIDField: _of_type(UUID),
    EnumField: _member,
    LiteralField: _literal,
    PointField: _of_type(Point),
}
_STORED: dict[type, Callable[[str, Source], Tests]] = {
    StringField: _stored_text,
    EmailField: _stored_text,
    URLField: _stored_text,
    IntegerField: _stored_integer,
}
_CONSTRAINTS: dict[type, FieldRule] = {
    StringField: _text_constraints,
    EmailField: _no_constraints,
    URLField: _url_constraints,
    BytesField: _length_constraints,
    DecimalField: _decimal_constraints,
    DateField: _range_constraints,
    TimeDeltaField: _range_constraints,
    UUIDField: _no_constraints,
    EnumField: _no_constraints,
    LiteralField: _no_constraints,
    PointField: _no_constraints,
    IntegerField: _range_constraints,
    FloatField: _range_constraints,
    BooleanField: _no_constraints,
    DateTimeField: _range_constraints,
    ObjectIdField: _no_constraints,
}
