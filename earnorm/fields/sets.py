"""The field that holds a set."""

from __future__ import annotations

from typing import Any, Literal, TypeVar, Unpack, overload

import bson

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.fields.arrays import ArrayField, with_empty
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.containers import DictField, ListField
from earnorm.fields.definitions import Definitions
from earnorm.fields.embedded import EmbeddedField

__all__ = ["SetField"]

T = TypeVar("T")
V = TypeVar("V")


class SetField(ArrayField[T]):
    """A set whose items all fit `items`; empty unless something else is given.

    A set, a frozen set, a list or a tuple is accepted and copied; what is in it twice is kept once. It is
    stored as an array in the order of its items, so equal sets are stored alike. `min_length` and
    `max_length` count what is left.
    """

    expects = "a set"
    exact_types = (set,)

    @overload
    def __init__(
        self: SetField[set[V]],
        items: Field[V],
        *,
        required: Literal[True] = ...,
        min_length: int | None = ...,
        max_length: int | None = ...,
        **options: Unpack[FieldOptions[set[V]]],
    ) -> None: ...
    @overload
    def __init__(
        self: SetField[set[V] | None],
        items: Field[V],
        *,
        required: Literal[False],
        min_length: int | None = ...,
        max_length: int | None = ...,
        **options: Unpack[OptionalFieldOptions[set[V]]],
    ) -> None: ...
    def __init__(
        self,
        items: Field[Any],
        *,
        required: bool = True,
        min_length: int | None = None,
        max_length: int | None = None,
        **options: Any,
    ) -> None:
        if isinstance(items, (DictField, EmbeddedField, ListField, SetField)):
            raise FieldDefinitionError(
                f"SetField cannot hold what {type(items).__name__} gives: a set takes no values that can "
                "change. Use ListField, or TupleField for the items."
            )
        options = with_empty(options, set, required=required)
        limits = {"min_length": min_length, "max_length": max_length}
        super().__init__(items, required=required, **limits, **options)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, (set, frozenset, list, tuple)):
            faults.append(self.type_fault(path, value))
            return value
        found = len(faults)
        items = [self.items.check(item, f"{path}.{n}", faults) for n, item in enumerate(value)]
        return value if len(faults) > found else self.gather(items, path, faults)

    def recheck(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        found = len(faults)
        checked = self.check(value, path, faults)
        if type(value) is not set or len(faults) > found:
            return value if len(faults) > found else checked
        # An item may equal what it is converted to (3.0 and 3), so the set is filled anew.
        value.clear()
        value.update(checked)
        return value

    def encode(self, value: Any) -> Any:
        return super().encode(self._ordered(value))

    def to_json(self, value: Any) -> Any:
        return super().to_json(self._ordered(value))

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {**super().value_schema(definitions), "uniqueItems": True}

    def gather(self, items: list[Any], path: str, faults: list[FieldFault]) -> Any:
        """A set of the items; adds a fault for an item that no set can hold."""
        try:
            return set(items)
        except TypeError:
            message = "holds a value that can change, which no set keeps"
            faults.append(self.fault(path, "unhashable", message, items))
            return items

    def _ordered(self, value: Any) -> list[Any]:
        """The items in their own order, or else in that of their stored forms."""
        if all(
            item == item for item in value
        ):  # NaN differs from itself, and has no place in an order
            for key in (None, self._encode_item):
                try:
                    return sorted(value, key=key)
                except TypeError:
                    continue
        return sorted(value, key=lambda item: bson.encode({"": self._encode_item(item)}))

    def _encode_item(self, item: Any) -> Any:
        return None if item is None else self.items.encode(item)
