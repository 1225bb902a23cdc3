"""The field that holds a tuple."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from operator import attrgetter
from types import EllipsisType
from typing import Any, Literal, Self, TypeVar, Unpack, overload

from earnorm.errors import FieldDefinitionError, FieldFault, ValidationError
from earnorm.fields.arrays import check_item_field
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.owner import FieldOwner
from earnorm.fields.stored_values import decoder_of

__all__ = ["TupleField"]

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
MethodOf = Callable[[Field[Any]], Callable[[Any, str, list[FieldFault]], Any]]


class TupleField(Field[T]):
    """A tuple of a fixed length with a field for each place, or, as `TupleField(x, ...)`, of any length.

    A tuple or a list is accepted; it is stored as an array. Type checkers know the types of up to four
    places.
    """

    expects = "a tuple"
    exact_types = (tuple,)

    @overload
    def __init__(
        self: TupleField[tuple[A, ...]],
        first: Field[A],
        second: EllipsisType,
        /,
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[tuple[A, ...]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, ...] | None],
        first: Field[A],
        second: EllipsisType,
        /,
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[tuple[A, ...]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A]],
        first: Field[A],
        /,
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[tuple[A]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A] | None],
        first: Field[A],
        /,
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[tuple[A]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B]],
        first: Field[A],
        second: Field[B],
        /,
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[tuple[A, B]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B] | None],
        first: Field[A],
        second: Field[B],
        /,
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[tuple[A, B]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C]],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        /,
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[tuple[A, B, C]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C] | None],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        /,
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[tuple[A, B, C]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C, D]],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        fourth: Field[D],
        /,
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[tuple[A, B, C, D]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[A, B, C, D] | None],
        first: Field[A],
        second: Field[B],
        third: Field[C],
        fourth: Field[D],
        /,
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[tuple[A, B, C, D]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[Any, ...]],
        *places: Field[Any],
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[tuple[Any, ...]]],
    ) -> None: ...
    @overload
    def __init__(
        self: TupleField[tuple[Any, ...] | None],
        *places: Field[Any],
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[tuple[Any, ...]]],
    ) -> None: ...
    def __init__(self, *places: Any, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)
        is_open = len(places) > 1 and places[1:] == (...,)
        self.items: Field[Any] | None = places[0] if is_open else None
        self.places: tuple[Field[Any], ...] = () if self.items is not None else places
        for field in (self.items,) if self.items is not None else places:
            check_item_field("TupleField", field)
        if self.items is None and not places:
            raise FieldDefinitionError(
                "TupleField takes a field for each place, as in TupleField(StringField(), IntegerField()), "
                "or one and an ellipsis for any number: TupleField(StringField(), ...)"
            )
        self.expects = "a tuple" if self.items is not None else f"a tuple of {len(places)}"
        self.is_mutable = any(field.is_mutable for _, field in self.inner_fields())

    def bind(self, owner: FieldOwner, name: str, *, contributed_by: str | None = None) -> Self:
        bound = super().bind(owner, name, contributed_by=contributed_by)
        bound.items = self.items.bind(owner, name) if self.items is not None else None
        bound.places = tuple(field.bind(owner, name) for field in self.places)
        for _, field in bound.inner_fields():
            field.secret = field.secret or self.secret
        return bound

    def arguments(self) -> dict[str, Any]:
        places = self.places if self.items is None else (self.items, ...)
        return {**super().arguments(), "places": places}

    def inner_fields(self) -> Iterator[tuple[str, Field[Any]]]:
        if self.items is not None:
            yield "", self.items
        for n, field in enumerate(self.places):
            yield str(n), field

    def find_part(self, name: str) -> tuple[str, Field[Any]] | None:
        if name.isdecimal():
            place = self.field_at(int(name)) if len(name) <= _MOST_DIGITS else None
            return (name, place) if place is not None else None
        parts = (field.find_part(name) for _, field in self.inner_fields())
        return next((part for part in parts if part is not None), None)

    def part_names(self) -> Collection[str]:
        return [name for _, field in self.inner_fields() for name in field.part_names()]

    def item_field(self) -> Field[Any] | None:
        return self.items

    def encode_item(self, item: object) -> Any:
        """An item to look for in arrays, as BSON keeps it: as that of the first place that takes it."""
        refusals: list[ValidationError] = []
        for _, field in self.inner_fields():
            try:
                return field.encode_operand(item)
            except ValidationError as error:
                refusals.append(error)
        raise refusals[0]

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, (tuple, list)):
            faults.append(self.type_fault(path, value))
            return value
        return self._each(attrgetter("check"), value, path, faults)

    def recheck(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        if type(value) is not tuple:
            return self.check(value, path, faults)
        found = len(faults)
        checked = self._each(attrgetter("recheck"), value, path, faults)
        if len(faults) == found:
            self.constrain(checked, path, faults)
        return checked

    def encode(self, value: Any) -> Any:
        pairs = zip(self._fields(len(value)), value, strict=True)
        return [None if item is None else field.encode(item) for field, item in pairs]

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(stored, list):
            return super().decode(stored, path, faults)
        return self._each(decoder_of, stored, path, faults)

    def to_json(self, value: Any) -> Any:
        pairs = zip(self._fields(len(value)), value, strict=True)
        return [None if item is None else field.to_json(item) for field, item in pairs]

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        if not isinstance(data, list):
            faults.append(self.type_fault(path, data))
            return data
        return self._each(attrgetter("from_json"), data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        if self.items is not None:
            return {"type": "array", "items": self.items.json_schema(definitions)}
        places = [field.json_schema(definitions) for field in self.places]
        return {
            "type": "array",
            "prefixItems": places,
            "items": False,
            "minItems": len(places),
        }

    def field_at(self, place: int) -> Field[Any] | None:
        """The field of a place; None beyond the last."""
        if self.items is not None:
            return self.items
        return self.places[place] if place < len(self.places) else None

    def _fields(self, count: int) -> tuple[Field[Any], ...]:
        return self.places if self.items is None else (self.items,) * count

    def _each(self, method_of: MethodOf, values: Any, path: str, faults: list[FieldFault]) -> Any:
        """What a method of each place's field makes of its item; a wrong number of items is a fault."""
        fields = self._fields(len(values))
        if len(fields) != len(values):
            message = f"must have {len(fields)} items, has {len(values)}"
            faults.append(self.fault(path, "length", message, values))
            return values
        pairs = zip(fields, values, strict=True)
        return tuple(
            method_of(field)(item, f"{path}.{n}", faults) for n, (field, item) in enumerate(pairs)
        )


_MOST_DIGITS = 9  # of a position in an array; Python reads no number of thousands of them
