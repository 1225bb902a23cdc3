"""What the fields share whose values are kept as arrays of one kind of item."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sized
from typing import Any, Self, TypeVar

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.fields.base import MISSING, Field
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import check_bounds
from earnorm.fields.owner import FieldOwner
from earnorm.fields.stored_values import decoder_of

__all__ = ["ArrayField", "check_item_field", "with_empty"]

T = TypeVar("T")


class ArrayField(Field[T]):
    """A field whose values hold any number of items, which all fit the field `items`."""

    def __init__(
        self,
        items: Field[Any],
        *,
        required: bool = True,
        min_length: int | None = None,
        max_length: int | None = None,
        **options: Any,
    ) -> None:
        check_item_field(type(self).__name__, items)
        super().__init__(required=required, **options)
        check_bounds("min_length", min_length, "max_length", max_length, kind=int)
        self.items = items
        self.min_length, self.max_length = min_length, max_length

    def bind(self, owner: FieldOwner, name: str, *, contributed_by: str | None = None) -> Self:
        bound = super().bind(owner, name, contributed_by=contributed_by)
        bound.items = self.items.bind(owner, name)
        bound.items.secret = bound.items.secret or self.secret
        return bound

    def inner_fields(self) -> Iterator[tuple[str, Field[Any]]]:
        yield "", self.items

    @property
    def has_keys(self) -> bool:  # type: ignore[override] # a fact of the items
        """Whether the parts of the items are keys."""
        return self.items.has_keys

    def find_part(self, name: str) -> tuple[str, Field[Any]] | None:
        return (name, self.items) if name.isdecimal() else self.items.find_part(name)

    def part_names(self) -> Collection[str]:
        return self.items.part_names()

    def item_field(self) -> Field[Any] | None:
        return self.items

    def key_text(self, key: object) -> str | None:
        return self.items.key_text(key)

    def encode_item(self, item: object) -> Any:
        """An item to look for in arrays, as BSON keeps it."""
        return self.items.encode_operand(item)

    def constrain(self, value: Any, path: str, faults: list[FieldFault]) -> None:
        self._check_length(value, path, faults)
        super().constrain(value, path, faults)

    def encode(self, value: Any) -> Any:
        return [None if item is None else self.items.encode(item) for item in value]

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(stored, list):
            return super().decode(stored, path, faults)
        found = len(faults)
        decode = decoder_of(self.items)
        items = [decode(item, f"{path}.{n}", faults) for n, item in enumerate(stored)]
        return items if len(faults) > found else self.gather(items, path, faults)

    def to_json(self, value: Any) -> Any:
        return [None if item is None else self.items.to_json(item) for item in value]

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        if not isinstance(data, list):
            faults.append(self.type_fault(path, data))
            return data
        found = len(faults)
        items = [self.items.from_json(item, f"{path}.{n}", faults) for n, item in enumerate(data)]
        return data if len(faults) > found else self.gather(items, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        schema = {"type": "array", "items": self.items.json_schema(definitions)}
        limits = {"minItems": self.min_length, "maxItems": self.max_length}
        return {**schema, **{name: limit for name, limit in limits.items() if limit is not None}}

    def gather(self, items: list[Any], path: str, faults: list[FieldFault]) -> Any:
        """The value that has these items; field types override it."""
        return items

    def _check_length(self, value: Sized, path: str, faults: list[FieldFault]) -> None:
        if self.min_length is not None and len(value) < self.min_length:
            message = f"must have at least {self.min_length} items, has {len(value)}"
            faults.append(self.fault(path, "min_length", message, value))
        if self.max_length is not None and len(value) > self.max_length:
            message = f"must have at most {self.max_length} items, has {len(value)}"
            faults.append(self.fault(path, "max_length", message, value))


def check_item_field(field_type: str, items: object) -> None:
    """Raises `FieldDefinitionError` for items that are no field, such as `str` or `StringField`."""
    if not isinstance(items, Field):
        raise FieldDefinitionError(
            f"{field_type} takes the field of its items, as in {field_type}(StringField()), not {items!r}"
        )


def with_empty(options: dict[str, Any], empty: type, *, required: bool) -> dict[str, Any]:
    """The options with an empty container for default, where the author named no other."""
    if (
        required
        and options.get("default", MISSING) is MISSING
        and not options.get("default_factory")
    ):
        return {**options, "default_factory": empty}
    return options
