"""The operands of a query update, checked by the fields that they are for, as BSON keeps them."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.database.filters import translate_item_condition
from earnorm.database.translation import checked_name, encode_free, shown
from earnorm.errors import FieldFault, UpdateError
from earnorm.fields import (
    DateTimeField,
    Field,
    hidden_fault,
    is_secret_path,
    item_fields,
    resolve_path,
)
from earnorm.metadata import Metadata

__all__ = ["OPERATORS", "check_operand", "written_path"]


def check_operand(
    metadata: Metadata,
    operator: str,
    path: str,
    value: Any,
    field: Field[Any] | None,
    faults: list[FieldFault],
) -> Any:
    """What an operator says of a stored path, as the store is told.

    Values that do not fit the field are added to `faults`; raises `UpdateError` for an operator that
    does not go with the field. Without a field the value is free, and the store has the last word.
    """
    if operator == "$unset":
        return ""
    if operator == "$rename":
        return _new_name(metadata, value)
    check = _CHECKS.get(operator)
    if field is None or check is None:
        return encode_free(metadata, value, path, UpdateError)
    return check(_Operand(metadata, operator, path, field, faults), value)


def written_path(metadata: Metadata, path: str) -> str:
    """The stored path as the author knows it: under the field's name."""
    head, dot, rest = path.partition(".")
    names = {field.stored_name: name for name, field in metadata.fields.items()}
    return f"{names.get(head, head)}{dot}{rest}"


class _Operand:
    """Checks the operand of one operator for one field."""

    def __init__(
        self,
        metadata: Metadata,
        operator: str,
        path: str,
        field: Field[Any],
        faults: list[FieldFault],
    ) -> None:
        self.metadata = metadata
        self.operator = operator
        self.path = path
        self.written = written_path(metadata, path)
        self.field = field
        self.faults = faults

    def value(self, value: Any) -> Any:
        """A value that the field is to have."""
        return self._encoded(self.field, value, self.field.check)

    def number(self, value: Any) -> Any:
        """A number to compute with, of the field's own kind."""
        if not self.field.is_numeric:
            raise self._mismatch("computes with numbers")
        if value is None:
            raise self._error("needs a number, and None is none")
        return self._encoded(self.field, value, self.field.convert)

    def moment(self, value: Any) -> Any:
        """What stands for the store's present time."""
        if not isinstance(self.field, DateTimeField):
            raise self._mismatch("sets the time")
        if value is not True and value != {"$type": "date"}:
            raise self._error(f"takes True or {{'$type': 'date'}}, not {self._shown(value)!r}")
        return {"$type": "date"}

    def pushed(self, value: Any) -> Any:
        """One item, or `$each` with the modifiers beside it."""
        items = self._items()
        if not isinstance(value, Mapping) or "$each" not in value:
            return {"$each": self._each(items, [value])}
        checked = {
            str(name): encode_free(self.metadata, operand, self.path, UpdateError)
            for name, operand in value.items()
            if name not in ("$each", "$sort")
        }
        checked["$each"] = self._each(items, value["$each"])
        if "$sort" in value:
            checked["$sort"] = self._sort(value["$sort"])
        return checked

    def added(self, value: Any) -> Any:
        """One item, or those of `$each`."""
        items = self._items()
        if not isinstance(value, Mapping) or next(iter(value), None) != "$each":
            return {"$each": self._each(items, [value])}
        if len(value) > 1:
            raise self._error("takes $each and nothing beside it")
        return {"$each": self._each(items, value["$each"])}

    def condition(self, value: Any) -> Any:
        """What the items have to be, to be taken out."""
        self._items()
        return translate_item_condition(self.metadata, self.field, value, self.path)

    def gone(self, value: Any) -> Any:
        """The items to take out; they may break the limits of items, but have their type."""
        items = self._items()
        if not isinstance(value, (list, tuple)):
            raise self._error(f"takes a list of items, not {self._shown(value)!r}")
        return [
            self._encoded(items, item, items.convert) if item is not None else None
            for item in value
        ]

    def end(self, value: Any) -> Any:
        """1 for the last item, -1 for the first."""
        self._items()
        return encode_free(self.metadata, value, self.path, UpdateError)

    def _error(self, fault: str) -> UpdateError:
        return UpdateError(f"{self.metadata.key}: {self.operator} of {self.written!r} {fault}")

    def _shown(self, value: object) -> object:
        return shown(self.metadata, value)

    def _mismatch(self, does: str) -> UpdateError:
        return UpdateError(
            f"{self.metadata.key}: {self.operator} {does}, and {self.written!r} is {self.field.expects}"
        )

    def _items(self) -> Field[Any]:
        """The field of the items; raises `UpdateError` when the field is no list."""
        items = self.field.item_field()
        if items is None:
            raise self._mismatch("changes lists")
        return items

    def _each(self, items: Field[Any], values: Any) -> list[Any]:
        if not isinstance(values, (list, tuple)):
            raise self._error(f"takes a list for $each, not {self._shown(values)!r}")
        return [self._encoded(items, value, items.check) for value in values]

    def _sort(self, order: Any) -> Any:
        parts = item_fields(self.field)
        if not isinstance(order, Mapping):
            return encode_free(self.metadata, order, self.path, UpdateError)
        return {
            resolve_path(parts, checked_name(self.metadata, name, UpdateError))[0]: direction
            for name, direction in order.items()
        }

    def _encoded(self, field: Field[Any], value: Any, check: Callable[..., Any]) -> Any:
        found = len(self.faults)
        checked = check(value, self.written, self.faults)
        if is_secret_path(self.metadata.fields, self.path):
            self.faults[found:] = [hidden_fault(fault, value) for fault in self.faults[found:]]
        return None if checked is None or len(self.faults) > found else field.encode(checked)


_CHECKS: Mapping[str, Callable[[_Operand, Any], Any]] = {
    "$set": _Operand.value,
    "$setOnInsert": _Operand.value,
    "$min": _Operand.value,
    "$max": _Operand.value,
    "$inc": _Operand.number,
    "$mul": _Operand.number,
    "$currentDate": _Operand.moment,
    "$push": _Operand.pushed,
    "$addToSet": _Operand.added,
    "$pull": _Operand.condition,
    "$pullAll": _Operand.gone,
    "$pop": _Operand.end,
}

OPERATORS = frozenset({*_CHECKS, "$unset", "$rename"})
"""The operators whose operands the fields can check."""


def _new_name(metadata: Metadata, name: Any) -> str:
    return resolve_path(metadata.fields, checked_name(metadata, name, UpdateError))[0]
