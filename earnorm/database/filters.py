"""Filters under stored names, with the values that BSON keeps."""

from collections.abc import Mapping
from typing import Any

from earnorm.database.translation import checked_name, encode_free, shown
from earnorm.errors import FilterError
from earnorm.fields import (
    Field,
    ObjectIdField,
    ReferenceField,
    as_object_id,
    item_fields,
    resolve_path,
)
from earnorm.metadata import Metadata
from earnorm.stores.documents import is_operators
from earnorm.typing import MutableDocument

__all__ = ["translate_filter", "translate_item_condition"]

_CLAUSES = ("$and", "$or", "$nor")
_DEEPEST = 49  # a clause takes two of the 100 levels that MongoDB's limit on nesting allows


def translate_filter(metadata: Metadata, filter: object) -> MutableDocument:
    """The filter of a query under stored names; raises `FilterError`."""
    if not isinstance(filter, Mapping):
        raise FilterError(
            f"{metadata.key}: a filter is an expression such as {metadata.name}.id == value, or a mapping, "
            f"not {shown(metadata, filter)!r}. Combine expressions with & and |."
        )
    return _Translation(metadata).filter(metadata.fields, filter, 0)


def translate_item_condition(
    metadata: Metadata, field: Field[Any], condition: Any, path: str
) -> Any:
    """What `$pull` says of the items of a list, under stored names; raises `FilterError`."""
    return _Translation(metadata).item_condition(field, condition, path, 0)


class _Translation:
    """Translates the filters of one model, those on the items of its lists included."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata
        self._key = metadata.key

    def filter(
        self, fields: Mapping[str, Field[Any]], filter: object, depth: int
    ) -> MutableDocument:
        if depth > _DEEPEST:
            raise FilterError(f"{self._key}: a filter is nested deeper than {_DEEPEST} clauses")
        if not isinstance(filter, Mapping):
            raise FilterError(
                f"{self._key}: a clause of a filter is a mapping, not {self._shown(filter)!r}"
            )
        translated: MutableDocument = {}
        for name, condition in filter.items():
            if name in _CLAUSES and isinstance(condition, (list, tuple)):
                translated[name] = [self.filter(fields, clause, depth + 1) for clause in condition]
                continue
            path, field = resolve_path(fields, checked_name(self._metadata, name, FilterError))
            if path in translated:
                raise FilterError(
                    f"{self._key}: a filter names {path!r} twice. Join the two conditions with '$and'."
                )
            translated[path] = self._condition(field, condition, path, depth + 1)
        return translated

    def item_condition(self, field: Field[Any], condition: Any, path: str, depth: int) -> Any:
        """A condition on the items of a list: a filter for items with parts, operators for others."""
        parts = item_fields(field)
        is_filter = isinstance(condition, Mapping) and (
            not is_operators(condition) or next(iter(condition)) in _CLAUSES
        )
        if is_filter and parts:
            return self.filter(parts, condition, depth + 1)
        return self._condition(field, condition, path, depth + 1)

    def _condition(self, field: Field[Any] | None, condition: Any, path: str, depth: int) -> Any:
        if depth > _DEEPEST:
            raise FilterError(f"{self._key}: a filter is nested deeper than {_DEEPEST} clauses")
        if not isinstance(condition, Mapping) or not is_operators(condition):
            return self._value(field, condition, path)
        return {
            operator: self._operand(field, operator, operand, path, depth)
            for operator, operand in condition.items()
        }

    def _operand(
        self, field: Field[Any] | None, operator: str, operand: Any, path: str, depth: int
    ) -> Any:
        if operator == "$not" and isinstance(operand, Mapping):
            return self._condition(field, operand, path, depth + 1)
        if operator == "$elemMatch" and field is not None:
            return self.item_condition(field, operand, path, depth)
        if operator == "$all" and isinstance(operand, (list, tuple)):
            return [self._condition(field, one, path, depth + 1) for one in operand]
        if operator in _TAKES_VALUES:
            return self._value(field, operand, path)
        # also the name of an operator that is none must be told as such, and not as a key
        return encode_free(self._metadata, operand, path, FilterError)

    def _shown(self, value: object) -> object:
        return shown(self._metadata, value)

    def _value(self, field: Field[Any] | None, value: Any, path: str) -> Any:
        if field is not None and _holds_ids(field):
            value = _with_ids(value)
        return encode_free(self._metadata, value, path, FilterError)


_TAKES_VALUES = frozenset({"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin"})


def _holds_ids(field: Field[Any]) -> bool:
    while not isinstance(field, (ObjectIdField, ReferenceField)):
        items = next((inner for name, inner in field.inner_fields() if not name), None)
        if items is None:
            return False
        field = items
    return True


def _with_ids(value: Any) -> Any:
    """The value, or the values of a list, with ids in the place of their 24 digits."""
    if isinstance(value, (list, tuple)):
        return [_with_ids(one) for one in value]
    return (as_object_id(value) or value) if isinstance(value, str) else value
