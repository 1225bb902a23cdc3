"""The type that each field accepts: a table by field class, and how an author of a field states it."""

import typing
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NewType, TypeVar, Union, get_args, get_origin
from uuid import UUID

from bson import ObjectId

from earnorm.errors import FieldDefinitionError
from earnorm.fields import (
    AnyField,
    BooleanField,
    BytesField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    EmbeddedField,
    EnumField,
    Field,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    LiteralField,
    ObjectIdField,
    Point,
    PointField,
    Reference,
    ReferenceField,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    UUIDField,
    VectorField,
)
from earnorm.typing import JsonValue, ListLike

__all__ = ["accepted_type", "value_type"]


def accepted_type(field: Field[Any]) -> Any:
    """What may be given to the field, as a type that `typing` understands.

    What the field states as `accepts`; else what this table knows of its class or of the nearest
    base; else the value type that its class names, as in `class Money(Field[Decimal])`; else Any.
    A strict field accepts its own type only.
    """
    if field.accepts is not None:
        return _or_none(_stated(field), field)
    rule = _nearest(type(field), _STRICT if field.strict else _ACCEPTED)
    return _or_none(rule(field), field) if rule is not None else value_type(field)


def value_type(field: Field[Any]) -> Any:
    """What the field reads as."""
    rule = _nearest(type(field), _VALUES)
    return _or_none(rule(field) if rule is not None else _named_type(type(field)), field)


Rule = Callable[[Any], Any]

# Forms of a type that have no origin; the last is what a `type` statement makes, from Python 3.12 on.
_TYPES: Any = (type, str, NewType, TypeVar, getattr(typing, "TypeAliasType", NewType))


def _stated(field: Field[Any]) -> Any:
    form = field.accepts
    if not isinstance(form, _TYPES) and form is not Any and get_origin(form) is None:
        raise FieldDefinitionError(
            f"{type(field).__name__}.accepts is {form!r}, which is no type. State what type checkers are "
            "to let pass, such as accepts = Decimal | int."
        )
    return form


def _just(form: Any) -> Rule:
    return lambda field: form


def _embedded_value(field: EmbeddedField[Any, Any]) -> Any:
    return _either(*field.models)


def _embedded(field: EmbeddedField[Any, Any]) -> Any:
    return _either(_embedded_value(field), Mapping[str, Any])


def _reference(field: ReferenceField[Any, Any]) -> Any:
    return _either(_strict_reference(field), ObjectId, str)


def _strict_reference(field: ReferenceField[Any, Any]) -> Any:
    target = _target(field)
    return _either(target, _filled(Reference, target))


def _target(field: ReferenceField[Any, Any]) -> Any:
    try:
        return field.find_target()
    except (LookupError, FieldDefinitionError):
        return Any  # pending, or ambiguous: `earnorm models` tells


def _list_of_accepted(field: Any) -> Any:
    item = accepted_type(field.items)
    return _either(_filled(ListLike, item), _filled(tuple, item, ...))


def _set_of_accepted(field: SetField[Any]) -> Any:
    return _either(_filled(Set, accepted_type(field.items)), _list_of_accepted(field))


def _tuple(field: TupleField[Any], describe: Rule) -> Any:
    if field.items is not None:
        return _filled(tuple, describe(field.items), ...)
    return _filled(tuple, *map(describe, field.places))


def _tuple_of_accepted(field: TupleField[Any]) -> Any:
    items = [accepted_type(inner) for _, inner in field.inner_fields()]
    return _either(_tuple(field, accepted_type), _filled(ListLike, _either(*items)))


def _dict(generic: Any, field: DictField[Any], describe: Rule) -> Any:
    # A mapping is of exactly one type of keys for a type checker, so that of the keys is not widened.
    key = str if field.keys is None else value_type(field.keys)
    return _filled(generic, key, Any if field.values is None else describe(field.values))


def _types_of(values: Iterable[object]) -> Any:
    return _either(*(type(value) for value in values))


def _enum(field: EnumField[Any]) -> Any:
    return _either(field.enum, _types_of(member.value for member in field.enum))


# Field class -> the type of its values; subclasses that say nothing else have that of their base.
_VALUES: dict[type[Field[Any]], Rule] = {
    AnyField: _just(Any),
    BooleanField: _just(bool),
    BytesField: _just(bytes),
    DateField: _just(date),
    DateTimeField: _just(datetime),
    DecimalField: _just(Decimal),
    DictField: lambda field: _dict(dict, field, value_type),
    EmbeddedField: _embedded_value,
    EnumField: lambda field: field.enum,
    FloatField: _just(float),
    IntegerField: _just(int),
    JsonField: _just(JsonValue),
    ListField: lambda field: _filled(list, value_type(field.items)),
    LiteralField: lambda field: _types_of(field.values),
    ObjectIdField: _just(ObjectId),
    PointField: _just(Point),
    ReferenceField: lambda field: _filled(Reference, _target(field)),
    SetField: lambda field: _filled(set, value_type(field.items)),
    StringField: _just(str),
    TimeDeltaField: _just(timedelta),
    TupleField: lambda field: _tuple(field, value_type),
    UUIDField: _just(UUID),
    VectorField: lambda field: _filled(tuple, float if field.dtype == "float32" else int, ...),
}

# The same for what is accepted, where that is more than the type of the values.
_ACCEPTED: dict[type[Field[Any]], Rule] = {
    BytesField: _just(bytes | bytearray | memoryview),
    DecimalField: _just(Decimal | int | str),
    DictField: lambda field: _dict(Mapping, field, accepted_type),
    EmbeddedField: _embedded,
    EnumField: _enum,
    JsonField: _just(bool | int | float | str | Sequence[Any] | Mapping[str, Any]),
    ListField: _list_of_accepted,
    ObjectIdField: _just(ObjectId | str),
    PointField: _just(Point | Mapping[str, Any]),
    ReferenceField: _reference,
    SetField: _set_of_accepted,
    TupleField: _tuple_of_accepted,
    UUIDField: _just(UUID | str),
    # Whatever holds numbers, the arrays of libraries that are not installed here among them.
    VectorField: _just(Any),
}

# The same for strict fields.
_STRICT: dict[type[Field[Any]], Rule] = {ReferenceField: _strict_reference}


def _nearest(field_class: type[Field[Any]], table: Mapping[type[Field[Any]], Rule]) -> Rule | None:
    """The rule of the class or of its nearest base, unless a class before it names its own type."""
    for base in field_class.__mro__:
        if base in table:
            return table[base]
        if _own_argument(base) is not None:
            return None
    return None


def _named_type(field_class: type[Field[Any]]) -> Any:
    """The type in `Field[...]` where the class or a base of it says one."""
    found = (_own_argument(base) for base in field_class.__mro__)
    return next((argument for argument in found if argument is not None), Any)


def _own_argument(cls: type[Any]) -> Any:
    for base in vars(cls).get("__orig_bases__", ()):
        origin, arguments = get_origin(base), get_args(base)
        is_field = isinstance(origin, type) and issubclass(origin, Field)
        if is_field and len(arguments) == 1 and not isinstance(arguments[0], TypeVar):
            return arguments[0]
    return None


def _filled(generic: Any, *arguments: Any) -> Any:
    """The generic type with these arguments, which no type checker is to follow."""
    return generic[arguments]


def _either(*forms: Any) -> Any:
    return Any if Any in forms or not forms else Union[forms]  # noqa: UP007 # not all of them know `|`


def _or_none(form: Any, field: Field[Any]) -> Any:
    return form if field.required else _either(form, None)
