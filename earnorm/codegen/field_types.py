"""The type that each field accepts: a table by field class, and how an author of a field states it."""

import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NewType, TypeVar, Union, get_args, get_origin

from bson import ObjectId

from earnorm.errors import FieldDefinitionError
from earnorm.fields import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedField,
    Field,
    FloatField,
    IntegerField,
    ListField,
    ObjectIdField,
    Reference,
    ReferenceField,
    StringField,
)
from earnorm.typing import ListLike

__all__ = ["accepted_type", "value_type"]


def accepted_type(field: Field[Any]) -> Any:
    """What may be given to the field, as a type that `typing` understands.

    What the field states as `accepts`; else what this table knows of its class or of the nearest
    base; else the value type that its class names, as in `class Money(Field[Decimal])`; else Any.
    """
    if field.accepts is not None:
        return _or_none(_stated(field), field)
    rule = _nearest(type(field), _ACCEPTED)
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


def _embedded(field: EmbeddedField[Any]) -> Any:
    return field.model | Mapping[str, Any]


def _reference(field: ReferenceField[Any, Any]) -> Any:
    target = _target(field)
    return Any if target is Any else target | _filled(Reference, target) | ObjectId | str


def _target(field: ReferenceField[Any, Any]) -> Any:
    try:
        return field.find_target()
    except (LookupError, FieldDefinitionError):
        return Any  # pending, or ambiguous: `earnorm models` tells


def _list_of_accepted(field: ListField[Any]) -> Any:
    item = accepted_type(field.items)
    return Union[_filled(ListLike, item), _filled(tuple, item, ...)]  # noqa: UP007 # item may be anything


def _dict_values(field: DictField[Any], describe: Rule) -> Any:
    return Any if field.values is None else describe(field.values)


# Field class -> the type of its values; subclasses that say nothing else have that of their base.
_VALUES: dict[type[Field[Any]], Rule] = {
    BooleanField: _just(bool),
    DateTimeField: _just(datetime),
    DictField: lambda field: _filled(dict, str, _dict_values(field, value_type)),
    EmbeddedField: lambda field: field.model,
    FloatField: _just(float),
    IntegerField: _just(int),
    ListField: lambda field: _filled(list, value_type(field.items)),
    ObjectIdField: _just(ObjectId),
    ReferenceField: lambda field: _filled(Reference, _target(field)),
    StringField: _just(str),
}

# The same for what is accepted, where that is more than the type of the values.
_ACCEPTED: dict[type[Field[Any]], Rule] = {
    DictField: lambda field: _filled(Mapping, str, _dict_values(field, accepted_type)),
    EmbeddedField: _embedded,
    ListField: _list_of_accepted,
    ObjectIdField: _just(ObjectId | str),
    ReferenceField: _reference,
}


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


def _or_none(form: Any, field: Field[Any]) -> Any:
    return form if field.required or form is Any else Union[form, None]  # noqa: UP007 # as above
