"""The field that holds one of a few values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, get_args, get_origin, overload

from earnorm.errors import FieldDefinitionError, FieldFault, suggestion
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import LONGEST_INTEGER, is_unicode

__all__ = ["LiteralField"]

T = TypeVar("T")
V = TypeVar("V")


class LiteralField(Field[T]):
    """One of the values that are named: strings, integers or booleans, each of exactly its own type.

    `LiteralField("basic", "gold")` reads as `str`. `LiteralField[Literal["basic", "gold"]]()` takes the
    values from the type and reads as exactly these; a None among them makes the field optional.
    """

    is_mutable = False
    json_is_python = True

    @overload
    def __init__(
        self,
        *values: T,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[T]],
    ) -> None: ...
    @overload
    def __init__(
        self: LiteralField[V | None],
        *values: V,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[V]],
    ) -> None: ...
    def __init__(self, *values: Any, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)
        self.values = _read_values(values)
        self.expects = f"one of {', '.join(map(repr, self.values))}"

    if not TYPE_CHECKING:
        # Type checkers read the subscript as the type argument that it is.
        def __class_getitem__(cls, argument: Any) -> Any:
            values = tuple(_literal_values(argument))
            if not values:
                return super().__class_getitem__(argument)
            given = [value for value in values if value is not None]
            return partial(cls, *given, **({"required": False} if None in values else {}))

    def is_exact(self, value: object) -> bool:
        return any(type(value) is type(one) for one in self.values)

    def strict_fault(self, path: str, value: object) -> FieldFault:
        return self.type_fault(path, value)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # as other clients of MongoDB write them
        for one in self.values:
            # True equals 1, and a member of a string enumeration its value; what is kept is the latter.
            if isinstance(value, type(one)) and _is_boolean(one, value) and one == value:
                return one
        faults.append(self.fault(path, "literal", self._unknown(value), value))
        return value

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"enum": list(self.values)}

    def _unknown(self, value: object) -> str:
        texts = [one for one in self.values if isinstance(one, str)]
        is_near = isinstance(value, str) and len(value) <= _LONGEST_GUESSED
        hint = suggestion(str(value), texts) if is_near else ""
        return f"must be {self.expects}.{hint}" if hint else f"must be {self.expects}"


_LONGEST_GUESSED = 100


def _is_boolean(one: object, other: object) -> bool:
    return isinstance(one, bool) == isinstance(other, bool)


def _literal_values(argument: Any) -> Iterator[Any]:
    """The values of `Literal[...]`, of unions of such, and of aliases for them; none of anything else."""
    argument = getattr(argument, "__value__", argument)  # of a `type` statement
    if argument is None or argument is type(None):
        yield None
    elif get_origin(argument) is Literal:
        yield from get_args(argument)
    else:
        for part in get_args(argument):
            yield from _literal_values(part)


def _read_values(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise FieldDefinitionError(
            "LiteralField takes the values that are allowed, as in LiteralField('basic', 'gold'), or "
            "LiteralField[Literal['basic', 'gold']]()"
        )
    distinct: list[Any] = []
    for value in values:
        if not _is_storable(value):
            raise FieldDefinitionError(
                f"LiteralField takes strings, 64-bit integers and booleans, not {value!r}"
            )
        if not any(one == value and _is_boolean(one, value) for one in distinct):
            distinct.append(value)
    return tuple(distinct)


def _is_storable(value: object) -> bool:
    if type(value) is int:
        return -LONGEST_INTEGER - 1 <= value <= LONGEST_INTEGER
    return type(value) is bool or (type(value) is str and is_unicode(value))
